"""Watches the processes of one machine: starts again what ends or hangs, exchanges them one by one, stops them all.

Everything here runs in one thread: on Linux a child is ended when the thread that started it ends.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from lotsen.runtime.checks import CannotStart
from lotsen.runtime.processes import Process
from lotsen.runtime.restarts import WINDOW_SECONDS, Restarts
from lotsen.runtime.servers import ACTIONS

WATCH_SECONDS = 0.5
LOOK_SECONDS = 0.1
HUNG_SECONDS = 60.0
"""A server whose event loop has stood still for so long is ended by force, and started again."""
ABSENT_SECONDS = 15.0
"""After so long without a sign of life a server does not count as ready."""

Say = Callable[[str], None]


class NotReplaced(Exception):
    """New processes could not take over; the message says why. The old ones go on."""


class Supervisor:
    """The processes, and what is known of them."""

    def __init__(
        self,
        processes: Sequence[Process],
        root: Path,
        stop: threading.Event,
        say: Say,
        start_seconds: float,
        ended: Callable[[str, Optional[int], bool], None] = lambda name, pid, by_itself: None,
    ) -> None:
        """Watch ``processes``, started in ``root``, until ``stop``; none may take more than ``start_seconds`` to start.

        ``ended`` hears of each process that is over: its name, its id, and whether it ended by itself.
        """
        self.processes = list(processes)
        self._root, self._stop, self._say, self._start_seconds = root, stop, say, start_seconds
        self._ended = ended
        self._restarts: Dict[str, Restarts] = {}
        self._due: Dict[str, float] = {}
        self._beside: List[Process] = []
        self._ready: Mapping[str, bool] = {process.name: False for process in processes}

    @property
    def ready(self) -> Mapping[str, bool]:
        """Return whether each process was ready when last looked at. Any thread may ask; after ``stop`` none is."""
        return dict.fromkeys(self._ready, False) if self._stop.is_set() else self._ready

    def rows(self) -> List[Dict[str, Any]]:
        """Describe each process for ``lotsen reload --status``. Any thread may ask."""
        ready = self.ready
        return [
            {
                "name": process.name,
                "pid": process.pid,
                "ready": ready.get(process.name, False),
                "version": process.version,
                "since": process.since.isoformat(timespec="seconds") if process.since is not None else "",
            }
            for process in list(self.processes)
        ]

    def start(self) -> None:
        """Start all, and return when they are ready, or when we are told to stop.

        Raises:
            CannotStart: if one ends, or is not ready in time, with the end of its log.
        """
        for process in self.processes:
            process.start(self._root)
        until = time.monotonic() + self._start_seconds
        for process in self.processes:
            while not self._stop.is_set() and not process.healthy():
                problem = self._problem(process, until)
                if problem:
                    raise CannotStart(problem)
                self._stop.wait(LOOK_SECONDS)
        self._note()

    def look(self) -> None:
        """Start again what has ended by itself, and end by force what hangs.

        Raises:
            CannotStart: if a process keeps ending.
        """
        now = time.monotonic()
        for process in self.processes:
            if process.running:
                self._end_if_hung(process)
                continue
            if process.name not in self._due:
                self._ended(process.name, process.pid, True)
                self._due[process.name] = now + self._pause(process, now)
            if self._due[process.name] <= now:
                del self._due[process.name]
                process.start(self._root)
        self._note()

    def replace(self, fresh: Sequence[Process], say: Say) -> None:
        """Let new processes take over from those of the same name: each is ready before its predecessor stops.

        First one of each kind is tried. If one of these fails, nothing has changed. ``say`` hears how it goes.

        Raises:
            NotReplaced: naming the process that did not become ready.
        """
        pairs = [(old, new) for old in self.processes for new in fresh if old.name == new.name]
        first = {_kind(old): (old, new) for old, new in reversed(pairs)}
        leading = [pair for pair in pairs if pair in first.values()]
        for batch in (leading, *([pair] for pair in pairs if pair not in leading)):
            say(f"Starting beside the old: {', '.join(new.name for _, new in batch)} …")
            self._replace(batch)
            say("Ready; the old has stopped.")

    def run_beside(self, process: Process) -> None:
        """Start a process that ends by itself; it is stopped with the others."""
        self._beside = [one for one in self._beside if one.running]
        self._beside.append(process)
        process.start(self._root)

    def stop(self) -> None:
        """Stop all, those that others call last. What is under way may end."""
        running = [*self._beside, *self.processes]
        called = [process for process in running if process.name == ACTIONS]
        for group in ([process for process in running if process not in called], called):
            self._stop_together(group)

    def _replace(self, pairs: Sequence[Tuple[Process, Process]]) -> None:
        """Start the new ones beside the old; when all are ready, stop the old.

        Raises:
            NotReplaced: naming the process that did not become ready; all the old go on.
        """
        fresh = [new for _, new in pairs]
        self._beside += fresh  # Whatever happens, they are stopped with the others.
        try:
            for new in fresh:  # One after the other: those who serve need the processors, too.
                new.start(self._root)
                self._await_ready(new, time.monotonic() + self._start_seconds)
        except NotReplaced:
            if not self._stop.is_set():  # Otherwise all are stopped together.
                self._stop_together(fresh)
                self._beside = [one for one in self._beside if one not in fresh]
            raise
        self._beside = [one for one in self._beside if one not in fresh]
        for old, new in pairs:
            self.processes[self.processes.index(old)] = new
            self._due.pop(old.name, None)
            self._restarts.pop(old.name, None)
        self._beside += [old for old, _ in pairs]
        for old, _ in pairs:
            old.ask_to_stop()
        until = time.monotonic() + max(old.stop_seconds for old, _ in pairs)
        while any(old.running for old, _ in pairs) and time.monotonic() < until and not self._stop.wait(LOOK_SECONDS):
            self.look()
        if not self._stop.is_set():  # Otherwise all are stopped together.
            for old, _ in pairs:
                old.wait_stopped(until)
                self._ended(old.name, old.pid, False)
                self._beside.remove(old)

    @staticmethod
    def _stop_together(processes: Sequence[Process]) -> None:
        """Stop processes that do not need each other; what is under way may end."""
        for process in processes:
            process.ask_to_stop()
        began = time.monotonic()
        for process in processes:
            process.wait_stopped(began + process.stop_seconds)

    def _await_ready(self, process: Process, until: float) -> None:
        """Return when it is ready; the others are watched meanwhile.

        Raises:
            NotReplaced: if it ends or is not ready in time, or when we are told to stop.
        """
        while not process.healthy():
            problem = self._problem(process, until)
            if problem or self._stop.wait(LOOK_SECONDS):
                raise NotReplaced(problem or "Lotsen was told to stop.")
            self.look()

    def _problem(self, process: Process, until: float) -> str:
        """Return what keeps a process from becoming ready; empty while it may still."""
        if not process.running:
            return (
                f"The {process.name} ended at once (exit code {process.exit_code}). "
                f"The end of {process.log}:\n{process.last_lines()}"
            )
        if time.monotonic() >= until:
            return (
                f"The {process.name} was not ready after {self._start_seconds:.0f} seconds. Look in {process.log}, "
                f"or give it longer with LOTSEN_START_SECONDS."
            )
        return ""

    def _end_if_hung(self, process: Process) -> None:
        """End by force a server that shows no sign of life, or that never became ready."""
        limit = HUNG_SECONDS if process.ready else max(self._start_seconds, HUNG_SECONDS)
        if process.silent_seconds() > limit:
            self._say(f"The {process.name} has shown no sign of life for {limit:.0f} seconds, and is ended by force.")
            process.kill()

    def _pause(self, process: Process, now: float) -> float:
        """Return for how many seconds to wait before it is started again.

        Raises:
            CannotStart: if it keeps ending.
        """
        pause = self._restarts.setdefault(process.name, Restarts()).pause(now)
        if pause is None:
            raise CannotStart(
                f"The {process.name} keeps ending: too often within {WINDOW_SECONDS / 60:.0f} minutes. "
                f"The end of its log:\n{process.last_lines()}"
            )
        later = f" in {pause:.0f} seconds" if pause else ""
        self._say(
            f"The {process.name} ended (exit code {process.exit_code}). Starting it again{later}; "
            f"its log: {process.log}"
        )
        return pause

    def _note(self) -> None:
        """Note which processes are ready, for other threads."""
        self._ready = {
            process.name: process.ready and process.silent_seconds() < ABSENT_SECONDS for process in self.processes
        }


def _kind(process: Process) -> str:
    """Return a process's name without its number."""
    return process.name.rstrip(" 0123456789")
