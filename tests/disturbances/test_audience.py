"""Who heard of a disturbance on SQLite, and must hear that it is over: once, soon, and only when somebody says so."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from lotsen.disturbances.audience import AT_ONCE, LEASE, MAX_TRIES, NEWS_FOR, Audience
from lotsen.disturbances.notices import Notice, Notices
from lotsen.storage.database import open_engine
from tests.disturbances.made import KIND, NOW, Clock

LEASE_MINUTES = LEASE.total_seconds() / 60
MOMENT = timedelta(microseconds=1)


class Told:
    """Two processes on one database, and an operator."""

    def __init__(self, url: str) -> None:
        self.url, self.clock = url, Clock()
        self.notices = Notices(open_engine(url), self.clock)
        self.one, self.other = Audience(open_engine(url), self.clock), Audience(open_engine(url), self.clock)

    def set(self, kind: str = KIND, hours: float = 1) -> Notice:
        """Say that there is a disturbance."""
        return self.notices.set(kind, "", self.clock.now + timedelta(hours=hours))

    def lift(self, kind: str = KIND) -> None:
        """Say that it is over, a minute later."""
        self.clock.tick(1)
        assert self.notices.lift(kind)

    def take(self, channel: str = "web") -> list[str]:
        """Look for whom to tell."""
        return self.one.take_over(channel, self.clock.now)

    def over(self, conversation: str) -> list[str]:
        """Return the kinds that a conversation is to be told are over."""
        return [notice.kind for notice in self.one.over(conversation)]


@pytest.fixture
def world(tmp_path: Path) -> Told:
    """Nobody has heard of anything."""
    return Told(f"sqlite:///{tmp_path / 'new' / 'lotsen.db'}")


def test_nobody(world: Told) -> None:
    """A lift that nobody heard the beginning of is told to nobody."""
    assert world.take() == []
    world.set()
    world.lift()
    assert [world.take(), world.over("a")] == [[], []]


def test_who_was_told_hears_the_end(world: Told) -> None:
    """Not before the lift, and only in the channel where they are; any process may look."""
    notice = world.set()
    world.one.told(notice.id, "a", "web")
    world.one.told(notice.id, "t", "teams")
    assert [world.take(), world.over("a")] == [[], []]
    world.lift()
    assert world.other.take_over("web", world.clock.now) == ["a"]
    assert world.take("teams") == ["t"]
    assert [(one.id, one.kind) for one in world.other.over("a")] == [(notice.id, KIND)]
    assert world.over("b") == []


def test_only_those_who_heard_of_that_one(world: Told) -> None:
    """Who heard of another disturbance, which goes on, is told nothing."""
    world.one.told(world.set().id, "a", "web")
    world.one.told(world.set("another").id, "b", "web")
    world.lift()
    assert world.take() == ["a"]
    assert world.over("b") == []


def test_told_often_is_told_once(world: Told) -> None:
    """Meeting the disturbance again changes nothing, not even after its end was heard."""
    notice = world.set()
    for audience in (world.one, world.other, world.one):
        audience.told(notice.id, "a", "web")
    world.lift()
    assert world.take() == ["a"]
    world.one.heard("a", [notice.id])
    world.other.told(notice.id, "a", "web")
    world.clock.tick(LEASE_MINUTES)
    assert [world.take(), world.over("a")] == [[], []]


def test_told_after_the_lift(world: Told) -> None:
    """Who was being told at the moment of the lift hears the end as well."""
    notice = world.set()
    world.lift()
    world.one.told(notice.id, "a", "web")
    assert world.take() == ["a"]


def test_heard_is_one_conversations(world: Told) -> None:
    """And only of the notices that are named."""
    first, second = world.set(), world.set("another")
    for conversation in "ab":
        for notice in (first, second):
            world.one.told(notice.id, conversation, "web")
    world.lift()
    world.lift("another")
    world.one.heard("a", [first.id])
    world.one.heard("a", [])
    assert [world.over("a"), world.over("b")] == [["another"], [KIND, "another"]]
    assert world.take() == ["a", "b"]


def test_an_end_by_time_is_told_to_nobody(world: Told) -> None:
    """Nobody has said that it is mended."""
    world.one.told(world.set(hours=1).id, "a", "web")
    world.clock.tick(61)
    assert not world.notices.lift(KIND)
    assert [world.take(), world.over("a")] == [[], []]


def test_an_old_lift_is_no_news(world: Told) -> None:
    """It is told until a day has gone since the lift, however long ago the user heard of the disturbance."""
    notice = world.set(hours=100)
    world.one.told(notice.id, "a", "web")
    world.clock.tick(60 * 90)
    world.lift()
    lifted = world.clock.now
    world.clock.now = lifted + NEWS_FOR - MOMENT
    assert world.over("a") == [KIND]
    assert world.take() == ["a"]
    world.clock.now = lifted + NEWS_FOR
    assert world.over("a") == []
    world.clock.tick(LEASE_MINUTES)
    assert world.take() == []


def test_trouble_that_is_back_is_not_called_over(world: Told) -> None:
    """Who heard of the first is told when the second is lifted, and a new one of another kind does not count."""
    first = world.set()
    world.one.told(first.id, "a", "web")
    world.lift()
    world.set("another")
    assert world.over("a") == [KIND]
    second = world.set()
    world.one.told(second.id, "b", "web")
    assert [world.take(), world.over("a")] == [[], []]
    world.lift()
    assert [world.over("a"), world.over("b")] == [[KIND], [KIND]]
    assert world.take() == ["a", "b"]


def test_trouble_that_came_back_and_ended_by_time(world: Told) -> None:
    """Whether it is mended is not known, so the lift before is not told."""
    world.one.told(world.set().id, "a", "web")
    world.lift()
    world.set(hours=1)
    world.clock.tick(61)
    assert [world.take(), world.over("a")] == [[], []]


def test_a_lease(world: Told) -> None:
    """Who was handed out and did not hear is handed out again when the lease is over, and not before."""
    world.one.told(world.set().id, "a", "web")
    world.lift()
    assert world.take() == ["a"]
    world.clock.now += LEASE - MOMENT
    assert world.other.take_over("web", world.clock.now) == []
    assert world.over("a") == [KIND]
    world.clock.now += MOMENT
    assert world.other.take_over("web", world.clock.now) == ["a"]


def test_two_ends_make_one_call(world: Told) -> None:
    """A conversation that must hear of two is handed out once."""
    for kind in (KIND, "another"):
        world.one.told(world.set(kind).id, "a", "web")
    world.lift()
    world.lift("another")
    assert world.take() == ["a"]


def test_who_cannot_be_told_is_given_up(world: Told, caplog: pytest.LogCaptureFixture) -> None:
    """After so many tries, with one line in the log that does not say whose conversation it was."""
    world.one.told(world.set().id, "hemlig", "web")
    world.lift()
    for _ in range(MAX_TRIES):
        assert world.take() == ["hemlig"]
        world.clock.tick(LEASE_MINUTES)
    with caplog.at_level(logging.ERROR):
        assert [world.take(), world.take()] == [[], []]
    assert [record.getMessage() for record in caplog.records] == [
        "A user could not be told that disturbance 1 is over."
    ]
    assert world.over("hemlig") == []


def test_many_are_told_in_turn(world: Told) -> None:
    """A large audience comes in parts, and who has not been told goes before who was handed out already."""
    notice = world.set()
    names = [f"web-{number:03}" for number in range(2 * AT_ONCE + 10)]
    for name in names:
        world.one.told(notice.id, name, "web")
    world.lift()
    assert world.take() == names[:AT_ONCE]
    world.clock.tick(LEASE_MINUTES)
    assert world.take() == names[AT_ONCE : 2 * AT_ONCE]
    assert world.take() == [*names[2 * AT_ONCE :], *names[: AT_ONCE - 10]]


def test_a_conversation_is_forgotten(world: Told) -> None:
    """Nothing is left of it, and the others still hear."""
    notice = world.set()
    for conversation in "ab":
        world.one.told(notice.id, conversation, "web")
    world.one.forget("a")
    world.lift()
    assert world.take() == ["b"]
    assert world.over("a") == []
    with open_engine(world.url).connect() as connection:
        left = connection.execute(sa.text("SELECT notice, conversation, channel, tries FROM notice_told")).all()
    assert left == [(notice.id, "b", "web", 1)]


@pytest.mark.parametrize("round_number", range(3))
def test_several_processes(round_number: int, world: Told) -> None:
    """However many tell at the same moment, a conversation is kept once, and one of them gets it to tell the end."""
    notice = world.set()
    audiences = [Audience(open_engine(world.url), world.clock) for _ in range(4)]
    together = threading.Barrier(len(audiences))
    names = [f"web-{number}" for number in range(5)]

    def tell(audience: Audience) -> None:
        together.wait()
        for name in names:
            audience.told(notice.id, name, "web")

    def take(audience: Audience) -> list[str]:
        together.wait()
        return audience.take_over("web", world.clock.now)

    with ThreadPoolExecutor(len(audiences)) as pool:
        assert list(pool.map(tell, audiences)) == [None] * len(audiences)
        with open_engine(world.url).connect() as connection:
            assert connection.execute(sa.text("SELECT count(*) FROM notice_told")).scalar() == len(names)
        world.lift()
        taken = [conversation for some in pool.map(take, audiences) for conversation in some]
    assert sorted(taken) == names


def test_which_lifts_there_were(world: Told) -> None:
    """The notices themselves: lifted later than a time, oldest first, with when."""
    assert world.notices.lifted_since(NOW) == []
    world.set()
    world.set("another")
    assert world.notices.lifted_since(NOW) == []
    world.lift("another")
    at = world.clock.now
    world.lift()
    assert [(one.kind, one.lifted) for one in world.notices.lifted_since(NOW)] == [
        (KIND, world.clock.now),
        ("another", at),
    ]
    assert [one.kind for one in world.notices.lifted_since(at)] == [KIND]
