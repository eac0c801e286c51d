"""The bell that wakes the requests of one process that wait for news in a conversation."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Dict, Set


class Bell:
    """Wakes the requests that wait for news in a conversation."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._waiting: Dict[str, Set["asyncio.Future[None]"]] = defaultdict(set)

    @property
    def awaited(self) -> bool:
        """Tell whether anybody waits."""
        return bool(self._waiting)

    def ring_all(self) -> None:
        """Wake everybody."""
        for conversation in list(self._waiting):
            self.ring(conversation)

    def ring(self, conversation: str) -> None:
        """Wake all that wait for ``conversation``."""
        for waiting in self._waiting.get(conversation, ()):
            _wake(waiting)

    async def wait(self, conversation: str, seconds: float) -> None:
        """Return when the bell rings, or after ``seconds``."""
        loop = asyncio.get_event_loop()
        waiting: "asyncio.Future[None]" = loop.create_future()
        timer = loop.call_later(seconds, _wake, waiting)
        self._waiting[conversation].add(waiting)
        try:
            await waiting
        finally:
            timer.cancel()
            self._waiting[conversation].discard(waiting)
            if not self._waiting[conversation]:
                del self._waiting[conversation]


def _wake(waiting: "asyncio.Future[None]") -> None:
    """Let go of one that waits, unless something else has."""
    if not waiting.done():
        waiting.set_result(None)
