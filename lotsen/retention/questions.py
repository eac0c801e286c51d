"""What was asked, what the model made of it, and how answers were rated."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.retention.part import BATCH, Found, Limit
from lotsen.retention.tables import ASKED, READINGS
from lotsen.retention.talks import chunks


@dataclass(frozen=True)
class Questions:
    """Messages that were asked before the limit; the model's reading of a wording goes with the last that has it."""

    tables: Tuple[str, ...] = ("asked", "asked_readings")
    batch: int = BATCH

    def find(self, connection: Connection, there: "frozenset[str]", limit: Limit) -> Found:
        """Return the ids."""
        if "asked" not in there:
            return Found()
        old = ASKED.c.at < limit.before
        oldest = connection.execute(sa.select(sa.func.min(ASKED.c.at)).where(old)).scalar()
        return Found(list(connection.execute(sa.select(ASKED.c.id).where(old)).scalars()), oldest)

    def remove(self, connection: Connection, there: "frozenset[str]", keys: Sequence[Any], limit: Limit) -> int:
        """Delete them."""
        return delete(connection, there, ASKED.c.id.in_(list(keys)) & (ASKED.c.at < limit.before))


def delete(connection: Connection, there: "frozenset[str]", these: Any) -> int:
    """Delete questions and the readings that no other question needs, in the caller's transaction; return how many."""
    rows = connection.execute(sa.select(ASKED.c.id, ASKED.c.text, ASKED.c.words).where(these)).all()
    deleted = 0
    for part in chunks(rows):
        deleted += connection.execute(ASKED.delete().where(ASKED.c.id.in_([row.id for row in part]))).rowcount
        if "asked_readings" in there:
            # There is an index on the words; what has the same text has the same words.
            alike = ASKED.c.words.in_(sorted({row.words for row in part}))
            used = set(connection.execute(sa.select(ASKED.c.text).where(alike)).scalars())
            unused = sorted({_hash(row.text) for row in part if row.text not in used})
            connection.execute(READINGS.delete().where(READINGS.c.text.in_(unused)))
    return deleted


def _hash(text: str) -> str:
    """Return what a reading is known by (``lotsen/desk/improve/readings.py``)."""
    return hashlib.sha256(text.encode()).hexdigest()
