"""What other tables know of conversations: ratings, runs of guides, cases. Read with as few columns as are needed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Iterable, List, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.feedback.store import UP
from lotsen.guides.model import Status
from lotsen.outcomes.asked import ENDED
from lotsen.storage.database import UtcDateTime

_ratings = sa.table(
    "feedback",
    sa.column("conversation", sa.String),
    sa.column("answer", sa.String),
    sa.column("rating", sa.String),
    sa.column("created", UtcDateTime),
)
_runs = sa.table(
    "guide_runs",
    sa.column("conversation", sa.String),
    sa.column("channel", sa.String),
    sa.column("guide", sa.String),
    sa.column("status", sa.String),
    sa.column("began", UtcDateTime),
    sa.column("touched", UtcDateTime),
    sa.column("body", sa.Text),
)
_cases = sa.table(
    "cases",
    sa.column("conversation", sa.String),
    sa.column("channel", sa.String),
    sa.column("created", UtcDateTime),
)


@dataclass(frozen=True)
class Rated:
    """One rating of an answer."""

    conversation: str
    answer: str
    up: bool
    at: datetime


@dataclass(frozen=True)
class Walked:
    """One run of a guide. ``last`` is the guide and step of the last outcome; None if there is none."""

    conversation: str
    channel: str
    guide: str
    status: Status
    began: datetime
    touched: datetime
    last: Optional[Tuple[str, str]] = None


@dataclass(frozen=True)
class Sent:
    """One case."""

    conversation: str
    channel: str
    at: datetime


@dataclass(frozen=True)
class Facts:
    """All that is known beside what was asked."""

    ratings: Tuple[Rated, ...] = ()
    runs: Tuple[Walked, ...] = ()
    cases: Tuple[Sent, ...] = ()


def between(connection: Connection, since: datetime, until: datetime) -> Facts:
    """Return what happened from ``since`` until before ``until``; a run counts by when it began."""
    return Facts(
        tuple(_read_ratings(connection, (_ratings.c.created >= since) & (_ratings.c.created < until))),
        tuple(_read_runs(connection, (_runs.c.began >= since) & (_runs.c.began < until))),
        tuple(_read_cases(connection, (_cases.c.created >= since) & (_cases.c.created < until))),
    )


def of(connection: Connection, conversation: str) -> Facts:
    """Return what happened in one conversation. A table that nobody has made yet knows nothing."""
    there = set(sa.inspect(connection).get_table_names())
    ratings, runs, cases = (one.name in there for one in (_ratings, _runs, _cases))
    return Facts(
        tuple(_read_ratings(connection, _ratings.c.conversation == conversation)) if ratings else (),
        tuple(_read_runs(connection, _runs.c.conversation == conversation)) if runs else (),
        tuple(_read_cases(connection, _cases.c.conversation == conversation)) if cases else (),
    )


def _read_ratings(connection: Connection, wanted: Any) -> Iterable[Rated]:
    """Yield ratings, oldest first; those of ended conversations are nobody's."""
    mine = wanted & ~_ratings.c.conversation.like(f"{ENDED}%")
    for row in connection.execute(sa.select(_ratings).where(mine).order_by(_ratings.c.created)):
        yield Rated(row.conversation, row.answer, row.rating == UP, row.created)


def _read_runs(connection: Connection, wanted: Any) -> List[Walked]:
    """Return runs, oldest first."""
    found = []
    for row in connection.execute(sa.select(_runs).where(wanted).order_by(_runs.c.began)):
        outcomes = json.loads(row.body)["outcomes"]
        last = (outcomes[-1]["guide"], outcomes[-1]["step"]) if outcomes else None
        status = Status(row.status)
        found.append(Walked(row.conversation, row.channel, row.guide, status, row.began, row.touched, last))
    return found


def _read_cases(connection: Connection, wanted: Any) -> Iterable[Sent]:
    """Yield cases, oldest first; those that Lotsen made itself belong to no conversation."""
    mine = wanted & (_cases.c.conversation != "")
    for row in connection.execute(sa.select(_cases).where(mine).order_by(_cases.c.created)):
        yield Sent(row.conversation, row.channel, row.created)
