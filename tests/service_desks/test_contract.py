"""What every desk must do, whichever product it is: the stand-ins play the products, Request Tracker plays itself."""

import asyncio
import html
import socket
import uuid
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, AsyncIterator, Callable, Iterator, List

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from lotsen.cases.case import Level, Status
from lotsen.clock import utc_now
from lotsen.service_desks.base import DeskError, DeskRefuses, Letter, Sent
from lotsen.service_desks.config import DESKS
from lotsen.settings import SettingError
from tests.service_desks.places import Place, stand_in_of
from tests.service_desks.stand_ins.base import Fault, Ticket

pytestmark = pytest.mark.xdist_group("request_tracker")
REAL = "request_tracker"
WITHOUT_NEWS = ("email", "webhook")
faulty = pytest.mark.parametrize("place", [name for name in DESKS if name != REAL], indirect=True)
over_http = pytest.mark.parametrize("place", [name for name in DESKS if name != "email"], indirect=True)
polled = pytest.mark.parametrize("place", [name for name in DESKS if name not in WITHOUT_NEWS], indirect=True)
TIMEOUT_SECONDS = 0.4
WAIT_SECONDS = 10.0
HARD_LINES = [
    "Åsa & Örjan på Ängö: räksmörgås, ”citat”, 'apostrof', \"rakt\"",
    "<b>fet</b> <script>alert('x')</script> </div> &amp; &lt; <br>",
    "😀 👩‍⚕️ 🇸🇪 é ﬁ",
    "C:\\temp\\fil.txt {noformat} *stjärna* _under_ h1. # rubrik [länk|http://x] !bild.png! ~tilde~",
    "100 % av ${x} $(y) {{z}} '; DROP TABLE tickets; --",
    ".",
    "From här till dit",
]
WRONG = {REAL: "1-99-" + "9f8e7d6c" * 4, "webhook": "whsec_OWY4ZTdkNmM5ZjhlN2Q2YzlmOGU3ZDZj"}


def letter(**fields: Any) -> Letter:
    """Return a letter of its own."""
    key = uuid.uuid4().hex
    number = f"LOT-{int(key[:5], 16) % 1_000_000:06d}"
    level = fields.get("level", Level.NORMAL)
    made = Letter(
        key=key,
        number=number,
        subject=f"{number}: Inloggningen hänger på Åre",
        text=f"Problem: Inloggningen hänger på Åre\n\nÄrende: {number}\n- Starta om: hjälpte inte\nSlut",
        level=level,
        created=datetime(2026, 11, 26, 10, 0, tzinfo=timezone.utc),
        target="it_service",
        reply_to="anna@example.se",
        data={
            "version": 1,
            "number": number,
            "problem": "Inloggningen hänger på Åre",
            "target": "it_service",
            "contact": {"email": "anna@example.se"},
            "priority": {"level": level.value, "reasons": []},
        },
    )
    return replace(made, **fields)


def added_to(parent: Letter, ref: str) -> Letter:
    """Return a letter about the same fault as another, delivered as ``ref``."""
    made = letter(parent=ref, parent_key=parent.key, parent_number=parent.number)
    return replace(made, data={**made.data, "parent_number": parent.number})


def lost_lines(text: str, ticket: Ticket) -> List[str]:
    """Return the lines that cannot be found in what the desk has of a case, as plain text or as HTML."""
    said = [ticket.text, *ticket.additions, *(str(one) for one in ticket.said)]
    return [line for line in text.split("\n") if not any(line in one or line in html.unescape(one) for one in said)]


async def until(true: Callable[[], Any]) -> None:
    """Wait until something is true."""
    end = asyncio.get_running_loop().time() + WAIT_SECONDS
    while not true():
        assert asyncio.get_running_loop().time() < end, "it never came"
        await asyncio.sleep(0.01)


async def next_second() -> None:
    """Wait for the next second of the clock, as some desks tell changes by the second."""
    now = int(utc_now().timestamp())
    await until(lambda: int(utc_now().timestamp()) > now)


