"""What a kind of data consists of: parts that are found and removed by keys. The executor knows no more of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from typing import Any, Callable, List, Optional, Protocol, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql import TableClause

BATCH = 500
"""So many rows go in one transaction: a bot that runs waits some milliseconds for it."""


@dataclass(frozen=True)
class Limit:
    """What is older than ``before`` may go. ``now`` is for what ends by itself. Both in UTC."""

    now: datetime
    before: datetime
    zone: tzinfo = timezone.utc
    """Where weeks begin and end: in reports a question counts in its week."""


@dataclass(frozen=True)
class Found:
    """The keys of what goes, and when the oldest of it is from; None if that is not known, or nothing goes."""

    keys: Sequence[Any] = ()
    oldest: Optional[datetime] = None


class Part(Protocol):
    """One part of a kind. ``find`` only looks; ``remove`` looks again, as things may have changed since."""

    @property
    def tables(self) -> Tuple[str, ...]:
        """Return the tables that it deletes from or empties."""

    @property
    def batch(self) -> int:
        """Return how many keys are removed in one transaction."""

    def find(self, connection: Connection, there: "frozenset[str]", limit: Limit) -> Found:
        """Return what goes; ``there`` are the tables that the database has."""

    def remove(self, connection: Connection, there: "frozenset[str]", keys: Sequence[Any], limit: Limit) -> int:
        """Remove some of what was found, in the caller's transaction, unless it is young by now; return how many."""


@dataclass(frozen=True)
class Rows:
    """Rows of one table that go when they are too old."""

    table: TableClause
    key: Tuple[str, ...]
    time: str
    """The column that says how old a row is."""
    old: Callable[[Limit], Any]
    """The condition for a row that goes."""
    needs: Tuple[str, ...] = ()
    """Tables that the condition looks at, too; without them it is not asked."""
    batch: int = BATCH

    @property
    def tables(self) -> Tuple[str, ...]:
        """Return the table."""
        return (self.table.name,)

    def find(self, connection: Connection, there: "frozenset[str]", limit: Limit) -> Found:
        """Return the keys of the rows."""
        if not {*self.tables, *self.needs} <= there:
            return Found()
        columns = [self.table.c[name] for name in self.key]
        query = sa.select(*columns).where(self.old(limit))
        oldest = sa.select(sa.func.min(self.table.c[self.time])).where(self.old(limit))
        rows: List[Any] = [tuple(row) for row in connection.execute(query)]
        return Found(rows, moment(connection.execute(oldest).scalar()))

    def remove(self, connection: Connection, there: "frozenset[str]", keys: Sequence[Any], limit: Limit) -> int:
        """Delete the rows that are still too old."""
        these = self._among(keys) & self.old(limit)
        return int(connection.execute(self.table.delete().where(these)).rowcount)

    def _among(self, keys: Sequence[Any]) -> Any:
        columns = [self.table.c[name] for name in self.key]
        if len(columns) == 1:
            return columns[0].in_([key[0] for key in keys])
        return sa.tuple_(*columns).in_(keys)


def moment(value: Any) -> Optional[datetime]:
    """Return a time in UTC, from a column of times or of seconds since 1970."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromtimestamp(float(value), timezone.utc)
