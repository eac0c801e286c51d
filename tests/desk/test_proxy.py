"""Signing in through a proxy: its headers are believed from its address with its secret, and in no other way."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Iterator, List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.testclient import TestClient

from lotsen.content.catalogue import Content
from lotsen.desk import services
from lotsen.desk.access.config import SECRET_HEADER, read_triage
from lotsen.desk.access.proxy import NotBelieved, comes_from, who_of
from lotsen.desk.access.sessions import COOKIE
from lotsen.desk.app import create_app
from lotsen.desk.services import Desk
from lotsen.desk.who import Role, Who
from lotsen.settings import Settings
from tests.support.desk import made_desk

HOME, SECRET = "http://localhost:5006", "a-secret-of-the-proxy-1"
PROXY, ELSEWHERE = "10.0.0.5", "10.0.0.99"
SETTINGS = {"LOTSEN_TRIAGE_PROXY_FROM": f"{PROXY}, fd00::/64", "LOTSEN_TRIAGE_PROXY_SECRET": SECRET}
USER, NAME, ROLES = "X-Forwarded-User", "X-Forwarded-Preferred-Username", "X-Forwarded-Groups"
Header = Tuple[str, str]
GOOD: List[Header] = [(SECRET_HEADER, SECRET), (USER, "anna"), (NAME, "Anna Berg"), (ROLES, "agent,other")]


@pytest.fixture
def desk(tmp_path: Path, content: Content, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk behind a proxy."""
    monkeypatch.setattr(services, "load_content", lambda folder: content)
    made = made_desk(f"sqlite:///{tmp_path / 'lotsen.db'}", tmp_path, **SETTINGS)
    yield made
    made.engine.dispose()


def browser(desk: Desk, peer: str = PROXY) -> TestClient:
    """Return a browser whose requests come from an address."""
    return TestClient(create_app(desk), base_url=HOME, follow_redirects=False, client=(peer, 1234))


def changed(**more: str) -> List[Header]:
    """Return the good headers with others in place of some, by the last word of their names."""
    new = dict(more)
    return [(name, new.pop(name.split("-")[-1].lower(), value)) for name, value in GOOD]


def enter(client: TestClient, headers: List[Header], to: str = "/audit") -> "tuple[int, str]":
    """Open the sign-in as a browser that was sent there does; return status and where it leads."""
    answer = client.get("/sign-in", params={"next": to}, headers=headers)
    return answer.status_code, answer.headers.get("location", "")


