"""The watch on SQLite: it counts users, not cases, marks once, prolongs, and does not bring back what was lifted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from lotsen.disturbances.detection import Watch, trouble
from lotsen.disturbances.notices import Notice, Source
from lotsen.storage.database import open_engine
from tests.disturbances.made import COUNT, KIND, MINUTES, NOW, World
from tests.outcomes.made import FAILED, SOLVED, STOP

WINDOW = timedelta(minutes=MINUTES)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'lotsen.db'}"


@pytest.fixture
def world(url: str) -> World:
    """Nobody has done anything yet."""
    return World(open_engine(url))


def mark(world: World) -> Notice:
    """Let so many users have the trouble that it is marked."""
    for number in range(COUNT):
        notice = world.case(f"marks-{number}")
    assert notice is not None
    return notice


def test_so_many_users_mark(world: World) -> None:
    """The last user that it takes marks it, for as long as the window, and one case leads the others."""
    assert [world.case("a"), world.case("b")] == [None, None]
    assert world.notices.all() == []
    notice = world.case("c")
    (lead,) = world.leads()
    assert notice == Notice(1, KIND, Source.AUTO, "", NOW, NOW + WINDOW, lead=lead.id)
    assert world.counts == [COUNT]
    assert world.notices.active(KIND, NOW) == notice


def test_one_user_counts_once(world: World) -> None:
    """Cases and failed runs of one conversation are one user's trouble."""
    for _ in range(COUNT):
        assert world.case("a") is None
        assert world.failed_run("a") is None
    assert trouble(world.store, world.records, KIND, NOW) == 1


def test_failed_runs_count(world: World) -> None:
    """A run that ended in a hand-off counts without a case; one that was solved, left or goes on does not."""
    for conversation, reply in (("a", SOLVED), ("b", STOP), ("c", FAILED)):
        assert world.run(conversation, reply) is None
    assert [world.failed_run("d"), world.case("e"), world.case("e")] == [None, None, None]
    assert world.failed_run("f") is not None
    assert world.counts == [COUNT]


def test_other_trouble_does_not_count(world: World) -> None:
    """Cases about something else are another disturbance, or none."""
    for number in range(COUNT - 1):
        world.case(f"a-{number}")
        world.case(f"b-{number}", "another")
    assert world.case("c", "third") is None
    marked = world.case("d", "another")
    assert marked is not None
    assert [notice.kind for notice in world.notices.all()] == ["another"]


def test_what_was_before_the_window_does_not_count(world: World) -> None:
    """Trouble at the edge of the window counts, and a moment later it does not."""
    world.failed_run("a")
    world.case("b")
    world.clock.now = NOW + WINDOW + timedelta(microseconds=1)
    assert world.case("c") is None
    world.clock.tick(1)
    assert world.case("d") is None
    world.clock.now = NOW + 2 * WINDOW + timedelta(microseconds=1)
    assert world.case("e") is not None


def test_a_mark_is_prolonged_while_more_come(world: World) -> None:
    """Each new one moves the end; without one it is over, and so are the old ones: it takes as many to mark again."""
    first = mark(world)
    later = world.clock.tick(20)
    notice = world.failed_run("x")
    assert notice is not None
    assert (notice.id, notice.ends, notice.lead) == (first.id, later + WINDOW, first.lead)
    world.clock.tick(MINUTES)
    assert world.notices.active(KIND, world.clock.now) is None
    world.clock.tick(1)
    assert world.case("y") is None
    assert world.counts == [COUNT]
    again = mark(world)
    assert again.id != first.id
    assert again.lead != first.lead
    assert len(world.leads()) == 2


def test_the_lead_and_cases_without_conversation_do_not_count(world: World) -> None:
    """What Lotsen made itself is nobody's trouble."""
    world.case("a")
    for number in range(COUNT):
        world.store_case(f"made-{number}", "")
    assert world.case("b") is None
    mark(world)
    assert trouble(world.store, world.records, KIND, NOW) == COUNT + 2


