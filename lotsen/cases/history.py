"""What has happened to a case since the user confirmed it, and which of it the user must still be told."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Dict, List, Optional, Sequence, Set, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.storage.database import UtcDateTime, create_tables, insert_if_new

CONFIRMED, DELIVERED, GAVE_UP, RETRIED, STATUS, REPLY = (
    *("confirmed", "delivered", "gave_up", "retried"),
    *("status", "reply"),
)
TAKEN, ASSIGNED, LEVEL, CATEGORY, NOTE, RESOLUTION, FORWARDED, MERGED, LINKED = (
    *("taken", "assigned", "level", "category", "note", "resolution", "forwarded", "merged", "linked"),
)
"""What somebody at the triage desk has done with it."""
ABSORBED, SEPARATED = "absorbed", "separated"
"""That it has got a duplicate, which is merged into it; that two are one no longer. The text is the other's number."""
SAID, LIVE, TOOK_OVER, HANDED_BACK = "said", "live", "took_over", "handed_back"
"""What its user has answered; what the desk has said while it had the conversation, and when that began and ended."""
LEASE = timedelta(seconds=30)
"""What was handed out to be told, and was not said to be told, is handed out again after this."""
MAX_TRIES = 20
MAX_AUTHOR = 200

_metadata = sa.MetaData()
events = sa.Table(
    "case_events",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("case_id", sa.Integer, nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("desk", sa.String(40), nullable=False),
    sa.Column("external", sa.String(255)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("conversation", sa.String(255)),
    sa.Column("channel", sa.String(40)),
    sa.Column("tell_at", UtcDateTime),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("author", sa.String(MAX_AUTHOR), nullable=False, server_default=""),
    # The case's version that the event made; empty where it made none.
    sa.Column("version", sa.Integer),
    sa.UniqueConstraint("case_id", "desk", "external"),
    sa.Index("case_events_to_tell", "channel", "tell_at"),
    sa.Index("case_events_kind", "kind", "at"),
    sqlite_autoincrement=True,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """One thing that happened. ``text`` is a reply's words, a status, or what a desk calls the case."""

    id: int
    case: int
    at: datetime
    kind: str
    desk: str
    text: str
    author: str = ""
    """Who at the triage desk did it; empty for users, service desks and Lotsen itself."""


class History:
    """The events of all cases, in one SQL table."""

    def __init__(self, engine: Engine) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine = engine
        create_tables(engine, _metadata)

    def add(
        self,
        connection: Connection,
        case: int,
        kind: str,
        at: datetime,
        desk: str = "",
        text: str = "",
        external: Optional[str] = None,
        tell: Optional[Tuple[str, str]] = None,
        author: str = "",
        version: Optional[int] = None,
    ) -> bool:
        """Note an event, in the caller's transaction; False if the desk's own id of it (``external``) is known.

        ``tell``: the conversation and channel that are to be told. ``version``: that which the case has with it.
        """
        conversation, channel = tell or (None, None)
        values = {
            "case_id": case,
            "at": at,
            "kind": kind,
            "desk": desk,
            "text": text,
            "external": external,
            "conversation": conversation,
            "channel": channel,
            "tell_at": at if tell else None,
            "author": author[:MAX_AUTHOR],
            "version": version,
        }
        return insert_if_new(connection, events, values) is not None

    def of(self, case: int) -> List[Event]:
        """Return what happened to a case, oldest first."""
        return self._read(events.c.case_id == case)

    def since(self, case: int, version: int) -> List[Event]:
        """Return what has happened to a case since it had a version, oldest first."""
        known = sa.select(sa.func.coalesce(sa.func.max(events.c.id), 0))
        known = known.where((events.c.case_id == case) & (events.c.version <= version))
        return self._read((events.c.case_id == case) & (events.c.id > known.scalar_subquery()))

    def last_of(self, connection: Connection, case: int, kinds: Sequence[str]) -> str:
        """Return which of some kinds of events was the last in a case, in the caller's transaction; empty if none."""
        one = (events.c.case_id == case) & events.c.kind.in_(kinds)
        last = sa.select(events.c.kind).where(one).order_by(events.c.id.desc()).limit(1)
        return connection.execute(last).scalar() or ""

    def latest_of(self, cases: Sequence[int]) -> Dict[int, datetime]:
        """Return when something last happened to each of some cases."""
        latest = sa.select(events.c.case_id, sa.func.max(events.c.at).label("at"))
        with self._engine.connect() as connection:
            rows = connection.execute(latest.where(events.c.case_id.in_(cases)).group_by(events.c.case_id))
            return {row.case_id: row.at for row in rows}

    def untold(self, conversation: str) -> List[Event]:
        """Return what a conversation is still to be told, oldest first."""
        return self._read((events.c.conversation == conversation) & events.c.tell_at.is_not(None))

    def take_untold(self, channel: str, now: datetime) -> List[str]:
        """Return the conversations with something to be told, each to one caller only for the length of a lease.

        What could not be told after many tries is given up, and logged: it stands in the case all the same.
        """
        due = (events.c.channel == channel) & (events.c.tell_at <= now)
        taken: List[str] = []
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(events).where(due).order_by(events.c.id)).all()
        for row in rows:
            later = now + LEASE if row.tries < MAX_TRIES else None
            same = (events.c.id == row.id) & (events.c.tell_at == row.tell_at)
            with self._engine.begin() as connection:
                changed = connection.execute(
                    events.update().where(same).values(tell_at=later, tries=row.tries + 1)
                ).rowcount
            if not changed:
                continue
            if later is None:
                logger.error("Event %d of case %d could not be told to its user.", row.id, row.case_id)
            elif row.conversation not in taken:
                taken.append(row.conversation)
        return taken

    def told(self, ids: Sequence[int]) -> None:
        """Note that these events have been told."""
        with self._engine.begin() as connection:
            connection.execute(events.update().where(events.c.id.in_(ids)).values(tell_at=None))

    def with_new_status(self, since: datetime) -> Set[int]:
        """Return the cases whose status was set at ``since`` or later."""
        late = (events.c.kind == STATUS) & (events.c.at >= since)
        with self._engine.connect() as connection:
            return set(connection.execute(sa.select(events.c.case_id).where(late).distinct()).scalars())

    def newest(self, case: Optional[int] = None) -> int:
        """Return the id of the event written last, of any case or of this one; 0 if there is none."""
        of = sa.true() if case is None else events.c.case_id == case
        with self._engine.connect() as connection:
            return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(events.c.id), 0)).where(of)).scalar())

    def after(self, event: int) -> List[Tuple[int, int]]:
        """Return the events written after one, as ids with those of their cases."""
        late = sa.select(events.c.id, events.c.case_id).where(events.c.id > event).order_by(events.c.id)
        with self._engine.connect() as connection:
            return [(row.id, row.case_id) for row in connection.execute(late)]

    def latest(self, case: int, kind: str) -> Optional[Event]:
        """Return the latest event of a kind."""
        return next((event for event in reversed(self.of(case)) if event.kind == kind), None)

    def _read(self, condition: sa.sql.ColumnElement) -> List[Event]:
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(events).where(condition).order_by(events.c.id))
            return [Event(row.id, row.case_id, row.at, row.kind, row.desk, row.text, row.author) for row in rows]
