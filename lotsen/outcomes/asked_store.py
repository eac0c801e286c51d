"""Reading what was asked, putting it aside, and cutting its ties when a user ends the conversation."""

from __future__ import annotations

import secrets
from datetime import datetime, timezone, tzinfo
from typing import Any, Collection, Iterator, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.outcomes.asked import ENDED, Asked, Kind, metadata, read, table
from lotsen.outcomes.settling import settled
from lotsen.storage.database import create_tables

CHUNK = 500
"""So many ids are named in one statement."""


class AskedStore:
    """The messages of all conversations, in one SQL table."""

    def __init__(self, engine: Engine, zone: tzinfo = timezone.utc) -> None:
        """Use ``engine``; makes the table if it is not there. ``zone``: where weeks begin and end."""
        self._engine, self._zone = engine, zone
        create_tables(engine, metadata)

    def between(
        self,
        since: datetime,
        until: datetime,
        kinds: Collection[Kind] = (),
        channel: str = "",
        limit: Optional[int] = None,
    ) -> List[Asked]:
        """Return what was asked from ``since`` until before ``until``, oldest first.

        ``kinds`` and ``channel``: only these; empty means all. ``limit``: only so many, the latest.
        """
        wanted = (table.c.at >= since) & (table.c.at < until)
        if kinds:
            wanted &= table.c.kind.in_(sorted(kind.value for kind in kinds))
        if channel:
            wanted &= table.c.channel == channel
        query = sa.select(table).where(wanted).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [read(row) for row in reversed(connection.execute(query).all())]

    def turns(self, since: datetime, until: datetime) -> List[Any]:
        """Return what ``lotsen.outcomes.deflection.ended`` needs of each message, oldest first in each conversation.

        There may be a hundred thousand: they stay the rows that they are.
        """
        columns = [table.c[name] for name in ("conversation", "channel", "at", "kind", "intent", "pressed", "outcome")]
        query = sa.select(*columns).where((table.c.at >= since) & (table.c.at < until)).order_by(table.c.at, table.c.id)
        with self._engine.connect() as connection:
            return list(connection.execute(query).all())

    def of(self, conversations: Collection[str]) -> List[Asked]:
        """Return all that was asked in these conversations, oldest first in each."""
        found: List[Asked] = []
        with self._engine.connect() as connection:
            for part in _parts(sorted(conversations)):
                query = sa.select(table).where(table.c.conversation.in_(part)).order_by(table.c.id)
                found += [read(row) for row in connection.execute(query)]
        return found

    def get(self, ids: Collection[int]) -> List[Asked]:
        """Return messages by id; those that are not there are left out."""
        found: List[Asked] = []
        with self._engine.connect() as connection:
            for part in _parts(sorted(ids)):
                found += [read(row) for row in connection.execute(sa.select(table).where(table.c.id.in_(part)))]
        return found

    def handle(self, connection: Connection, ids: Collection[int], at: Optional[datetime]) -> int:
        """Note that these messages and all others with the same words are dealt with; return how many there were.

        In the caller's transaction. ``at`` None: note that they are not.
        """
        changed = 0
        for part in _parts(sorted(ids)):
            same = sa.select(table.c.words).where(table.c.id.in_(part) & (table.c.words != ""))
            mine = table.c.id.in_(part) | table.c.words.in_(same)
            changed += connection.execute(table.update().where(mine).values(handled=at)).rowcount
        return changed

    def forget(self, conversation: str) -> None:
        """Cut the tie between what was asked and its conversation; it still counts, as what it counted as until now.

        Call this before the ratings of the conversation are forgotten: they are part of what it counts as.
        """
        with self._engine.begin() as connection:
            cut_ties(connection, conversation, self._zone)


def cut_ties(connection: Connection, conversation: str, zone: tzinfo) -> None:
    """Do what ``AskedStore.forget`` does, in the caller's transaction."""
    rows = connection.execute(sa.select(table).where(table.c.conversation == conversation).order_by(table.c.id)).all()
    if not rows:
        return
    name = f"{ENDED}{secrets.token_hex(16)}"
    for id, sign, outcome in settled(connection, [read(row) for row in rows], zone):
        values = {"conversation": name, "sign": sign, "outcome": outcome}
        connection.execute(table.update().where(table.c.id == id).values(**values))


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield values in parts that one statement may name."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
