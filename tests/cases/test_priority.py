"""How urgent a case is, by all that can make it so."""

from __future__ import annotations

from typing import Optional, Tuple

import pytest

from lotsen.cases.case import Impact, Level, Priority
from lotsen.cases.priority import priority_of
from lotsen.content.texts import REASONS


@pytest.mark.parametrize(
    ("impact", "disturbance", "level", "reasons"),
    [
        (None, False, Level.NORMAL, ()),
        (Impact.ONE, False, Level.NORMAL, ()),
        (Impact.SEVERAL, False, Level.HIGH, ("several",)),
        (Impact.PATIENT_WAITS, False, Level.URGENT, ("patient_waits",)),
        (None, True, Level.HIGH, ("disturbance",)),
        (Impact.ONE, True, Level.HIGH, ("disturbance",)),
        (Impact.SEVERAL, True, Level.HIGH, ("several", "disturbance")),
        (Impact.PATIENT_WAITS, True, Level.URGENT, ("patient_waits", "disturbance")),
    ],
)
def test_levels(impact: Optional[Impact], disturbance: bool, level: Level, reasons: Tuple[str, ...]) -> None:
    """A patient who waits is urgent, several or a disturbance high; the gravest reason is the first."""
    assert priority_of(impact, disturbance) == Priority(level, reasons)
    assert set(reasons) <= set(REASONS)
