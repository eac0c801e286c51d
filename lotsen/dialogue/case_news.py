"""Tells users at once what desks have said of their cases: a channel that can push looks for it and runs an action."""

from __future__ import annotations

from typing import Awaitable, Callable

from lotsen.cases.history import History
from lotsen.clock import utc_now
from lotsen.dialogue.watching import keep_looking

LOOK_SECONDS = 2.0
ACTION = "action_case_news"


async def watch_news(history: History, channel: str, tell: Callable[[str], Awaitable[None]]) -> None:
    """Hand each conversation of a channel with something untold to ``tell``, until cancelled.

    A conversation comes again after a while if nothing says that it was told; a database that fails is tried again.
    """
    await keep_looking("News of cases", lambda: history.take_untold(channel, utc_now()), tell, LOOK_SECONDS)
