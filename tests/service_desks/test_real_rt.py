"""What only the real Request Tracker shows: its e-mail intake, its rights, its merged tickets, and its outages."""

import asyncio
import subprocess
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any, AsyncIterator, Dict, Iterator, List

import pytest
import pytest_asyncio
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lotsen.cases.case import Status
from lotsen.clock import utc_now
from lotsen.service_desks import email, request_tracker
from lotsen.service_desks.base import DeskError, DeskRefuses, Letter, News, Sent
from lotsen.service_desks.options import Options
from tests.service_desks.places import HOSTS, Place
from tests.service_desks.test_contract import HARD_LINES, added_to, letter
from tests.support.ports import free_port
from tests.support.request_tracker import DEPLOY, FIELD, RealRT

pytestmark = pytest.mark.xdist_group("request_tracker")


@pytest.fixture
def place(request_tracker: RealRT) -> Place:
    return Place("request_tracker", None, request_tracker)


@pytest_asyncio.fixture
async def desk(place: Place) -> AsyncIterator[Any]:
    opened = place.desk()
    yield opened
    await opened.close()


async def news_of(desk: Any, ref: str) -> News:
    (news,) = await desk.news([Sent(ref)])
    return news


def texts(news: News) -> List[str]:
    return [reply.text for reply in news.replies]


# E-mail, through a mail server into RT


class _MailServer:
    """Hands every mail to RT's mail gateway, as a mail server at the desk does."""

    def __init__(self, rt: RealRT) -> None:
        self._rt = rt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        try:
            await asyncio.to_thread(self._rt.mail_in, envelope.original_content)
        except subprocess.CalledProcessError:
            return "451 4.3.0 Request Tracker did not take it"
        return "250 OK"


@pytest_asyncio.fixture
async def mail_desk(request_tracker: RealRT) -> AsyncIterator[email.Email]:
    """The e-mail desk, whose mails end in RT."""
    server = Controller(_MailServer(request_tracker), hostname="127.0.0.1", port=free_port())
    server.start()
    values = {
        "LOTSEN_EMAIL_HOST": "127.0.0.1",
        "LOTSEN_EMAIL_PORT": str(server.port),
        "LOTSEN_EMAIL_FROM": "lotsen@region.example.se",
        "LOTSEN_EMAIL_TO": "sob@rt.test",
        "LOTSEN_EMAIL_ATTACH": "1",
    }
    yield email.open_desk(Options(email.SETTINGS, values), HOSTS)
    server.stop()


def mailed(rt: RealRT, sent: Letter) -> List[Dict[str, Any]]:
    return rt.tickets(f"Subject LIKE '{sent.number}' AND 'CF.{{{FIELD}}}' IS NULL")


@pytest.mark.asyncio
async def test_a_mailed_case_is_a_ticket_with_number_and_text(mail_desk: email.Email, request_tracker: RealRT) -> None:
    sent = letter()
    sent = replace(sent, text="\n".join([sent.text, *HARD_LINES]))
    await mail_desk.deliver(sent)
    (ticket,) = mailed(request_tracker, sent)
    assert ticket["Subject"] == sent.subject
    (created,) = (one for one in request_tracker.history(str(ticket["id"])) if one["Type"] == "Create")
    assert created["Text"].split("\n")[: len(sent.text.split("\n"))] == sent.text.split("\n")


@pytest.mark.asyncio
async def test_rt_answers_the_user_and_not_lotsen(mail_desk: email.Email, request_tracker: RealRT) -> None:
    """RT takes the Reply-To as who asks."""
    sent = letter(reply_to=f"{uuid.uuid4().hex}@example.se")
    await mail_desk.deliver(sent)
    (ticket,) = mailed(request_tracker, sent)
    assert [user["id"] for user in ticket["Requestor"]] == [sent.reply_to]


@pytest.mark.asyncio
async def test_a_mail_comes_when_rt_is_back(mail_desk: email.Email, request_tracker: RealRT) -> None:
    sent = letter()
    request_tracker.stop()
    try:
        with pytest.raises(DeskError) as raised:
            await mail_desk.deliver(sent)
        assert not isinstance(raised.value, DeskRefuses)
    finally:
        request_tracker.start()
    await mail_desk.deliver(replace(sent, doubtful=True))
    assert len(mailed(request_tracker, sent)) == 1


# Over REST


