"""Timers of waits, on a real SQLite file: one for each conversation, rung once, and again after a crash."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Awaitable, Callable, List

import pytest

from lotsen.dialogue import timers as module
from lotsen.dialogue.timers import LEASE_SECONDS, MAX_TRIES, Timer, Timers, watch
from lotsen.storage.database import open_engine


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'lotsen.db'}"


@pytest.fixture
def timers(url: str) -> Timers:
    """Timers without any set."""
    return Timers(open_engine(url))


def test_a_timer_is_due_at_its_time(timers: Timers) -> None:
    """Not before, and then with its conversation and the time it was set for."""
    timers.set("web-1", "web", 60.0)
    assert timers.take_due("web", 59.9) == []
    assert timers.take_due("web", 60.0) == [Timer("web-1", 60.0)]


def test_a_timer_is_of_its_channel(timers: Timers) -> None:
    """Another channel cannot speak to the conversation."""
    timers.set("web-1", "web", 60.0)
    assert timers.take_due("teams", 100.0) == []
    assert timers.take_due("web", 100.0) == [Timer("web-1", 60.0)]


def test_a_conversation_has_one_timer(timers: Timers) -> None:
    """A new one takes the place of the old one, also of one that has been taken."""
    timers.set("web-1", "web", 60.0)
    timers.take_due("web", 60.0)
    timers.set("web-1", "web", 90.0)
    assert timers.take_due("web", 89.0) == []
    assert timers.take_due("web", 200.0) == [Timer("web-1", 90.0)]


def test_a_timer_that_is_cleared_does_not_ring(timers: Timers) -> None:
    """Only that one; clearing what is not there is no fault."""
    timers.set("web-1", "web", 60.0)
    timers.set("web-2", "web", 60.0)
    timers.clear("web-1")
    timers.clear("web-3")
    assert timers.take_due("web", 60.0) == [Timer("web-2", 60.0)]


def test_a_timer_is_taken_by_one_process(timers: Timers, url: str) -> None:
    """Of two servers on the same file one gets it."""
    timers.set("web-1", "web", 60.0)
    other = Timers(open_engine(url))
    assert [other.take_due("web", 60.0), timers.take_due("web", 60.0)] == [[Timer("web-1", 60.0)], []]


def test_a_timer_that_nobody_cleared_comes_again(timers: Timers) -> None:
    """The process that took it may have died before it rang."""
    timers.set("web-1", "web", 60.0)
    timers.take_due("web", 60.0)
    assert timers.take_due("web", 60.0 + LEASE_SECONDS - 0.1) == []
    assert [timer.conversation for timer in timers.take_due("web", 60.0 + LEASE_SECONDS)] == ["web-1"]


def test_a_timer_is_there_after_a_restart(timers: Timers, url: str) -> None:
    """Another process finds it."""
    timers.set("web-1", "web", 60.0)
    assert Timers(open_engine(url)).take_due("web", 61.0) == [Timer("web-1", 60.0)]


def test_a_timer_is_given_up(timers: Timers, caplog: pytest.LogCaptureFixture) -> None:
    """After so many tries it is logged and gone, so that one broken conversation does not ring for ever."""
    timers.set("web-1", "web", 0.0)
    now = 0.0
    for _ in range(MAX_TRIES):
        assert len(timers.take_due("web", now)) == 1
        now += LEASE_SECONDS
    with caplog.at_level(logging.ERROR):
        assert timers.take_due("web", now) == []
    assert f"given up after {MAX_TRIES} tries" in caplog.text
    assert timers.take_due("web", now + 10 * LEASE_SECONDS) == []


class Ringing:
    """Rings like the channel does: by clearing the timer; knows how often it rang."""

    def __init__(self, timers: Timers, until: int) -> None:
        """Be done after so many rings."""
        self.rung: List[str] = []
        self.done = asyncio.Event()
        self._timers = timers
        self._until = until

    async def ring(self, conversation: str) -> None:
        """Note the ring, and take the timer away."""
        self.rung.append(conversation)
        self._timers.clear(conversation)
        if len(self.rung) >= self._until:
            self.done.set()


async def watched(
    timers: Timers, clock: Callable[[], float], ring: Callable[[str], Awaitable[None]], done: asyncio.Event
) -> None:
    """Watch until done."""
    watching = asyncio.create_task(watch(timers, "web", clock, ring))
    try:
        await asyncio.wait_for(done.wait(), 10)
    finally:
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching


def ticking() -> Callable[[], float]:
    """Return a clock that goes on ten seconds each time somebody looks."""
    times = iter(range(0, 100_000, 10))
    return lambda: float(next(times))


def test_watch_rings_once_for_each_in_turn(timers: Timers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each conversation when its time has come; the clock is read at each look."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    timers.set("web-2", "web", 75.0)
    timers.set("web-1", "web", 25.0)

    async def scenario() -> List[str]:
        ringing = Ringing(timers, 2)
        await watched(timers, ticking(), ringing.ring, ringing.done)
        return ringing.rung

    assert asyncio.run(scenario()) == ["web-1", "web-2"]


def test_watch_outlives_a_database_that_fails(
    timers: Timers, url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The failure is logged once, and the next look finds the timer."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    timers.set("web-1", "web", 25.0)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE guide_timers RENAME TO away")
    tick = ticking()

    def clock() -> float:
        now = tick()
        if now == 50.0:
            with engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE away RENAME TO guide_timers")
        return now

    async def scenario() -> List[str]:
        ringing = Ringing(timers, 1)
        await watched(timers, clock, ringing.ring, ringing.done)
        return ringing.rung

    with caplog.at_level(logging.ERROR):
        assert asyncio.run(scenario()) == ["web-1"]
    assert caplog.text.count("could not be looked up") == 1
