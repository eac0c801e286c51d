"""Starts ``lotsen up`` as a user does, on free ports and in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import psutil
import requests

from lotsen.settings import ROOT
from tests.support.chat import ChatClient

READY = "Klart."
START_SECONDS = 60
LOOK_SECONDS = 0.1
STOP_SECONDS = 60


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data_dir: Path, **settings: str) -> Dict[str, str]:
    """Return the environment for a Lotsen of its own.

    Many tests share one, and fail in the same guides on purpose: that is no disturbance unless a test asks for it. They
    also write faster than people do.
    """
    ports = {name: str(free_port()) for name in ("LOTSEN_PORT", "LOTSEN_ACTIONS_PORT", "LOTSEN_TRIAGE_PORT")}
    quiet = {
        "LOTSEN_DISTURBANCE_COUNT": "0",
        "LOTSEN_MESSAGES_PER_MINUTE": "100000",
        "LOTSEN_SESSIONS_PER_MINUTE": "100000",
    }
    return {**os.environ, **quiet, **ports, "LOTSEN_DATA_DIR": str(data_dir), **settings}


class RunningLotsen:
    """One ``lotsen up`` and its processes."""

    def __init__(self, env: Dict[str, str], root: Path = ROOT) -> None:
        """Start it from the checkout ``root``, and wait until it says that it is ready."""
        self.env = env
        self.front = f"http://127.0.0.1:{env['LOTSEN_PORT']}/"
        self.base = f"{self.front}chat"
        self.teams = f"{self.front}teams/messages"
        self.desk = f"http://localhost:{env['LOTSEN_TRIAGE_PORT']}"
        self.output: List[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lotsen.cli", "up"],
            cwd=root,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line)
            if READY in line:
                return
        raise AssertionError(f"lotsen up ended with {self._process.wait()}:\n{''.join(self.output)}")

    def chat(self, token: Optional[str] = None) -> ChatClient:
        """Begin a conversation."""
        return ChatClient(self.base, token)

    def command(self, *arguments: str) -> str:
        """Run a command of ``lotsen`` with the settings of this one; return what it prints."""
        words = [sys.executable, "-m", "lotsen.cli", *arguments]
        ended = subprocess.run(words, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=120, check=False)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def processes(self) -> List[psutil.Process]:
        """Return every process that it started, and their children."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def action_server(self) -> psutil.Process:
        """Return the action server."""
        return next(process for process in self.processes() if "rasa_sdk" in process.cmdline())

    def rasa_server(self) -> psutil.Process:
        """Return the Rasa server."""
        return next(process for process in self.processes() if "lotsen.runtime.server" in process.cmdline())

    def restart_action_server(self) -> None:
        """Kill the action server as a crash would, and wait until the new one answers."""
        self.action_server().kill()
        self.wait_for_line("Starting it again")
        self.wait_until_healthy(f"http://127.0.0.1:{self.env['LOTSEN_ACTIONS_PORT']}/health")

    def wait_until_healthy(self, address: str = "") -> None:
        """Wait until ``address`` says that it is well, the Rasa server if none is given."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(address or f"{self.base}/health", timeout=START_SECONDS).ok:
                    return
            time.sleep(LOOK_SECONDS)
        raise AssertionError(f"{address or 'the Rasa server'} did not come back")

    def query(self, statement: str) -> List[Tuple[Any, ...]]:
        """Ask its database something, or change it as time would."""
        with contextlib.closing(
            sqlite3.connect(Path(self.env["LOTSEN_DATA_DIR"]) / "lotsen.db", timeout=30)
        ) as database:
            rows = database.execute(statement).fetchall()
            database.commit()
            return rows

    def wait_for_line(self, part: str) -> None:
        """Read its output until a line with ``part`` comes."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line)
            if part in line:
                return
        raise AssertionError(f"'{part}' never came:\n{''.join(self.output)}")

    def stop(self, number: int = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does; return its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        assert self._process.stdout is not None
        self.output += self._process.stdout.readlines()
        return self._process.wait(STOP_SECONDS)
