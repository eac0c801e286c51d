"""Faults that are quick to make, while users are at work: nothing confirmed is lost, and all goes on.

`python -m tests.faults.run` makes all of them, with the seconds that each takes (docs/faults.md).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Type

import pytest

from tests.bench.load_servers import folder, missing
from tests.faults import clock
from tests.faults.fault import Fault
from tests.faults.model import CorruptAtReload
from tests.faults.stores import DiskFull, PostgresRestarted

pytestmark = pytest.mark.xdist_group("faults")

IS_ROOT = os.geteuid() == 0
CLOCK = clock.library() is not None


class DiskSoonFull(DiskFull):
    """The same, for a shorter time."""

    lasts = 3.0


class ClockSoonRight(clock.ClockOn):
    """The same, for a shorter time: a jump on, and one back."""

    lasts = 4.0


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(
            DiskSoonFull, marks=pytest.mark.skipif(not IS_ROOT, reason="a small disk is mounted by root only")
        ),
        pytest.param(ClockSoonRight, marks=pytest.mark.skipif(not CLOCK, reason=clock.INSTALL)),
        pytest.param(PostgresRestarted, marks=pytest.mark.skipif(bool(missing()), reason=missing() or "-")),
        CorruptAtReload,
    ],
    ids=lambda kind: kind.name,
)
def test_nothing_confirmed_is_lost(kind: Type[Fault], model: Path) -> None:
    """Every confirmed case is there once and reaches the desk once, guides stand where they stood, the log has all."""
    with folder("fault") as where:
        seen = kind().happen(where, lambda line: None)
    assert seen.lost == []
    assert seen.back is not None
    assert len(seen.turns) > 20