@pytest.fixture(params=DESKS)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Every desk in turn."""
    if request.param == REAL:
        yield Place(REAL, None, request.getfixturevalue("request_tracker"))
        return
    stand_in = stand_in_of(request.param).start()
    yield Place(request.param, stand_in)
    stand_in.stop()


@pytest_asyncio.fixture
async def desk(place: Place) -> AsyncIterator[Any]:
    """The desk at ``place``."""
    opened = place.desk()
    yield opened
    await opened.close()


# What is sent


@pytest.mark.asyncio
async def test_a_letter_makes_one_ticket_that_holds_it(place: Place, desk: Any) -> None:
    sent = letter()
    receipt = await desk.deliver(sent)
    (ticket,) = place.with_key(sent.key)
    assert receipt.ref == ticket.ref and receipt.number
    assert ticket.subject == sent.subject
    assert lost_lines(sent.text, ticket) == []
    assert sent.key not in ticket.subject


@pytest.mark.asyncio
async def test_the_same_letter_makes_no_second_ticket(place: Place, desk: Any) -> None:
    sent = letter()
    receipts = [await desk.deliver(sent), await desk.deliver(replace(sent, doubtful=True)), await desk.deliver(sent)]
    assert len(set(receipts)) == 1
    assert len(place.with_key(sent.key)) == 1


@pytest.mark.asyncio
async def test_two_letters_alike_but_for_the_key_are_two_tickets(place: Place, desk: Any) -> None:
    sent = letter()
    other = replace(sent, key=uuid.uuid4().hex)
    assert (await desk.deliver(sent)).ref != (await desk.deliver(other)).ref
    assert len(place.with_key(sent.key)) == len(place.with_key(other.key)) == 1


@pytest.mark.asyncio
async def test_the_desk_can_tell_the_levels_apart(place: Place, desk: Any) -> None:
    priorities = set()
    for level in Level:
        sent = letter(level=level)
        await desk.deliver(sent)
        priorities.add(place.with_key(sent.key)[0].priority)
    assert len(priorities) == len(Level) and "" not in priorities


@pytest.mark.asyncio
async def test_no_letter_of_the_text_is_changed(place: Place, desk: Any) -> None:
    sent = letter(text="\n".join(["Först", *HARD_LINES, "Sist"]))
    await desk.deliver(sent)
    (ticket,) = place.with_key(sent.key)
    assert lost_lines(sent.text, ticket) == []


@pytest.mark.asyncio
async def test_a_long_text_comes_whole(place: Place, desk: Any) -> None:
    lines = [f"Rad {number}: användaren såg <fel> & försökte igen, åäö" for number in range(400)]
    sent = letter(text="\n".join(lines))
    assert len(sent.text) > 20_000
    await desk.deliver(sent)
    (ticket,) = place.with_key(sent.key)
    assert lost_lines(sent.text, ticket) == []


@pytest.mark.asyncio
async def test_a_long_subject_keeps_its_number(place: Place, desk: Any) -> None:
    sent = letter()
    sent = replace(sent, subject=f"{sent.number}: " + "ä" * 300)
    await desk.deliver(sent)
    (ticket,) = place.with_key(sent.key)
    assert ticket.subject.startswith(f"{sent.number}: ää")


@pytest.mark.asyncio
async def test_a_user_without_an_address_and_a_target_unheard_of_are_no_hindrance(place: Place, desk: Any) -> None:
    sent = letter(reply_to="", target="unheard_of")
    await desk.deliver(sent)
    assert len(place.with_key(sent.key)) == 1


@pytest.mark.asyncio
async def test_half_a_surrogate_pair_is_no_hindrance(place: Place, desk: Any) -> None:
    """A page may send one; JSON can hold it, UTF-8 cannot."""
    sent = letter(text="Före \ud83d efter\nSlut")
    await desk.deliver(sent)
    (ticket,) = place.with_key(sent.key)
    assert lost_lines("Slut", ticket) == []


# Cases that are added to another


@pytest.mark.asyncio
async def test_an_added_case_is_one_note_on_the_ticket_and_none_of_its_own(place: Place, desk: Any) -> None:
    parent = letter()
    receipt = await desk.deliver(parent)
    additions = [added_to(parent, receipt.ref), added_to(parent, receipt.ref)]
    for one in additions:
        assert await desk.deliver(one) == await desk.deliver(replace(one, doubtful=True))
    (ticket,) = place.with_key(parent.key)
    assert len(ticket.additions) == 2
    for one, note in zip(additions, ticket.additions, strict=True):
        assert one.number in html.unescape(note)
        assert lost_lines(one.text, replace(ticket, text="", additions=[note], said=[])) == []
        assert place.with_key(one.key) == []
    if desk.polls:
        (news,) = await desk.news([Sent(receipt.ref)])
        assert news.replies in ((), [])


# A bad day


@faulty
@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.NONE])
@pytest.mark.parametrize("added", [False, True], ids=["new", "added"])
async def test_after_each_fault_one_ticket_is_there(place: Place, fault: Fault, added: bool) -> None:
    desk = place.desk(timeout=TIMEOUT_SECONDS)
    sent = parent = letter()
    if added:
        sent = added_to(parent, (await desk.deliver(parent)).ref)
    place.stand_in.slow_seconds = 2 * TIMEOUT_SECONDS
    place.faults.append(fault)
    if fault is not Fault.TWICE:
        with pytest.raises(DeskError) as raised:
            await desk.deliver(sent)
        assert not isinstance(raised.value, DeskRefuses)
        assert raised.value.arrived == (fault is not Fault.BUSY or place.name == "email")
        if place.name != "email":
            assert raised.value.retry_after == (1.0 if fault is Fault.BUSY else None)
    made = (lambda: place.with_key(parent.key)[0].additions) if added else (lambda: place.with_key(parent.key))
    if fault is Fault.LATE:
        # The deliverer waits too, as ``arrived`` tells it to, before it looks whether the letter is there.
        await until(made)
    receipts = [await desk.deliver(replace(sent, doubtful=True)) for _ in range(2)]
    (ticket,) = place.with_key(parent.key)
    assert len(made()) == 1 and receipts[0] == receipts[1]
    assert place.name == "email" or receipts[0].ref == ticket.ref
    await desk.close()


@faulty
@pytest.mark.asyncio
async def test_several_faults_on_end_are_got_over(place: Place) -> None:
    desk = place.desk(timeout=TIMEOUT_SECONDS)
    place.stand_in.slow_seconds = 2 * TIMEOUT_SECONDS
    place.faults.extend([Fault.BUSY, Fault.ERROR_BEFORE, Fault.DROPPED_BEFORE, Fault.SLOW])
    sent, attempts = letter(), 0
    while True:
        attempts += 1
        try:
            receipt = await desk.deliver(replace(sent, doubtful=attempts > 1))
            break
        except DeskError as error:
            assert not isinstance(error, DeskRefuses) and attempts < 6
    (ticket,) = place.with_key(sent.key)
    assert receipt.ref == ticket.ref and attempts == 5
    await desk.close()


@pytest.mark.asyncio
async def test_wrong_credentials_are_tried_again_later_and_told_to_nobody(place: Place) -> None:
    assert place.secrets()
    wrong = {name: WRONG.get(place.name, "fel-9f8e7d6c") for name in place.secrets()}
    right = place.environment()
    desk, sent = place.desk(wrong), letter()
    with pytest.raises(DeskError) as raised:
        await desk.deliver(sent)
    assert not isinstance(raised.value, DeskRefuses)
    said = f"{raised.value}{raised.value.__cause__}{desk!r}"
    assert not [name for name in wrong if wrong[name] in said or right[name] in said]
    await desk.close()
    assert place.with_key(sent.key) == []
    if place.name != "webhook":  # A receiver need not check the signature of what it does not take.
        desk = place.desk(wrong)
        with pytest.raises(DeskError) as raised:
            await desk.check()
        assert not [name for name in wrong if wrong[name] in str(raised.value)]
        await desk.close()


@pytest.mark.asyncio
async def test_an_unreachable_host_surely_has_nothing(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        here, nowhere = place.url.rpartition(":")[2], str(taken.getsockname()[1])
        values = place.environment()
        moved = {name: value.replace(f":{here}", f":{nowhere}") for name, value in values.items()}
        moved.update({name: nowhere for name, value in values.items() if value == here})
        assert moved != values
        desk = place.desk(moved)
        with pytest.raises(DeskError) as raised:
            await desk.deliver(letter())
        assert not isinstance(raised.value, DeskRefuses) and not raised.value.arrived
        with pytest.raises(DeskError):
            await desk.check()
        await desk.close()


@pytest.mark.asyncio
async def test_check_tells_in_a_line_where_we_are_and_makes_nothing(place: Place, desk: Any) -> None:
    before = len(place.stand_in.tickets) if place.name != REAL else 0
    said = await desk.check()
    assert said and "\n" not in said
    assert not [name for name in place.secrets() if place.environment()[name] in said]
    assert place.name == REAL or len(place.stand_in.tickets) == before


# Where we may go


def _addresses(place: Place) -> List[str]:
    return [name for name, value in place.environment().items() if value.startswith("http")]


@over_http
@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.2",
        "http://desk.example.se",
        "https://desk.example.se",
        "https://u:p@127.0.0.1",
        "ftp://127.0.0.1",
    ],
)
def test_only_https_and_hosts_on_the_list_are_called(place: Place, address: str) -> None:
    assert _addresses(place)
    for name in _addresses(place):
        with pytest.raises(SettingError, match=name):
            place.desk({name: address})


@over_http
@pytest.mark.asyncio
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(place: Place, status: int) -> None:
    asked: List[str] = []
    sent = letter()

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status, headers={"Location": f"{place.url}{request.path_qs}"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", elsewhere)
    async with TestServer(app) as server:
        moved = {
            name: place.environment()[name].replace(place.url, str(server.make_url("/"))[:-1])
            for name in _addresses(place)
        }
        desk = place.desk(moved)
        with pytest.raises(DeskError, match=str(status)) as raised:
            await desk.deliver(sent)
        assert not isinstance(raised.value, DeskRefuses)
        await desk.close()
    assert place.with_key(sent.key) == []
    assert asked and (place.name == REAL or place.stand_in.requests == [])


# What comes back


@pytest.mark.asyncio
async def test_a_new_case_is_new_and_has_no_replies(place: Place, desk: Any) -> None:
    receipt = await desk.deliver(letter())
    found = await desk.news([Sent(receipt.ref)])
    assert desk.polls == (place.name not in WITHOUT_NEWS) == bool(found)
    for news in found:
        assert news.ref == receipt.ref and news.status in (Status.NEW, Status.OPEN) and list(news.replies) == []


@polled
@pytest.mark.asyncio
@pytest.mark.parametrize("status", [Status.OPEN, Status.WAITING, Status.RESOLVED, Status.REJECTED])
async def test_the_desks_word_for_the_status_is_understood(place: Place, desk: Any, status: Status) -> None:
    receipt = await desk.deliver(letter())
    place.set_status(receipt.ref, status)
    (news,) = await desk.news([Sent(receipt.ref)])
    assert news.status is status


@polled
@pytest.mark.asyncio
async def test_public_replies_come_once_each_in_order_and_notes_never(place: Place, desk: Any) -> None:
    receipt, other = await desk.deliver(letter()), await desk.deliver(letter())
    texts = ["Prova nu: åäö, ”citat” & 1 < 2 😀", "Rad ett\nRad två", "Ring 0123-45 67 89"]
    place.note(receipt.ref, "INTERNT: före")
    for text in texts:
        place.answer(receipt.ref, text)
        place.note(receipt.ref, "INTERNT: däremellan")
    place.answer(other.ref, "Ett annat ärende")
    for _ in range(2):
        by_ref = {news.ref: news for news in await desk.news([Sent(receipt.ref), Sent(other.ref)])}
        replies = by_ref[receipt.ref].replies
        assert [reply.text for reply in replies] == texts
        assert [reply.text for reply in by_ref[other.ref].replies] == ["Ett annat ärende"]
        assert len({reply.id for reply in replies}) == len(texts)
        assert all(abs(reply.at - utc_now()) < timedelta(minutes=5) for reply in replies)


@polled
@pytest.mark.asyncio
async def test_the_mark_skips_what_has_not_changed_and_nothing_else(
    place: Place, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place.module, "utc_now", lambda: utc_now() + timedelta(hours=1), raising=False)
    receipt = await desk.deliver(letter())
    place.answer(receipt.ref, "Ett")
    (news,) = await desk.news([Sent(receipt.ref)])
    assert news.mark
    assert [
        one for one in await desk.news([Sent(receipt.ref, news.mark)]) if one.replies or one.mark != news.mark
    ] == []
    await next_second()
    place.answer(receipt.ref, "Två")
    (later,) = await desk.news([Sent(receipt.ref, news.mark)])
    assert [reply.text for reply in later.replies if reply.id not in {one.id for one in news.replies}] == ["Två"]
    assert later.mark != news.mark
    await next_second()
    place.set_status(receipt.ref, Status.RESOLVED)
    (last,) = await desk.news([Sent(receipt.ref, later.mark)])
    assert last.status is Status.RESOLVED


@polled
@pytest.mark.asyncio
async def test_a_ticket_that_is_gone_does_not_hide_the_others(place: Place, desk: Any) -> None:
    gone, kept = await desk.deliver(letter()), await desk.deliver(letter())
    place.answer(kept.ref, "Här är jag")
    place.remove(gone.ref)
    by_ref = {news.ref: news for news in await desk.news([Sent(gone.ref), Sent(kept.ref)])}
    assert [reply.text for reply in by_ref[kept.ref].replies] == ["Här är jag"]
    assert gone.ref not in by_ref or by_ref[gone.ref].status in (None, Status.REJECTED)


@pytest.mark.asyncio
async def test_nothing_is_asked_about_nothing(place: Place, desk: Any) -> None:
    assert list(await desk.news([])) == []
