"""What is kept of one person, as one JSON document; ``docs/data-protection.md`` describes it.

Names of those who work at the desk are left out: they are not the person's. Times are local, with their offset.
"""

from __future__ import annotations

import json
from datetime import datetime, tzinfo
from typing import Any, Dict, List

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.cases.case import NUMBER_FORMAT
from lotsen.retention.part import moment
from lotsen.retention.person import Person
from lotsen.retention.tables import (
    ASKED,
    CASE_EVENTS,
    CASES,
    EVENTS,
    MESSAGES,
    OUTBOX,
    RATINGS,
    RUNS,
    TEAMS,
    TOLD,
    WEB,
)

FORMAT, VERSION = "lotsen-person", 1
DESK, USER, LOTSEN = "desk", "user", "lotsen"
"""Who did something: the support desk, the person, Lotsen itself or a service desk."""


def document(
    connection: Connection, there: "frozenset[str]", person: Person, wanted: Dict[str, str], now: datetime, zone: tzinfo
) -> Dict[str, Any]:
    """Return everything that is kept of somebody. ``wanted``: what was asked for, as it was written."""
    reader = _Reader(connection, there, zone)
    return {
        "format": FORMAT,
        "version": VERSION,
        "made": reader.time(now),
        "asked_for": wanted,
        "conversations": [reader.conversation(name) for name in person.conversations],
        "cases": [reader.case(case) for case in person.cases],
    }


class _Reader:
    """Reads what a document consists of."""

    def __init__(self, connection: Connection, there: "frozenset[str]", zone: tzinfo) -> None:
        self._connection, self._there, self._zone = connection, there, zone

    def time(self, value: Any) -> "str | None":
        """Return a moment as it is read; None if it is not known."""
        at = moment(value)
        return at.astimezone(self._zone).isoformat(" ", "seconds") if at is not None else None

    def conversation(self, name: str) -> Dict[str, Any]:
        """Return all that is kept of one conversation."""
        web, teams = self._rows(WEB, "conversation", name), self._rows(TEAMS, "conversation", name)
        return {
            "conversation": name,
            "web": [
                {"began": self.time(row.began), "ended": self.time(row.ended), "seen": self.time(row.seen)}
                | {"name": row.name, "unit": row.unit}
                for row in web
            ],
            "teams": [
                {"tenant": row.tenant, "user": row.user, "conversation": row.teams_conversation} for row in teams
            ],
            "messages": [
                {"at": self.time(row.created), "who": row.author, "text": str(json.loads(row.body).get("text", ""))}
                for row in self._rows(MESSAGES, "conversation", name, "number")
            ],
            "questions": [
                {"at": self.time(row.at), "text": row.text, "taken_for": row.intent, "answered_by": row.kind}
                | {"pressed": row.pressed}
                for row in self._rows(ASKED, "conversation", name, "id")
            ],
            "ratings": [
                {"at": self.time(row.created), "answer": row.answer, "rating": row.rating, "comment": row.comment}
                for row in self._rows(RATINGS, "conversation", name, "message")
            ],
            "guide_runs": [
                {"began": self.time(row.began), "touched": self.time(row.touched), "ended": self.time(row.ended)}
                | {"guide": row.guide, "status": row.status, "details": json.loads(row.body or "{}")}
                for row in self._rows(RUNS, "conversation", name, "began")
            ],
            "disturbances_told": [self.time(row.told) for row in self._rows(TOLD, "conversation", name, "id")],
            "rasa_events": [
                {"at": self.time(row.timestamp), "type": row.type_name, "data": json.loads(row.data or "{}")}
                for row in self._rows(EVENTS, "sender_id", name, "id")
            ],
        }

    def case(self, id: int) -> Dict[str, Any]:
        """Return all that is kept of one case."""
        row = self._rows(CASES, "id", id)[0]
        return {
            "number": NUMBER_FORMAT.format(id),
            "created": self.time(row.created),
            "changed": self.time(row.changed),
            "status": row.status,
            "conversation": row.conversation,
            "channel": row.channel,
            "case": json.loads(row.body),
            "events": [
                {"at": self.time(event.at), "what": event.kind, "desk": event.desk, "text": event.text}
                | {"by": DESK if event.author else USER if event.kind in ("confirmed", "said") else LOTSEN}
                for event in self._rows(CASE_EVENTS, "case_id", id, "id")
            ],
            "letters": [
                {"desk": letter.desk, "state": letter.state, "delivered": self.time(letter.delivered)}
                | {"number": letter.number, "url": letter.url, "text": letter.text}
                for letter in self._rows(OUTBOX, "case_id", id, "id")
            ],
        }

    def _rows(self, table: Any, column: str, key: Any, order: str = "") -> List[Any]:
        """Return the rows of a table that belong to something."""
        if table.name not in self._there:
            return []
        query = sa.select(table).where(table.c[column] == key)
        return list(self._connection.execute(query.order_by(table.c[order]) if order else query))
