"""One turn of a conversation: the user always hears something within two seconds, whatever fails behind.

Rasa logs an action that failed and goes on without a word (#7630); a hung action server would hold the conversation
for five minutes, longer than Rasa's lock on it. Here a turn that says nothing in time gets a sentence, and one that
takes too long is given up before the lock runs out. A turn given up is not saved: the user is still at the same step.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Awaitable, Callable, Protocol

from lotsen.observability.turns import FAILED, GIVEN_UP, went

PATIENCE_SECONDS = 1.5
"""After so long without an answer the user is told that it takes a while."""
LIMIT_SECONDS = 30.0
"""After so long the turn is given up; below the 60 s of Rasa's conversation lock."""

TELL_SECONDS = 30.0
"""For so long it is tried to tell a user that no answer came, while the database or the disk is away."""
AGAIN_SECONDS = 1.0
"""How often."""

logger = logging.getLogger(__name__)


class Output(Protocol):
    """What a turn needs of its channel."""

    @property
    def answered(self) -> bool:
        """Tell whether the bot has said anything in this turn."""

    async def say_wait(self) -> None:
        """Say that the answer takes a while."""

    async def say_failed(self) -> None:
        """Say that no answer came, what still holds, and whom to call."""


async def run_turn(handling: Awaitable[None], output: Output) -> None:
    """Await Rasa's handling of one message, and speak when Rasa does not. Never raises."""
    task = asyncio.ensure_future(handling)
    try:
        done, _ = await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        if not done and not output.answered:
            await _tell(output.say_wait)
        done, _ = await asyncio.wait({task}, timeout=LIMIT_SECONDS - PATIENCE_SECONDS)
    finally:
        given_up = task.cancel()
    if given_up:
        await asyncio.wait({task})
        logger.error("A turn was given up after %.0f seconds.", LIMIT_SECONDS)
        went(GIVEN_UP)
    elif task.cancelled() or task.exception() is not None:
        logger.error("A turn failed.", exc_info=None if task.cancelled() else task.exception())
        went(FAILED)
    if not output.answered:
        went(FAILED)
        await _tell(output.say_failed, TELL_SECONDS)


async def _tell(say: Callable[[], Awaitable[None]], seconds: float = 0.0) -> None:
    """Say something; what cannot be said, as the database is away, is tried again for so many ``seconds``.

    It is logged, and does not stop the turn.
    """
    loop = asyncio.get_event_loop()
    until = loop.time() + seconds
    while True:
        try:
            return await say()
        except Exception:
            logger.exception("The user could not be told how the turn went.")
        if loop.time() + AGAIN_SECONDS > until:
            return None
        await asyncio.sleep(AGAIN_SECONDS)
