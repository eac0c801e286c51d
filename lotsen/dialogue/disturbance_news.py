"""Tells users that a disturbance they heard of is over: a channel that can push looks for it and runs an action."""

from __future__ import annotations

from typing import Awaitable, Callable

from lotsen.clock import utc_now
from lotsen.dialogue.watching import keep_looking
from lotsen.disturbances.audience import Audience

LOOK_SECONDS = 2.0
ACTION = "action_disturbance_over"


async def watch_disturbances(audience: Audience, channel: str, tell: Callable[[str], Awaitable[None]]) -> None:
    """Hand each conversation of a channel that must hear that something is over to ``tell``, until cancelled.

    A conversation comes again after a while if nothing says that it has heard; a database that fails is tried again.
    """
    await keep_looking("Ended disturbances", lambda: audience.take_over(channel, utc_now()), tell, LOOK_SECONDS)
