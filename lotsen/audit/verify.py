"""Whether the audit log is whole: walks the chain from its first entry, and says where it breaks.

What this cannot find: whoever owns the database can take away the triggers, change an entry, and compute every hash
after it anew, the head too; or cut the end off and put the head back. Nothing inside the database tells then. So the
auditor writes a hash of the chain down elsewhere from time to time (``lotsen audit verify`` prints it) and hands it in
later: a log that was rewritten or cut before that point has no entry with it. What happened after the last hash that
was written down stays open to whoever owns the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.audit.log import Entry, entry_of
from lotsen.audit.table import NOTHING, entries, head

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
    """What the walk has found: how many entries are right from the first on, and the hash of the last of them."""

    entries: int
    hash: str
    wrong: Optional[Wrong] = None
    entry: Optional[int] = None
    """The number of the first entry that is not right."""

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

    The entries are read in batches, so that a log of any length fits in memory; what is appended meanwhile is not
    looked at.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if the log cannot be read.
    """
    with engine.connect() as connection:
        # The head is read first: entries that come after this moment are no fault.
        end = connection.execute(sa.select(head).where(head.c.id == 1)).first()
        if end is None:
            return Report(0, NOTHING, Wrong.NO_HEAD)
        report, seen = _walk(connection, end.entry, kept.strip().lower(), batch)
        if not report.whole:
            return report
        if report.entries < end.entry:
            return Report(report.entries, report.hash, Wrong.CUT, report.entries + 1)
        if report.hash != end.hash:
            return Report(report.entries, report.hash, Wrong.ADDED, end.entry)
        later = connection.execute(sa.select(sa.func.min(entries.c.id)).where(entries.c.id > end.entry)).scalar()
        now = connection.execute(sa.select(head.c.entry).where(head.c.id == 1)).scalar() or 0
        if later is not None and later > now:
            return Report(report.entries, report.hash, Wrong.ADDED, later)
    if kept and not seen:
        return Report(report.entries, report.hash, Wrong.OTHER)
    return report


def _walk(connection: Connection, end: int, kept: str, batch: int) -> "tuple[Report, bool]":
    """Return what is found up to an entry, and whether one of them had the hash that was kept."""
    right, last, seen = 0, NOTHING, kept == NOTHING
    lowest = connection.execute(sa.select(sa.func.min(entries.c.id))).scalar()
    if lowest is not None and lowest < 1:
        return Report(0, NOTHING, Wrong.ADDED, lowest), seen
    while right < end:
        some = (entries.c.id > right) & (entries.c.id <= end)
        rows = connection.execute(sa.select(entries).where(some).order_by(entries.c.id).limit(batch)).all()
        for row in rows:
            entry = entry_of(row)
            wrong = _wrong(entry, right, last)
            if wrong is not None:
                return Report(right, last, wrong, right + 1 if wrong is Wrong.MISSING else entry.id), seen
            right, last = entry.id, entry.hash
            seen = seen or last == kept
        if not rows:
            break
    return Report(right, last), seen


def _wrong(entry: Entry, right: int, last: str) -> Optional[Wrong]:
    """Return what is wrong with an entry that comes after ``right`` others, the last of which has the hash ``last``."""
    if entry.id != right + 1:
        return Wrong.MISSING
    if entry.hash != entry.seal():
        return Wrong.CHANGED
    return Wrong.MOVED if entry.previous != last else None
