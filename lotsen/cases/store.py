"""Where cases are kept. Writing one twice under the same key gives the same case.

A case, the user's word on it and its letters in the outbox are written in one transaction: either all of it is there
or nothing is, whenever the process ends.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Callable, List, Optional, Sequence, Set

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from lotsen.cases.case import NUMBER_FORMAT, OVER, CaseDraft, Status
from lotsen.cases.history import CONFIRMED, History
from lotsen.clock import utc_now
from lotsen.outbox.outbox import Outbox
from lotsen.privacy.masking import mask_all
from lotsen.storage.database import UtcDateTime, create_tables

_metadata = sa.MetaData()

_cases = sa.Table(
    "cases",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(64), nullable=False, unique=True),
    sa.Column("created", UtcDateTime, nullable=False, index=True),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("category", sa.String(80), nullable=False, server_default=""),
    sa.Column("parent", sa.Integer, index=True),
    sa.Column("body", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Case:
    """A stored case."""

    id: int
    number: str
    key: str
    created: datetime
    status: Status
    conversation: str
    """The pseudonym of the conversation that it was made in; empty for one that Lotsen made itself."""
    channel: str
    draft: CaseDraft
    parent: Optional[int] = None
    """The id of the case about the same disturbance that this one is added to."""


@dataclass(frozen=True)
class NewCase:
    """What is to be stored. ``key`` is 32 hexadecimal digits that the caller made once for this hand-off."""

    key: str
    draft: CaseDraft
    conversation: str
    channel: str
    desks: Sequence[str] = ()
    """The desks that it is sent to."""
    letter: str = ""
    """The case in words, as desks get it."""
    parent: Optional[int] = None


class CaseStore:
    """Cases in one SQL table. Personal identity numbers are masked on the way in, wherever they stand."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        """Use ``engine``; makes the tables if they are not there."""
        self._engine, self._clock = engine, clock
        create_tables(engine, _metadata)
        self.outbox, self.history = Outbox(engine, clock), History(engine)

    def create(self, new: NewCase) -> Case:
        """Store a case, the user's word on it, and its letters; with a key used before, return that case unchanged.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written. Nothing is stored then.
        """
        try:
            with self._engine.begin() as connection:
                known = self._first(connection, _cases.c.key == new.key)
                if known is not None:
                    return known
                now, draft = self._clock(), mask_all(new.draft.to_json())
                values = {
                    "key": new.key,
                    "created": now,
                    "status": Status.NEW.value,
                    "conversation": new.conversation,
                    "channel": new.channel,
                    "category": draft["category"]["id"],
                    "parent": new.parent,
                    "body": json.dumps(draft, ensure_ascii=False),
                }
                case = int(connection.execute(_cases.insert().values(**values)).inserted_primary_key[0])
                self.history.add(connection, case, CONFIRMED, now)
                self.outbox.add(connection, case, new.desks, mask_all(new.letter))
                stored = self._first(connection, _cases.c.id == case)
        except IntegrityError:  # Another process stored the same key between our look and our write.
            with self._engine.connect() as connection:
                stored = self._first(connection, _cases.c.key == new.key)
        assert stored is not None, "the row was just written"
        return stored

    def set_status(self, connection: Connection, case: int, status: Status) -> bool:
        """Set the status of a case, in the caller's transaction; tell whether it was another one before."""
        of = (_cases.c.id == case) & (_cases.c.status != status.value)
        return bool(connection.execute(_cases.update().where(of).values(status=status.value)).rowcount)

    def get(self, id: int) -> Optional[Case]:
        """Return a case by the number without its letters."""
        with self._engine.connect() as connection:
            return self._first(connection, _cases.c.id == id)

    def with_key(self, key: str) -> Optional[Case]:
        """Return the case that was stored under a key."""
        with self._engine.connect() as connection:
            return self._first(connection, _cases.c.key == key)

    def of_conversation(self, conversation: str) -> List[Case]:
        """Return a conversation's cases, the latest first."""
        return self._all(_cases.c.conversation == conversation)[::-1]

    def all(self) -> List[Case]:
        """Return every case, oldest first."""
        return self._all(sa.true())

    def conversations_about(self, category: str, since: datetime) -> List[str]:
        """Return the conversations that made a case about something at ``since`` or later, each once."""
        about = (_cases.c.category == category) & (_cases.c.created >= since) & (_cases.c.conversation != "")
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(_cases.c.conversation).where(about).distinct()).scalars())

    def over_for(self, age: timedelta) -> Set[int]:
        """Return the ids of the cases that were resolved or rejected longer ago than ``age``."""
        over = _cases.c.status.in_([status.value for status in OVER])
        with self._engine.connect() as connection:
            ids = set(connection.execute(sa.select(_cases.c.id).where(over)).scalars())
        return ids - self.history.with_new_status(self._clock() - age)

    def _all(self, condition: sa.sql.ColumnElement) -> List[Case]:
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_cases).where(condition).order_by(_cases.c.id))
            return [_case(row) for row in rows]

    @staticmethod
    def _first(connection: Connection, condition: sa.sql.ColumnElement) -> Optional[Case]:
        row = connection.execute(sa.select(_cases).where(condition)).first()
        return _case(row) if row is not None else None


def _case(row: sa.engine.Row) -> Case:
    """Turn a row into a case."""
    return Case(
        id=row.id,
        number=NUMBER_FORMAT.format(row.id),
        key=row.key,
        created=row.created,
        status=Status(row.status),
        conversation=row.conversation,
        channel=row.channel,
        draft=CaseDraft.from_json(json.loads(row.body)),
        parent=row.parent,
    )
