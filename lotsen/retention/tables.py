"""The tables as the purge sees them: only the columns that it looks at. Nothing here makes a table.

A table that a part of Lotsen has not made yet is left out of what is done. Those of ``EXEMPT`` are never purged.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql import TableClause

from lotsen.storage.database import UtcDateTime

EXEMPT: Mapping[str, str] = {
    "audit_head": "one row, the end of the audit log's chain",
    "audit_anchors": "where the audit log's chain begins after a purge; no personal data",
    "deletions": "the deletion log; no personal data",
    "purges": "which day's purge is done; no personal data",
    "desk_local": "one row, the reserve account; it is no person's",
    "widget_versions": "the scripts that pages name by their hash; no personal data",
    "lotsen_schema": "the database's revision (Alembic)",
}
"""Tables that are kept for ever, each with the reason."""


def _table(table: str, /, **columns: Any) -> TableClause:
    return sa.table(table, *(sa.column(column, kind) for column, kind in columns.items()))


_ID, _TEXT, _TIME, _SECONDS = sa.Integer(), sa.Text(), UtcDateTime(), sa.Float()

EVENTS = _table("events", id=_ID, sender_id=_TEXT, type_name=_TEXT, timestamp=_SECONDS, action_name=_TEXT, data=_TEXT)
MESSAGES = _table(
    "chat_messages", id=_ID, conversation=_TEXT, number=_ID, author=_TEXT, created=_TIME, body=_TEXT, client_id=_TEXT
)
TURNS = _table("chat_turns", id=_ID, conversation=_TEXT, expires=_SECONDS)
WEB = _table(
    "chat_conversations",
    **{"conversation": _TEXT, "began": _SECONDS, "ended": _SECONDS, "name": _TEXT, "unit": _TEXT, "seen": _SECONDS},
)
TEAMS = _table(
    "teams_conversations",
    **{"conversation": _TEXT, "tenant": _TEXT, "teams_conversation": _TEXT, "user": _TEXT, "told": _ID},
)
CODES = _table("resume_codes", conversation=_TEXT, expires=_SECONDS)
TIMERS = _table("guide_timers", conversation=_TEXT, channel=_TEXT, due=_SECONDS)
LINES = _table("desk_lines", conversation=_TEXT, case_id=_ID, touched=_TIME)
TOLD = _table("notice_told", id=_ID, notice=_ID, conversation=_TEXT, told=_TIME, over_at=_TIME)
NOTICES = _table("notices", id=_ID, created=_TIME, ends=_TIME, lifted=_TIME, lead=_ID)
ASKED = _table(
    "asked",
    **{"id": _ID, "conversation": _TEXT, "channel": _TEXT, "at": _TIME, "text": _TEXT, "words": _TEXT, "kind": _TEXT},
    **{"intent": _TEXT, "pressed": _TEXT},
)
READINGS = _table("asked_readings", text=_TEXT)
RATINGS = _table(
    "feedback",
    **{"conversation": _TEXT, "message": _ID, "answer": _TEXT, "rating": _TEXT, "comment": _TEXT, "created": _TIME},
)
RUNS = _table(
    "guide_runs",
    **{"id": _TEXT, "conversation": _TEXT, "guide": _TEXT, "version": _TEXT, "status": _TEXT, "began": _TIME},
    **{"touched": _TIME, "ended": _TIME, "body": _TEXT},
)
CASES = _table(
    "cases",
    **{"id": _ID, "created": _TIME, "status": _TEXT, "conversation": _TEXT, "channel": _TEXT, "category": _TEXT},
    **{"changed": _TIME, "version": _ID, "assignee": _TEXT, "merged_into": _ID, "notice": _ID, "unit": _TEXT},
    **{"problem": _TEXT, "body": _TEXT},
)
CASE_EVENTS = _table(
    "case_events",
    **{"id": _ID, "case_id": _ID, "at": _TIME, "kind": _TEXT, "desk": _TEXT, "text": _TEXT, "conversation": _TEXT},
    **{"channel": _TEXT, "tell_at": _TIME, "author": _TEXT},
)
CASE_WORDS = _table("case_words", word=_TEXT, case_id=_ID)
CASE_CHOICES = _table("case_choices", name=_TEXT, value=_TEXT)
OUTBOX = _table(
    "outbox",
    **{"id": _ID, "case_id": _ID, "desk": _TEXT, "text": _TEXT, "state": _TEXT, "ref": _TEXT, "number": _TEXT},
    **{"url": _TEXT, "delivered": _TIME},
)
SESSIONS = _table("desk_sessions", token=_TEXT, used=_TIME)
PEOPLE = _table("desk_people", id=_TEXT, seen=_TIME)
SIGN_INS = _table("desk_sign_ins", state=_TEXT, expires=_TIME)
GUESSES = _table("desk_guesses", who=_TEXT, last=_TIME)
LIMITS = _table("limit_counts", counted=_TEXT, expires=_SECONDS)
AUDIT = _table("audit_log", id=_ID, at=_TIME)

OF_CONVERSATION: Dict[TableClause, str] = {
    EVENTS: "sender_id",
    MESSAGES: "conversation",
    TURNS: "conversation",
    CODES: "conversation",
    TIMERS: "conversation",
    LINES: "conversation",
    TOLD: "conversation",
}
"""What is deleted with a conversation, by the column that names it."""


def there(connection: Connection) -> FrozenSet[str]:
    """Return the names of the tables that the database has."""
    return frozenset(sa.inspect(connection).get_table_names())
