"""When a process that has ended is started again, and when that is given up."""

from __future__ import annotations

from collections import deque
from typing import Deque, Optional

LIMIT = 8
WINDOW_SECONDS = 600.0
LONGEST_PAUSE = 30.0


class Restarts:
    """The restarts of one process: at once the first time, then after ever longer pauses.

    More than ``LIMIT`` within ``WINDOW_SECONDS`` are too many. Those before that are forgotten: a process that ends
    once a week is started again for ever.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._at: Deque[float] = deque()

    def pause(self, now: float) -> Optional[float]:
        """Note that the process has ended, and return for how many seconds to wait; None if it has ended too often."""
        while self._at and self._at[0] <= now - WINDOW_SECONDS:
            self._at.popleft()
        if len(self._at) >= LIMIT:
            return None
        pause = min(2.0 ** len(self._at) - 1, LONGEST_PAUSE)
        self._at.append(now)
        return pause
