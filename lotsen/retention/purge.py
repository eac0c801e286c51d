"""Carries out the plan: looks what goes, and removes it in small transactions, each with its entry in the deletion log.

Killed at any moment it leaves whole transactions behind, and goes on from there the next time. Two at once, or one
beside a running Lotsen, do no harm: what is removed is looked at again in the transaction that removes it.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Callable, Collection, Iterator, List, Optional, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from lotsen.audit.purge import count_old, purge_old
from lotsen.observability import metrics
from lotsen.retention.deletions import NOTHING, DeletionLog
from lotsen.retention.files import delete_logs, old_logs
from lotsen.retention.part import Limit
from lotsen.retention.plan import AUDIT, KINDS, LOGS, Kind
from lotsen.retention.store import deleting, sweep
from lotsen.retention.tables import there
from lotsen.retention.talks import chunks
from lotsen.settings import Settings

TRIES = 5
PAUSE_SECONDS = 0.5
"""A transaction that finds the database busy is tried again after this, so many times."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What goes, or went, of one kind: how much, how old the oldest was, and the limit (None: kept for ever)."""

    kind: Kind
    before: Optional[datetime]
    rows: int = 0
    oldest: Optional[datetime] = None
    failed: bool = False
    """Something could not be removed; the log says why."""


def look(settings: Settings, engine: Engine, now: datetime, kinds: Collection[str] = ()) -> Iterator[Outcome]:
    """Yield what would go of each kind (or of these), and change nothing."""
    for kind in _chosen(kinds):
        limit = _limit(kind, settings, now)
        if limit is None:
            yield Outcome(kind, None)
        elif kind.name == LOGS:
            files = old_logs(settings.data_dir / "logs", limit.before)
            yield Outcome(kind, limit.before, len(files), files[0][1] if files else None)
        else:
            with engine.connect() as connection:
                known = there(connection)
                if kind.name == AUDIT:
                    rows, oldest = count_old(connection, limit.before) if "audit_log" in known else (0, None)
                    yield Outcome(kind, limit.before, rows, oldest)
                else:
                    found = [part.find(connection, known, limit) for part in kind.parts]
                    times = [one.oldest for one in found if one.oldest is not None]
                    yield Outcome(kind, limit.before, sum(len(one.keys) for one in found), min(times, default=None))


def purge(settings: Settings, engine: Engine, now: datetime, by: str, kinds: Collection[str] = ()) -> List[Outcome]:
    """Remove what is too old of each kind (or of these). ``engine`` comes from ``open_for_deleting``.

    A kind that fails is logged, and the others go on.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if the deletion log cannot be made.
    """
    log = DeletionLog(engine)
    outcomes = [_purge(kind, settings, engine, log, now, by) for kind in _chosen(kinds)]
    if not any(outcome.rows for outcome in outcomes):
        with engine.begin() as connection:
            log.begin(connection, now, NOTHING, None, 0, by)
    sweep(engine)
    return outcomes


def _purge(kind: Kind, settings: Settings, engine: Engine, log: DeletionLog, now: datetime, by: str) -> Outcome:
    """Remove what is too old of one kind."""
    limit = _limit(kind, settings, now)
    if limit is None:
        return Outcome(kind, None)
    entry = _Entry(log, kind, limit.before if kind.setting else None, now, by)
    failed = False
    try:
        if kind.name == LOGS:
            with deleting(engine) as connection:
                rows = delete_logs(settings.data_dir / "logs", limit.before)
                entry.count(connection, rows)
            entry.rows += rows
        elif kind.name == AUDIT:
            _purge_audit(engine, limit, entry)
        else:
            _purge_rows(kind, engine, limit, entry)
    except (SQLAlchemyError, OSError):
        logger.exception("Not all that is too old of '%s' could be deleted.", kind.name)
        failed = True
    if entry.rows:
        logger.info("Deleted %d of '%s', older than %s.", entry.rows, kind.name, limit.before.isoformat())
        metrics.purged(kind.name, entry.rows)
    return Outcome(kind, limit.before, entry.rows, failed=failed)


def _purge_rows(kind: Kind, engine: Engine, limit: Limit, entry: "_Entry") -> None:
    """Remove what a kind's parts find."""
    for part in kind.parts:
        with engine.connect() as connection:
            known = there(connection)
            keys = part.find(connection, known, limit).keys
        for some in chunks(keys, part.batch):

            def remove(connection: Connection, some: Sequence[Any] = some) -> int:
                return part.remove(connection, known, some, limit)  # noqa: B023 - called at once

            entry.write(engine, remove)


def _purge_audit(engine: Engine, limit: Limit, entry: "_Entry") -> None:
    """Take the oldest part off the audit log."""
    with engine.connect() as connection:
        known = there(connection)
    while "audit_log" in known and entry.write(
        engine, lambda connection: purge_old(connection, limit.before, limit.now)
    ):
        continue


class _Entry:
    """The deletion log's entry of one kind in one purge: begun with the first row, so that it never tells of less."""

    def __init__(self, log: DeletionLog, kind: Kind, before: Optional[datetime], now: datetime, by: str) -> None:
        self._log, self._kind, self._before, self._now, self._by = log, kind, before, now, by
        self._id: Optional[int] = None
        self.rows = 0

    def count(self, connection: Connection, rows: int) -> None:
        """Count rows, in the transaction that deletes them."""
        if not rows:
            return
        if self._id is None:
            self._id = self._log.begin(connection, self._now, self._kind.name, self._before, rows, self._by)
        else:
            self._log.grow(connection, self._id, rows)

    def write(self, engine: Engine, remove: Callable[[Connection], int]) -> int:
        """Remove something and count it, in one transaction; tried again if the database is busy."""
        for left in reversed(range(TRIES)):
            begun = self._id
            try:
                with deleting(engine) as connection:
                    rows = remove(connection)
                    self.count(connection, rows)
            except OperationalError:
                self._id = begun
                if not left:
                    raise
                time.sleep(PAUSE_SECONDS)
            else:
                self.rows += rows
                return rows
        raise AssertionError("unreachable")


def _limit(kind: Kind, settings: Settings, now: datetime) -> Optional[Limit]:
    days = kind.days(settings.keep)
    return None if days is None else Limit(now, now - timedelta(days=days), ZoneInfo(settings.time_zone))


def _chosen(kinds: Collection[str]) -> List[Kind]:
    return [kind for kind in KINDS if not kinds or kind.name in kinds]
