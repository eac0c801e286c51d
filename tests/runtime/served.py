"""Two small servers, each a process of its own: Sanic starts once in a process.

``python -m tests.runtime.served plain|actions PORT``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import socket
import subprocess
import sys
import time
from typing import Any, Dict, Iterator, List, Optional, Tuple

import requests
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from lotsen.runtime import ready, sanic_server
from lotsen.runtime.action_server import LINGER_SECONDS
from lotsen.runtime.hardening import harden
from lotsen.runtime.open_files import KEPT_FILES
from lotsen.runtime.sockets import listening
from lotsen.settings import ROOT
from tests.support.ports import free_port

HEAD_SECONDS, ANSWER_SECONDS = 1.0, 2.0
"""Shorter than those of a real server."""
SECRET = "0123456789abcdef-of-a-test"
MOST = 150
"""Connections; fewer than a real server takes."""
HIDDEN = "191212121212"
"""What an answer must not repeat."""
WAIT_SECONDS = 30.0


class Served:
    """A server that runs."""

    def __init__(self, port: int, process: Optional["subprocess.Popen[bytes]"] = None) -> None:
        """``process``: the server itself, if it may be stopped."""
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self._process = process

    def stop(self) -> None:
        """Tell it to stop, once: when it has stopped, Python's own handler of the signal is back."""
        if self._process is not None:
            self._process.terminate()
            self._process = None

    def connect(self) -> socket.socket:
        """Return a new connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_SECONDS)

    def raw(self, sent: bytes) -> Tuple[int, Dict[str, str], bytes]:
        """Send bytes as they are; return status, headers and body. Status 0: the connection was closed without any."""
        with self.connect() as connection:
            with contextlib.suppress(ConnectionError):  # It may answer, and close, before it has read everything.
                connection.sendall(sent)
            return answer_on(connection, not sent.startswith(b"HEAD "))


def answer_on(connection: socket.socket, with_body: bool = True) -> Tuple[int, Dict[str, str], bytes]:
    """Return what is answered on a connection."""
    taken = b""
    with contextlib.suppress(ConnectionError):
        while b"\r\n\r\n" not in taken and (more := connection.recv(65536)):
            taken += more
    head, _, body = taken.partition(b"\r\n\r\n")
    if not head:
        return 0, {}, b""
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    with contextlib.suppress(ConnectionError):
        while with_body and len(body) < int(headers.get("content-length", "0")) and (more := connection.recv(65536)):
            body += more
    return int(first.split(" ")[1]), headers, body


@contextlib.contextmanager
def serving(kind: str) -> Iterator[Served]:
    """Run one of the servers."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "tests.runtime.served", kind, str(port)], cwd=ROOT) as process:
        served = Served(port, process)
        try:
            until = time.monotonic() + WAIT_SECONDS
            while time.monotonic() < until and process.poll() is None:
                with contextlib.suppress(requests.ConnectionError):
                    if requests.get(f"{served.url}/health", timeout=WAIT_SECONDS).ok:
                        break
                time.sleep(0.05)
            yield served
        finally:
            served.stop()
    assert process.returncode == 0


def plain_app() -> Sanic:
    """Return a server with routes that do what a route may do wrong."""
    app = Sanic("plain", configure_logging=False)
    harden(app)
    stopping: List[bool] = []
    app.config.REQUEST_TIMEOUT, app.config.RESPONSE_TIMEOUT = HEAD_SECONDS, ANSWER_SECONDS

    @app.route("/health", methods=["GET", "POST"])
    async def health(request: Request) -> HTTPResponse:
        return response.json({"bytes": len(request.body)})

    @app.get("/over")
    async def over(request: Request) -> HTTPResponse:
        """Tell whether the app was told to stop."""
        return response.json(stopping)

    @app.listener("before_server_stop")
    async def stop(app: Any, loop: Any) -> None:
        stopping.append(True)

    @app.get("/fails")
    async def fails(request: Request) -> HTTPResponse:
        raise ValueError(f"{HIDDEN} in {__file__}")

    @app.get("/own")
    async def own(request: Request) -> HTTPResponse:
        return response.text("", headers={"cache-control": "public", "X-Frame-Options": "SAMEORIGIN"})

    @app.get("/stream")
    async def stream(request: Request) -> None:
        """Say something now and then, for longer than an answer may take."""
        answer = await request.respond(content_type="text/event-stream")
        for number in range(6):
            await answer.send(f"{number}\n")
            await asyncio.sleep(ANSWER_SECONDS / 4)
        await answer.eof()

    return app


async def _fails(dispatcher: Any, tracker: Any, domain: Any) -> List[Any]:
    raise ValueError(f"{HIDDEN} in {__file__}")


async def _rejects(dispatcher: Any, tracker: Any, domain: Any) -> List[Any]:
    raise ActionExecutionRejection("action_rejects")


async def _says(dispatcher: Any, tracker: Any, domain: Any) -> List[Any]:
    dispatcher.utter_message(text=f"{len(tracker.events)} events")
    return []


def actions_app() -> Sanic:
    """Return an action server with actions that end in every way."""
    from lotsen.runtime import action_server

    executor = ActionExecutor()
    for name, action in {"action_fails": _fails, "action_rejects": _rejects, "action_says": _says}.items():
        executor.register_function(name, action)
    return action_server.make_app(executor, SECRET)


def main(arguments: Optional[List[str]] = None) -> None:
    """Serve until told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("plain", "actions"))
    parser.add_argument("port", type=int)
    given = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST + KEPT_FILES,) * 2)
    sock, heart = listening("127.0.0.1", given.port, None), ready.Heart(None)
    if given.kind == "plain":
        sanic_server.run(plain_app(), sock, heart, 5.0)
    else:
        sanic_server.run(actions_app(), sock, heart, 5.0, LINGER_SECONDS)


if __name__ == "__main__":
    main()