def test_sign_in(desk: Desk) -> None:
    """Whom the proxy has signed in is in, with name and roles, and goes where they were going."""
    client = browser(desk)
    status, to = enter(client, GOOD, "/cases/1")
    assert status == 303 and to == "/sign-in?begun=1&next=%2Fcases%2F1"
    answer = client.get(to, headers=GOOD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/1")
    found = desk.sessions.read(client.cookies[COOKIE])
    assert found is not None and found.who == Who("proxy:anna", "Anna Berg", frozenset({Role.AGENT}))
    assert [(entry.actor.name, entry.action, entry.detail) for entry in desk.audit.read()] == [
        ("Anna Berg", "signed_in", "proxy")
    ]


def test_names_in_swedish(desk: Desk) -> None:
    """A name is read as UTF-8."""
    client = browser(desk)
    answer = client.get("/sign-in", headers={**dict(GOOD), NAME: "Åsa Öst".encode()})  # type: ignore[dict-item]
    assert answer.status_code == 303
    found = desk.sessions.read(client.cookies[COOKIE])
    assert found is not None and found.who.name == "Åsa Öst"


WRONG: Dict[str, List[Header]] = {
    "no secret": GOOD[1:],
    "wrong secret": changed(secret="a-secret-of-the-proxy-2"),
    "empty secret": changed(secret=""),
    "longer secret": changed(secret=SECRET + "1"),
    "secret twice": [*GOOD, (SECRET_HEADER, SECRET)],
    "user twice": [*GOOD, (USER, "eva")],
    "same user twice": [*GOOD, (USER, "anna")],
    "name twice": [*GOOD, (NAME, "Eva")],
    "roles twice": [*GOOD, (ROLES, "lead")],
    "no user": [GOOD[0], *GOOD[2:]],
    "no name": [*GOOD[:2], GOOD[3]],
    "no roles": GOOD[:3],
    "empty user": changed(user=""),
    "blank user": changed(user="  "),
    "empty name": changed(username=""),
    "empty roles": changed(groups=""),
    "long roles": changed(groups="agent," * 1000),
    "underscores": [*GOOD, ("X_Forwarded_User", "eva")],
    "one underscore": [*GOOD, ("X-Forwarded_Groups", "lead")],
    "underscored secret": [*GOOD, ("X_Lotsen_Proxy_Secret", SECRET)],
    "nothing but a secret": GOOD[:1],
    "nothing": [],
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG.keys())
def test_not_as_the_proxy_sends_them(desk: Desk, headers: List[Header]) -> None:
    """Headers that are missing, empty, double or spelled otherwise let nobody in."""
    client = browser(desk)
    status, to = enter(client, headers)
    assert (status, to) == (200, "") and COOKIE not in client.cookies
    assert client.get("/events", headers=headers).status_code == 401


def test_not_in_utf8() -> None:
    """What is no text is not believed; the stand-in for a browser cannot send it, so the request is made by hand."""
    triage = read_triage(SETTINGS, Settings.read({}))
    assert triage.proxy is not None
    for name, believed in (("Åsa".encode(), True), ("Åsa".encode("latin-1"), False)):
        raw = [(one.lower().encode(), name if one == NAME else value.encode()) for one, value in GOOD]
        request = Request({"type": "http", "headers": raw, "client": (PROXY, 1234)})
        if believed:
            assert who_of(request, triage, triage.proxy, "key") is not None
        else:
            with pytest.raises(NotBelieved, match="UTF-8"):
                who_of(request, triage, triage.proxy, "key")


@pytest.mark.parametrize("peer", [ELSEWHERE, "127.0.0.1", "::1", "testclient", ""])
def test_from_elsewhere(desk: Desk, peer: str) -> None:
    """The right headers from another address let nobody in, whatever they say of where they are from."""
    client = browser(desk, peer)
    headers = [*GOOD, ("X-Forwarded-For", PROXY), ("Forwarded", f"for={PROXY}")]
    assert enter(client, headers)[0] == 200 and COOKIE not in client.cookies


@pytest.mark.parametrize("peer", [PROXY, f"::ffff:{PROXY}", "fd00::17"])
def test_addresses_of_the_proxy(desk: Desk, peer: str) -> None:
    """The proxy may have several addresses and networks, in any spelling."""
    assert enter(browser(desk, peer), GOOD)[0] == 303


def test_no_roles(desk: Desk) -> None:
    """Who has no role of ours is told so, and has no session."""
    client = browser(desk)
    answer = client.get("/sign-in", headers=changed(groups="other"))
    assert answer.status_code == 403 and "Anna Berg" in answer.text and COOKIE not in client.cookies
    assert desk.audit.read()[0].detail == "proxy: no_roles"


def test_the_cookie_alone_opens_nothing(desk: Desk) -> None:
    """A session counts only in requests with the headers of its user; one without them ends it."""
    client = browser(desk)
    enter(client, GOOD)
    token = client.cookies[COOKIE]
    assert client.get("/", headers=GOOD).headers["location"] == "/queue"
    thief = browser(desk, ELSEWHERE)
    thief.cookies.set(COOKIE, token)
    assert thief.get("/").headers["location"].startswith("/sign-in")
    assert desk.sessions.read(token) is None


def test_another_user_at_the_proxy(desk: Desk) -> None:
    """Who signs in at the proxy as somebody else is somebody else here with the next click."""
    client = browser(desk)
    enter(client, GOOD)
    other = changed(user="eva", username="Eva Ek")
    assert client.get("/", headers=other).headers["location"].startswith("/sign-in")
    enter(client, other)
    found = desk.sessions.read(client.cookies[COOKIE])
    assert found is not None and found.who.name == "Eva Ek"


def test_roles_of_each_request_count(desk: Desk) -> None:
    """A role that the proxy gives or takes counts with the next click."""
    client = browser(desk)
    enter(client, GOOD)
    assert client.get("/", headers=GOOD).headers["location"] == "/queue"
    assert client.get("/", headers=changed(groups="auditor")).headers["location"] == "/audit"
    assert client.get("/", headers=changed(groups="other")).headers["location"].startswith("/sign-in")


def test_no_cookies(desk: Desk) -> None:
    """A browser that keeps no cookies is told so, rather than sent in a circle."""
    client = browser(desk)
    _, to = enter(client, GOOD)
    client.cookies.clear()
    answer = client.get(to, headers=GOOD)
    assert answer.status_code == 400 and "kakor" in answer.text


def test_sign_out(desk: Desk) -> None:
    """Signing out ends the session, and does not sign in again at once."""
    client = browser(desk)
    enter(client, GOOD)
    found = desk.sessions.read(client.cookies[COOKIE])
    assert found is not None
    answer = client.post("/sign-out", data={"csrf": found.csrf}, headers=GOOD)
    assert answer.headers["location"] == "/signed-out" and desk.sessions.read(found.token) is None
    assert client.get("/signed-out", headers=GOOD).status_code == 200


def test_headers_without_a_proxy(tmp_path: Path, content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk that knows of no proxy does not look at the headers."""
    monkeypatch.setattr(services, "load_content", lambda folder: content)
    desk = made_desk(f"sqlite:///{tmp_path / 'lotsen.db'}", tmp_path)
    client = browser(desk)
    assert enter(client, GOOD)[0] == 200 and COOKIE not in client.cookies
    desk.engine.dispose()


@given(st.one_of(st.ip_addresses().map(str), st.text(max_size=20)))
def test_only_named_addresses(peer: str) -> None:
    """No address is the proxy's but those that are named, and no text makes an error."""
    config = read_triage(SETTINGS, Settings.read({})).proxy
    assert config is not None
    if comes_from(peer, config):
        assert peer in (PROXY, f"::ffff:{PROXY}") or peer.startswith("fd00:")
