"""Starts ``lotsen up`` as a user does, on free ports and in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from functools import cached_property
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import psutil
import requests
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.settings import ROOT, Settings
from lotsen.storage.database import open_engine
from tests.support import outgrown
from tests.support.chat import ChatClient
from tests.support.ports import free_port

READY = "Klart."
UP = (sys.executable, "-m", "lotsen.cli", "up")
START_SECONDS = 60
LOOK_SECONDS = 0.1
STOP_SECONDS = 60


def environment(data_dir: Path, **settings: str) -> Dict[str, str]:
    """Return the environment for a Lotsen of its own.

    Many tests share one, and fail in the same guides on purpose: that is no disturbance unless a test asks for it. They
    also write faster than people do. With ``LOTSEN_TEST_STORAGE=outgrown`` all are on PostgreSQL and Redis, with two
    workers.
    """
    ports = {
        name: str(free_port())
        for name in ("LOTSEN_PORT", "LOTSEN_ACTIONS_PORT", "LOTSEN_TRIAGE_PORT", "LOTSEN_METRICS_PORT")
    }
    quiet = {
        "LOTSEN_DISTURBANCE_COUNT": "0",
        "LOTSEN_MESSAGES_PER_MINUTE": "100000",
        "LOTSEN_SESSIONS_PER_MINUTE": "100000",
    }
    storage = outgrown.shared(data_dir) if outgrown.wanted() else {}
    return {**os.environ, **quiet, **ports, **storage, "LOTSEN_DATA_DIR": str(data_dir), **settings}


class RunningLotsen:
    """One ``lotsen up`` and its processes."""

    def __init__(self, env: Dict[str, str], root: Path = ROOT, starter: Sequence[str] = UP) -> None:
        """Start it from the checkout ``root`` with the command ``starter``, and wait until it says that it is ready."""
        self.env, self.root = env, root
        self.front = f"http://127.0.0.1:{env['LOTSEN_PORT']}/"
        self.base = f"{self.front}chat"
        self.teams = f"{self.front}teams/messages"
        self.desk = f"http://localhost:{env['LOTSEN_TRIAGE_PORT']}"
        self.output: List[str] = []
        self._process = subprocess.Popen(
            starter,
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

    @property
    def database_url(self) -> str:
        """The URL of its database, for tests that look into it."""
        return Settings.read(self.env).database_url

    def command(self, *arguments: str) -> str:
        """Run a command of ``lotsen`` with the settings of this one; return what it prints."""
        ended = self.try_command(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def try_command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of ``lotsen`` that may fail, with the settings and the checkout of this one."""
        words = [sys.executable, "-m", "lotsen.cli", *arguments]
        return subprocess.run(
            words, cwd=self.root, env=self.env, capture_output=True, text=True, timeout=300, check=False
        )

    def processes(self) -> List[psutil.Process]:
        """Return every process that it started, and their children."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def action_server(self) -> psutil.Process:
        """Return the action server."""
        return self._running("lotsen.runtime.action_server")[0]

    def rasa_server(self) -> psutil.Process:
        """Return the Rasa server, the first of several."""
        return self.rasa_servers()[0]

    def rasa_servers(self) -> List[psutil.Process]:
        """Return the Rasa servers, in the order in which they were started."""
        return self._running("lotsen.runtime.server")

    def _running(self, module: str) -> List[psutil.Process]:
        """Return its processes that run a module, in the order in which they were started."""
        found: List[psutil.Process] = []
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):  # It has just ended.
                found += [process] if module in process.cmdline() else []
        return sorted(found, key=lambda process: process.create_time())

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
        with contextlib.closing(self._engine.raw_connection()) as database:
            with contextlib.closing(database.cursor()) as cursor:
                cursor.execute(statement)
                rows = cursor.fetchall() if cursor.description is not None else []
            database.commit()
        if self._engine.dialect.name == "sqlite":
            self._engine.dispose()  # A test may put another file in its place.
        return [tuple(row) for row in rows]

    @cached_property
    def _engine(self) -> Engine:
        """Connections of the test's own."""
        return open_engine(self.database_url)

    def tables(self) -> List[str]:
        """Return the names of all tables of its database."""
        return list(sa.inspect(self._engine).get_table_names())

    def dump(self) -> str:
        """Return all that is in its database, a line for each row."""
        return "\n".join(f"{row}" for table in self.tables() for row in self.query(f'SELECT * FROM "{table}"'))

    def rasa_log(self) -> str:
        """Return what its Rasa servers have logged since they began."""
        logs = sorted((Path(self.env["LOTSEN_DATA_DIR"]) / "logs").glob("rasa*.log"))
        return "".join(log.read_text(encoding="utf-8") for log in logs)

    def wait_for_line(self, part: str) -> None:
        """Read its output until a line with ``part`` comes."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line)
            if part in line:
                return
        raise AssertionError(f"'{part}' never came:\n{''.join(self.output)}")

    def kill(self) -> None:
        """End all of it at once, as when its machine goes out."""
        processes = self.processes()
        self._process.kill()
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, STOP_SECONDS)

    def send(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        if self._process.poll() is None:
            self._process.send_signal(number)

    def stop(self, number: int = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does; return its exit code."""
        self.send(number)
        assert self._process.stdout is not None
        self.output += self._process.stdout.readlines()
        return self._process.wait(STOP_SECONDS)
