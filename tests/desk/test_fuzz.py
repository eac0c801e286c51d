"""Anything may be sent to any page: it answers kindly, shows no trace, and stays a page that can be read.

Made of ``app.PAGES``, so a new page is tried without a word here.
"""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple
from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lotsen.desk.access.sessions import COOKIE
from lotsen.desk.app import PAGES
from lotsen.desk.errors import Unavailable
from lotsen.desk.guard import FORM, MAX_BYTES, MAX_FIELDS
from lotsen.desk.page import Page
from lotsen.desk.who import Role
from tests.desk.filled import PAGE_IDS, World, dump, filled
from tests.desk.parsed import Parsed
from tests.support.postgres import Postgres

NAMES = (
    *("case", "version", "text", "view", "after", "before", "category", "guide", "unit", "channel", "actor", "action"),
    *("kind", "to", "level", "resolution", "into", "notice", "desk", "letter", "kept", "do", "ends", "insert", "seen"),
    *("week", "id", "q", "page", "next", "ask", "once", "since", "until", "problem", "name", "csrf"),
)
"""Fields that pages know, among those that nobody knows."""
VALUES = (
    *("", "0", "1", "2", "-1", "1.5", "1e9", "999999999", "9999999999", "²", "१", "NaN", "null", "new", "over", "open"),
    *("LOT-000001", "LOT-999999", "../../etc/passwd", "'; DROP TABLE cases; --", "<script>alert(1)</script>"),
    *("{{ 7*7 }}", "{x}", "%s%n", "\x00", "a\x00b", "\ud800", "\U0001f600", "\u202e", "å" * 300, "x" * 6000),
    *("=cmd|' /C calc'!A0", "\r\nSet-Cookie: a=b", "19121212-1212", "1764201600000000_1", "99999999999999999_1"),
    *("urgent", "solved", "agent", "lotsen", "2026-11-27", "2026-W48", "0001-01-01T00:00", "9999-12-31T23:59"),
)
text = st.one_of(st.sampled_from(VALUES), st.text(max_size=60), st.integers().map(str))
fields = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=12)), text), max_size=8)
odd_bytes = st.binary(max_size=40)
part = st.one_of(st.sampled_from(VALUES), st.text(min_size=1, max_size=20))


class Target(World):
    """One desk that all of this is thrown at, with everybody's role and the right token."""

    def __init__(self, folder: Path, url: str = "") -> None:
        super().__init__(folder, url)
        client = self.client(*Role)
        self.cookie, self.csrf = client.cookies[COOKIE], self.token(client)

    def ask(
        self, method: str, path: bytes, query: bytes = b"", body: Sequence[bytes] = (), **headers: str
    ) -> Tuple[int, Mapping[str, str], str, int]:
        """Send bytes as a server hands them on: status, headers, text, and how many parts of the body were read."""
        return asyncio.run(self._ask(method, path, query, body, headers))

    async def _ask(
        self, method: str, path: bytes, query: bytes, body: Sequence[bytes], headers: Dict[str, str]
    ) -> Tuple[int, Mapping[str, str], str, int]:
        given = {"host": "localhost:5006", "cookie": f"{COOKIE}={self.cookie}", **headers}
        scope: Dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path.decode("utf-8", "replace"), "raw_path": quote_from_bytes(path).encode(), "root_path": "",
            "query_string": query, "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 5006),
            "headers": [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in given.items()],
        }  # fmt: skip
        waiting, read, sent = list(body), 0, []

        async def receive() -> Dict[str, Any]:
            nonlocal read
            if waiting:
                read += 1
                return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}
            if read or not body:
                await asyncio.sleep(0)
            return (
                {"type": "http.request", "body": b"", "more_body": False} if not sent else {"type": "http.disconnect"}
            )

        async def send(message: Dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)  # type: ignore[arg-type]
        answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        written = b"".join(message.get("body", b"") for message in sent[1:])
        return sent[0]["status"], answered, written.decode("utf-8"), read


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The desk that these tests share."""
    made = Target(tmp_path_factory.mktemp("desk"))
    yield made
    made.desk.engine.dispose()


@pytest.fixture(scope="module")
def on_postgres(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The same on PostgreSQL, which refuses what SQLite lets through, e.g. a NUL."""
    made = Target(tmp_path_factory.mktemp("desk"), postgres_server.new_database())
    yield made
    made.desk.engine.dispose()


def address(page: Page, parts: List[str]) -> bytes:
    """Return a page's path with these parts in it, as bytes; a part never leads to another page."""
    path = page.path
    for written in parts:
        begin, end = path.find("{"), path.find("}")
        if begin >= 0:
            path = f"{path[:begin]}{written.replace('/', '')}{path[end + 1 :]}"
    return (path if "{" not in path else filled(page)).encode("utf-8", "replace")


