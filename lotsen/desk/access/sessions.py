"""Who is signed in, kept on the server: the browser has a random token, and the table has only its hash."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Callable, Collection, Dict, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from starlette.responses import Response

from lotsen.audit.log import Actor
from lotsen.clock import utc_now
from lotsen.desk.who import STAFF, Role, Who
from lotsen.storage.database import UtcDateTime, create_tables, insert_if_new

COOKIE = "lotsen_desk"
TOUCH = timedelta(minutes=1)
"""The last use is written at most so often."""

_metadata = sa.MetaData()
_sessions = sa.Table(
    "desk_sessions",
    _metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("who", sa.String(255), nullable=False, index=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("way", sa.String(20), nullable=False),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("flash", sa.Text, nullable=False),
    sa.Column("began", UtcDateTime, nullable=False),
    sa.Column("used", UtcDateTime, nullable=False),
    # What the way in needs when its user signs out, e.g. an identity provider's token.
    sa.Column("kept", sa.Text, nullable=False),
)
_people = sa.Table(
    "desk_people",
    _metadata,
    sa.Column("id", sa.String(255), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("seen", UtcDateTime, nullable=False),
)


@dataclass(frozen=True)
class Session:
    """A sign-in that holds."""

    token: str
    who: Who
    way: str
    """How they came in: ``oidc``, ``local`` or ``proxy``."""
    csrf: str
    kept: str


class Sessions:
    """All sessions, and everybody who has had one."""

    def __init__(
        self, engine: Engine, idle: timedelta, longest: timedelta, clock: Callable[[], datetime] = utc_now
    ) -> None:
        """A session ends when it is not used for ``idle``, and after ``longest`` in any case. Makes the tables."""
        self._engine, self._idle, self._longest, self._clock = engine, idle, longest, clock
        create_tables(engine, _metadata)

    def begin(self, who: Who, way: str, kept: str = "") -> str:
        """Begin a session, and return the token for the browser's cookie."""
        token, now = secrets.token_urlsafe(32), self._clock()
        roles = json.dumps(sorted(role.value for role in who.roles))
        values = {
            "token": _hash(token),
            "who": who.id,
            "name": who.name,
            "roles": roles,
            "way": way,
            "csrf": secrets.token_urlsafe(32),
            "flash": "",
            "began": now,
            "used": now,
            "kept": kept,
        }
        person = {"name": who.name, "roles": roles, "seen": now}
        with self._engine.begin() as connection:
            connection.execute(_sessions.delete().where(self._over(now)))
            connection.execute(_sessions.insert().values(**values))
            if insert_if_new(connection, _people, {"id": who.id, **person}) is None:
                connection.execute(_people.update().where(_people.c.id == who.id).values(**person))
        return token

    def read(self, token: str, using: bool = True) -> Optional[Session]:
        """Return the session of a token; None if there is none, or it is over.

        ``using``: somebody does something. A page that refreshes itself does not keep a session alive.
        """
        now, mine = self._clock(), _sessions.c.token == _hash(token)
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(_sessions).where(mine & ~self._over(now))).first()
        if row is None:
            return None
        if using and now - row.used >= TOUCH:
            with self._engine.begin() as connection:
                connection.execute(_sessions.update().where(mine).values(used=now))
        who = Who(row.who, row.name, frozenset(Role(role) for role in json.loads(row.roles)))
        return Session(token, who, row.way, row.csrf, row.kept)

    def end(self, token: str) -> None:
        """End a session."""
        with self._engine.begin() as connection:
            connection.execute(_sessions.delete().where(_sessions.c.token == _hash(token)))

    def end_all(self, who: str) -> None:
        """End all sessions of somebody."""
        with self._engine.begin() as connection:
            connection.execute(_sessions.delete().where(_sessions.c.who == who))

    def keep_only(self, ways: Collection[str]) -> None:
        """End the sessions of those who came in by a way that is no longer there."""
        with self._engine.begin() as connection:
            connection.execute(_sessions.delete().where(_sessions.c.way.not_in(ways)))

    def say(self, token: str, text: str) -> None:
        """Keep a sentence for the next page that is shown."""
        with self._engine.begin() as connection:
            connection.execute(_sessions.update().where(_sessions.c.token == _hash(token)).values(flash=text))

    def said(self, token: str) -> str:
        """Return the sentence that was kept, and forget it."""
        mine = _sessions.c.token == _hash(token)
        with self._engine.connect() as connection:
            text = connection.execute(sa.select(_sessions.c.flash).where(mine)).scalar() or ""
        if text:
            with self._engine.begin() as connection:
                connection.execute(_sessions.update().where(mine).values(flash=""))
        return text

    def staff(self) -> List[Actor]:
        """Return everybody who takes cases and has been here, by name: those a case can be given to."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_people).order_by(_people.c.name, _people.c.id)).all()
        takers = {role.value for role in STAFF}
        return [Actor(row.id, row.name) for row in rows if takers & set(json.loads(row.roles))]

    def _over(self, now: datetime) -> Any:
        """Return the condition for a session that is over."""
        return (_sessions.c.used <= now - self._idle) | (_sessions.c.began <= now - self._longest)


def cookie_name(secure: bool) -> str:
    """Return the cookie's name: with https one that no other host, path or plain page can set."""
    return f"__Host-{COOKIE}" if secure else COOKIE


def set_cookie(answer: Response, token: str, secure: bool) -> None:
    """Hand a session's token to the browser."""
    answer.set_cookie(cookie_name(secure), token, path="/", secure=secure, httponly=True, samesite="lax")


def drop_cookie(answer: Response, secure: bool) -> None:
    """Take the token from the browser."""
    answer.delete_cookie(cookie_name(secure), path="/", secure=secure, httponly=True, samesite="lax")


def cookies_of(cookies: Dict[str, str], secure: bool) -> str:
    """Return the token that a request brings; empty if none."""
    return cookies.get(cookie_name(secure), "")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
