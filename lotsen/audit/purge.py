"""Taking the oldest part off the audit log, so that what is left can still be checked.

An anchor tells where the chain begins from then on: the number and the hash of the last entry that went. The triggers
let go of entries up to the latest anchor only, and take an anchor only for an entry that is there. The purge itself is
an entry of the chain; without it ``verify`` takes the entries for missing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.audit.log import Actor, append
from lotsen.audit.table import anchors, entries, head

PURGED = "purge"
"""The action of the entry."""
LOTSEN = Actor("lotsen", "Lotsen")
AT_ONCE = 5000
"""So many entries go in one transaction, which nobody can append to meanwhile."""


def count_old(connection: Connection, before: datetime) -> Tuple[int, Optional[datetime]]:
    """Return how many entries are older than a time, and when the first of them is from."""
    last = _last_old(connection, before)
    if last is None:
        return 0, None
    old = sa.select(sa.func.count(), sa.func.min(entries.c.at)).where(entries.c.id <= last)
    row = connection.execute(old).one()
    return int(row[0]), row[1]


def purge_old(connection: Connection, before: datetime, now: datetime, at_once: int = AT_ONCE) -> int:
    """Delete the oldest entries up to the first that is young, in the caller's transaction; return how many.

    At most ``at_once``: call it until it returns 0.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if the database refuses.
    """
    # Nobody appends from here on, so that the entry about this comes right after.
    connection.execute(head.update().where(head.c.id == 1).values(entry=head.c.entry))
    last = _last_old(connection, before)
    first = connection.execute(sa.select(sa.func.min(entries.c.id))).scalar()
    if last is None or first is None or last < first:
        return 0
    last = min(last, first + at_once - 1)
    row = connection.execute(sa.select(entries).where(entries.c.id == last)).first()
    if row is None:  # The chain is broken; that must show.
        return 0
    values = {"entry": last, "hash": row.hash, "at": row.at, "purged": now, "count": last - first + 1}
    connection.execute(anchors.insert().values(**values))
    deleted = int(connection.execute(entries.delete().where(entries.c.id <= last)).rowcount)
    append(connection, now, LOTSEN, PURGED, None, detail_of(last, row.hash))
    return deleted


def detail_of(entry: int, hash: str) -> str:
    """Return what the entry about a purge says: up to which entry, and the hash of that."""
    return f"{entry} {hash}"


def _last_old(connection: Connection, before: datetime) -> Optional[int]:
    """Return the number of the last entry before the first young one; None if the first is young."""
    young = connection.execute(sa.select(sa.func.min(entries.c.id)).where(entries.c.at >= before)).scalar()
    old = entries.c.id < young if young is not None else sa.true()
    last = connection.execute(sa.select(sa.func.max(entries.c.id)).where(old)).scalar()
    return int(last) if last is not None else None
