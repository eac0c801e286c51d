"""The bell: it wakes those who wait in one conversation, keeps what they miss, and lets nobody wait for ever."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Iterator, List

import pytest

from lotsen.channels.web.bell import Bell, Ear

LONG = 60.0


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is open until the test is over."""
    with ExitStack() as stack:
        yield stack


async def listen(bell: Bell, stack: ExitStack, *conversations: str) -> List[Ear]:
    """Listen in these; what may have been there before has been looked at."""
    ears = [stack.enter_context(bell.ear(conversation)) for conversation in conversations]
    for ear in ears:
        await ear.rung(LONG)
    return ears


async def wait(*ears: Ear) -> List["asyncio.Task[None]"]:
    """Let them wait."""
    tasks = [asyncio.ensure_future(ear.rung(LONG)) for ear in ears]
    await asyncio.sleep(0)
    return tasks


@pytest.mark.asyncio
async def test_all_who_wait_for_a_conversation_wake(stack: ExitStack) -> None:
    """Two browser tabs hear it; another conversation does not."""
    bell = Bell()
    first, second, other = await wait(*await listen(bell, stack, "a", "a", "b"))
    bell.ring("a")
    await asyncio.gather(first, second)
    assert not other.done()
    other.cancel()


@pytest.mark.asyncio
async def test_a_ring_that_nobody_awaits_is_kept(stack: ExitStack) -> None:
    """A stream that sends something meanwhile looks again afterwards, once."""
    bell = Bell()
    (ear,) = await listen(bell, stack, "a")
    bell.ring("a")
    bell.ring("a")
    await ear.rung(LONG)
    (waiting,) = await wait(ear)
    assert not waiting.done()
    waiting.cancel()


@pytest.mark.asyncio
async def test_what_was_seen_wakes_nobody(stack: ExitStack) -> None:
    """What a process has rung for itself it finds in the table of all, too; only who has not seen it looks."""
    bell = Bell()
    seen, behind, unaware = await listen(bell, stack, "a", "a", "a")
    seen.saw(4, True)
    behind.saw(3, True)
    unaware.saw(4, False)
    waiting, late, other = await wait(seen, behind, unaware)
    bell.tell("a", 4, True)
    await asyncio.gather(late, other)
    assert not waiting.done()
    bell.tell("a", 3, False)
    await waiting


@pytest.mark.asyncio
async def test_waiting_ends_by_itself(stack: ExitStack) -> None:
    """Without a ring, the time is over some time; without time, nobody waits."""
    (ear,) = await listen(Bell(), stack, "a")
    await ear.rung(0.01)
    await ear.rung(-1.0)


@pytest.mark.asyncio
async def test_nothing_is_left_of_those_who_waited() -> None:
    """Neither a ring nor a browser that went away leaves anything behind."""
    bell = Bell()
    with ExitStack() as stack:
        rung, gone = await wait(*await listen(bell, stack, "a", "b"))
        bell.ring("a")
        bell.ring("a")
        gone.cancel()
        await asyncio.gather(rung, gone, return_exceptions=True)
        assert bell.awaited
    assert not bell.awaited
