"""The scale of a chart: round ticks from nought, and numbers as Swedish readers write them. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional, Tuple

DECIMALS = 2
"""So exact numbers are kept and shown."""
LARGEST = 1e15
_STEPS = 5
"""There are at most so many steps between the ticks."""
_SPACE, _NO_VALUE = "\u00a0", "–"
_SHORT = ((1e12, "bn"), (1e9, "md"), (1e6, "mn"))


def written(value: Optional[float]) -> str:
    """Return a number as it is read in Swedish, a dash for none.

    >>> written(0.5), written(None)
    ('0,5', '–')
    """
    if value is None:
        return _NO_VALUE
    text = f"{round(value, DECIMALS):,.{DECIMALS}f}".rstrip("0").rstrip(".")
    return text.replace(",", _SPACE).replace(".", ",")


@dataclass(frozen=True)
class Tick:
    """A place on the axis, and what stands there."""

    value: float
    text: str


def ticks(highest: float, whole: bool) -> Tuple[Tick, ...]:
    """Return ticks in equal, round steps (1, 2 or 5 and noughts) from 0 to ``highest`` or above.

    Args:
        highest: the greatest number that is drawn, from 0 to ``LARGEST``.
        whole: only whole numbers make sense.
    """
    exponent = math.floor(math.log10(highest / _STEPS)) if highest else 0
    if whole:
        exponent = max(exponent, 0)
    factor = next((factor for factor in (1, 2, 5) if factor * _STEPS * 10.0**exponent >= highest), 10)
    count = max(1, math.ceil(highest / (factor * 10.0**exponent)))
    unit, name = next(((unit, f"{_SPACE}{name}") for unit, name in _SHORT if highest >= unit), (1.0, ""))
    values = [round(index * factor * 10.0**exponent, max(0, -exponent)) for index in range(count + 1)]
    digits = max(0, round(math.log10(unit)) - exponent)
    return tuple(Tick(value, _tick(value / unit, digits, name if value else "")) for value in values)


def _tick(value: float, digits: int, name: str) -> str:
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if digits else text
    return text.replace(",", _SPACE).replace(".", ",") + name
