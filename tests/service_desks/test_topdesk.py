"""What is TOPdesk's own: 80 characters, HTML, persons, categories, pages, and statuses that a customer names."""

from __future__ import annotations

from typing import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from lotsen.cases.case import Level, Status
from lotsen.service_desks.base import DeskError, Sent
from lotsen.service_desks.options import Options
from lotsen.service_desks.topdesk import SETTINGS, TopDesk, open_desk
from lotsen.settings import SettingError
from tests.service_desks.made import letter
from tests.service_desks.stand_ins.topdesk import TopDeskStandIn

HOSTS = frozenset({"127.0.0.1"})


@pytest.fixture
def topdesk() -> Iterator[TopDeskStandIn]:
    running = TopDeskStandIn()
    running.start()
    yield running
    running.stop()


@pytest_asyncio.fixture
async def desk(topdesk: TopDeskStandIn) -> AsyncIterator[TopDesk]:
    opened = open_desk(Options(SETTINGS, topdesk.environment()), HOSTS)
    yield opened
    await opened.close()


@pytest.mark.asyncio
async def test_a_long_subject_is_cut_and_stands_whole_in_the_request(topdesk: TopDeskStandIn, desk: TopDesk) -> None:
    """The brief description has 80 characters at most; nothing of it is lost."""
    subject = "LOT-000042 " + "Formulärmotorn svarar inte " * 4
    await desk.deliver(letter(subject=subject.strip()))
    (ticket,) = topdesk.tickets
    assert len(ticket.subject) <= 80
    assert ticket.subject.startswith("LOT-000042 ")
    assert subject.strip() in ticket.text


@pytest.mark.asyncio
async def test_what_a_user_wrote_is_no_html(topdesk: TopDeskStandIn, desk: TopDesk) -> None:
    """Signs of HTML in the text are shown as they are."""
    await desk.deliver(letter(text='<b>fel</b> & "fel" <script>'))
    assert '<b>fel</b> & "fel" <script>' in topdesk.tickets[0].text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("asa@example.se", "asa@example.se"),
        ("okand@example.se", "lotsen@example.se"),
        ("o'hara@example.se", "lotsen@example.se"),
        ("delad@example.se", "lotsen@example.se"),
        ("slutat@example.se", "lotsen@example.se"),
        ("", "lotsen@example.se"),
    ],
)
async def test_the_caller_is_the_user_if_topdesk_knows_them(
    topdesk: TopDeskStandIn, desk: TopDesk, address: str, caller: str
) -> None:
    """TOPdesk refuses an incident whose caller it does not know, who has left, or who may be one of several."""
    await desk.deliver(letter(reply_to=address))
    assert topdesk.tickets[0].caller == caller


@pytest.mark.asyncio
async def test_category_and_priority(topdesk: TopDeskStandIn, desk: TopDesk) -> None:
    """Both have the customer's own names."""
    await desk.deliver(letter(target="administration", level=Level.URGENT))
    assert (topdesk.tickets[0].target, topdesk.tickets[0].priority) == ("Objekt", "P1")


@pytest.mark.asyncio
async def test_neither_category_nor_priority_is_sent_if_none_is_set(topdesk: TopDeskStandIn) -> None:
    """A customer may let TOPdesk set them."""
    unset = {"LOTSEN_TOPDESK_CATEGORY": "", "LOTSEN_TOPDESK_PRIORITIES": "", "LOTSEN_TOPDESK_STATUSES": ""}
    desk = open_desk(Options(SETTINGS, {**topdesk.environment(), **unset}), HOSTS)
    await desk.deliver(letter())
    assert (topdesk.tickets[0].target, topdesk.tickets[0].priority) == ("", "")
    await desk.close()


@pytest.mark.asyncio
async def test_an_archived_incident_is_found_again(topdesk: TopDeskStandIn, desk: TopDesk) -> None:
    """A list has no archived incidents unless it is asked for all."""
    sent = letter()
    first = await desk.deliver(sent)
    topdesk.archived.add(first.ref)
    assert await desk.deliver(sent) == first
    assert len(topdesk.tickets) == 1
    assert [news.ref for news in await desk.news([Sent(first.ref)])] == [first.ref]


@pytest.mark.asyncio
async def test_a_trail_of_several_pages_is_read_to_its_end(topdesk: TopDeskStandIn, desk: TopDesk) -> None:
    """The first action is found behind two hundred others: it is neither made twice nor lost as a reply."""
    receipt = await desk.deliver(letter())
    (ticket,) = topdesk.tickets
    added = letter(parent=receipt.ref)
    topdesk.answer(ticket, "Svar 0")
    await desk.deliver(added)
    for number in range(1, 205):
        topdesk.answer(ticket, f"Svar {number}")
    await desk.deliver(added)
    assert len(ticket.additions) == 1
    (news,) = await desk.news([Sent(receipt.ref)])
    assert [reply.text for reply in news.replies] == [f"Svar {number}" for number in range(205)]


@pytest.mark.asyncio
async def test_many_incidents_without_news_are_few_questions(topdesk: TopDeskStandIn, desk: TopDesk) -> None:
    """Sixty incidents that have not changed since their mark take two requests."""
    sent = [Sent((await desk.deliver(letter())).ref) for _ in range(60)]
    known = [Sent(news.ref, news.mark) for news in await desk.news(sent)]
    assert {one.ref for one in known} == {one.ref for one in sent}
    topdesk.requests.clear()
    assert await desk.news(known) == []
    assert len(topdesk.requests) == 2


@pytest.mark.asyncio
async def test_a_status_without_a_name_is_left_alone(topdesk: TopDeskStandIn, desk: TopDesk) -> None:
    """A processing status that the settings do not name says nothing."""
    receipt = await desk.deliver(letter())
    topdesk.tickets[0].status = "Hos leverantören"
    assert [news.status for news in await desk.news([Sent(receipt.ref)])] == [None]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("word", "status"),
    [("Pågår", Status.RESOLVED), ("Hos leverantören", Status.RESOLVED), ("Avvisad", Status.REJECTED)],
)
async def test_closed_is_over_whatever_the_status_is_called(
    topdesk: TopDeskStandIn, desk: TopDesk, word: str, status: Status
) -> None:
    """An incident may be closed without anybody changing its processing status."""
    receipt = await desk.deliver(letter())
    topdesk.tickets[0].status = word
    topdesk.closed.add(receipt.ref)
    assert [news.status for news in await desk.news([Sent(receipt.ref)])] == [status]


@pytest.mark.asyncio
@pytest.mark.parametrize(("version", "enough"), [("3.4.0", True), ("3.10.2", True), ("3.3.9", False), ("2.9", False)])
async def test_check_says_if_topdesk_is_too_old_to_be_searched(
    topdesk: TopDeskStandIn, desk: TopDesk, version: str, enough: bool
) -> None:
    """Without a search each attempt would make an incident."""
    topdesk.version = version
    if enough:
        assert "TOPdesk as lotsen" in await desk.check()
    else:
        with pytest.raises(DeskError, match="3.4"):
            await desk.check()


def test_a_wrong_meaning_is_named() -> None:
    """A status of the settings that is none of ours is said with those that there are."""
    values = {**TopDeskStandIn().environment(), "LOTSEN_TOPDESK_URL": "https://127.0.0.1"}
    wrong = Options(SETTINGS, {**values, "LOTSEN_TOPDESK_STATUSES": "Klar=klart"})
    with pytest.raises(SettingError, match=f"'klart'.*{Status.RESOLVED.value}"):
        open_desk(wrong, HOSTS)
