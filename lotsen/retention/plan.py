"""What goes when: each kind of data, which setting says how long it is kept, and the parts that it consists of.

This is the whole plan; ``docs/retention.md`` tells it in words, and a test holds every table of a running Lotsen to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Optional, Tuple

import sqlalchemy as sa

from lotsen.cases.case import OVER
from lotsen.desk.access.guesses import FORGOTTEN
from lotsen.retention.cases import Delivered, Notices, Over, Talk
from lotsen.retention.conversations import Beginnings, Ended, Resting
from lotsen.retention.part import Limit, Part, Rows
from lotsen.retention.questions import Questions
from lotsen.retention.tables import (
    CASES,
    CODES,
    GUESSES,
    LIMITS,
    NOTICES,
    PEOPLE,
    RATINGS,
    RUNS,
    SESSIONS,
    SIGN_INS,
    TOLD,
    TURNS,
)
from lotsen.settings import Keep

LOGS, AUDIT = "logs", "audit"
"""Kinds that are no rows of the usual kind: files, and the chain of the audit log."""
UNUSED_SESSION = timedelta(days=7)
LOST_TURN = timedelta(days=1)


@dataclass(frozen=True)
class Kind:
    """One kind of data. Without a setting it goes as soon as it is of no use any more, whatever is set."""

    name: str
    swedish: str
    """What one counts of it."""
    setting: Optional[str]
    """The field of ``Keep``."""
    parts: Tuple[Part, ...] = ()

    def days(self, keep: Keep) -> Optional[int]:
        """Return for how many days it is kept; None: for ever."""
        if self.setting is None:
            return 0
        return int(getattr(keep, self.setting)) or None


def _seen_by_no_case(limit: Limit) -> "sa.sql.ColumnElement[bool]":
    over = [status.value for status in OVER]
    at_work = sa.exists().where((CASES.c.assignee == PEOPLE.c.id) & CASES.c.status.not_in(over))
    return (PEOPLE.c.seen < limit.before) & ~at_work


def _heard_of_what_is_over(limit: Limit) -> "sa.sql.ColumnElement[bool]":
    over = sa.func.coalesce(NOTICES.c.lifted, NOTICES.c.ends, type_=NOTICES.c.ends.type) < limit.before
    return (TOLD.c.told < limit.before) & TOLD.c.notice.in_(sa.select(NOTICES.c.id).where(over))


KINDS: Tuple[Kind, ...] = (
    Kind("ended", "samtal som användaren har avslutat", None, (Ended(),)),
    Kind(
        "conversations",
        "samtal",
        "conversations",
        (
            Resting(),
            Beginnings(),
            Rows(TOLD, ("id",), "told", _heard_of_what_is_over, ("notices",)),
        ),
    ),
    Kind(
        "questions",
        "frågor och betyg",
        "questions",
        (Questions(), Rows(RATINGS, ("conversation", "message"), "created", lambda at: RATINGS.c.created < at.before)),
    ),
    Kind(
        "runs",
        "vandringar genom guider",
        "runs",
        (Rows(RUNS, ("id",), "touched", lambda at: RUNS.c.touched < at.before),),
    ),
    Kind("letters", "levererade ärendens texter", "letters", (Delivered(), Talk())),
    Kind("cases", "ärenden och driftstörningar", "cases", (Over(), Notices())),
    Kind(
        "staff",
        "handläggare som inte loggat in",
        "audit",
        (Rows(PEOPLE, ("id",), "seen", _seen_by_no_case, ("cases",)),),
    ),
    Kind(
        "leftovers",
        "koder och inloggningar som gått ut",
        None,
        (
            Rows(CODES, ("conversation",), "expires", lambda at: CODES.c.expires < at.now.timestamp()),
            Rows(SIGN_INS, ("state",), "expires", lambda at: SIGN_INS.c.expires <= at.now),
            Rows(GUESSES, ("who",), "last", lambda at: GUESSES.c.last <= at.now - FORGOTTEN),
            Rows(SESSIONS, ("token",), "used", lambda at: SESSIONS.c.used < at.now - UNUSED_SESSION),
            Rows(LIMITS, ("counted",), "expires", lambda at: LIMITS.c.expires < at.now.timestamp()),
            Rows(TURNS, ("id",), "expires", lambda at: TURNS.c.expires < (at.now - LOST_TURN).timestamp()),
        ),
    ),
    Kind(LOGS, "loggfiler", "logs"),
    Kind(AUDIT, "rader i granskningsloggen", "audit"),
)
NAMES = tuple(kind.name for kind in KINDS)