@pytest.mark.asyncio
async def test_a_comment_is_internal_and_a_reply_public_in_html_too(place: Place, desk: Any) -> None:
    rt, receipt = place.real, await desk.deliver(letter())
    rt.note(receipt.ref, "INTERNT")
    rt.answer(receipt.ref, "<p>Starta <b>om</b> Åtgärder &amp; mål.</p><p>Hälsningar</p>", html=True)
    assert texts(await news_of(desk, receipt.ref)) == ["Starta om Åtgärder & mål.\n\nHälsningar"]


@pytest.mark.asyncio
async def test_what_the_user_mails_to_the_ticket_is_no_answer_to_them(place: Place, desk: Any) -> None:
    user = f"{uuid.uuid4().hex}@example.se"
    receipt = await desk.deliver(letter(reply_to=user))
    place.real.mail_in(f"From: {user}\nTo: sob@rt.test\nSubject: [rt.test #{receipt.ref}] Re\n\nTack\n".encode())
    assert [one["Text"].strip() for one in place.real.history(receipt.ref) if one["Type"] == "Correspond"] == ["Tack"]
    place.answer(receipt.ref, "Varsågod")
    assert texts(await news_of(desk, receipt.ref)) == ["Varsågod"]


@pytest.mark.asyncio
async def test_a_reply_opens_a_new_ticket_and_the_rest_of_its_life_is_followed(place: Place, desk: Any) -> None:
    ref = (await desk.deliver(letter())).ref
    assert (await news_of(desk, ref)).status is Status.NEW
    place.answer(ref, "Vi tittar på det")
    assert (await news_of(desk, ref)).status is Status.OPEN
    for status in (Status.WAITING, Status.OPEN, Status.RESOLVED, Status.OPEN, Status.REJECTED):
        place.set_status(ref, status)
        assert (await news_of(desk, ref)).status is status
    place.remove(ref)
    assert (await news_of(desk, ref)).status is Status.REJECTED


