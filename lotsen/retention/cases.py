"""Cases: one that an outside desk has loses its text soon; what is left of any goes long after it is over.

A case that is worked on at the triage desk is nowhere else, so it keeps its text until it goes as a whole. So does one
of which any letter is not delivered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.cases.case import OVER, CaseDraft, Category
from lotsen.cases.history import LIVE, NOTE, REPLY, SAID
from lotsen.cases.words import words_of
from lotsen.outbox.outbox import DELIVERED
from lotsen.retention.part import BATCH, Found, Limit
from lotsen.retention.tables import CASE_CHOICES, CASE_EVENTS, CASE_WORDS, CASES, LINES, NOTICES, OUTBOX, TOLD

PURGED = "Texten är gallrad."
"""What stands where a text was; the desk and the user see why there is none."""
_WORDS = (REPLY, SAID, LIVE, NOTE)
"""Events whose text somebody wrote."""
_NEEDED = frozenset({"cases", "case_events", "outbox"})


@dataclass(frozen=True)
class Delivered:
    """Cases that an outside desk has had for long enough: what the user wrote is emptied, the rest stays."""

    tables: Tuple[str, ...] = ("cases", "case_words", "outbox", "case_choices")
    batch: int = 100

    def find(self, connection: Connection, there: "frozenset[str]", limit: Limit) -> Found:
        """Return the ids."""
        if not there >= _NEEDED:
            return Found()
        old = delivered_long_ago(limit)
        letters = sa.select(sa.func.min(OUTBOX.c.delivered)).where(OUTBOX.c.case_id == CASES.c.id).scalar_subquery()
        rows = connection.execute(sa.select(CASES.c.id, letters.label("at")).where(old).order_by(CASES.c.id)).all()
        return Found([row.id for row in rows], min((row.at for row in rows), default=None))

    def remove(self, connection: Connection, there: "frozenset[str]", keys: Sequence[Any], limit: Limit) -> int:
        """Empty those that nobody has begun to work on meanwhile."""
        these = CASES.c.id.in_(list(keys)) & delivered_long_ago(limit)
        wanted = sa.select(CASES.c.id, CASES.c.body, CASES.c.unit, CASES.c.version).where(these)
        rows = connection.execute(wanted).all()
        done: List[Any] = [row for row in rows if self._empty(connection, row)]
        prune_units(connection, [row.unit for row in done])
        return len(done)

    @staticmethod
    def _empty(connection: Connection, row: Any) -> bool:
        """Empty one case, unless somebody has changed it since it was read."""
        draft = emptied(json.loads(row.body))
        values = {"body": json.dumps(draft, ensure_ascii=False), "problem": PURGED, "unit": ""}
        same = (CASES.c.id == row.id) & (CASES.c.version == row.version)
        if not connection.execute(CASES.update().where(same).values(**values)).rowcount:
            return False
        connection.execute(CASE_WORDS.delete().where(CASE_WORDS.c.case_id == row.id))
        number = [{"word": word, "case_id": row.id} for word in sorted(words_of(row.id, {}))]
        connection.execute(CASE_WORDS.insert(), number)
        connection.execute(OUTBOX.update().where(OUTBOX.c.case_id == row.id).values(text=""))
        return True


@dataclass(frozen=True)
class Talk:
    """What was written about such a case since, by user and desk, once it is old and its user has been told."""

    tables: Tuple[str, ...] = ("case_events",)
    batch: int = BATCH

    def find(self, connection: Connection, there: "frozenset[str]", limit: Limit) -> Found:
        """Return the ids."""
        if not there >= _NEEDED:
            return Found()
        old = self._old(limit)
        oldest = connection.execute(sa.select(sa.func.min(CASE_EVENTS.c.at)).where(old)).scalar()
        return Found(list(connection.execute(sa.select(CASE_EVENTS.c.id).where(old)).scalars()), oldest)

    def remove(self, connection: Connection, there: "frozenset[str]", keys: Sequence[Any], limit: Limit) -> int:
        """Empty the texts; that something was said, and when, stays: news that comes again is known by it."""
        these = CASE_EVENTS.c.id.in_(list(keys)) & self._old(limit)
        return int(connection.execute(CASE_EVENTS.update().where(these).values(text=PURGED)).rowcount)

    @staticmethod
    def _old(limit: Limit) -> Any:
        # Also of those that are emptied right before this, so that a dry run tells of it.
        emptied_ones = sa.select(CASES.c.id).where((CASES.c.problem == PURGED) | delivered_long_ago(limit))
        written = CASE_EVENTS.c.kind.in_(_WORDS) & (CASE_EVENTS.c.text != PURGED) & CASE_EVENTS.c.tell_at.is_(None)
        return (CASE_EVENTS.c.at < limit.before) & written & CASE_EVENTS.c.case_id.in_(emptied_ones)


@dataclass(frozen=True)
class Over:
    """Cases that were over, or lost their text, so long ago: all of each goes, with its duplicates.

    A desk that never says how a case stands leaves it open for ever; without its text nobody waits for it any more.
    """

    tables: Tuple[str, ...] = ("cases", "case_events", "case_words", "case_choices", "outbox", "desk_lines")
    batch: int = 100

    def find(self, connection: Connection, there: "frozenset[str]", limit: Limit) -> Found:
        """Return the ids of cases that are no duplicates."""
        if not there >= _NEEDED:
            return Found()
        old = self._old(limit)
        query = sa.select(CASES.c.id, sa.func.coalesce(CASES.c.changed, CASES.c.created).label("at")).where(old)
        rows = connection.execute(query.order_by(CASES.c.id)).all()
        return Found([row.id for row in rows], min((row.at for row in rows), default=None))

    def remove(self, connection: Connection, there: "frozenset[str]", keys: Sequence[Any], limit: Limit) -> int:
        """Delete those with which nothing has happened meanwhile."""
        these = CASES.c.id.in_(list(keys)) & self._old(limit)
        ids = list(connection.execute(sa.select(CASES.c.id).where(these)).scalars())
        erase(connection, there, with_duplicates(connection, ids))
        return len(ids)

    @staticmethod
    def _old(limit: Limit) -> Any:
        duplicate, main = CASES.alias(), CASES.alias()
        young = sa.exists().where((duplicate.c.merged_into == CASES.c.id) & ~_quiet(duplicate, limit))
        of_another = sa.exists().where(main.c.id == CASES.c.merged_into)
        return _quiet(CASES, limit) & ~young & ~of_another


@dataclass(frozen=True)
class Notices:
    """Disturbances that were over so long ago, unless a case is still part of one."""

    tables: Tuple[str, ...] = ("notices", "notice_told")
    batch: int = BATCH

    def find(self, connection: Connection, there: "frozenset[str]", limit: Limit) -> Found:
        """Return the ids."""
        if not there >= {"notices", "notice_told", "cases"}:
            return Found()
        over = sa.func.coalesce(NOTICES.c.lifted, NOTICES.c.ends)
        old = self._old(limit)
        rows = connection.execute(sa.select(NOTICES.c.id).where(old)).scalars().all()
        oldest = sa.select(sa.func.min(over, type_=NOTICES.c.ends.type)).where(old)
        return Found(rows, connection.execute(oldest).scalar())

    def remove(self, connection: Connection, there: "frozenset[str]", keys: Sequence[Any], limit: Limit) -> int:
        """Delete them, and who has heard of them."""
        these = NOTICES.c.id.in_(list(keys)) & self._old(limit)
        ids = list(connection.execute(sa.select(NOTICES.c.id).where(these)).scalars())
        connection.execute(TOLD.delete().where(TOLD.c.notice.in_(ids)))
        return int(connection.execute(NOTICES.delete().where(NOTICES.c.id.in_(ids))).rowcount)

    @staticmethod
    def _old(limit: Limit) -> Any:
        over = sa.func.coalesce(NOTICES.c.lifted, NOTICES.c.ends, type_=NOTICES.c.ends.type)
        return (over < limit.before) & ~sa.exists().where(CASES.c.notice == NOTICES.c.id)


def delivered_long_ago(limit: Limit) -> Any:
    """Return the condition for a case that loses its text."""
    mine = OUTBOX.c.case_id == CASES.c.id
    sent = sa.exists().where(mine)
    not_yet = sa.exists().where(mine & ((OUTBOX.c.state != DELIVERED) | (OUTBOX.c.delivered >= limit.before)))
    worked_on = sa.exists().where((CASE_EVENTS.c.case_id == CASES.c.id) & (CASE_EVENTS.c.author != ""))
    return (CASES.c.problem != PURGED) & (CASES.c.assignee == "") & sent & ~not_yet & ~worked_on


def emptied(body: Dict[str, Any]) -> Dict[str, Any]:
    """Return a case's JSON without what its user wrote or did: its category, target and priority stay. Pure."""
    draft = CaseDraft.from_json(body)
    known = Category(draft.category.id, draft.category.title, draft.category.section)
    kept = CaseDraft(
        PURGED, known, target=draft.target, target_name=draft.target_name, impact=draft.impact, priority=draft.priority
    )
    return kept.to_json()


