"""Where ``lotsen up`` writes the output of a process: a file, put aside when it is full or old; or our own output."""

from __future__ import annotations

import json
import sys
from collections import deque
from datetime import datetime, timezone
from pathlib import Path
from typing import Deque, Protocol

LOG_BYTES = 5_000_000
"""A log file over this size is put aside."""


LINES = 15
"""Lines of the end that an error message shows."""


class Log(Protocol):
    """Takes the output of a process."""

    def write(self, line: str) -> None:
        """Take a line with its end."""

    def last_lines(self, count: int = LINES) -> str:
        """Return the end of it, for an error message."""


class LogFile:
    """Appends to a file; at the first line of a day (UTC), or over ``LOG_BYTES``, begins a new one.

    The old one is kept beside it, with the day of its last line: ``rasa.log.2026-11-27.1``. Several may write to the
    same file, each a line at a time.
    """

    def __init__(self, path: Path) -> None:
        """Write to ``path``; its folder is made with the first line."""
        self.path = path

    def write(self, line: str) -> None:
        """Append a line with its end. A line that cannot be written, as on a full disk, is lost: the process goes on.

        If its output were not read any more, the process would stop at its next line.
        """
        try:
            self._put_aside_if_due()
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError:
            return

    def last_lines(self, count: int = LINES) -> str:
        """Return the end of the log, for an error message."""
        if not self.path.exists():
            return ""
        return "\n".join(self.path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])

    def _put_aside_if_due(self) -> None:
        """Give the file the name that it keeps, if its time is over."""
        try:
            there = self.path.stat()
        except FileNotFoundError:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return
        last = datetime.fromtimestamp(there.st_mtime, timezone.utc).date()
        if there.st_size <= LOG_BYTES and last == datetime.now(timezone.utc).date():
            return
        number = 1
        while (kept := self.path.with_name(f"{self.path.name}.{last}.{number}")).exists():
            number += 1
        self.path.rename(kept)


class OwnOutput:
    """Passes lines on to our own standard output, as containers want it; remembers the last ones."""

    def __init__(self, process: str, as_json: bool) -> None:
        """``process`` is named in each line that does not name it. ``as_json``: what is no object is put into one."""
        self._process, self._as_json = process, as_json
        self._last: Deque[str] = deque(maxlen=LINES)

    def write(self, line: str) -> None:
        """Pass on a line with its end; it is lost if nobody takes it."""
        self._last.append(line.rstrip("\n"))
        if not self._as_json:
            line = f"{self._process}: {line}"
        elif not line.startswith("{"):
            line = f"{json.dumps({'process': self._process, 'message': line.rstrip()}, ensure_ascii=False)}\n"
        try:
            sys.stdout.write(line)
            sys.stdout.flush()
        except (OSError, ValueError):
            return

    def last_lines(self, count: int = LINES) -> str:
        """Return the end of what was passed on."""
        return "\n".join(list(self._last)[-count:])
