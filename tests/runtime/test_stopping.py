"""A server that is told to stop: nobody who has just come, or is being answered, is turned away."""

from __future__ import annotations

import contextlib

import pytest
import requests

from lotsen.runtime.sockets import CALLER_IDLE_SECONDS
from tests.runtime.served import WAIT_SECONDS, answer_on, serving

ASKED = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"


def test_who_has_connected_before_it_stops_is_answered() -> None:
    """A connection that was used and rests is closed after a moment; one that was just made is waited for a while."""
    with serving("plain") as served, contextlib.ExitStack() as open_ones:
        used, fresh, silent = (open_ones.enter_context(served.connect()) for _ in range(3))
        used.sendall(ASKED)
        assert answer_on(used)[0] == 200
        for _ in range(2):  # The server has taken the connections that were made before.
            assert requests.get(f"{served.url}/health", timeout=WAIT_SECONDS).ok
        served.stop()
        assert used.recv(1) == b""
        fresh.sendall(ASKED.replace(b"/health", b"/over"))
        status, headers, body = answer_on(fresh)
        assert (status, headers["connection"]) == (200, "close")
        assert body == b"[]", "the app was told to stop before its last request"
        with contextlib.suppress(ConnectionError):
            assert silent.recv(1) == b""


def test_what_is_under_way_ends() -> None:
    """A stream that has begun is read to its end."""
    with serving("plain") as served, requests.get(f"{served.url}/stream", stream=True, timeout=WAIT_SECONDS) as answer:
        lines = answer.iter_lines()
        assert next(lines) == b"0"
        served.stop()
        assert list(lines) == [b"1", b"2", b"3", b"4", b"5"]


def test_the_action_server_closes_no_connection_that_may_be_used() -> None:
    """Rasa keeps idle connections for some seconds; a call on one of them is answered, though the server is to stop."""
    with serving("actions") as served, served.connect() as kept:
        kept.sendall(ASKED)
        assert answer_on(kept)[0] == 200
        served.stop()
        kept.settimeout(CALLER_IDLE_SECONDS)
        with pytest.raises(TimeoutError):
            kept.recv(1)
        kept.sendall(ASKED)
        status, headers, _ = answer_on(kept)
        assert (status, headers["connection"]) == (200, "close")
