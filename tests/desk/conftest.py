"""The desk on an empty database, and browsers' stand-ins with a session of each role."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from lotsen.desk.access.sessions import COOKIE
from lotsen.desk.app import create_app
from lotsen.desk.services import Desk
from lotsen.desk.who import Role, Who
from tests.support.desk import made_desk

Client = Callable[..., TestClient]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The services on an empty SQLite."""
    made = made_desk(f"sqlite:///{tmp_path / 'lotsen.db'}", tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def client(desk: Desk) -> Iterator[Client]:
    """Makes clients with a session of the roles that it is given; without any, a stranger."""
    app = create_app(desk)
    opened = []

    def make(*roles: Role, name: str = "Karin Ek", id: str = "") -> TestClient:
        made = TestClient(app, base_url=desk.config.url, follow_redirects=False)
        if roles:
            who = Who(id or "+".join(role.value for role in roles), name, frozenset(roles))
            made.cookies.set(COOKIE, desk.sessions.begin(who, "test"))
        opened.append(made)
        return made

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def stranger(client: Client) -> TestClient:
    """Nobody."""
    return client()


@pytest.fixture
def as_agent(client: Client) -> TestClient:
    """An agent, Karin."""
    return client(Role.AGENT)


@pytest.fixture
def as_lead(client: Client) -> TestClient:
    """A lead, Lars."""
    return client(Role.LEAD, name="Lars Öberg")


@pytest.fixture
def as_owner(client: Client) -> TestClient:
    """A content owner, Olga."""
    return client(Role.OWNER, name="Olga Nyman")


@pytest.fixture
def as_auditor(client: Client) -> TestClient:
    """An auditor, Ali."""
    return client(Role.AUDITOR, name="Ali Rahm")
