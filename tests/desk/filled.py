"""A desk with something in it, and what tests of every page need: paths with their parts filled in, a dump of all."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, FrozenSet, Tuple

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lotsen.cases.case import Category, Contact, Impact
from lotsen.cases.priority import priority_of
from lotsen.cases.store import Case, NewCase
from lotsen.desk.access.sessions import COOKIE
from lotsen.desk.app import PAGES, create_app
from lotsen.desk.guard import REFUSED
from lotsen.desk.page import Page
from lotsen.desk.services import Desk
from lotsen.desk.who import Role, Who
from tests.cases.made import FULL
from tests.support.desk import made_desk

PARTS: Dict[str, str] = {"case": "1"}
"""What stands in a path for its parts; others become ``1``."""
OWN_TABLES = frozenset({"desk_sessions", "desk_people", "desk_sign_ins", "audit_log", "audit_head"})
"""Tables that a request may write without changing anything: who is here, and what they did."""
PAGE_IDS = [f"{page.method} {page.path}" for page in PAGES]


def add_case(
    desk: Desk,
    problem: str = "Sidan kan inte visas",
    impact: Impact = Impact.ONE,
    unit: str = "Psyk norr",
    channel: str = "web",
    category: Category = FULL.category,
) -> Case:
    """Store a case as a user's conversation does."""
    draft = replace(
        FULL, problem=problem, impact=impact, priority=priority_of(impact), category=category,
        contact=Contact(phone="070-174 06 35", unit=unit),
    )  # fmt: skip
    return desk.cases.create(NewCase(uuid.uuid4().hex, draft, f"conversation-{uuid.uuid4().hex}", channel))


def filled(page: Page) -> str:
    """Return a page's path with its parts filled in."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: PARTS.get(part[1], "1"), page.path)


def dump(desk: Desk, without: FrozenSet[str] = OWN_TABLES) -> Dict[str, Tuple[Tuple[Any, ...], ...]]:
    """Return every row of every table but ``without``."""
    found = {}
    with desk.engine.connect() as connection:
        for table in sorted(set(sa.inspect(connection).get_table_names()) - without):
            found[table] = tuple(
                sorted((tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {table}"))), key=repr)
            )
    return found


class World:
    """One desk with one case that the tests of a file share: to open it takes longer than most of them."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.desk: Desk = made_desk(url or f"sqlite:///{folder / 'lotsen.db'}", folder)
        self.app: Starlette = create_app(self.desk)
        add_case(self.desk)

    def client(self, *roles: Role) -> TestClient:
        """Return a browser with a session of some roles; a stranger's without."""
        made = TestClient(self.app, base_url=self.desk.config.url, follow_redirects=False)
        if roles:
            who = Who("+".join(role.value for role in roles), "Karin Ek", frozenset(roles))
            made.cookies.set(COOKIE, self.desk.sessions.begin(who, "test"))
        return made

    def token(self, client: TestClient) -> str:
        """Return the token of a client's forms."""
        session = self.desk.sessions.read(client.cookies[COOKIE])
        assert session is not None
        return session.csrf

    def refusals(self) -> int:
        """Return how many refusals the audit log has."""
        return len(self.desk.audit.read(limit=10_000, action=REFUSED))
