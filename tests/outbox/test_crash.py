"""The crash test: see ``crash.py``. Run in a process of its own, as it forks many. ``make crash`` kills 500 times."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

import pytest

from lotsen.settings import ROOT
from tests.outbox.desk_process import DOWN
from tests.outbox.killing import IN_CREATE, POINTS
from tests.service_desks.stand_ins.base import Fault
from tests.support.request_tracker import missing

KILLS, LEAST = 80, 3
KILLS_OF_REAL = 4
SECONDS = 600


def crash(folder: Path, *arguments: str) -> Dict[str, Any]:
    """Run it; return the result. Its seed is in the message if it fails."""
    file = folder / "result.json"
    command = [sys.executable, "-m", "tests.outbox.crash", "--json", str(file), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "| lost | 0 |\n| doubled | 0 |" in done.stdout
    found: Dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_every_confirmed_case_arrives_once_whenever_the_deliverer_is_killed(tmp_path: Path) -> None:
    """At every write and every request, while the desk does whatever desks do on a bad day."""
    result = crash(tmp_path, "--desk", "servicenow", "--kills", str(KILLS), "--least", str(LEAST))
    assert sum(result["kills"].values()) >= KILLS
    assert [point for point in POINTS if result["kills"][point] < LEAST] == []
    assert [point for point in IN_CREATE if not result["users"][point]] == []
    assert [what for what in (*(fault.value for fault in Fault), DOWN) if not result["done"].get(what)] == []
    assert result["arrived"] == result["confirmed"] + result["unheard"] > KILLS / 2
    assert result["added"] > 0
    assert result["answers"] > 0


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_every_confirmed_case_is_in_the_real_request_tracker_once(tmp_path: Path) -> None:
    """The same with the real product behind a proxy that has the bad day."""
    result = crash(tmp_path, "--desk", "request_tracker", "--kills", str(KILLS_OF_REAL))
    assert sum(result["kills"].values()) >= KILLS_OF_REAL
    assert result["arrived"] == result["confirmed"] + result["unheard"] > 0


def test_a_case_that_arrives_twice_is_seen(tmp_path: Path) -> None:
    """The test of the test: a desk that is at work for longer than we let it settle gets cases twice."""
    with pytest.raises(AssertionError, match=r"LOT-\d+ \(\w+, \w+") as failed:
        crash(tmp_path, "--desk", "servicenow", "--kills", "75", "--slow", "3")
    assert "| lost | 0 |" in str(failed.value)
    assert "| doubled | 0 |" not in str(failed.value)
