"""What is read of cases and guide runs: the same users that a watch counts, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Iterator, List
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Engine

from lotsen.cases.case import CaseDraft
from lotsen.cases.store import NewCase
from lotsen.disturbances.audience import Audience
from lotsen.disturbances.detection import trouble
from lotsen.disturbances.forming import Frame, Span, Trouble
from lotsen.disturbances.reach import Reach, reach_of
from lotsen.disturbances.signs import Signs
from lotsen.storage.database import open_engine
from tests.disturbances.made import COUNT, KIND, MINUTES, World
from tests.outcomes.made import DONE, SOLVED

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database."""
    made = open_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def world(engine: Engine) -> World:
    """Users, and a watch that marks at ``COUNT`` of them."""
    return World(engine)


def read(engine: Engine, world: World, span: Span = Span.HOURS) -> List[Trouble]:
    frame = Frame.until(world.clock.now, span)
    return Signs(engine, STOCKHOLM).troubles(frame, MINUTES, world.notices.last_lifts())


def test_nothing(engine: Engine, world: World) -> None:
    """An empty database has no trouble."""
    assert read(engine, world) == []


def test_cases_and_failed_runs(engine: Engine, world: World) -> None:
    """A failed run and a case of the same user are one; runs that helped, cases about nothing and leads are none."""
    world.failed_run("a")
    world.clock.tick(2)
    world.case("a")
    world.failed_run("b")
    world.run("c", DONE, SOLVED)
    world.case("d", "a_question")
    world.store.create(NewCase("0" * 32, CaseDraft("Annat"), "e", "web"))
    world.store_case("1" * 32, "", KIND)
    found = {one.kind: one for one in read(engine, world)}
    assert set(found) == {KIND, "a_question"}
    assert (sum(found[KIND].cases), sum(found[KIND].runs), found[KIND].lately) == (1, 1, 2)


def test_as_the_watch_counts(engine: Engine, world: World) -> None:
    """Just now has as many as the watch counts, up to the mark, out of the window, and after a lift."""
    for name in "abcd":
        world.case(name)
        (found,) = read(engine, world)
        since = world.clock.now - timedelta(minutes=MINUTES)
        assert found.lately == trouble(world.store, world.records, KIND, since)
        world.clock.tick(9)
    assert found.lately == COUNT + 1
    world.notices.lift(KIND)
    world.clock.tick(1)
    world.case("e")
    assert [one.lately for one in read(engine, world)] == [1]


@pytest.mark.parametrize("span", Span)
def test_the_usual(engine: Engine, world: World, span: Span) -> None:
    """The same hour of the weeks that there are data of is the usual, and no other hour."""
    world.case("long ago")
    world.clock.tick(7 * 24 * 60)
    world.case("a week ago")
    world.clock.tick(24 * 60)
    world.case("on another day")
    world.clock.tick(6 * 24 * 60)
    world.case("now")
    (found,) = read(engine, world, span)
    assert found.usual_lately is not None and found.usual is not None
    assert found.usual_lately == 1.0
    assert found.usual[-1] == 1.0


def test_how_far_a_notice_reaches(engine: Engine, world: World) -> None:
    """It is counted who was told, who still waits to hear the end, and the cases under the lead."""
    audience = Audience(engine, world.clock)
    end = world.clock.now + timedelta(hours=1)
    lead = world.store_case("2" * 32, "").id
    notice, other = world.notices.mark(KIND, end, lead), world.notices.set("other", "", end)
    assert reach_of(engine, [notice, other]) == {notice.id: Reach(), other.id: Reach()}
    for name in "abc":
        audience.told(notice.id, name, "web")
    audience.heard("a", [notice.id])
    world.store.create(NewCase("3" * 32, CaseDraft("Problem"), "a", "web", parent=lead))
    world.store.create(NewCase("4" * 32, CaseDraft("Problem"), "b", "web", parent=lead, notice=notice.id))
    world.store.create(NewCase("5" * 32, CaseDraft("Problem"), "c", "web", notice=notice.id))
    world.store.create(NewCase("6" * 32, CaseDraft("Problem"), "d", "web", notice=other.id))
    assert reach_of(engine, [notice, other]) == {notice.id: Reach(3, 2, 3), other.id: Reach(cases=1)}
    assert reach_of(engine, []) == {}
