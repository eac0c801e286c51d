"""Tells open pages at once what has happened to cases: one look at the database for all of them, whoever wrote it."""

from __future__ import annotations

import asyncio
import logging
from typing import AsyncIterator, Callable, List, Optional, Set, Tuple

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from lotsen.cases.history import History

LOOK_SECONDS = 1.0
PING_SECONDS = 20.0
"""Proxies close what is silent; and whose session is over must not listen on."""
MAX_OPEN = 500
"""Streams of one process."""
LOOK_BACK = 50
"""So many numbers back is looked each time: a long transaction may come with a lower number than what is known."""

logger = logging.getLogger(__name__)


class Changes:
    """The streams of all open pages."""

    def __init__(self, history: History) -> None:
        """Look for events in ``history``."""
        self._history = history
        self._open: Set["asyncio.Queue[Optional[int]]"] = set()

    @property
    def full(self) -> bool:
        """Tell whether no more streams are taken; such a page shows what is new when it is loaded again."""
        return len(self._open) >= MAX_OPEN

    async def watch(self) -> None:
        """Look for events, and hand them to the streams, until cancelled. A database that fails is tried again."""
        known: Optional[Set[int]] = None
        while True:
            try:
                if known is None:
                    known = {id for id, _ in await self._late(await run_in_threadpool(self._history.newest))}
                else:
                    known = await self._tell_new(known)
            except SQLAlchemyError:
                logger.exception("What has happened to cases could not be looked up; trying again.")
            await asyncio.sleep(LOOK_SECONDS)

    def close(self) -> None:
        """End all streams: the server stops."""
        for stream in self._open:
            stream.put_nowait(None)

    async def stream(self, holds: Callable[[], bool]) -> AsyncIterator[str]:
        """Yield server-sent events, ``case`` with the id of each case that something happened to.

        Ends when ``holds`` says that the listener's session does not any more.
        """
        mine: "asyncio.Queue[Optional[int]]" = asyncio.Queue()
        self._open.add(mine)
        try:
            yield "retry: 3000\n\n"
            while True:
                try:
                    case = await asyncio.wait_for(mine.get(), PING_SECONDS)
                except asyncio.TimeoutError:
                    if not await run_in_threadpool(holds):
                        yield "event: over\ndata: \n\n"
                        return
                    yield ": ping\n\n"
                    continue
                if case is None:
                    return
                yield f"event: case\ndata: {case}\n\n"
        finally:
            self._open.discard(mine)

    async def _tell_new(self, known: Set[int]) -> Set[int]:
        """Tell of events that are not known yet; return those that are known then, as far as they are looked at."""
        newest = max(known, default=0)
        found = await self._late(newest)
        for case in dict.fromkeys(case for id, case in found if id not in known):
            for stream in self._open:
                stream.put_nowait(case)
        latest = max((id for id, _ in found), default=newest)
        return {newest, *known, *(id for id, _ in found)} & set(range(latest - LOOK_BACK, latest + 1))

    async def _late(self, newest: int) -> List[Tuple[int, int]]:
        """Return the events after one, and those shortly before it, as ids with those of their cases."""
        return await run_in_threadpool(self._history.after, newest - LOOK_BACK)
