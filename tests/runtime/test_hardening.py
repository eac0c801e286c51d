"""Every server of ours: what it refuses, how long it waits, and that an error says nothing of what is inside."""

from __future__ import annotations

import contextlib
import socket
from typing import Iterator

import pytest
import requests
import sanic
from hypothesis import given
from hypothesis import strategies as st

from lotsen.runtime.hardening import HEADERS, MAX_BYTES, MAX_HEAD_BYTES
from lotsen.runtime.request_heads import well_formed
from tests.runtime.served import HIDDEN, MOST, Served, answer_on, serving

TIMEOUT = 30
GOOD = b"POST /chat/messages?a=1 HTTP/1.1\r\nHost: lotsen.example:5005\r\nContent-Length: 2\r\nX-Empty:"
NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12).map(lambda name: f"x-{name}")
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)

AMBIGUOUS = {
    "two lengths": b"Host: a\r\nContent-Length: 2\r\nContent-Length: 3",
    "two lengths that agree": b"Host: a\r\nContent-Length: 2\r\nContent-Length: 2",
    "a length and chunks": b"Host: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked",
    "a length with an underscore": b"Host: a\r\nContent-Length: 1_0",
    "a negative length": b"Host: a\r\nContent-Length: -1",
    "a length with a sign": b"Host: a\r\nContent-Length: +1",
    "two lengths in one": b"Host: a\r\nContent-Length: 2, 2",
    "an unknown coding": b"Host: a\r\nTransfer-Encoding: gzip, chunked",
    "a coding in capitals": b"Host: a\r\nTransfer-Encoding: Chunked",
    "two codings": b"Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "a name with a space behind it": b"Host: a\r\nContent-Length : 2",
    "a folded line": b"Host: a\r\nX-A: b\r\n c",
    "a line without a colon": b"Host: a\r\nContent-Length",
    "a line end of its own kind": b"Host: a\r\nX-A: b\nTransfer-Encoding: chunked",
    "a lone carriage return": b"Host: a\r\nX-A: b\rContent-Length: 3",
    "a NUL": b"Host: a\r\nX-A: b\x00",
    "two hosts": b"Host: a\r\nHost: b",
    "a host that is an address": b"Host: http://evil.example/",
    "a host with markup": b'Host: a"><script>',
    "two origins": b"Host: a\r\nOrigin: https://a.example\r\nOrigin: https://b.example",
    "a websocket": b"Host: a\r\nUpgrade: WebSocket\r\nConnection: Upgrade",
}
LINES = {
    "no version": b"GET /health",
    "an old version": b"GET /health HTTP/0.9",
    "a newer version": b"GET /health HTTP/2.0",
    "bytes that are no text": b"GET /\xff\xfe HTTP/1.1",
    "a space in the address": b"GET /a b HTTP/1.1",
    "a method that is none": b"get /health HTTP/1.1",
    "an address that cannot be read": b"GET http:// HTTP/1.1",
    "another server's address": b"GET http://evil.example/health HTTP/1.1",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """A server with short time limits."""
    with serving("plain") as running:
        yield running


def test_the_version_is_the_one_that_was_read() -> None:
    """Sanic's own protocol is put aside by ``lotsen/runtime/connections.py``: read the new one before you go on."""
    assert sanic.__version__ == "21.12.2"


@given(headers=st.lists(st.tuples(NAMES, VALUES), max_size=8))
def test_ordinary_heads_pass(headers: list[tuple[str, str]]) -> None:
    """Whatever a browser or a proxy adds is let through."""
    lines = "".join(f"\r\n{name}: {value}" for name, value in headers)
    assert well_formed(GOOD + lines.encode())


@given(st.binary(max_size=200), st.integers(0, len(GOOD)))
def test_no_control_character_passes(inserted: bytes, at: int) -> None:
    """Whatever is put into a head, what passes has no bare line end and no NUL, and at most one length."""
    head = GOOD[:at] + inserted + GOOD[at:]
    if well_formed(head):
        lines = head.split(b"\r\n")
        assert not any(byte < 0x20 and byte != 0x09 for line in lines for byte in line)
        assert sum(line.lower().startswith(b"content-length") for line in lines) <= 1


def test_heads_with_two_meanings_are_refused(server: Served) -> None:
    """What a proxy before us might read in another way gets 400, and the connection is closed."""
    for case, headers in AMBIGUOUS.items():
        status, answered, body = server.raw(
            b"POST /health HTTP/1.1\r\n" + headers + b"\r\n\r\nGET /own HTTP/1.1\r\n\r\n"
        )
        assert status == 400, case
        assert answered["connection"] == "close", case
        assert b"evil" not in body, case
    for case, line in LINES.items():
        assert server.raw(line + b"\r\nHost: a\r\n\r\n")[0] == 400, case


def test_what_is_too_long_is_refused(server: Served) -> None:
    """Of a head that does not end and of a body over the limit nothing is kept."""
    for sent in (
        b"GET /health HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n",
        b"GET /" + b"a" * 70_000,
        f"POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: {MAX_BYTES + 1}\r\n\r\n".encode(),
        f"POST /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{MAX_BYTES + 1:x}\r\n".encode(),
    ):
        assert server.raw(sent)[0] == 413, sent[:60]
    fits = requests.post(f"{server.url}/health", data=b"a" * MAX_BYTES, timeout=TIMEOUT)
    assert fits.json() == {"bytes": MAX_BYTES}


def test_every_answer_has_the_headers(server: Served) -> None:
    """Also one to what is no request; what a route has said itself stays. Nothing tells what the server is made of."""
    answers = [
        server.raw(b"%b %b HTTP/1.1\r\nHost: a\r\n\r\n" % (method, path))
        for method, path in (
            *((b"GET", b"/health"), (b"HEAD", b"/health"), (b"GET", b"/none"), (b"PATCH", b"/health")),
            *((b"GET", b"/fails"), (b"GET", b"/\xff"), (b"GET", b"/stream"), (b"TRACE", b"/health")),
        )
    ]
    assert [status for status, _, _ in answers] == [200, 405, 404, 405, 500, 400, 200, 405]
    for _, headers, _ in answers:
        assert {name: headers.get(name.lower()) for name in HEADERS} == HEADERS
        assert not headers.keys() & {"server", "x-powered-by", "access-control-allow-origin"}
    own = requests.get(f"{server.url}/own", timeout=TIMEOUT)
    assert own.headers["Cache-Control"] == "public"
    assert own.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert own.headers["Referrer-Policy"] == "no-referrer"


def test_errors_say_nothing_of_the_inside(server: Served) -> None:
    """A person reads a Swedish sentence, a program JSON; neither learns what went wrong, or where."""
    for path, status in (("/fails", 500), (f"/{HIDDEN}<script>", 404), (f"/health/{HIDDEN}", 404)):
        for accept, kind in (("text/html,*/*", "text/plain; charset=utf-8"), ("*/*", "application/json")):
            answer = requests.get(server.url + path, headers={"Accept": accept}, timeout=TIMEOUT)
            assert (answer.status_code, answer.headers["Content-Type"]) == (status, kind)
            said = answer.text if kind != "application/json" else answer.json()["error"]
            assert said.endswith(".")
            assert not [part for part in (HIDDEN, "Traceback", ".py", "anic", "/") if part in said]
    wrong = requests.put(f"{server.url}/health", timeout=TIMEOUT)
    assert {method.strip() for method in wrong.headers["Allow"].split(",")} == {"GET", "POST"}


def test_slow_clients_are_let_go_and_block_nobody(server: Served) -> None:
    """A request that comes byte by byte ends with 408 or 503 though its bytes keep coming; others are answered."""
    slow = [
        (server.connect(), b"GET /health HTTP/1.1\r\nHost: a\r\nX-A: ", 408),
        (server.connect(), b"POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n", 503),
    ]
    for connection, start, _ in slow:
        connection.sendall(start)
    crowd = [server.connect() for _ in range(100)]
    for one in crowd:
        one.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n")
    assert requests.get(f"{server.url}/health", timeout=TIMEOUT).ok
    for connection, _, status in slow:
        _drip(connection)
        connection.settimeout(TIMEOUT)
        assert answer_on(connection)[0] == status
    for one in [*crowd, *(connection for connection, _, _ in slow)]:
        one.close()


def test_a_crowd_leaves_files_for_the_server_itself(server: Served) -> None:
    """Who comes when too many are connected is turned away at once; when they go, others are let in."""
    with contextlib.ExitStack() as open_ones:
        crowd = [open_ones.enter_context(server.connect()) for _ in range(MOST + 20)]
        turned_away = crowd[-1]
        with contextlib.suppress(ConnectionError):
            assert turned_away.recv(1) == b""
        crowd[0].sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answer_on(crowd[0])[0] == 200
    for _ in range(100):
        with contextlib.suppress(requests.ConnectionError):
            assert requests.get(f"{server.url}/health", timeout=TIMEOUT).ok
            return
    raise AssertionError("nobody is let in any more")


def _drip(connection: socket.socket) -> None:
    """Send a byte ten times a second until something is answered, for as long as the longest limit and then some."""
    for _ in range(150):
        connection.settimeout(0.1)
        with contextlib.suppress(socket.timeout):
            if connection.recv(1, socket.MSG_PEEK):
                return
        connection.sendall(b"a")
    raise AssertionError("the server waits for ever")


def test_a_stream_lives_longer_than_an_answer_may_take(server: Served) -> None:
    """What is told now and then, as the chat's news are, is not cut off."""
    told = requests.get(f"{server.url}/stream", timeout=TIMEOUT)
    assert told.text.split() == ["0", "1", "2", "3", "4", "5"]
