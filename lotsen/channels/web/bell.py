"""The bell that wakes the requests of one process that wait for news in a conversation."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import contextmanager
from typing import Dict, Iterator, List, Optional, Set


class Ear:
    """One who waits for news in a conversation: a request that polls, or a stream for as long as it is open.

    A ring that comes while its owner does something else is kept: looking into the database is for those who have been
    told that there is something to see, as each look costs all others of the process.
    """

    def __init__(self, conversation: str) -> None:
        """Listen in ``conversation``; there may be news from before, so it has rung already."""
        self.conversation = conversation
        self._rung = True
        self._waiting: Optional["asyncio.Future[None]"] = None
        self._number, self._busy = -1, False

    async def rung(self, seconds: float) -> None:
        """Return when the bell has rung since this was last awaited, or after ``seconds``."""
        if not self._rung and seconds > 0:
            loop = asyncio.get_event_loop()
            self._waiting = loop.create_future()
            timer = loop.call_later(seconds, self._wake)
            try:
                await self._waiting
            finally:
                timer.cancel()
                self._waiting = None
        self._rung = False

    def saw(self, number: int, busy: bool) -> None:
        """Note what a look has shown: the last message there is, and whether the bot is at work."""
        self._number, self._busy = number, busy

    def ring(self) -> None:
        """Say that there may be news."""
        self._rung = True
        self._wake()

    def tell(self, number: int, busy: bool) -> None:
        """Ring, unless that message and that state have been seen."""
        if number > self._number or busy != self._busy:
            self.ring()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class Bell:
    """Wakes those who wait for news in a conversation."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._ears: Dict[str, Set[Ear]] = defaultdict(set)

    @property
    def awaited(self) -> bool:
        """Tell whether anybody waits."""
        return bool(self._ears)

    @contextmanager
    def ear(self, conversation: str) -> Iterator[Ear]:
        """Listen in a conversation."""
        ear = Ear(conversation)
        self._ears[conversation].add(ear)
        try:
            yield ear
        finally:
            self._ears[conversation].discard(ear)
            if not self._ears[conversation]:
                del self._ears[conversation]

    def ring_all(self) -> None:
        """Wake everybody."""
        for conversation in list(self._ears):
            self.ring(conversation)

    def ring(self, conversation: str) -> None:
        """Wake all that wait in ``conversation``."""
        for ear in self._in(conversation):
            ear.ring()

    def tell(self, conversation: str, number: int, busy: bool) -> None:
        """Wake those in ``conversation`` who do not know of the message ``number``, or that the bot is at work."""
        for ear in self._in(conversation):
            ear.tell(number, busy)

    def _in(self, conversation: str) -> List[Ear]:
        return list(self._ears.get(conversation, ()))
