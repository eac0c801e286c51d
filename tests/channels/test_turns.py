"""Turns over several server processes: one after the other, counted, and found again when a process died."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import List

import pytest

from lotsen.channels.chat import turns
from lotsen.channels.chat.turns import LEASE_SECONDS, Turns
from lotsen.storage.database import open_engine
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    """The clock of all processes."""
    return Clock()


@pytest.fixture
def processes(tmp_path: Path, clock: Clock) -> List[Turns]:
    """Two processes that share a database."""
    return [Turns(open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}"), "web", clock) for _ in range(2)]


@pytest.mark.asyncio
async def test_turns_of_two_processes_do_not_overlap(processes: List[Turns]) -> None:
    """Whichever process took a message in, it is answered after those before it, and all know that the bot works."""
    first, second = processes
    done: List[str] = []
    go_on = asyncio.Event()

    async def slow() -> None:
        done.append("first begins")
        await go_on.wait()
        done.append("first ends")

    async def quick() -> None:
        done.append("second")

    one, two = first.begin("a", 1), second.begin("a", 2)
    later = asyncio.ensure_future(second.run(two, quick))
    earlier = asyncio.ensure_future(first.run(one, slow))
    while "first begins" not in done:
        await asyncio.sleep(0)
    assert (first.waiting("a"), second.waiting("a"), first.waiting("b")) == (2, 2, 0)
    go_on.set()
    await asyncio.gather(earlier, later)
    assert done == ["first begins", "first ends", "second"]
    assert first.waiting("a") == 0


@pytest.mark.asyncio
async def test_a_later_turn_that_is_known_before_an_earlier_one_waits(processes: List[Turns]) -> None:
    """Two messages are stored at the same moment, by two threads of one process; the order is that of the database."""
    done: List[str] = []

    async def work(name: str) -> None:
        await asyncio.sleep(0)
        done.append(name)

    one, two = processes[0].begin("a", 1), processes[0].begin("a", 2)
    later = asyncio.ensure_future(processes[0].run(two, lambda: work("second")))
    await asyncio.sleep(0)
    earlier = asyncio.ensure_future(processes[0].run(one, lambda: work("first")))
    await asyncio.wait_for(asyncio.gather(earlier, later), 20)
    assert done == ["first", "second"]


@pytest.mark.asyncio
async def test_a_failed_turn_is_over_too(processes: List[Turns]) -> None:
    """A turn that raises does not block its conversation."""

    async def fail() -> None:
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        await processes[0].run(processes[0].begin("a", 1), fail)
    assert processes[1].waiting("a") == 0


@pytest.mark.asyncio
async def test_a_turn_that_is_cut_off_is_found(processes: List[Turns], clock: Clock) -> None:
    """A process that ends in the middle of a turn says nothing more; another one tells the user."""
    turn = processes[0].begin("a", 1)
    running = asyncio.ensure_future(processes[0].run(turn, asyncio.Event().wait))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert processes[1].waiting("a") == 1
    clock.now += LEASE_SECONDS + 1
    assert processes[1].take_lost() == [turn]


def test_a_turn_of_a_dead_process_is_found_once(processes: List[Turns], clock: Clock) -> None:
    """After its lease one process gets it, with the message that was not answered; nothing waits for it any more."""
    turn = processes[0].begin("a", 7)
    assert processes[1].take_lost() == []
    clock.now += LEASE_SECONDS + 1
    assert processes[1].waiting("a") == 0
    assert processes[1].take_lost() == [turn]
    assert processes[0].take_lost() == []
    assert turn.heard == 7


@pytest.mark.asyncio
async def test_a_turn_that_was_taken_for_lost_is_not_run(processes: List[Turns], clock: Clock) -> None:
    """Its user has been told that it failed, and may have written again."""
    first, second = processes
    before, turn = first.begin("a", 1), second.begin("a", 2)
    ran: List[int] = []

    async def work() -> None:
        ran.append(1)

    waiting = asyncio.ensure_future(second.run(turn, work))
    await asyncio.sleep(0)
    with second._engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM chat_turns WHERE id IN ({before.id}, {turn.id})")
    clock.now += 1
    await waiting
    assert ran == []


@pytest.mark.asyncio
async def test_a_long_turn_is_not_taken_for_lost(
    processes: List[Turns], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process says that it lives, while it works and while it waits."""
    monkeypatch.setattr(turns, "ALIVE_SECONDS", 0.001)
    first, second = processes
    kept, go_on = asyncio.Event(), asyncio.Event()
    keep = first._keep

    def noted(ids: List[int]) -> int:
        kept.set()
        return keep(ids)

    monkeypatch.setattr(first, "_keep", noted)
    working = asyncio.ensure_future(first.run(first.begin("a", 1), go_on.wait))
    waiting = asyncio.ensure_future(first.run(first.begin("a", 2), go_on.wait))
    for _ in range(3):
        clock.now += LEASE_SECONDS - 1
        kept.clear()
        await kept.wait()
        assert second.take_lost() == []
        assert second.waiting("a") == 2
    go_on.set()
    await asyncio.gather(working, waiting)
    assert second.waiting("a") == 0


@pytest.mark.asyncio
async def test_a_turn_ends_when_the_database_is_back(processes: List[Turns], monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full for a moment leaves no conversation busy."""
    monkeypatch.setattr(turns, "END_AGAIN_SECONDS", 0.01)
    first, second = processes
    turn = first.begin("a", 1)
    with second._engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER away BEFORE DELETE ON chat_turns BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    ending = asyncio.ensure_future(first.run(turn, lambda: asyncio.sleep(0)))
    while first.waiting("a") != 1 or not first._running:
        await asyncio.sleep(0)
    with second._engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER away")
    await ending
    assert first.waiting("a") == 0


def test_each_channel_finds_its_own_lost_turns(tmp_path: Path, clock: Clock) -> None:
    """A turn that died in one channel is not told in another."""
    engine = open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}")
    web, teams = Turns(engine, "web", clock), Turns(engine, "teams", clock)
    web.begin("a", 1)
    teams.begin("b", 2)
    clock.now += LEASE_SECONDS
    assert [turn.conversation for turn in web.take_lost()] == ["a"]
    assert [turn.conversation for turn in teams.take_lost()] == ["b"]
