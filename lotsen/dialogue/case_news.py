"""Tells users at once what desks have said of their cases: a channel that can push looks for it and runs an action."""

from __future__ import annotations

import asyncio
import logging
from typing import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from lotsen.cases.history import History
from lotsen.clock import utc_now

LOOK_SECONDS = 2.0
ACTION = "action_case_news"

logger = logging.getLogger(__name__)


async def watch_news(history: History, channel: str, tell: Callable[[str], Awaitable[None]]) -> None:
    """Hand each conversation of a channel with something untold to ``tell``, until cancelled.

    A conversation comes again after a while if nothing says that it was told; a database that fails is tried again.
    """
    while True:
        try:
            for conversation in history.take_untold(channel, utc_now()):
                await tell(conversation)
        except SQLAlchemyError:
            logger.exception("News of cases could not be looked up; trying again.")
        await asyncio.sleep(LOOK_SECONDS)
