"""What the processes of a run take: processor seconds and memory, by name, and what machine it is."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Callable, Dict, List

import psutil

MIB = 2**20
FLUSHES = 40
Named = Dict[str, List[psutil.Process]]
"""Processes by what they are: ``Rasa server``, ``action server``, ..."""

NAMES = (
    ("lotsen.runtime.server", "Rasa server"),
    ("lotsen.runtime.action_server", "action server"),
    ("rasa_sdk", "action server"),
    ("lotsen.desk.server", "triage desk"),
    ("deliver", "deliverer"),
    ("purge", "purge"),
    ("up", "lotsen up"),
)


@dataclass
class Taken:
    """What was taken in a while."""

    seconds: float = 0.0
    cpu: Dict[str, float] = field(default_factory=dict)
    """Processor seconds by name of process; that of the client under ``client``."""
    rss: Dict[str, float] = field(default_factory=dict)
    """MiB that were resident at the end, shared pages counted once for each process."""
    uss: Dict[str, float] = field(default_factory=dict)
    """MiB that are a process's own at the end: what would be free without it."""

    @property
    def server_cores(self) -> float:
        """Return how many cores all but the client kept busy."""
        return sum(spent for name, spent in self.cpu.items() if name != "client") / max(self.seconds, 0.001)

    @property
    def client_cores(self) -> float:
        """Return how much of a core the client took."""
        return self.cpu.get("client", 0.0) / max(self.seconds, 0.001)


def named(process: psutil.Process) -> str:
    """Return what a process of ``lotsen up`` is."""
    words = process.cmdline()
    return next((name for word, name in NAMES if word in words), "others")


def tree(pid: int) -> Named:
    """Return a process and all below it, by what they are."""
    found: Named = {}
    try:
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            try:
                found.setdefault(named(process), []).append(process)
            except psutil.Error:
                continue
    except psutil.Error:
        pass
    return found


class Meter:
    """Reads the processes at the beginning and the end of a while."""

    def __init__(self, processes: Callable[[], Named]) -> None:
        """``processes`` returns those that run now."""
        self._processes = processes
        self._began, self._cpu = time.perf_counter(), self._spent()

    def read(self) -> Taken:
        """Return what was taken since the meter was made."""
        cpu = {name: max(0.0, spent - self._cpu.get(name, 0.0)) for name, spent in self._spent().items()}
        rss, uss = memory(self._processes())
        return Taken(time.perf_counter() - self._began, cpu, rss, uss)

    def _spent(self) -> Dict[str, float]:
        found = {"client": time.process_time()}
        for name, processes in self._processes().items():
            for process in processes:
                try:
                    times = process.cpu_times()
                except psutil.Error:
                    continue
                found[name] = found.get(name, 0.0) + times.user + times.system
        return found


def memory(processes: Named) -> tuple[Dict[str, float], Dict[str, float]]:
    """Return the resident and the own memory in MiB, by name."""
    rss: Dict[str, float] = {}
    uss: Dict[str, float] = {}
    for name, some in processes.items():
        for process in some:
            try:
                told = process.memory_full_info()
            except psutil.Error:
                continue
            rss[name] = rss.get(name, 0.0) + told.rss / MIB
            uss[name] = uss.get(name, 0.0) + told.uss / MIB
    return rss, uss


def machine() -> str:
    """Return what this machine is, for below a table."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown CPU")
    gib = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores of {model}, {gib:.0f} GiB, Python {platform.python_version()}"


def flush_ms() -> float:
    """Return how long this disk takes to write something for good (median): PostgreSQL waits for it at each commit."""
    times: List[float] = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(FLUSHES):
            file.write(b"x" * 8192)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return 1000 * median(times)


def version() -> str:
    """Return the commit that is measured, and whether files differ from it."""
    told = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or "no commit"
