"""Log files: put aside when full or old, so that retention can delete them; a full disk stops nobody."""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from lotsen.runtime import log_file
from lotsen.runtime.log_file import LINES, LogFile, OwnOutput


def test_full_one_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is written, not only at the next start; nothing is lost."""
    monkeypatch.setattr(log_file, "LOG_BYTES", 100)
    file = LogFile(tmp_path / "logs" / "rasa.log")
    for number in range(50):
        file.write(f"line {number}\n")
    today = datetime.now(timezone.utc).date()
    kept = sorted((tmp_path / "logs").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert f"rasa.log.{today}.1" in {path.name for path in kept}
    assert "".join(path.read_text() for path in kept) == "".join(f"line {number}\n" for number in range(50))
    assert all(path.stat().st_size <= 120 for path in kept)


def test_yesterdays_is_put_aside(tmp_path: Path) -> None:
    """It is named after the day of its last line."""
    path = tmp_path / "rasa.log"
    path.write_text("yesterday\n")
    yesterday = time.time() - 24 * 3600
    os.utime(path, (yesterday, yesterday))
    LogFile(path).write("today\n")
    day = datetime.fromtimestamp(yesterday, timezone.utc).date()
    assert (tmp_path / f"rasa.log.{day}.1").read_text() == "yesterday\n"
    assert path.read_text() == "today\n"


def test_line_that_cannot_be_written_is_lost(tmp_path: Path) -> None:
    """Who writes goes on: a process whose output is not read any more would stand still."""
    (tmp_path / "file").write_text("")
    LogFile(tmp_path / "file" / "rasa.log").write("lost\n")


def test_to_our_own_output(capsys: pytest.CaptureFixture[str]) -> None:
    """As text each line names its process; what collects JSON gets nothing else. Errors can show the end."""
    OwnOutput("rasa", as_json=False).write("Serving.\n")
    json_lines = OwnOutput("rasa", as_json=True)
    json_lines.write('{"message": "Serving."}\n')
    json_lines.write('no "JSON"\n')
    assert capsys.readouterr().out.splitlines() == [
        "rasa: Serving.",
        '{"message": "Serving."}',
        '{"process": "rasa", "message": "no \\"JSON\\""}',
    ]
    for number in range(LINES + 5):
        json_lines.write(f"{number}\n")
    assert json_lines.last_lines().splitlines() == [str(number) for number in range(5, LINES + 5)]
