"""Erasing what is kept of one person. Cases may be public records: they go only when that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Dict, List, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.audit.log import OPERATOR, AuditLog
from lotsen.cases.case import NUMBER_FORMAT
from lotsen.outbox.outbox import DELIVERED
from lotsen.retention import questions
from lotsen.retention.cases import erase
from lotsen.retention.deletions import PERSON, DeletionLog
from lotsen.retention.person import TIED, Person
from lotsen.retention.store import deleting, sweep
from lotsen.retention.tables import ASKED, CASE_EVENTS, CASES, NOTICES, OUTBOX, RATINGS, RUNS, WEB, there

GONE = {"conversations": "samtal", "questions": "frågor och betyg", "runs": "vandringar", "cases": "ärenden"}
"""What is erased, by kind, for people."""


class CannotErase(Exception):
    """Something stands in the way; the text says what, and what to do, in Swedish."""


@dataclass(frozen=True)
class Erased:
    """How much went, by kind, and what service desks still have: their names with their own numbers."""

    rows: Dict[str, int]
    elsewhere: Tuple[Tuple[str, str], ...]


def check(connection: Connection, known: "frozenset[str]", person: Person) -> None:
    """Make sure that somebody's cases can go.

    Raises:
        CannotErase: if a case of somebody else is merged into one of them.
    """
    if "cases" not in known:
        return
    others = CASES.c.merged_into.in_(person.cases) & CASES.c.id.not_in(person.cases)
    row = connection.execute(sa.select(CASES.c.id, CASES.c.merged_into).where(others)).first()
    if row is not None:
        other, mine = NUMBER_FORMAT.format(row.id), NUMBER_FORMAT.format(row.merged_into)
        raise CannotErase(
            f"{other}, som är någon annans, är en dubblett av {mine}. Skilj dem åt på handläggarsidan först."
        )


def elsewhere(connection: Connection, known: "frozenset[str]", person: Person) -> Tuple[Tuple[str, str], ...]:
    """Return the service desks that have got somebody's cases, each with its number."""
    if "outbox" not in known:
        return ()
    sent = OUTBOX.c.case_id.in_(person.cases) & (OUTBOX.c.state == DELIVERED)
    rows = connection.execute(sa.select(OUTBOX.c.desk, OUTBOX.c.number, OUTBOX.c.ref).where(sent).order_by(OUTBOX.c.id))
    return tuple((row.desk, row.number or row.ref) for row in rows)


def erase_person(engine: Engine, person: Person, with_cases: bool, now: datetime) -> Erased:
    """Erase what is kept of somebody, in one transaction, with its entries in the deletion log and the audit log.

    A conversation that is open in a browser is over; one in Teams begins anew when its user writes again. ``engine``
    comes from ``open_for_deleting``.

    Raises:
        CannotErase: if something stands in the way; nothing is erased then.
        sqlalchemy.exc.SQLAlchemyError: if the database cannot be written; nothing is erased then, either.
    """
    log, audit = DeletionLog(engine), AuditLog(engine, lambda: now)
    with deleting(engine) as connection:
        known = there(connection)
        if with_cases:
            check(connection, known, person)
        sent = elsewhere(connection, known, person)
        rows = _conversations(connection, known, list(person.conversations), now)
        if with_cases and person.cases:
            if "notices" in known:
                connection.execute(NOTICES.update().where(NOTICES.c.lead.in_(person.cases)).values(lead=None))
            erase(connection, known, person.cases)
            rows["cases"] = len(person.cases)
        for kind, count in rows.items():
            if count:
                log.begin(connection, now, kind, None, count, PERSON)
        gone = ", ".join(f"{GONE[kind]}: {count}" for kind, count in rows.items() if count)
        audit.add(OPERATOR, "person_erased", detail=gone, connection=connection)
    sweep(engine)
    return Erased(rows, sent)


def _conversations(connection: Connection, known: "frozenset[str]", names: List[str], now: datetime) -> Dict[str, int]:
    """Erase conversations with all that was asked, rated and walked in them; return how much of each."""
    rows = {"conversations": len(names), "questions": 0, "runs": 0}
    if "asked" in known:
        rows["questions"] = questions.delete(connection, known, ASKED.c.conversation.in_(names))
    for table, column in TIED.items():
        if table.name not in known or table is ASKED:
            continue
        mine = table.c[column].in_(names)
        if table is WEB:  # That it is over must be known for as long as a token might open it.
            connection.execute(WEB.update().where(mine).values(ended=now.timestamp(), name="", unit=""))
            continue
        count = connection.execute(table.delete().where(mine)).rowcount
        kind = {RATINGS.name: "questions", RUNS.name: "runs"}.get(table.name)
        if kind is not None:
            rows[kind] += count
    if "case_events" in known:
        untold = CASE_EVENTS.c.conversation.in_(names)
        connection.execute(CASE_EVENTS.update().where(untold).values(conversation=None, channel=None, tell_at=None))
    return rows
