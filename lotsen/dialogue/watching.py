"""Looking again and again for conversations in which something is due that no message of the user begins."""

from __future__ import annotations

import asyncio
import logging
from typing import Awaitable, Callable, Iterable, TypeVar

from sqlalchemy.exc import SQLAlchemyError

Due = TypeVar("Due")

logger = logging.getLogger(__name__)


async def keep_looking(
    what: str, due: Callable[[], Iterable[Due]], act: Callable[[Due], Awaitable[None]], seconds: float
) -> None:
    """Hand each that ``due`` returns, a conversation or a turn, to ``act``, every so many ``seconds``, until cancelled.

    ``what`` is looked for, says the log when the database or ``act`` fails; that is tried again. While the database is
    away it is said once, and once when it is back.
    """
    away = False
    while True:
        try:
            for one in due():
                await act(one)
            if away:
                away = False
                logger.warning("%s can be looked up again.", what)
        except SQLAlchemyError:
            if not away:
                logger.exception("%s could not be looked up; trying again.", what)
            away = True
        except Exception:  # A watcher that ends would not be missed by anybody.
            logger.exception("%s: what was due in a conversation could not be done.", what)
        await asyncio.sleep(seconds)
