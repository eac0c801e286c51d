"""One child process: started in a group of its own, its output masked into a log file, stopped with all it started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Callable, List, Mapping, Optional, Sequence, Union
from urllib.error import URLError
from urllib.request import urlopen

from lotsen.clock import utc_now
from lotsen.privacy.masking import mask_transcript
from lotsen.runtime.log_file import LINES, Log, LogFile
from lotsen.runtime.ready import Pulse

STOP_SECONDS = 10.0
PROBE_SECONDS = 2.0
_PR_SET_PDEATHSIG = 1


class Process:
    """A server that Lotsen starts, watches and stops."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        health: Optional[str],
        log: Union[Path, Log],
        env: Mapping[str, str],
        on_line: Callable[[str], None] = lambda line: None,
        *,
        listens: Optional[socket.socket] = None,
        beats: bool = False,
        stop_seconds: float = STOP_SECONDS,
        version: str = "",
    ) -> None:
        """Describe the process; ``on_line`` hears what it prints.

        ``log``: the file that its output goes to, or what else takes it.
        ``health``: an address that answers 200 when it is ready; None if it serves nobody, and is ready as it runs.
        ``listens``: the socket that it is handed (``--fd``) to accept on. ``beats``: whether it is handed a pipe
        (``--beat``) on which it says that it is ready and alive; then nobody asks its health address.
        ``stop_seconds``: how long it may take to end by itself. ``version``: what it serves, for who asks.
        """
        self.name, self.version, self._on_line = name, version, on_line
        self._log: Log = LogFile(log) if isinstance(log, Path) else log
        self.log = str(log) if isinstance(log, Path) else "its output"
        """Where to look, for people."""
        self._command, self._health, self._env = command, health, env
        self._listens, self._beats, self.stop_seconds = listens, beats, stop_seconds
        self.since: Optional[datetime] = None
        self._child: Optional[subprocess.Popen[str]] = None
        self._reader: Optional[threading.Thread] = None
        self._pulse: Optional[Pulse] = None

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
        """Start it in ``root``. The thread that does this has to live as long as the process (on Linux)."""
        self._close_pulse()
        handed: List[int] = []
        words = list(self._command)
        if self._listens is not None:
            handed.append(self._listens.fileno())
            words += ["--fd", str(handed[-1])]
        if self._beats:
            self._pulse = Pulse()
            handed.append(self._pulse.fd)
            words += ["--beat", str(handed[-1])]
        self._child = subprocess.Popen(
            words,
            cwd=root,
            env=dict(self._env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            pass_fds=handed,
            preexec_fn=_die_with_parent() if sys.platform == "linux" else None,
        )
        if self._pulse is not None:
            self._pulse.handed_over()
        self.since = utc_now()
        self._reader = threading.Thread(target=self._copy_output, args=(self._child,), daemon=True)
        self._reader.start()

    def healthy(self) -> bool:
        """Tell whether the process says that it is ready."""
        if self._pulse is not None:
            return self.running and self._pulse.ready
        if self._health is None:
            return self.running
        try:
            with urlopen(self._health, timeout=PROBE_SECONDS) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def silent_seconds(self) -> float:
        """Return for how long it has not shown that it is alive; 0 for one that never does."""
        return self._pulse.silent_seconds if self._pulse is not None else 0.0

    @property
    def ready(self) -> bool:
        """Tell whether it is ready, as far as is known without asking it."""
        return self.running and (self._pulse is None or self._pulse.ready)

    def ask_to_stop(self) -> None:
        """Ask it, and everything it started, to end; returns at once."""
        if self.running:
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it by force."""
        if self._child is not None:
            self._signal(signal.SIGKILL)
            self._child.wait()

    def stop(self) -> None:
        """End it and everything it started; by force if it does not end by itself."""
        self.ask_to_stop()
        self.wait_stopped(time.monotonic() + self.stop_seconds)

    def wait_stopped(self, until: float) -> None:
        """Wait until it has ended, at most until the monotonic clock shows ``until``; then end it by force."""
        if self._child is None:
            return
        while self.running and time.monotonic() < until:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(0.1)
        self._signal(signal.SIGKILL)
        self._child.wait()
        if self._reader is not None:
            self._reader.join(STOP_SECONDS)
        self._close_pulse()

    def last_lines(self, count: int = LINES) -> str:
        """Return the end of the log, for an error message."""
        return self._log.last_lines(count)

    def _signal(self, number: int) -> None:
        """Send a signal to the whole group, if it is still there."""
        assert self._child is not None, "only a started process is signalled"
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, number)

    def _copy_output(self, child: "subprocess.Popen[str]") -> None:
        """Copy the output to the log, line by line, with personal data masked."""
        assert child.stdout is not None, "it was started with a pipe"
        for line in child.stdout:
            self._log.write(mask_transcript(line))
            self._on_line(line)

    def _close_pulse(self) -> None:
        """Close the pipe of a process that has ended."""
        if self._pulse is not None:
            self._pulse.close()
            self._pulse = None


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