def test_a_lifted_mark_does_not_come_back_through_the_same_cases(world: World) -> None:
    """After a lift only what came later counts, though the old ones are within the window, and so does who is back."""
    first = mark(world)
    world.failed_run("before")
    assert world.notices.lift(KIND)
    world.clock.tick(1)
    assert [world.case("x"), world.case("marks-0")] == [None, None]
    again = world.case("y")
    assert again is not None
    assert again.id != first.id
    assert world.counts == [COUNT, COUNT]


def test_the_window_also_bounds_what_came_after_a_lift(world: World) -> None:
    """A lift long ago does not make the window longer."""
    mark(world)
    world.notices.lift(KIND)
    world.clock.tick(1)
    world.case("x")
    world.case("y")
    world.clock.tick(MINUTES + 1)
    assert world.case("z") is None


def test_an_operators_notice_is_kept(world: World) -> None:
    """It is not prolonged; when many come all the same, it gets a lead that their cases are added to."""
    ends = NOW + timedelta(hours=1)
    said = world.notices.set(KIND, "Vi vet.", ends)
    assert [world.case("a"), world.case("b")] == [said, said]
    assert world.leads() == []
    notice = world.case("c")
    (lead,) = world.leads()
    assert notice == Notice(said.id, KIND, Source.OPERATOR, "Vi vet.", NOW, ends, lead=lead.id)
    assert world.case("d") == notice


@pytest.mark.parametrize("minutes", [MINUTES, 1e300])
def test_never(minutes: float, url: str) -> None:
    """With 0 nothing is ever marked or prolonged, but an operator's notice is told."""
    world = World(open_engine(url), count=0, minutes=minutes)
    assert [world.case(f"a-{number}") for number in range(10)] == [None] * 10
    notice = world.notices.set(KIND, "", NOW + timedelta(hours=1))
    assert world.case("b") == notice
    assert world.leads() == []


def test_a_window_without_end(url: str) -> None:
    """A setting that no calendar holds counts what there is, and marks for a year."""
    world = World(open_engine(url), count=2, minutes=1e300)
    world.case("a")
    world.clock.tick(60 * 24 * 365)
    assert world.case("b") is not None


def test_a_lead_that_failed_is_made_with_the_next(world: World) -> None:
    """If the lead cannot be stored, the mark stays, and the next one who comes makes it, whatever the count is then."""

    def failing(notice: Notice, count: int) -> int:
        raise OSError("full")

    for key in "abc":
        world.store_case(key, key)
    with pytest.raises(OSError, match="full"):
        world.watch.noticed(KIND, failing)
    marked = world.notices.active(KIND, NOW)
    assert marked is not None
    assert marked.lead is None
    world.clock.tick(MINUTES - 1)
    world.store_case("d", "d")
    with pytest.raises(OSError, match="full"):
        world.watch.noticed(KIND, failing)
    world.clock.tick(MINUTES - 1)
    notice = world.case("e")
    (lead,) = world.leads()
    assert notice is not None
    assert (notice.id, notice.lead, world.counts) == (marked.id, lead.id, [2])


@pytest.mark.parametrize("round_number", range(3))
def test_one_lead_when_many_notice_at_once(round_number: int, url: str, world: World) -> None:
    """Several processes that notice at the same moment make one notice and one lead, and all learn which."""
    for number in range(COUNT):
        world.store_case(f"key-{number}", f"conversation-{number}")
    watches = [Watch(open_engine(url), COUNT, MINUTES, world.clock) for _ in range(4)]
    together = threading.Barrier(len(watches))
    before_lead = threading.Barrier(len(watches))

    def lead(notice: Notice, count: int) -> int:
        before_lead.wait(timeout=20)  # All have seen that there is none.
        return world.lead(notice, count)

    def notice(watch: Watch) -> tuple[int, int | None] | None:
        together.wait()
        noticed = watch.noticed(KIND, lead)
        return (noticed.id, noticed.lead) if noticed is not None else None

    with ThreadPoolExecutor(len(watches)) as pool:
        noticed = set(pool.map(notice, watches))
    (made,) = world.leads()
    assert noticed == {(1, made.id)}
    assert len(world.notices.all()) == 1
