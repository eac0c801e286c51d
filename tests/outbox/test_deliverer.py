"""The deliverer on SQLite with a desk in memory: what it sends, when it tries again, and what it writes down."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Callable, List, Optional

import pytest
import sqlalchemy as sa

from lotsen.cases.case import Level, Status
from lotsen.cases.history import CONFIRMED, DELIVERED, GAVE_UP, REPLY, STATUS
from lotsen.cases.store import Case, CaseStore
from lotsen.clock import utc_now
from lotsen.outbox.deliverer import FAULTS, Deliverer
from lotsen.outbox.letters import SUBJECT_LENGTH, subject
from lotsen.outbox.outbox import DEAD, WAITING
from lotsen.outbox.outbox import DELIVERED as ARRIVED
from lotsen.outbox.pace import Pace
from lotsen.service_desks.base import DeskError, DeskRefuses, News, Receipt, Reply, Sent
from tests.outbox.made import DESK, OTHER, ToldDesk, confirm, engine_in, letter_of

pytestmark = pytest.mark.asyncio

AT_ONCE = Pace(settle=0.0, first=0.0, idle=0.01, poll=0.01)
BUSY, LOST = DeskError("busy", arrived=False), DeskError("no answer")


class Scene:
    """A store, a desk, and a deliverer between them."""

    def __init__(self, folder: Path) -> None:
        self.engine = engine_in(folder)
        self.store, self.desk = CaseStore(self.engine), ToldDesk()
        self.moments: List[str] = []

    def deliverer(self, pace: Pace = AT_ONCE, tries: int = 3) -> Deliverer:
        return Deliverer(self.engine, {DESK: self.desk}, tries, pace, self.moments.append)

    async def next(self, pace: Pace = AT_ONCE, tries: int = 3) -> bool:
        return await self.deliverer(pace, tries).deliver_next(DESK)

    def kinds(self, case: Case) -> List[str]:
        return [event.kind for event in self.store.history.of(case.id)]

    def wait_of(self, case: Case) -> float:
        """Return the seconds until the case's letter is due."""
        return (letter_of(self.store, case).due - utc_now()).total_seconds()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true; fails after a while."""

    async def look() -> None:
        while not true():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(look(), 10)


async def test_a_case_is_delivered_and_noted(scene: Scene) -> None:
    case = confirm(scene.store, "a")
    assert await scene.next()
    (sent,) = scene.desk.letters
    assert (sent.key, sent.number, sent.text, sent.level) == ("a" * 32, "LOT-000001", "Ärende a", Level.NORMAL)
    assert (sent.subject, sent.created, sent.doubtful) == ("LOT-000001 Sidan a är vit", case.created, False)
    assert (sent.data["number"], sent.data["problem"]) == ("LOT-000001", "Sidan a är vit")
    assert (sent.parent, sent.parent_key, sent.parent_number) == (None, None, "")
    kept = letter_of(scene.store, case)
    assert (kept.state, kept.receipt) == (ARRIVED, Receipt("1", "#1", "https://desk.example.se/1"))
    noted = scene.store.history.latest(case.id, DELIVERED)
    assert noted is not None
    assert (noted.desk, noted.text) == (DESK, "#1")
    assert scene.kinds(case) == [CONFIRMED, DELIVERED]
    assert not await scene.next()
    assert len(scene.desk.letters) == 1


async def test_the_moments_of_the_crash_test_are_passed(scene: Scene) -> None:
    confirm(scene.store, "a")
    scene.desk.does = [BUSY]
    await scene.next()
    assert scene.moments == ["claimed", "sending", "failing", "failed"]
    scene.moments.clear()
    await scene.next()
    assert scene.moments == ["claimed", "sending", "sent", "recorded"]
    assert set(FAULTS) == {"failing", "failed", *scene.moments}


async def test_a_desk_that_surely_has_nothing_is_asked_again_soon(scene: Scene) -> None:
    case = confirm(scene.store, "a")
    scene.desk.does = [BUSY]
    assert not await scene.next(Pace())
    assert 0 < scene.wait_of(case) <= 5
    assert (letter_of(scene.store, case).doubtful, letter_of(scene.store, case).error) == (False, "busy")
    assert scene.kinds(case) == [CONFIRMED]


@pytest.mark.parametrize("does", [LOST, ValueError("an answer that nobody can read")], ids=["error", "unexpected"])
async def test_a_desk_that_may_have_it_is_let_settle(does: Exception, scene: Scene) -> None:
    case = confirm(scene.store, "a")
    scene.desk.does = [does]
    assert not await scene.next(Pace(settle=60))
    assert 55 < scene.wait_of(case) <= 60
    assert letter_of(scene.store, case).doubtful


async def test_an_attempt_ends_after_its_time(scene: Scene) -> None:
    case = confirm(scene.store, "a")
    scene.desk.does = [lambda: asyncio.sleep(3600)]
    assert not await scene.next(Pace(attempt=0.01, settle=60))
    assert 55 < scene.wait_of(case) <= 60
    assert letter_of(scene.store, case).doubtful


async def test_a_letter_whose_lease_ran_out_is_sent_as_doubtful(scene: Scene) -> None:
    """Whoever had it was killed, so the desk may have it."""
    case = confirm(scene.store, "a")
    assert scene.store.outbox.claim(DESK, timedelta(0)) is not None
    await scene.next()
    assert [letter.doubtful for letter in scene.desk.letters] == [True]
    assert letter_of(scene.store, case).state == ARRIVED


@pytest.mark.parametrize(("asked", "least", "most"), [(300.0, 295, 300), (0.0, 2.4, 5), (86_400.0, 3595, 3600)])
async def test_retry_after_is_kept_to(asked: float, least: float, most: float, scene: Scene) -> None:
    """As long as the desk asks for, an hour at most, and never sooner than we would come by ourselves."""
    case = confirm(scene.store, "a")
    scene.desk.does = [DeskError("busy", asked, arrived=False)]
    await scene.next(Pace(first=5))
    assert least < scene.wait_of(case) <= most


async def test_the_wait_doubles_up_to_a_limit_and_is_spread() -> None:
    pace = Pace(first=5, longest=3600)
    assert [pace.back_off(attempts, lambda: 0.0) for attempts in (1, 2, 3, 4)] == [5, 10, 20, 40]
    assert pace.back_off(1, lambda: 1.0) == 2.5
    assert pace.back_off(10_000, lambda: 0.0) == 3600
    assert len({pace.back_off(5) for _ in range(20)}) > 1
    assert pace.lease == timedelta(seconds=120)


async def test_a_refused_letter_is_dead_at_once_and_the_next_may_go(scene: Scene) -> None:
    case = confirm(scene.store, "a")
    scene.desk.does = [DeskRefuses("422", arrived=False)]
    assert await scene.next()
    assert letter_of(scene.store, case).state == DEAD
    assert scene.kinds(case) == [CONFIRMED, GAVE_UP]
    assert not await scene.next()


async def test_a_letter_is_given_up_after_its_tries_and_sent_if_an_operator_says_so(scene: Scene) -> None:
    case = confirm(scene.store, "a")
    scene.desk.does = [BUSY] * 3
    states = []
    for _ in range(3):
        await scene.next(tries=3)
        states.append((letter_of(scene.store, case).state, GAVE_UP in scene.kinds(case)))
    assert states == [(WAITING, False), (WAITING, False), (DEAD, True)]
    assert not await scene.next(tries=3)
    assert len(scene.desk.letters) == 3
    with scene.engine.begin() as connection:
        scene.store.outbox.retry(connection, case.id)
    assert await scene.next(tries=3)
    assert scene.kinds(case) == [CONFIRMED, GAVE_UP, DELIVERED]


async def test_an_added_case_waits_for_the_one_that_leads(scene: Scene) -> None:
    """It is not sent, and that is no attempt; then it goes to the lead's ticket."""
    lead = confirm(scene.store, "a")
    added = confirm(scene.store, "b", parent=lead.id)
    scene.desk.does = [BUSY]
    assert not await scene.next(Pace(first=60))
    assert await scene.next(AT_ONCE)
    assert [letter.key[0] for letter in scene.desk.letters] == ["a"]
    assert (letter_of(scene.store, added).state, letter_of(scene.store, added).attempts) == (WAITING, 0)
    with scene.engine.begin() as connection:
        scene.store.outbox.retry(connection, lead.id)
    while await scene.next():
        pass
    assert [letter.key[0] for letter in scene.desk.letters] == ["a", "a", "b"]
    sent = scene.desk.letters[-1]
    assert (sent.parent, sent.parent_key, sent.parent_number) == ("1", "a" * 32, "LOT-000001")
    assert sent.data["parent_number"] == "LOT-000001"
    kept = letter_of(scene.store, added)
    assert kept.receipt is not None
    assert kept.receipt.ref == "1"


