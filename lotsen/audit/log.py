"""The audit log: appended to, read by the auditor, never changed. Each entry's hash covers that of the one before.

Its oldest part goes when it is too old (``lotsen/audit/purge.py``); what is left can still be checked.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.audit import table
from lotsen.audit.table import entries, head
from lotsen.clock import utc_now
from lotsen.privacy.masking import mask


@dataclass(frozen=True)
class Actor:
    """Who does something. ``id`` is unique and lasting; ``name`` is what people call them."""

    id: str
    name: str


OPERATOR = Actor("operator", "Driften")
"""Whoever runs commands on the machine; which person that is, the machine's own log knows."""


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    id: int
    at: datetime
    actor: Actor
    action: str
    case: Optional[int]
    detail: str
    previous: str = ""
    """The hash of the entry before."""
    hash: str = ""

    def seal(self) -> str:
        """Return the hash that this entry must have: SHA-256 of all its fields and of the hash before it."""
        at = self.at.astimezone(timezone.utc).isoformat(timespec="microseconds")
        fields = [self.id, at, self.actor.id, self.actor.name, self.action, self.case, self.detail, self.previous]
        return hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


class AuditLog:
    """All entries, in one SQL table that the database itself lets nobody change or shorten.

    Entries are written one after another: whoever appends holds the head of the chain until their transaction ends. A
    transaction that changes cases appends last, so that two of them never wait for each other.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine, self._clock = engine, clock
        table.create(engine)

    def add(
        self,
        actor: Actor,
        action: str,
        case: Optional[int] = None,
        detail: str = "",
        connection: Optional[Connection] = None,
    ) -> None:
        """Append an entry: in the caller's transaction if it hands one in, else in one of its own.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        if connection is None:
            with self._engine.begin() as own:
                self._append(own, actor, action, case, detail)
        else:
            self._append(connection, actor, action, case, detail)

    def read(
        self,
        before: Optional[int] = None,
        limit: int = 100,
        actor: str = "",
        action: str = "",
        case: Optional[int] = None,
    ) -> List[Entry]:
        """Return entries with an id under ``before``, the latest first.

        ``actor`` is an id, or a part of a name.
        """
        wanted = sa.select(entries).order_by(entries.c.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(entries.c.id < before)
        if actor:
            # SQLite knows no small letters but those of English.
            written = sorted({actor, actor.lower(), actor.upper(), actor.title(), actor.capitalize()})
            named = [entries.c.actor_name.like(f"%{_literal(one)}%", escape="/") for one in written]
            wanted = wanted.where(sa.or_(entries.c.actor == actor, *named))
        if action:
            wanted = wanted.where(entries.c.action == action)
        if case is not None:
            wanted = wanted.where(entries.c.case_id == case)
        with self._engine.connect() as connection:
            return [entry_of(row) for row in connection.execute(wanted)]

    def _append(self, connection: Connection, actor: Actor, action: str, case: Optional[int], detail: str) -> None:
        append(connection, self._clock(), actor, action, case, mask(_storable(detail)))


def append(connection: Connection, at: datetime, actor: Actor, action: str, case: Optional[int], detail: str) -> None:
    """Append an entry whose ``detail`` may stand as it is, in the caller's transaction.

    The head is written first: from then on nobody else can append.
    """
    connection.execute(head.update().where(head.c.id == 1).values(entry=head.c.entry + 1))
    last = connection.execute(sa.select(head).where(head.c.id == 1)).one()
    who = Actor(_storable(actor.id), _storable(actor.name))
    entry = Entry(last.entry, at, who, _storable(action), case, detail, last.hash)
    sealed = entry.seal()
    values = {
        "id": entry.id,
        "at": entry.at,
        "actor": who.id,
        "actor_name": who.name,
        "action": entry.action,
        "case_id": case,
        "detail": entry.detail,
        "previous": entry.previous,
        "hash": sealed,
    }
    connection.execute(entries.insert().values(**values))
    connection.execute(head.update().where(head.c.id == 1).values(hash=sealed))


def entry_of(row: Any) -> Entry:
    """Turn a row into an entry."""
    who = Actor(row.actor, row.actor_name)
    return Entry(row.id, row.at, who, row.action, row.case_id, row.detail, row.previous, row.hash)


def _literal(text: str) -> str:
    """Return a text as a pattern that finds just it."""
    for mark in "/%_":
        text = text.replace(mark, f"/{mark}")
    return text


def _storable(text: str) -> str:
    """Return a text without what no database takes, so that its hash is that of what is stored."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