def erase(connection: Connection, there: "frozenset[str]", ids: Sequence[int]) -> None:
    """Delete cases with all that hangs on them, in the caller's transaction."""
    units = list(connection.execute(sa.select(CASES.c.unit).where(CASES.c.id.in_(list(ids))).distinct()).scalars())
    for table, column in ((CASE_EVENTS, "case_id"), (CASE_WORDS, "case_id"), (OUTBOX, "case_id"), (LINES, "case_id")):
        if table.name in there:
            connection.execute(table.delete().where(table.c[column].in_(list(ids))))
    connection.execute(CASES.delete().where(CASES.c.id.in_(list(ids))))
    prune_units(connection, units)


def with_duplicates(connection: Connection, ids: Sequence[int]) -> List[int]:
    """Return cases with those that are merged into them."""
    merged = sa.select(CASES.c.id).where(CASES.c.merged_into.in_(list(ids)))
    return sorted({*ids, *connection.execute(merged).scalars()})


def prune_units(connection: Connection, units: Sequence[str]) -> None:
    """Take units out of the queue's filter that no case has any more: users write what they like as their unit."""
    mine = (CASE_CHOICES.c.name == "unit") & CASE_CHOICES.c.value.in_(sorted({unit for unit in units if unit}))
    used = sa.exists().where(CASES.c.unit == CASE_CHOICES.c.value)
    connection.execute(CASE_CHOICES.delete().where(mine & ~used))


def _quiet(table: Any, limit: Limit) -> Any:
    """Return the condition for a case that is over, or emptied, and with which nothing has happened since the limit."""
    over = table.c.status.in_([status.value for status in OVER]) | (table.c.problem == PURGED)
    late = sa.exists().where((CASE_EVENTS.c.case_id == table.c.id) & (CASE_EVENTS.c.at >= limit.before))
    return over & (sa.func.coalesce(table.c.changed, table.c.created) < limit.before) & ~late
