"""The desk's server and clients that mean no good: they are let go, and nobody else waits for them."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any, Iterator

import pytest
import requests
import uvicorn

from lotsen.desk import connections
from lotsen.desk.connections import MAX_HEAD_BYTES, CarefulProtocol
from lotsen.runtime.sockets import listening

TIMEOUT = 30
MOST = 40
BEGUN = b"POST / HTTP/1.1\r\nHost: a\r\n"


async def tell_length(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the length of the body."""
    length, more = 0, True
    while more:
        event = await receive()
        length, more = length + len(event.get("body", b"")), event.get("more_body", False)
    body = str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server that waits a second for a request, and has room for few."""
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 1.0)
    monkeypatch.setattr(connections, "most_connections", lambda: MOST)
    sock = listening("127.0.0.1", 0, None)
    server = uvicorn.Server(
        uvicorn.Config(tell_length, http=CarefulProtocol, ws="none", log_config=None, lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield int(sock.getsockname()[1])
    server.should_exit = True
    thread.join(TIMEOUT)
    assert not thread.is_alive()


def connect(port: int) -> socket.socket:
    """Connect."""
    return socket.create_connection(("127.0.0.1", port), TIMEOUT)


def ended(connection: socket.socket) -> bytes:
    """Return what comes until the server lets go, whatever is dripped into it meanwhile."""
    came = b""
    connection.settimeout(0.1)
    until = time.monotonic() + TIMEOUT
    while time.monotonic() < until:
        try:
            connection.sendall(b"x")
            part = connection.recv(4096)
        except TimeoutError:
            continue
        except ConnectionError:
            return came
        if not part:
            return came
        came += part
    raise AssertionError("it was never let go")


@pytest.mark.parametrize("sent", [b"GET /", BEGUN + b"X-A: ", BEGUN + b"Content-Length: 90000\r\n\r\n"])
def test_a_slow_request_is_let_go(port: int, sent: bytes) -> None:
    """Though its bytes keep coming, in the head or in the body."""
    with connect(port) as connection:
        connection.sendall(sent)
        assert ended(connection) == b""
    assert requests.post(f"http://127.0.0.1:{port}/", data=b"abc", timeout=TIMEOUT).text == "3"


def test_who_says_nothing_is_let_go(port: int) -> None:
    """A connection alone holds a file for nothing."""
    with connect(port) as connection, contextlib.suppress(ConnectionError):
        assert connection.recv(1) == b""


def test_a_further_request_has_a_clock_of_its_own(port: int) -> None:
    """A connection that has asked before is not trusted more; a request that is whole stops its clock."""
    whole = BEGUN + b"Content-Length: 3\r\n\r\nabc"
    with connect(port) as connection:
        for _ in range(2):
            connection.sendall(whole)
            assert connection.recv(4096).endswith(b"\r\n\r\n3")
        connection.sendall(BEGUN + b"X-A: ")
        assert ended(connection) == b""


def test_a_head_without_end(port: int) -> None:
    """It is refused when it is too long, not kept until it is whole; one of usual length is read."""
    with connect(port) as connection:
        connection.sendall(BEGUN + b"X-A: " + b"a" * MAX_HEAD_BYTES)
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")
    longest = {"X-A": "a" * (MAX_HEAD_BYTES - 1000)}
    assert (
        requests.post(f"http://127.0.0.1:{port}/", data=b"a" * 90_000, headers=longest, timeout=TIMEOUT).text == "90000"
    )


def test_a_crowd_leaves_files_for_the_server_itself(port: int) -> None:
    """Who comes when too many are connected is turned away at once; when they go, others are let in."""
    with contextlib.ExitStack() as open_ones:
        crowd = [open_ones.enter_context(connect(port)) for _ in range(MOST + 5)]
        with contextlib.suppress(ConnectionError):
            assert crowd[-1].recv(1) == b""
    until = time.monotonic() + TIMEOUT
    while time.monotonic() < until:
        with contextlib.suppress(requests.ConnectionError):
            assert requests.post(f"http://127.0.0.1:{port}/", data=b"ab", timeout=TIMEOUT).text == "2"
            return
    raise AssertionError("nobody is let in any more")