async def test_an_added_case_whose_lead_was_given_up_is_a_ticket_of_its_own(scene: Scene) -> None:
    lead = confirm(scene.store, "a")
    confirm(scene.store, "b", parent=lead.id)
    scene.desk.does = [DeskRefuses("422", arrived=False)]
    assert await scene.next()
    assert await scene.next()
    sent = scene.desk.letters[-1]
    assert (sent.key[0], sent.parent, sent.parent_key, sent.parent_number) == ("b", None, None, "")
    assert sent.data["parent_number"] == "LOT-000001"


async def test_an_added_case_whose_lead_is_not_for_this_desk_is_a_ticket_of_its_own(scene: Scene) -> None:
    lead = confirm(scene.store, "a", desks=(OTHER,))
    confirm(scene.store, "b", parent=lead.id)
    assert await scene.next()
    assert [(letter.key[0], letter.parent) for letter in scene.desk.letters] == [("b", None)]


def news(status: Optional[Status], *texts: str, mark: str = "m1") -> News:
    replies = tuple(Reply(f"r{text}", f"Svar {text}", utc_now()) for text in texts)
    return News("1", status, replies, mark)


async def test_news_are_kept_once_and_the_mark_is_handed_back(scene: Scene) -> None:
    case = confirm(scene.store, "a")
    await scene.next()
    scene.desk.says = [news(Status.OPEN, "1")]
    for _ in range(2):
        assert not await scene.deliverer().ask(DESK)
    assert scene.desk.asked == [[Sent("1", "")], [Sent("1", "m1")]]
    scene.desk.says = [news(Status.RESOLVED, "1", "2", mark="m2")]
    await scene.deliverer().ask(DESK)
    events = [(event.kind, event.text) for event in scene.store.history.of(case.id)[2:]]
    assert events == [(REPLY, "Svar 1"), (STATUS, "open"), (REPLY, "Svar 2"), (STATUS, "resolved")]
    stored = scene.store.get(case.id)
    assert stored is not None
    assert stored.status is Status.RESOLVED
    assert [event.kind for event in scene.store.history.untold("web-a")].count(REPLY) == 2


