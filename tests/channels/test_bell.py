"""The bell: it wakes those who wait in one conversation, and lets nobody wait for ever."""

from __future__ import annotations

import asyncio

import pytest

from lotsen.channels.web.output import Bell

LONG = 60.0


async def waiters(bell: Bell, *conversations: str) -> list["asyncio.Task[None]"]:
    """Let one wait for each of these."""
    tasks = [asyncio.ensure_future(bell.wait(conversation, LONG)) for conversation in conversations]
    await asyncio.sleep(0)
    return tasks


@pytest.mark.asyncio
async def test_all_who_wait_for_a_conversation_wake() -> None:
    """Two browser tabs hear it; another conversation does not."""
    bell = Bell()
    first, second, other = await waiters(bell, "a", "a", "b")
    bell.ring("a")
    await asyncio.gather(first, second)
    assert not other.done()
    other.cancel()


@pytest.mark.asyncio
async def test_waiting_ends_by_itself() -> None:
    """Without a ring, the time is over some time."""
    await Bell().wait("a", 0.01)


@pytest.mark.asyncio
async def test_nothing_is_left_of_those_who_waited() -> None:
    """Neither a ring nor a browser that went away leaves anything behind."""
    bell = Bell()
    rung, gone = await waiters(bell, "a", "b")
    bell.ring("a")
    bell.ring("a")
    gone.cancel()
    await asyncio.gather(rung, gone, return_exceptions=True)
    assert not bell._waiting
