"""What is Zammad's own: the tag of an urgent ticket, the customer, a search by the very letters."""

from __future__ import annotations

from typing import AsyncIterator, Iterator, Optional

import pytest
import pytest_asyncio

from lotsen.cases.case import Level, Status
from lotsen.service_desks.base import DeskError, Sent
from lotsen.service_desks.options import Options
from lotsen.service_desks.zammad import SETTINGS, Zammad, open_desk
from tests.service_desks.made import letter
from tests.service_desks.stand_ins.zammad import ZammadStandIn

HOSTS = frozenset({"127.0.0.1"})


@pytest.fixture
def zammad() -> Iterator[ZammadStandIn]:
    running = ZammadStandIn()
    running.start()
    yield running
    running.stop()


@pytest_asyncio.fixture
async def desk(zammad: ZammadStandIn) -> AsyncIterator[Zammad]:
    opened = open_desk(Options(SETTINGS, zammad.environment()), HOSTS)
    yield opened
    await opened.close()


@pytest.mark.asyncio
async def test_urgent_is_tagged_as_zammad_has_no_word_for_it(zammad: ZammadStandIn, desk: Zammad) -> None:
    """High and urgent share a priority."""
    await desk.deliver(letter(level=Level.URGENT))
    await desk.deliver(letter(level=Level.HIGH))
    assert [ticket.priority for ticket in zammad.tickets] == ["3 high brådskande", "3 high"]


@pytest.mark.asyncio
async def test_customer_and_group(zammad: ZammadStandIn, desk: Zammad) -> None:
    """The user's address makes the customer; without one it is the setting's."""
    await desk.deliver(letter(reply_to="asa@example.se", target="administration"))
    await desk.deliver(letter())
    assert [ticket.caller for ticket in zammad.tickets] == ["asa@example.se", "lotsen@example.se"]
    assert [ticket.target for ticket in zammad.tickets] == ["Objekt", "IT kundservice"]


@pytest.mark.asyncio
async def test_a_note_about_a_key_is_not_taken_for_its_ticket(zammad: ZammadStandIn, desk: Zammad) -> None:
    """Somebody who quotes the key in another ticket does not keep the case from being made."""
    first, second = letter(), letter()
    await desk.deliver(first)
    zammad.note(zammad.tickets[0], f"Se även Lotsen {second.key}")
    await desk.deliver(second)
    assert len(zammad.tickets) == 2


@pytest.mark.asyncio
async def test_the_user_sees_the_first_article_and_not_an_added_one(zammad: ZammadStandIn, desk: Zammad) -> None:
    """A note on another's ticket is internal, and both end with the key."""
    first = letter()
    receipt = await desk.deliver(first)
    added = letter(parent=receipt.ref)
    await desk.deliver(added)
    (ticket,) = zammad.tickets
    assert [article["internal"] for article in ticket.said] == [False, True]
    assert [article["body"].split("\n")[-1] for article in ticket.said] == [
        f"Lotsen {first.key}",
        f"Lotsen {added.key}",
    ]


@pytest.mark.asyncio
async def test_what_the_customer_writes_is_no_reply(zammad: ZammadStandIn, desk: Zammad) -> None:
    """Only agents' articles are, and a reply in HTML comes as text."""
    receipt = await desk.deliver(letter())
    (ticket,) = zammad.tickets
    zammad.ask(ticket, "Hur går det?")
    zammad.answer(ticket, "Det är <löst> & klart\nHälsningar")
    (news,) = await desk.news([Sent(receipt.ref)])
    assert [reply.text for reply in news.replies] == ["Det är <löst> & klart\nHälsningar"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("word", "status"), [("pending reminder", Status.WAITING), ("pending close", Status.RESOLVED), ("merged", None)]
)
async def test_states(zammad: ZammadStandIn, desk: Zammad, word: str, status: Optional[Status]) -> None:
    """A state that says nothing of the case is left alone."""
    receipt = await desk.deliver(letter())
    zammad.tickets[0].status = word
    assert [news.status for news in await desk.news([Sent(receipt.ref)])] == [status]


@pytest.mark.asyncio
async def test_a_ticket_moved_out_of_sight_does_not_hide_the_others(zammad: ZammadStandIn, desk: Zammad) -> None:
    """Zammad answers 403 for a ticket in a group that is not ours."""
    moved, kept = await desk.deliver(letter()), await desk.deliver(letter())
    zammad.find(moved.ref).target = "Personal"
    assert [news.ref for news in await desk.news([Sent(moved.ref), Sent(kept.ref)])] == [kept.ref]


@pytest.mark.asyncio
async def test_a_token_that_is_no_longer_good_is_no_lack_of_news(zammad: ZammadStandIn, desk: Zammad) -> None:
    """The same answer for every ticket, and for ourselves, is an error."""
    receipt = await desk.deliver(letter())
    stale = open_desk(Options(SETTINGS, {**zammad.environment(), "LOTSEN_ZAMMAD_TOKEN": "gammal"}), HOSTS)
    with pytest.raises(DeskError):
        await stale.news([Sent(receipt.ref)])
    await stale.close()
