"""Logs of a process: one entry a line, masked, with the turn id, whoever logs and whatever is logged."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any, Dict, List

import pytest

from lotsen.settings import ROOT
from tests.observability.logging_process import FORGED, TURN


def lines(form: str) -> List[str]:
    """Return what the process has logged; nothing comes from anywhere but the one handler."""
    command = [sys.executable, "-m", "tests.observability.logging_process", form]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert not re.search(r"121212\D?1212", ended.stderr)
    assert "Moasson" not in ended.stderr
    assert "Goin' Fast" not in ended.stderr
    return ended.stderr.split("\n")[:-1]


@pytest.fixture(scope="module")
def entries() -> List[Dict[str, Any]]:
    """Return the JSON log."""
    return [json.loads(line) for line in lines("json")]


def test_json_is_one_object_a_line(entries: List[Dict[str, Any]]) -> None:
    """Every entry has all keys, in UTC, with what was logged escaped rather than on a line of its own."""
    for entry in entries:
        assert {"time", "level", "logger", "process", "turn", "message"} <= set(entry)
        assert datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).utcoffset() == timedelta(0)
        assert entry["process"] == "rasa"
    said = {entry["message"].split("\n")[0]: entry for entry in entries}
    assert said["Outside a turn."]["turn"] == ""
    assert said["Said patient [personnummer]"]["turn"] == TURN
    assert FORGED in said["Said patient [personnummer]"]["message"]
    assert "ValueError: no [personnummer]" in said["Failed."]["exception"]
    assert "ValueError: no [personnummer]" in said["processor.failed"]["exception"]
    slot = said["A slot of 100 %s was set"]
    assert slot["fields"] == {"event": "processor.slot", "slot": f"s\n{FORGED}", "count": 3}
    assert any("UserWarning: a warning" in message for message in said)
    assert said["Sanic's error"]["logger"] == "sanic.error"


def test_what_ends_a_thread_or_the_process_is_an_entry(entries: List[Dict[str, Any]]) -> None:
    """No traceback is printed beside the log; an id that is none is not taken over."""
    thread, end = (next(one for one in entries if one["message"].startswith(said)) for said in ("A thread", "The proc"))
    assert "ZeroDivisionError" in thread["exception"]
    assert "RuntimeError: the end of [personnummer]" in end["exception"]
    assert (end["level"], end["turn"]) == ("CRITICAL", "")


def test_text_is_for_people_and_cannot_be_forged() -> None:
    """Each entry begins with its time, level, logger and turn; what came from outside never begins a line."""
    text = lines("text")
    begins = [line for line in text if not line.startswith("    ")]
    assert all(re.match(r"\d{4}-\d\d-\d\d [\d:,]+ [A-Z]+ [\w.]+( \[[0-9a-f]{16}\])?: ", line) for line in begins)
    assert not [line for line in begins if line.startswith(FORGED)]
    assert any(f"WARNING lotsen.channels.turn [{TURN}]: Said patient [personnummer]" in line for line in begins)
    assert "\x1b" not in "".join(text)
    assert "\u2028" not in "".join(text)
