"""What every answer of the desk has: its headers, and pages that browsers and screen readers can read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator, List

import pytest
from httpx import Response
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from lotsen.desk.app import PAGES, create_app
from lotsen.desk.headers import headers
from lotsen.desk.page import Page
from lotsen.desk.render import STATIC, static_url
from lotsen.desk.services import Desk
from lotsen.desk.who import Role
from tests.desk.filled import PAGE_IDS, World, filled
from tests.desk.parsed import Parsed
from tests.support.desk import made_desk, send

READ = [page for page in PAGES if page.method == "GET"]
TEMPLATES = STATIC.parent / "templates"


def holds(answer: Response) -> bool:
    """Tell whether an answer has every header that it should have."""
    expected = headers()
    return all(answer.headers.get(name) == value for name, value in expected.items())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The desk that these tests share."""
    made = World(tmp_path_factory.mktemp("desk"))
    yield made
    made.desk.engine.dispose()


@pytest.fixture
def desk(world: World) -> Desk:
    """Its services."""
    return world.desk


@pytest.fixture
def everybody(world: World) -> TestClient:
    """Somebody with every role."""
    return world.client(*Role)


@pytest.fixture
def stranger(world: World) -> TestClient:
    """Nobody."""
    return world.client()


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_answer_has_the_headers(everybody: TestClient, stranger: TestClient, page: Page) -> None:
    """Pages, refusals and redirects have the policy, and are kept by nobody."""
    for client in (everybody, stranger):
        answer = client.request(page.method, filled(page), data={} if page.method == "POST" else None)
        assert holds(answer)
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 303),
        ("GET", "/nothing", 404),
        ("GET", "/queue/", 404),
        ("GET", "/%00", 404),
        ("DELETE", "/queue", 405),
        ("POST", "/health", 405),
        ("GET", "/health", 200),
        ("GET", "/static/nothing.js", 404),
        ("GET", "/static/%00", 404),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
        ("POST", "/static/desk.css", 405),
        ("GET", "/events", 401),
        ("GET", "/sign-in", 200),
        ("POST", "/queue", 405),
    ],
)
def test_what_is_no_page_has_them_too(stranger: TestClient, method: str, path: str, status: int) -> None:
    """Errors, files, redirects and what machines ask for have the policy."""
    answer = stranger.request(method, path)
    assert (answer.status_code, holds(answer)) == (status, True)


def test_files_may_be_kept_by_the_address_that_changes_with_them(stranger: TestClient) -> None:
    """A file asked for by its whole address is kept for ever, by another address not at all; both have the policy."""
    kept, other = stranger.get(static_url("desk.js")), stranger.get("/static/desk.js")
    assert kept.headers["cache-control"].endswith("immutable")
    assert other.headers["cache-control"] == "no-store"
    assert holds(kept)
    assert kept.headers["content-type"].startswith(("text/javascript", "application/javascript"))


def test_with_https_browsers_are_told_to_stay_with_it(tmp_path: Path) -> None:
    """A desk at an https address says so in every answer; one at home does not."""
    settings = {"LOTSEN_TRIAGE_URL": "https://triage.example.se", "LOTSEN_TRIAGE_LOCAL": "on"}
    desk = made_desk(f"sqlite:///{tmp_path / 'a.db'}", tmp_path, **settings)
    with_https = TestClient(create_app(desk), base_url=desk.config.url)
    assert with_https.get("/health").headers["strict-transport-security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in headers()


@pytest.mark.parametrize("where", ["view", "session"])
def test_a_database_that_fails_is_told_kindly(
    desk: Desk, everybody: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    """The page has the headers, a code that is in the log, and nothing of the fault itself."""

    def fail(*arguments: object, **named: object) -> None:
        raise OperationalError("SELECT secret", {}, Exception("disk I/O error"))

    monkeypatch.setattr(*((desk.queue, "counts") if where == "view" else (desk.sessions, "read")), fail)
    answer = everybody.get("/queue")
    assert (answer.status_code, holds(answer)) == (500, True)
    assert "Databasen svarar inte." in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    code = re.search(r"visa koden ([0-9a-f]{8})", answer.text)
    assert code is not None
    assert code[1] in caplog.text
    assert not Parsed(answer.text).faults


def test_what_was_written_is_not_lost_when_something_fails(
    desk: Desk, everybody: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long text comes back on the page that tells of the failure."""
    long = "Det här tog en halvtimme att skriva, så det ska inte försvinna."
    monkeypatch.setattr(desk.queue, "page", lambda *_, **__: 1 / 0)
    answer = send(everybody, "/queue/next", page="/audit", text=long)
    assert answer.status_code == 500
    assert "Något gick fel hos oss." in answer.text
    assert long in answer.text


@pytest.mark.parametrize("page", READ, ids=[page.path for page in READ])
def test_every_page_is_sound(everybody: TestClient, desk: Desk, page: Page) -> None:
    """No inline script or style, all closed, ids unique, all fields labelled, what is referred to is there, one h1."""
    answer = everybody.get(filled(page))
    assert answer.status_code < 500
    if answer.status_code < 300:
        assert not Parsed(answer.text, part="<!DOCTYPE html>" not in answer.text).faults


@pytest.mark.parametrize("path", ["/nothing", "/sign-in", "/sign-in/local", "/queue?after=x"])
def test_other_pages_are_sound(stranger: TestClient, path: str) -> None:
    """So are pages for strangers, and those of errors."""
    answer = stranger.get(path, follow_redirects=True)
    assert not Parsed(answer.text).faults


def _templates() -> Iterator[Path]:
    return iter(sorted(TEMPLATES.glob("*.html")))


@pytest.mark.parametrize("path", _templates(), ids=lambda path: path.name)
def test_no_template_has_script_or_style_in_it(path: Path) -> None:
    """Whatever a template shows in some case that no test reaches, it has nothing that the policy would block."""
    text = path.read_text(encoding="utf-8")
    found: List[str] = re.findall(
        r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|<script(?![^>]*\ssrc=)|\| *safe", text
    )
    assert not found


def test_the_parser_finds_what_it_should() -> None:
    """The faults that these tests look for are found in a page that has them all."""
    bad = (
        '<h1>a</h1><h1>b</h1><p id="x" style="color:red"><div id="x" onclick="f()"><input name="q"><script>f()</script>'
        '<label for="gone">c</label><button></button><a href="javascript:f()">d</a></div>'
    )
    faults = "\n".join(Parsed(bad).faults)
    for part in ("has style", "has onclick", "'x' is there twice", "no label", "is inline", "#gone", "says nothing",
                 "javascript:", "<p> is not closed", "2 h1"):  # fmt: skip
        assert part in faults
    assert not Parsed('<h1>a</h1><label>b <input name="q"></label><a href="/">c</a>').faults
