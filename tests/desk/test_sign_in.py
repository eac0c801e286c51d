"""The pages of signing in: where they lead, what strangers see, and what the audit log can take."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from lotsen.audit.log import Actor, AuditLog
from lotsen.content.catalogue import Content
from lotsen.desk import services
from lotsen.desk.access.refusals import PER_MINUTE, Refusals
from lotsen.desk.access.sessions import COOKIE
from lotsen.desk.access.sign_in import form_targets, routes
from lotsen.desk.access.ways_in import browser_cookie, next_page
from lotsen.desk.app import create_app
from lotsen.desk.services import Desk
from lotsen.desk.who import Role, Who
from lotsen.storage.database import open_engine
from tests.support.desk import made_desk

HOME = "http://localhost:5006"
OPEN = {
    ("GET", "/sign-in"),
    ("GET", "/sign-in/oidc"),
    ("GET", "/sign-in/callback"),
    ("GET", "/sign-in/local"),
    ("POST", "/sign-in/local"),
    ("POST", "/sign-out"),
    ("GET", "/signed-out"),
}


@pytest.fixture
def desk(tmp_path: Path, content: Content, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk as it is when nothing is set."""
    monkeypatch.setattr(services, "load_content", lambda folder: content)
    made = made_desk(f"sqlite:///{tmp_path / 'lotsen.db'}", tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def stranger(desk: Desk) -> TestClient:
    """A browser that nobody has signed in with."""
    return TestClient(create_app(desk), base_url=HOME, follow_redirects=False)


def test_routes(desk: Desk) -> None:
    """These paths are open to strangers, and no others of the sign-in."""
    found = {(method, route.path) for route in routes(desk) for method in route.methods - {"HEAD"}}  # type: ignore[attr-defined]
    assert found == OPEN


@given(st.text(max_size=60).map(lambda text: f"/{text}") | st.text(max_size=60))
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("https:evil.example")
@example("/%2f/evil.example")
@example("///evil.example")
@example("//[")
def test_next_page_is_ours(written: str) -> None:
    """Where one goes after signing in is a path of the desk, however a browser reads it, and no page of signing in."""
    to = next_page(written)
    assert to.startswith("/") and not to.startswith(("//", "/\\", "/sign")) and to.isprintable() and "\\" not in to
    assert urlsplit(urljoin(HOME, to)).netloc == urlsplit(HOME).netloc


@pytest.mark.parametrize("to", ["/queue", "/cases/12?tab=tried&x=%20y", "/improve#week", "/"])
def test_next_page_is_kept(to: str) -> None:
    """A page of ours is where one goes."""
    assert next_page(to) == to


def test_page_for_strangers(stranger: TestClient) -> None:
    """The page has a heading, a labelled field, and no link but the desk's own; the browser is known again by it."""
    page = stranger.get("/sign-in", params={"next": "/queue?a=1&b=2"})
    assert page.status_code == 200 and page.headers["cache-control"] == "no-store"
    assert page.text.count("<h1") == 1 and '<label for="password">' in page.text
    assert 'value="/queue?a=1&amp;b=2"' in page.text
    first = stranger.cookies[browser_cookie(False)]
    stranger.get("/sign-in")
    assert stranger.cookies[browser_cookie(False)] == first


def test_signed_in_already(desk: Desk, stranger: TestClient) -> None:
    """Who is signed in goes on from the sign-in, and is not told to be signed out."""
    stranger.cookies.set(COOKIE, desk.sessions.begin(Who("x", "X", frozenset({Role.AGENT})), "test"))
    assert stranger.get("/sign-in", params={"next": "/queue"}).headers["location"] == "/queue"
    assert stranger.get("/signed-out").headers["location"] == "/"


def test_ways_that_are_not_set(stranger: TestClient) -> None:
    """Without an identity provider its paths lead to the sign-in."""
    assert stranger.get("/sign-in/oidc", params={"next": "/queue"}).headers["location"] == "/sign-in?next=%2Fqueue"
    assert stranger.get("/sign-in/callback", params={"code": "x", "state": "y"}).headers["location"] == "/sign-in"


@pytest.mark.parametrize("path", sorted({path for method, path in OPEN if method == "GET"}))
def test_odd_requests(stranger: TestClient, path: str) -> None:
    """Nothing that stands in an address makes an error."""
    for query in ("next=" + "a" * 5000, "next=%00", "next=%ff", "state=%00&code=%00", "a&b&c", "begun"):
        assert stranger.get(f"{path}?{query}").status_code < 500


@pytest.mark.parametrize("body", [b"", b"csrf=%00", b"\xff\xff", b"password=" + b"x" * 400_000])
def test_odd_forms(stranger: TestClient, body: bytes) -> None:
    """Nothing that is sent as a form makes an error, and none is obeyed."""
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
        answer = stranger.post("/sign-in/local", content=body, headers={"Content-Type": kind})
        assert 400 <= answer.status_code < 500 and COOKIE not in stranger.cookies


def test_no_database(desk: Desk, stranger: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not answer is said in a sentence, with a mark that is in the log."""

    def fail(*given: object) -> None:
        raise OperationalError("select", {}, Exception("gone"))

    stranger.cookies.set(COOKIE, "x")
    monkeypatch.setattr(type(desk.sessions), "read", fail)
    answer = stranger.get("/sign-in")
    assert answer.status_code == 500 and "Databasen svarar inte" in answer.text and "gone" not in answer.text


def test_forms_lead_nowhere_else(desk: Desk) -> None:
    """No form is redirected to another host, so none need be allowed."""
    assert form_targets(desk.config) == []


def test_refusals_do_not_fill_the_log(tmp_path: Path) -> None:
    """In a minute only so many refusals are written, and one entry says that there were more."""
    time = [0.0]
    engine = open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}")
    audit = AuditLog(engine)
    refusals = Refusals(audit, lambda: time[0])
    for _ in range(PER_MINUTE + 20):
        refusals.add(Actor("unknown", "Okänd"), "local: wrong")
    assert len(audit.read(limit=500)) == PER_MINUTE + 1
    assert audit.read()[0].detail == "more_than_are_written"
    time[0] += 60
    refusals.add(Actor("unknown", "Okänd"), "local: wrong")
    assert len(audit.read(limit=500)) == PER_MINUTE + 2
    engine.dispose()
