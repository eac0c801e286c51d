"""When turns arrive, how long people think, and at which rate to try next. Pure, so that a run can be repeated."""

from __future__ import annotations

import math
import random
from typing import Iterator, List, Optional, Sequence, Tuple

LIMIT_SECONDS = 0.5
"""The p95 that a rate may reach."""
FACTOR = 1.6
"""By how much the rate goes up until it is too high."""
PRECISION = 1.1
"""How near the highest good and the lowest bad rate come to each other, as a quotient."""
THINK_SECONDS = 3.0
"""The middle of how long somebody reads, does what a step says and writes. In life it is a minute: compressed."""
THINK_SPREAD = 0.7

Tried = Tuple[float, bool]
"""A rate, and whether it was good."""


def arrivals(rate: float, seconds: float, chance: random.Random) -> List[float]:
    """Return the moments at which turns arrive, from 0: by chance (Poisson), ``rate`` a second on average.

    They do not depend on how fast anything is answered. So a server that stands still for a second meets all that
    came meanwhile, and each of them has waited (no coordinated omission).
    """
    found: List[float] = []
    at = chance.expovariate(rate)
    while at < seconds:
        found.append(at)
        at += chance.expovariate(rate)
    return found


def thoughts(chance: random.Random, middle: float = THINK_SECONDS) -> Iterator[float]:
    """Yield how long somebody thinks before each message: mostly short, sometimes very long (log-normal)."""
    while True:
        yield min(middle * math.exp(chance.gauss(0.0, THINK_SPREAD)), 20 * middle)


def next_rate(tried: Sequence[Tried], start: float) -> Optional[float]:
    """Return the rate to try next; None when the highest good one is known closely enough.

    Up by ``FACTOR`` until it is too high, then the middle of the highest good and the lowest bad.

    >>> next_rate([(40.0, True), (64.0, False)], 40.0)
    50.596442562694075
    """
    if not tried:
        return start
    good, bad = bounds(tried)
    if bad is None:
        return (good or start) * FACTOR
    if good is None:
        return bad / FACTOR**2
    return None if bad / good <= PRECISION else math.sqrt(good * bad)


def bounds(tried: Sequence[Tried]) -> Tuple[Optional[float], Optional[float]]:
    """Return the highest good rate below the lowest bad one, and that."""
    bad = min((rate for rate, good in tried if not good), default=None)
    good = max((rate for rate, good in tried if good and (bad is None or rate < bad)), default=None)
    return good, bad


def slope(points: Sequence[Tuple[float, float]]) -> float:
    """Return by how much y grows with x, as the straight line says that comes nearest to the points (least squares).

    Raises:
        ValueError: if there are not two different x.
    """
    count = len(points)
    middle = sum(x for x, _ in points) / count if count else 0.0
    spread = sum((x - middle) ** 2 for x, _ in points)
    if not spread:
        raise ValueError("a line needs two points")
    height = sum(y for _, y in points) / count
    return sum((x - middle) * (y - height) for x, y in points) / spread