@pytest.mark.asyncio
async def test_more_replies_than_a_page_holds_all_come(
    place: Place, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RT does not tell how many pages there are, and leaves gaps for what Lotsen may not see."""
    monkeypatch.setattr(request_tracker, "PAGE", 2)
    parent = letter()
    receipt = await desk.deliver(parent)
    for number in range(3):
        place.answer(receipt.ref, f"Svar {number}")
    assert texts(await news_of(desk, receipt.ref)) == [f"Svar {number}" for number in range(3)]
    one = added_to(parent, receipt.ref)
    for _ in range(2):
        await desk.deliver(one)
    assert len(place.with_key(parent.key)[0].additions) == 1


@pytest.mark.asyncio
async def test_a_merged_ticket_is_followed_but_tells_nothing_from_before(place: Place, desk: Any) -> None:
    mine, theirs = letter(), letter(reply_to="bertil@example.se")
    my_ref, their_ref = (await desk.deliver(mine)).ref, (await desk.deliver(theirs)).ref
    place.answer(my_ref, "Till mig")
    place.answer(their_ref, "Till Bertil")
    place.real.ask(f"ticket/{my_ref}", "PUT", {"MergeInto": their_ref})
    place.answer(their_ref, "Till oss båda")
    place.set_status(their_ref, Status.WAITING)
    news = {one.ref: one for one in await desk.news([Sent(my_ref), Sent(their_ref)])}
    assert news[my_ref].status is news[their_ref].status is Status.WAITING
    assert texts(news[my_ref]) == ["Till mig", "Till oss båda"]
    assert texts(news[their_ref]) == ["Till Bertil", "Till oss båda"]
    assert texts(await news_of(desk, my_ref)) == ["Till mig", "Till oss båda"]
    assert (await desk.deliver(mine)).ref == my_ref
    assert len(place.real.tickets(f"'CF.{{{FIELD}}}' = '{mine.key}' AND EffectiveId > 0")) == 1


@pytest.mark.asyncio
async def test_a_change_in_this_second_gives_no_mark_yet(place: Place, desk: Any) -> None:
    ref = (await desk.deliver(letter())).ref
    assert (await news_of(desk, ref)).mark == ""


@pytest.mark.asyncio
async def test_a_settled_ticket_costs_one_request(place: Place, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_tracker, "utc_now", lambda: utc_now() + timedelta(hours=1))
    ref = (await desk.deliver(letter())).ref
    mark = (await news_of(desk, ref)).mark
    asked: List[str] = []
    get = desk._http.get

    async def counted(path: str, *more: Any) -> Any:
        asked.append(path)
        return await get(path, *more)

    desk._http.get = counted
    assert await desk.news([Sent(ref, mark)]) == []
    assert asked == ["tickets"]


@pytest.mark.asyncio
async def test_an_outage_is_told_and_got_over_with_nothing_lost(place: Place, desk: Any) -> None:
    before, during = letter(), letter()
    ref = (await desk.deliver(before)).ref
    place.real.stop()
    try:
        for asked in (desk.deliver(during), desk.news([Sent(ref)]), desk.check()):
            with pytest.raises(DeskError) as raised:
                await asked
            assert not isinstance(raised.value, DeskRefuses) and not raised.value.arrived
    finally:
        place.real.start()
    assert (await desk.deliver(replace(before, doubtful=True))).ref == ref
    await desk.deliver(replace(during, doubtful=True))
    assert len(place.with_key(before.key)) == len(place.with_key(during.key)) == 1


# Rights and settings


@pytest.fixture(scope="module")
def bare_rt(request_tracker: RealRT, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRT]:
    """A Request Tracker with nothing but what the operator's page says."""
    running = RealRT(tmp_path_factory.mktemp("bare_rt"), mail=False)
    yield running
    running.stop()


def _may(rt: RealRT, path: str, method: str = "GET", body: Any = None) -> bool:
    """Tell whether Lotsen's account may do this. RT says "Permission Denied" with 200 or 400 to some of it."""
    answer = requests.request(
        method, f"{rt.url}/REST/2.0/{path}", json=body, headers={"Authorization": f"token {rt.token}"}, timeout=30
    )
    return answer.ok and "denied" not in answer.text.lower()


@pytest.mark.asyncio
async def test_lotsens_account_may_do_its_work_and_nothing_else(bare_rt: RealRT) -> None:
    place, parent = Place("request_tracker", None, bare_rt), letter()
    desk = place.desk()
    ref = (await desk.deliver(parent)).ref
    await desk.deliver(added_to(parent, ref))
    place.answer(ref, "Svar")
    assert await desk.deliver(replace(parent, doubtful=True)) == await desk.deliver(parent)
    assert texts(await news_of(desk, ref)) == ["Svar"] and await desk.check()
    await desk.close()
    message = {"Content": "x", "ContentType": "text/plain"}
    elsewhere = bare_rt.ask("ticket", "POST", {"Queue": "General", "Subject": "hemligt"})["id"]
    assert _may(bare_rt, f"ticket/{ref}") and _may(bare_rt, f"ticket/{ref}/comment", "POST", message)
    assert not _may(bare_rt, f"ticket/{ref}/correspond", "POST", message)
    for change in ({"Status": "resolved"}, {"Subject": "x"}, {"CustomFields": {FIELD: "x"}}, {"Queue": "General"}):
        assert not _may(bare_rt, f"ticket/{ref}", "PUT", change)
    assert not _may(bare_rt, f"ticket/{elsewhere}") and not _may(bare_rt, "queue/General")
    assert not _may(bare_rt, "ticket", "POST", {"Queue": "General", "Subject": "x"})
    assert not _may(bare_rt, "user", "POST", {"Name": "x"})
    root = requests.get(
        f"{bare_rt.url}/REST/2.0/user/root", headers={"Authorization": f"token {bare_rt.token}"}, timeout=30
    )
    assert "EmailAddress" not in root.text


@pytest.mark.asyncio
async def test_check_finds_a_queue_without_the_field_or_without_rights(place: Place) -> None:
    for more, said in (
        ({"LOTSEN_RT_KEY_FIELD": "Nyckel"}, "SOB has no custom field Nyckel"),
        ({"LOTSEN_RT_QUEUE": "General"}, "403"),
        ({"LOTSEN_RT_QUEUE": "Ingen alls/kö"}, "40[34]"),
    ):
        desk = place.desk(more)
        with pytest.raises(DeskError, match=said):
            await desk.check()
        await desk.close()


@pytest.mark.asyncio
async def test_the_file_can_be_inserted_again_with_more_queues(bare_rt: RealRT) -> None:
    queues = "it_service=SOB, administration=Stöd & drift"
    bare_rt.insert(DEPLOY / "lotsen.initialdata", {"LOTSEN_RT_QUEUE": queues}, again=True)
    place = Place("request_tracker", None, bare_rt)
    desk = place.desk({"LOTSEN_RT_QUEUE": queues})
    assert "SOB, Stöd & drift" in await desk.check()
    for target, queue in (("it_service", "SOB"), ("administration", "Stöd & drift")):
        sent = letter(target=target)
        assert await desk.deliver(sent) == await desk.deliver(sent)
        (ticket,) = place.with_key(sent.key)
        assert ticket.target == queue
    await desk.close()
