"""The deletion log, and which day's purge is done: two tables without any personal data, which are kept for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.storage.database import UtcDateTime, create_tables, insert_if_new

SCHEDULE, COMMAND, PERSON = "schedule", "command", "person"
"""Who deleted: the daily purge, somebody with ``lotsen purge``, somebody with ``lotsen person erase``."""
NOTHING = "nothing"
"""The kind of an entry that says that a purge has found nothing."""
LEASE = timedelta(hours=1)
"""A purge that has not ended after so long was killed: another may take its day."""

_metadata = sa.MetaData()
deletions = sa.Table(
    "deletions",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    # What is older went; empty where age was not the reason.
    sa.Column("before", UtcDateTime),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("by", sa.String(20), nullable=False),
    sa.Column("version", sa.String(40), nullable=False),
    sqlite_autoincrement=True,
)
purges = sa.Table(
    "purges",
    _metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("claimed", UtcDateTime, nullable=False),
    sa.Column("ended", UtcDateTime),
)


@dataclass(frozen=True)
class Deletion:
    """One entry: when (UTC), what, what was older than which time, how much, by whom, by which version of Lotsen."""

    at: datetime
    kind: str
    before: Optional[datetime]
    rows: int
    by: str
    version: str


class DeletionLog:
    """All entries. One that a purge makes is written with its first deletion, and grows with each further one."""

    def __init__(self, engine: Engine) -> None:
        """Use ``engine``; makes the tables if they are not there."""
        self._engine = engine
        create_tables(engine, _metadata)

    @staticmethod
    def begin(connection: Connection, at: datetime, kind: str, before: Optional[datetime], rows: int, by: str) -> int:
        """Write an entry, in the transaction that deletes; return its id."""
        values = {"at": at, "kind": kind, "before": before, "rows": rows, "by": by, "version": lotsen_version()}
        return int(connection.execute(deletions.insert().values(**values)).inserted_primary_key[0])

    @staticmethod
    def grow(connection: Connection, entry: int, rows: int) -> None:
        """Count further rows in an entry, in the transaction that deletes them."""
        mine = deletions.c.id == entry
        connection.execute(deletions.update().where(mine).values(rows=deletions.c.rows + rows))

    def read(self, limit: int = 100) -> List[Deletion]:
        """Return the latest entries, oldest first."""
        query = sa.select(deletions).order_by(deletions.c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [Deletion(row.at, row.kind, row.before, row.rows, row.by, row.version) for row in reversed(rows)]

    def claim(self, day: str, now: datetime) -> bool:
        """Take a day's purge; False if it is done, or somebody else is at it."""
        with self._engine.begin() as connection:
            if insert_if_new(connection, purges, {"day": day, "claimed": now, "ended": None}) is not None:
                return True
            left = (purges.c.day == day) & purges.c.ended.is_(None) & (purges.c.claimed < now - LEASE)
            return bool(connection.execute(purges.update().where(left).values(claimed=now)).rowcount)

    def done(self, day: str, now: datetime) -> None:
        """Note that a day's purge is done."""
        with self._engine.begin() as connection:
            connection.execute(purges.update().where(purges.c.day == day).values(ended=now))

    def give_back(self, day: str, now: datetime) -> None:
        """Note that a day's purge has failed in part: it is tried again after a lease, counted from ``now``."""
        with self._engine.begin() as connection:
            connection.execute(purges.update().where(purges.c.day == day).values(claimed=now))


def lotsen_version() -> str:
    """Return the version of Lotsen that is installed."""
    try:
        return version("lotsen")
    except PackageNotFoundError:
        return "?"
