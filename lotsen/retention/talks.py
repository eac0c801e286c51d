"""A conversation in all tables that know it: when something was last said, whether it is busy, how it is forgotten."""

from __future__ import annotations

import secrets
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, Dict, Iterable, List, Optional, Sequence, Set, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.cases.case import OVER
from lotsen.channels.chat.turns import lock
from lotsen.channels.web.sessions import SESSION_SECONDS
from lotsen.outcomes.asked import ENDED
from lotsen.outcomes.asked_store import cut_ties
from lotsen.retention.part import Limit
from lotsen.retention.tables import (
    CASE_EVENTS,
    CASES,
    EVENTS,
    LINES,
    MESSAGES,
    OF_CONVERSATION,
    RATINGS,
    TEAMS,
    TIMERS,
    TOLD,
    TURNS,
    WEB,
)

CHUNK = 500
"""So many names stand in one statement."""
OPENS_FOR = timedelta(seconds=SESSION_SECONDS, days=1)
"""A browser's token can be good for so long: that its conversation is over must be known until then."""
EMPTIED = -1
"""``told`` of a Teams conversation whose messages are gone: numbers begin anew, and all of them are to be told."""
_LAST = (
    (EVENTS, "sender_id", EVENTS.c.timestamp),
    (MESSAGES, "conversation", MESSAGES.c.created),
    (TIMERS, "conversation", TIMERS.c.due),
    (LINES, "conversation", LINES.c.touched),
    (TOLD, "conversation", TOLD.c.told),
)
"""What tells when something was last said, or is to be said."""


def hold(connection: Connection, there: "frozenset[str]", names: Iterable[str], now: datetime) -> List[str]:
    """Hold conversations against turns that begin, in a fixed order; return those that have no turn now."""
    ordered = sorted(names)
    for name in ordered:
        lock(connection, name)
    taken = busy(connection, there, ordered, now)
    return [name for name in ordered if name not in taken]


def forget(connection: Connection, there: "frozenset[str]", names: Sequence[str], limit: Limit) -> None:
    """Delete conversations, in the caller's transaction. Runs and cases stay as they are.

    Questions and ratings stay, too, and count as what they counted as until now, but without a tie to anybody.

    Where a token may still open one it is noted that it is over; where an open case is to be told of, how to reach its
    user stays.
    """
    now = limit.now
    for name in names:
        if "asked" in there:
            cut_ties(connection, name, limit.zone)  # Before the ratings: they tell how it ended.
        if "feedback" in there:
            cut_ratings(connection, RATINGS.c.conversation == name)
    delete(connection, there, names)
    for part in chunks(names):
        if "chat_conversations" in there:
            mine = WEB.c.conversation.in_(part)
            connection.execute(WEB.delete().where(mine & _not_seen_since(now - OPENS_FOR)))
            open_still = {"ended": now.timestamp(), "name": "", "unit": ""}
            connection.execute(WEB.update().where(mine & WEB.c.ended.is_(None)).values(**open_still))
        if "teams_conversations" in there:
            mine = TEAMS.c.conversation.in_(part)
            waits = awaited(connection, there, part)
            connection.execute(TEAMS.delete().where(mine & TEAMS.c.conversation.not_in(sorted(waits))))
            connection.execute(TEAMS.update().where(mine).values(told=EMPTIED))


def awaited(connection: Connection, there: "frozenset[str]", names: Sequence[str]) -> Set[str]:
    """Return the conversations that have an open case, or are still to be told something of one."""
    found: Set[str] = set()
    for part in chunks(names):
        if "cases" in there:
            over = [status.value for status in OVER]
            query = sa.select(CASES.c.conversation).where(CASES.c.conversation.in_(part) & CASES.c.status.not_in(over))
            found |= set(connection.execute(query).scalars())
        if "case_events" in there:
            untold = CASE_EVENTS.c.conversation.in_(part) & CASE_EVENTS.c.tell_at.is_not(None)
            found |= set(connection.execute(sa.select(CASE_EVENTS.c.conversation).where(untold)).scalars())
    return found


