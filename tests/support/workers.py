"""One user whose requests go to server processes that the test chooses, as a proxy without sticky sessions would."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any, Iterator, Optional, Sequence
from urllib.parse import urlsplit

import psutil
import requests

from tests.support.chat import TIMEOUT_SECONDS, ChatClient
from tests.support.running import RunningLotsen

TRIES = 500


@contextlib.contextmanager
def suspended(*processes: psutil.Process) -> Iterator[None]:
    """Let processes stand still meanwhile."""
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):  # It was killed meanwhile.
                process.resume()


class Way:
    """A connection that is kept, to one server process of a Lotsen."""

    def __init__(self, lotsen: RunningLotsen, server: psutil.Process) -> None:
        """Connect until that process takes the connection: the servers share a port."""
        self.base = lotsen.base
        port = urlsplit(self.base).port
        for _ in range(TRIES):
            self.session = requests.Session()
            mine = self._port()
            if any(
                one.raddr and one.raddr.port == mine and one.laddr.port == port for one in server.net_connections("tcp")
            ):
                self.server = server
                return
            self.session.close()
        raise AssertionError(f"process {server.pid} takes no connections")

    def _port(self) -> int:
        """Ask for something; return the port of the connection that it went through, which is kept."""
        answer = self.session.get(f"{self.base}/health", timeout=TIMEOUT_SECONDS, stream=True)
        port = int(answer.raw.connection.sock.getsockname()[1])
        assert answer.content and answer.headers.get("Connection") != "close"
        return port


class ScatteredChat(ChatClient):
    """A user whose messages go one of the ``ways`` after the other, and whose requests for news the other way round."""

    def __init__(self, ways: Sequence[Way], token: Optional[str] = None) -> None:
        """Begin a conversation, or go on with the one of ``token``."""
        self._there: Iterator[Way] = itertools.cycle(ways)
        self._back: Iterator[Way] = itertools.cycle(reversed(ways))
        super().__init__("", token)

    def post(self, path: str, body: Any, signed: bool = True, **options: Any) -> requests.Response:
        """Send a raw request the next way."""
        way = next(self._there)
        headers = {**(self._signed() if signed else {}), **options.pop("headers", {})}
        return way.session.post(way.base + path, json=body, headers=headers, timeout=TIMEOUT_SECONDS, **options)

    def get(self, path: str) -> requests.Response:
        """Ask for something, the next way."""
        way = next(self._back)
        return way.session.get(way.base + path, headers=self._signed(), timeout=TIMEOUT_SECONDS)