def encoded(pairs: Sequence[Tuple[str, str]]) -> bytes:
    """Return fields as a browser sends them; halves of characters as bytes that are no UTF-8."""
    return urlencode(
        [(name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass")) for name, value in pairs]
    ).encode()


def sound(status: int, headers: Mapping[str, str], written: str) -> None:
    """Make sure that an answer is kind, and whole; what stands behind the desk may be away."""
    assert status < 500 or status == Unavailable.status, written
    assert "content-security-policy" in headers
    assert "Traceback" not in written
    assert "\r\nSet-Cookie: a=b" not in "\r\n".join(headers.values())
    if headers.get("content-type", "").startswith("text/html") and written:
        assert not Parsed(written, part="<!DOCTYPE html>" not in written).faults
        assert "<script>alert(1)" not in written


ROUNDS = int(os.environ.get("LOTSEN_FUZZ", "8"))
"""So often each page is tried in each way; for a long run set it higher."""
thrown = settings(
    max_examples=ROUNDS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
every_page = pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
CHANGING = [page for page in PAGES if page.method == "POST"]
every_change = pytest.mark.parametrize("page", CHANGING, ids=[page.path for page in CHANGING])


@every_page
@thrown
@given(parts=st.lists(part, min_size=3, max_size=3), query=fields, sent=fields, live=st.booleans(), known=st.booleans())
def test_no_page_breaks(
    world: Target, page: Page, parts: List[str], query: List[Tuple[str, str]], sent: List[Tuple[str, str]], live: bool,
    known: bool,
) -> None:  # fmt: skip
    """Odd paths, queries and fields, with the right token and without: no failure, no trace, no broken page."""
    throw(world, page, parts if not known else [], query, sent, live)


@every_page
@thrown
@given(parts=st.lists(part, min_size=3, max_size=3), query=fields, sent=fields)
def test_no_page_breaks_on_postgresql(
    on_postgres: Target, page: Page, parts: List[str], query: List[Tuple[str, str]], sent: List[Tuple[str, str]]
) -> None:
    """Nor on the other database, for a case that there is and for one that there is not."""
    throw(on_postgres, page, [], query, sent, False)
    throw(on_postgres, page, parts, query, sent, False)


def throw(
    world: Target, page: Page, parts: List[str], query: List[Tuple[str, str]], sent: List[Tuple[str, str]], live: bool
) -> None:
    """Ask for a page with all this, and make sure that the answer is sound; without parts for what there is."""
    body = encoded([*sent, ("csrf", world.csrf)])
    headers = {"content_type": FORM, "content_length": str(len(body))} if page.method == "POST" else {}
    if live:
        headers["hx_request"] = "true"
    path = address(page, parts) if parts else filled(page).encode()
    sound(*world.ask(page.method, path, encoded(query), [body] if page.method == "POST" else [], **headers)[:3])


@every_page
@thrown
@given(query=odd_bytes, body=odd_bytes, host=st.sampled_from(["", "[", "a b", "evil.example", "localhost:x", "é"]))
def test_bytes_that_are_no_form_are_no_failure(world: Target, page: Page, query: bytes, body: bytes, host: str) -> None:
    """What is no text, no form and no host is refused or read as nothing."""
    headers = {"host": host, "content_type": FORM, "content_length": str(len(body))}
    sound(*world.ask(page.method, filled(page).encode(), query, [body], **headers)[:3])


@every_change
def test_a_body_that_does_not_tell_its_length_is_not_read(world: Target, page: Page) -> None:
    """Chunks without an end, a length that is no number, and too long a one are refused before a byte is read."""
    before = dump(world.desk)
    for length in ({}, {"content_length": "x"}, {"content_length": "-1"}, {"content_length": str(MAX_BYTES + 1)},
                   {"content_length": "1" * 30}, {"content_length": "²"}):  # fmt: skip
        chunks = [b"csrf=" + world.csrf.encode(), b"&text=", b"x" * 100]
        status, headers, written, read = world.ask(
            "POST", filled(page).encode(), b"", chunks, content_type=FORM, **length
        )
        sound(status, headers, written)
        assert (status, read) == (422, 0)
        assert "Det var för mycket text" in written
    assert dump(world.desk) == before


@every_change
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"&".join(b"f=1" for _ in range(MAX_FIELDS + 1))),
        ("application/json", b'{"csrf": "x"}'),
        ("text/plain", b"csrf=x"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nx\r\n--b--\r\n',
        ),
        ("multipart/form-data", b"--"),
    ],
    ids=["too many fields", "json", "plain", "multipart", "no boundary"],
)
def test_what_is_no_form_of_ours_is_refused(world: Target, page: Page, kind: str, body: bytes) -> None:
    """Our pages send one kind of form; files, JSON and what other sites can send without asking are none."""
    headers = {"content_type": kind, "content_length": str(len(body))}
    status, answered, written, _ = world.ask("POST", filled(page).encode(), b"", [body], **headers)
    sound(status, answered, written)
    assert status == 422
    assert "Formuläret gick inte att läsa" in written


@every_change
def test_the_largest_form_is_read(world: Target, page: Page) -> None:
    """A form just within the limit is read, and answered in words."""
    fixed = b"csrf=" + world.csrf.encode() + b"&text="
    body = fixed + b"x" * (MAX_BYTES - len(fixed))
    headers = {"content_type": FORM, "content_length": str(len(body))}
    sound(*world.ask("POST", filled(page).encode(), b"", [body], **headers)[:3])


@thrown
@given(path=st.text(max_size=30), method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "GÅ"]))
def test_any_other_path_is_no_failure(world: Target, path: str, method: str) -> None:
    """Whatever is asked for, the answer is a page."""
    raw = f"/{quote(path, safe='/', errors='replace')}".encode()
    sound(*world.ask(method, f"/{path}".encode("utf-8", "replace"))[:3])
    sound(*world.ask(method, raw)[:3])


def test_nothing_of_this_was_logged_as_a_failure(world: Target, caplog: pytest.LogCaptureFixture) -> None:
    """The log has no trace for what a stranger can send."""
    with caplog.at_level(logging.ERROR):
        world.ask("GET", b"/queue", b"after=%00&view=%ff&text=\xff")
        world.ask("GET", b"/cases/\xff\x00")
    assert not caplog.records
