"""A Redis of our own for a test: on a free loopback port, in memory only, stopped when the test ends."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import time
from pathlib import Path
from typing import Optional

from redis import ConnectionError as RedisConnectionError
from redis import Redis as Client

from tests.support.ports import free_port

INSTALL = "apt-get install redis-server"
START_SECONDS = 30
LOOK_SECONDS = 0.02


def server() -> Optional[str]:
    """Return where ``redis-server`` is; None if it is not installed."""
    return shutil.which("redis-server")


class Redis:
    """A running server with a password. It forgets everything when it stops, as one without a disk does."""

    def __init__(self, folder: Path) -> None:
        """Start it; its log is in ``folder``."""
        self._folder, self._port = folder, free_port()
        self.password = secrets.token_urlsafe(16)
        self.url = f"redis://:{self.password}@127.0.0.1:{self._port}/0"
        self._process: Optional[subprocess.Popen[bytes]] = None
        self.start()

    def start(self) -> None:
        """Start it, again if it was stopped, and wait until it answers."""
        program = server()
        assert program is not None, f"Redis is not installed: {INSTALL}"
        options = {
            "--bind": "127.0.0.1",
            "--port": str(self._port),
            "--requirepass": self.password,
            "--save": "",
            "--appendonly": "no",
            "--dir": str(self._folder),
            "--logfile": str(self._folder / "redis.log"),
        }
        words = [word for pair in options.items() for word in pair]
        self._process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_SECONDS
        with self.client() as client:
            while time.monotonic() < until:
                try:
                    client.ping()
                    return
                except RedisConnectionError:
                    time.sleep(LOOK_SECONDS)
        raise AssertionError("Redis did not start: " + (self._folder / "redis.log").read_text(encoding="utf-8"))

    def stop(self) -> None:
        """Stop it at once, as a crash would; what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self) -> Client:
        """Return a connection of the test's own, to look inside."""
        return Client.from_url(self.url, decode_responses=True)
