"""How fast and how often: the outbox's times, in one place so that tests can make them short."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Callable


@dataclass(frozen=True)
class Pace:
    """The deliverer's times, in seconds."""

    attempt: float = 60.0
    """An attempt is given up after so long; over the time limit of a desk's single requests."""
    settle: float = 60.0
    """After an attempt without an answer: so long a desk may still be at work on it. Asked sooner, it could say that it
    has no such case, and then make it twice."""
    first: float = 5.0
    """The wait after the first failure; it doubles with each."""
    longest: float = 3600.0
    idle: float = 1.0
    """How often the outbox is looked into when nothing was due."""
    poll: float = 30.0
    """How often a desk is asked for news."""

    @property
    def lease(self) -> timedelta:
        """Return how long a claimed letter belongs to one deliverer: its attempt, and the time to settle after it."""
        return timedelta(seconds=self.attempt + self.settle)

    def back_off(self, attempts: int, chance: Callable[[], float] = random.random) -> float:
        """Return the wait after so many failed attempts: doubled each time, and shortened by chance by up to half.

        >>> Pace().back_off(3, lambda: 0.0)
        20.0
        """
        wait = min(self.longest, self.first * 2 ** min(attempts - 1, 30))
        return wait * (1 - chance() / 2)