async def test_an_added_case_hears_all_that_was_said_on_the_ticket(scene: Scene) -> None:
    lead = confirm(scene.store, "a")
    await scene.next()
    scene.desk.says = [news(Status.OPEN, "1")]
    await scene.deliverer().ask(DESK)
    added = confirm(scene.store, "b", parent=lead.id)
    await scene.next()
    await scene.deliverer().ask(DESK)
    assert scene.desk.asked[-1] == [Sent("1", "")]
    assert scene.kinds(added) == [CONFIRMED, DELIVERED, REPLY, STATUS]
    assert scene.kinds(lead).count(REPLY) == 1


@pytest.mark.parametrize("fails", [DeskError("503"), asyncio.TimeoutError()], ids=["error", "no answer"])
async def test_a_desk_that_cannot_be_asked_is_asked_next_time(fails: Exception, scene: Scene) -> None:
    case = confirm(scene.store, "a")
    await scene.next()
    scene.desk.says, scene.desk.fails = [news(Status.OPEN)], fails
    assert not await scene.deliverer().ask(DESK)
    assert scene.kinds(case) == [CONFIRMED, DELIVERED]
    scene.desk.fails = None
    await scene.deliverer().ask(DESK)
    assert scene.kinds(case) == [CONFIRMED, DELIVERED, STATUS]


@pytest.mark.parametrize(("days", "asked"), [(1, True), (3, False)])
async def test_what_has_long_been_over_is_not_asked_about(days: int, asked: bool, scene: Scene) -> None:
    case = confirm(scene.store, "a")
    assert not await scene.deliverer().ask(DESK)
    assert scene.desk.asked == []
    await scene.next()
    with scene.engine.begin() as connection:
        over = utc_now() - timedelta(days=days)
        scene.store.set_status(connection, case.id, Status.RESOLVED)
        scene.store.history.add(connection, case.id, STATUS, over, DESK, Status.RESOLVED.value)
    await scene.deliverer().ask(DESK)
    assert bool(scene.desk.asked) is asked


async def test_a_desk_that_hangs_holds_up_nobody_else(scene: Scene) -> None:
    hangs = ToldDesk(does=[lambda: asyncio.sleep(3600)])
    stuck = confirm(scene.store, "a", desks=(OTHER,))
    case = confirm(scene.store, "b", desks=(DESK,))
    work = asyncio.ensure_future(Deliverer(scene.engine, {OTHER: hangs, DESK: scene.desk}, 3, AT_ONCE).run())
    scene.desk.says = [news(Status.OPEN)]
    await until(lambda: scene.kinds(case) == [CONFIRMED, DELIVERED, STATUS])
    assert [letter.key[0] for letter in hangs.letters] == ["a"]
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert hangs.closed and scene.desk.closed
    assert letter_of(scene.store, stuck, OTHER).state == "sending"


async def test_a_desk_that_cannot_be_polled_is_never_asked(scene: Scene) -> None:
    scene.desk.polls = False
    case = confirm(scene.store, "a")
    work = asyncio.ensure_future(scene.deliverer().run())
    await until(lambda: DELIVERED in scene.kinds(case))
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert scene.desk.asked == []


async def test_a_database_that_fails_is_tried_again(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    case = confirm(scene.store, "a")
    deliverer = scene.deliverer()
    with scene.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE outbox RENAME TO gone"))
    work = asyncio.ensure_future(deliverer.run())
    await until(lambda: "could not be read or written" in caplog.text)
    with scene.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE gone RENAME TO outbox"))
    await until(lambda: DELIVERED in scene.kinds(case))
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_a_subject_is_one_line_of_bounded_length() -> None:
    assert subject("LOT-000001", "Sidan\n är\tvit") == "LOT-000001 Sidan är vit"
    long = subject("LOT-000001", "vit " * 100)
    assert len(long) <= SUBJECT_LENGTH
    assert long.endswith("vit …")
