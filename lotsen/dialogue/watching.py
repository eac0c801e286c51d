"""Looking again and again for conversations in which something is due that no message of the user begins."""

from __future__ import annotations

import asyncio
import logging
from typing import Awaitable, Callable, Iterable

from sqlalchemy.exc import SQLAlchemyError

logger = logging.getLogger(__name__)


async def keep_looking(
    what: str, due: Callable[[], Iterable[str]], act: Callable[[str], Awaitable[None]], seconds: float
) -> None:
    """Hand each conversation that ``due`` returns to ``act``, every so many ``seconds``, until cancelled.

    ``what`` is looked for, says the log when the database fails; that is tried again.
    """
    while True:
        try:
            for conversation in due():
                await act(conversation)
        except SQLAlchemyError:
            logger.exception("%s could not be looked up; trying again.", what)
        await asyncio.sleep(seconds)
