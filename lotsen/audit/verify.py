"""Whether the audit log is whole: walks the chain from its first entry, and says where it breaks.

What this cannot find: whoever owns the database can take away the triggers, change an entry, and compute every hash
after it anew, the head too; or cut the end off and put the head back. Nothing inside the database tells then. So the
auditor writes a hash of the chain down elsewhere from time to time (``lotsen audit verify`` prints it) and hands it in
later: a log that was rewritten or cut before that point has no entry with it. What happened after the last hash that
was written down stays open to whoever owns the database.

A log that was purged (``lotsen/audit/purge.py``) is walked from its anchor on. What was deleted in any other way is
missing: an anchor counts only if the chain tells of its purge. A hash of an entry that was purged is not found any
more, but for that of the last of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.audit.log import Entry, entry_of
from lotsen.audit.purge import PURGED, detail_of
from lotsen.audit.table import NOTHING, anchors, entries, head

BATCH = 1000


class Wrong(str, Enum):
    """What is wrong with an entry."""

    MISSING = "missing"
    """There is no entry with this number."""
    CHANGED = "changed"
    """Its hash does not fit what it says."""
    MOVED = "moved"
    """It does not follow the entry before it."""
    CUT = "cut"
    """The head of the chain tells of later entries than there are."""
    ADDED = "added"
    """The head of the chain does not know it."""
    NO_HEAD = "no_head"
    """The head of the chain is gone."""
    OTHER = "other"
    """No entry has the hash that was written down: the log was rewritten, or cut off before it."""


@dataclass(frozen=True)
class Report:
    """What the walk has found: up to which entry all is right, and the hash of that."""

    entries: int
    hash: str
    wrong: Optional[Wrong] = None
    entry: Optional[int] = None
    """The number of the first entry that is not right."""
    purged: int = 0
    """Up to which entry the log was purged, because it was old; 0 if it never was."""

    @property
    def whole(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.wrong is None


def has_log(engine: Engine) -> bool:
    """Tell whether there is a log in the database."""
    there = sa.inspect(engine)
    return there.has_table(entries.name) and there.has_table(head.name)


def verify(engine: Engine, kept: str = "", batch: int = BATCH) -> Report:
    """Walk the log; ``kept`` is a hash that was written down elsewhere, and some entry must have it.

    The entries are read in batches, so that a log of any length fits in memory; what is appended or purged meanwhile
    is not looked at.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if the log cannot be read.
    """
    with engine.connect() as connection:
        _see_one_moment(connection)
        return _verified(connection, kept.strip().lower(), batch)


def _see_one_moment(connection: Connection) -> None:
    """Let the connection see the database as it is now until it is closed: the log may be purged meanwhile."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _verified(connection: Connection, kept: str, batch: int) -> Report:
    """Walk the log from its first entry, or from where it was last purged."""
    end = connection.execute(sa.select(head).where(head.c.id == 1)).first()
    start = _anchor(connection)
    if end is None:
        return Report(0, NOTHING, Wrong.NO_HEAD)
    report, seen = _walk(connection, start, end.entry, kept, batch)
    if not report.whole:
        return report
    if report.entries < end.entry:
        return replace(report, wrong=Wrong.CUT, entry=report.entries + 1)
    if report.hash != end.hash:
        return replace(report, wrong=Wrong.ADDED, entry=end.entry)
    later = connection.execute(sa.select(sa.func.min(entries.c.id)).where(entries.c.id > end.entry)).scalar()
    if later is not None:
        return replace(report, wrong=Wrong.ADDED, entry=later)
    if start.entry and not _told(connection, start):
        return Report(0, NOTHING, Wrong.MISSING, 1)
    return replace(report, wrong=Wrong.OTHER) if kept and not seen else report


@dataclass(frozen=True)
class _Start:
    """What stands before the first entry: its number and hash."""

    entry: int = 0
    hash: str = NOTHING


def _anchor(connection: Connection) -> _Start:
    """Return where the chain begins. A log of an older Lotsen was never purged."""
    if not sa.inspect(connection).has_table(anchors.name):
        return _Start()
    row = connection.execute(sa.select(anchors).order_by(anchors.c.entry.desc()).limit(1)).first()
    return _Start(row.entry, row.hash) if row is not None else _Start()


def _told(connection: Connection, start: _Start) -> bool:
    """Tell whether the chain itself has an entry about the purge that it begins after."""
    about = (entries.c.action == PURGED) & (entries.c.detail == detail_of(start.entry, start.hash))
    return connection.execute(sa.select(entries.c.id).where(about & (entries.c.id > start.entry))).first() is not None


def _walk(connection: Connection, start: _Start, end: int, kept: str, batch: int) -> "tuple[Report, bool]":
    """Return what is found up to an entry, and whether one of them had the hash that was kept."""
    right, last, seen = start.entry, start.hash, kept == start.hash
    lowest = connection.execute(sa.select(sa.func.min(entries.c.id))).scalar()
    if lowest is not None and lowest <= start.entry:
        return Report(0, NOTHING, Wrong.ADDED, lowest, start.entry), seen
    while right < end:
        some = (entries.c.id > right) & (entries.c.id <= end)
        rows = connection.execute(sa.select(entries).where(some).order_by(entries.c.id).limit(batch)).all()
        for row in rows:
            entry = entry_of(row)
            wrong = _wrong(entry, right, last)
            if wrong is not None:
                return Report(right, last, wrong, right + 1 if wrong is Wrong.MISSING else entry.id, start.entry), seen
            right, last = entry.id, entry.hash
            seen = seen or last == kept
        if not rows:
            break
    return Report(right, last, purged=start.entry), seen


def _wrong(entry: Entry, right: int, last: str) -> Optional[Wrong]:
    """Return what is wrong with an entry that comes after ``right`` others, the last of which has the hash ``last``."""
    if entry.id != right + 1:
        return Wrong.MISSING
    if entry.hash != entry.seal():
        return Wrong.CHANGED
    return Wrong.MOVED if entry.previous != last else None
