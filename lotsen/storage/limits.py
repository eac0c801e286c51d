"""Limits that hold over all server processes and hosts: how often something may happen in a stretch of time.

Counted in the database that all of them share. Looking is one query; only what counts against a limit writes, so put a
limit on what is rare, such as wrong guesses. A count belongs to a fixed stretch (this minute, this day), so at most
twice the limit can happen around its end. What is counted is stored as a hash, and goes when its stretch is over.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Callable, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from lotsen.storage.database import create_tables

MINUTE, DAY = 60, 24 * 60 * 60

_metadata = sa.MetaData()
_counts = sa.Table(
    "limit_counts",
    _metadata,
    sa.Column("counted", sa.String(100), primary_key=True),
    sa.Column("expires", sa.Float, nullable=False, index=True),
    sa.Column("count", sa.Integer, nullable=False),
)


@dataclass(frozen=True)
class Limit:
    """So ``many`` times in each stretch of ``seconds``; ``name`` tells it from other limits."""

    name: str
    many: int
    seconds: int


Counted = Tuple[Limit, str]
"""A limit, and whose count it is; empty: everybody's."""


class Limits:
    """What has been counted."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine, self._clock = engine, clock
        create_tables(engine, _metadata)

    def room(self, counted: Sequence[Counted]) -> bool:
        """Tell whether none of these has reached its limit.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be read; nobody should go on then.
        """
        now = self._clock()
        most = {_key(limit, of, now): limit.many for limit, of in counted}
        with self._engine.connect() as connection:
            rows = connection.execute(
                sa.select(_counts.c.counted, _counts.c["count"]).where(_counts.c.counted.in_(most))
            )
            return all(count < most[key] for key, count in rows)

    def count(self, counted: Sequence[Counted]) -> None:
        """Count once for each of these, and forget what is over.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        now = self._clock()
        keys = sorted((_key(limit, of, now), (now // limit.seconds + 1) * limit.seconds) for limit, of in counted)
        with self._engine.begin() as connection:
            for key, expires in keys:  # Sorted, so that two who count the same do not wait for each other.
                _add(connection, key, expires)
        with self._engine.begin() as connection:
            connection.execute(_counts.delete().where(_counts.c.expires <= now))


def _add(connection: Connection, key: str, expires: float) -> None:
    """Add one to a count, which another process may be making at the same time."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {"counted": key, "expires": expires, "count": 1}
    statement = insert(_counts).values(**values)
    more = {"count": _counts.c["count"] + 1}
    connection.execute(statement.on_conflict_do_update(index_elements=["counted"], set_=more))


def _key(limit: Limit, of: str, now: float) -> str:
    """Return the name of a count: limit, stretch of time, and whose it is."""
    whose = hashlib.blake2b(of.encode(), digest_size=16).hexdigest() if of else ""
    return f"{limit.name}:{int(now // limit.seconds)}:{whose}"