def chunks(values: Sequence[Any], size: int = CHUNK) -> Iterable[Sequence[Any]]:
    """Yield values in parts that one statement may name."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def delete(connection: Connection, there: "frozenset[str]", names: Sequence[str]) -> None:
    """Delete what hangs on conversations."""
    for part in chunks(names):
        for table, column in OF_CONVERSATION.items():
            if table.name in there:
                connection.execute(table.delete().where(table.c[column].in_(part)))


def last_words(
    connection: Connection, there: "frozenset[str]", limit: Limit, names: Optional[Sequence[str]]
) -> Dict[str, float]:
    """Return when something was last said in each conversation (or in these), in seconds since 1970.

    Left out is one of which only a mark is left: that it is over, while a token may open it; where its user is in
    Teams, while an open case may be told of.
    """
    last: Dict[str, float] = defaultdict(float)
    for part in [None] if names is None else list(chunks(names)):
        for table, name, time in _LAST:
            if table.name in there:
                query = sa.select(table.c[name], sa.func.max(time)).group_by(table.c[name])
                query = query if part is None else query.where(table.c[name].in_(part))
                for one, at in pairs(connection.execute(query)):
                    last[one] = max(last[one], at)
        if "chat_conversations" in there:
            known = WEB.c.ended.is_(None) | _not_seen_since(limit.now - OPENS_FOR)
            began = sa.case((WEB.c.ended.is_(None), WEB.c.began), else_=0.0)
            query = sa.select(WEB.c.conversation, began).where(known)
            query = query if part is None else query.where(WEB.c.conversation.in_(part))
            for one, at in pairs(connection.execute(query)):
                last[one] = max(last[one], at)
        if "teams_conversations" in there:
            query = sa.select(TEAMS.c.conversation).where(TEAMS.c.told == EMPTIED)
            query = query if part is None else query.where(TEAMS.c.conversation.in_(part))
            kept = [name for name in connection.execute(query).scalars() if name not in last]
            for name in set(kept) - awaited(connection, there, kept):
                last[name] = 0.0
    return last


def busy(connection: Connection, there: "frozenset[str]", names: Sequence[str], now: datetime) -> Set[str]:
    """Return the conversations that have a turn under way."""
    found: Set[str] = set()
    if "chat_turns" in there:
        for part in chunks(names):
            alive = TURNS.c.conversation.in_(part) & (TURNS.c.expires > now.timestamp())
            found |= set(connection.execute(sa.select(TURNS.c.conversation).where(alive)).scalars())
    return found


def boundary(connection: Connection, name: str, before: datetime) -> Optional[int]:
    """Return the id of the event that a conversation may begin with: the start of the first session that is young.

    None if nothing is before that, or no start of a session is known.
    """
    mine = EVENTS.c.sender_id == name
    young = mine & (EVENTS.c.timestamp >= before.timestamp())
    first = connection.execute(sa.select(sa.func.min(EVENTS.c.id)).where(young)).scalar()
    if first is None:
        return None
    starts = mine & (EVENTS.c.type_name == "action") & (EVENTS.c.action_name == "action_session_start")
    start = connection.execute(sa.select(sa.func.max(EVENTS.c.id)).where(starts & (EVENTS.c.id <= first))).scalar()
    if start is None:
        return None
    there_is = sa.select(EVENTS.c.id).where(mine & (EVENTS.c.id < start)).limit(1)
    return start if connection.execute(there_is).first() is not None else None


def _not_seen_since(when: datetime) -> Any:
    """Return the condition for a web conversation that no browser has shown since a time, and nobody has ended."""
    latest = when.timestamp()
    return (sa.func.coalesce(WEB.c.seen, WEB.c.began) < latest) & (sa.func.coalesce(WEB.c.ended, 0.0) < latest)


def cut_ratings(connection: Connection, these: Any) -> None:
    """Cut the tie between ratings and their conversation; they still count."""
    connection.execute(RATINGS.update().where(these).values(conversation=f"{ENDED}{secrets.token_hex(16)}"))


def pairs(rows: Any) -> List[Tuple[str, float]]:
    """Return names with times in seconds since 1970."""
    return [(name, at.timestamp() if isinstance(at, datetime) else float(at or 0.0)) for name, at in rows]
