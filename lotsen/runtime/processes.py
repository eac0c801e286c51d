"""One child process: started in a group of its own, its output masked into a log file, stopped with all it started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Callable, Mapping, Optional, Sequence
from urllib.error import URLError
from urllib.request import urlopen

from lotsen.privacy.masking import mask

STOP_SECONDS = 10.0
PROBE_SECONDS = 2.0
LOG_BYTES = 5_000_000
"""A log file over this size is moved to ``<name>.1`` at the next start."""
_PR_SET_PDEATHSIG = 1


class Process:
    """A server that Lotsen starts, watches and stops."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        health: Optional[str],
        log: Path,
        env: Mapping[str, str],
        on_line: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Describe the process; ``on_line`` hears what it prints.

        ``health``: an address that answers 200 when it is ready; None if it serves nobody, and is ready as it runs.
        """
        self.name, self.log, self._on_line = name, log, on_line
        self._command, self._health, self._env = command, health, env
        self._child: Optional[subprocess.Popen[str]] = None
        self._reader: Optional[threading.Thread] = None

    @property
    def running(self) -> bool:
        """Tell whether the process is there (which does not mean that it is healthy)."""
        return self._child is not None and self._child.poll() is None

    @property
    def exit_code(self) -> Optional[int]:
        """Return how it ended, None while it runs."""
        return self._child.poll() if self._child is not None else None

    @property
    def pid(self) -> Optional[int]:
        """Return the process id, for whoever wants to look at it."""
        return self._child.pid if self._child is not None else None

    def start(self, root: Path) -> None:
        """Start it in ``root``."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        self._child = subprocess.Popen(
            self._command,
            cwd=root,
            env=dict(self._env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            preexec_fn=_die_with_parent() if sys.platform == "linux" else None,
        )
        self._reader = threading.Thread(target=self._copy_output, daemon=True)
        self._reader.start()

    def healthy(self) -> bool:
        """Tell whether the process says that it is ready."""
        if self._health is None:
            return self.running
        try:
            with urlopen(self._health, timeout=PROBE_SECONDS) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def stop(self) -> None:
        """End it and everything it started; by force if it does not end by itself."""
        if self._child is None:
            return
        self._signal(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while self.running and time.monotonic() < until:
            try:
                self._child.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        self._signal(signal.SIGKILL)
        self._child.wait()
        if self._reader is not None:
            self._reader.join(STOP_SECONDS)

    def last_lines(self, count: int = 15) -> str:
        """Return the end of the log, for an error message."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])

    def _signal(self, number: int) -> None:
        """Send a signal to the whole group, if it is still there."""
        assert self._child is not None, "only a started process is signalled"
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, number)

    def _copy_output(self) -> None:
        """Copy the output to the log, line by line, with personal identity numbers masked."""
        assert self._child is not None and self._child.stdout is not None, "it was started with a pipe"
        with self.log.open("a", encoding="utf-8") as log:
            for line in self._child.stdout:
                log.write(mask(line))
                log.flush()
                self._on_line(line)


def stop_on_signals() -> threading.Event:
    """Return an event that is set when we are asked to end; a second Ctrl-C does not interrupt the stopping."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _die_with_parent() -> Callable[[], None]:
    """Return what makes a Linux child end when we are killed outright (``kill -9``)."""
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask_kernel
