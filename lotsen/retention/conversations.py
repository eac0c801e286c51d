"""Conversations: those that rest go as a whole, those that go on for years lose their beginning.

A conversation rests when nothing has been said in it, and nothing is going to be said by a timer, since the limit. Of a
Teams conversation that still has an open case, only the reference stays, so that the desk's answer can be brought. A
browser's conversation needs none: its user opens the case with number and code.

What a long conversation loses is a whole number of Rasa's sessions: Rasa replays what is left from the start of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.retention.part import Found, Limit, moment
from lotsen.retention.tables import EVENTS, MESSAGES, OF_CONVERSATION, RATINGS, TEAMS, WEB
from lotsen.retention.talks import boundary, busy, cut_ratings, delete, forget, hold, last_words, pairs

BATCH = 25
"""So many conversations go in one transaction; each has some hundred rows."""
_NAMED = (*((table, name) for table, name in OF_CONVERSATION.items()), (WEB, "conversation"), (TEAMS, "conversation"))


@dataclass(frozen=True)
class Resting:
    """Conversations in which nothing was said since the limit: all of them goes at once."""

    batch: int = BATCH

    @property
    def tables(self) -> Tuple[str, ...]:
        """Return the tables."""
        return (*(table.name for table, _ in _NAMED), "asked", "feedback")

    def find(self, connection: Connection, there: "frozenset[str]", limit: Limit) -> Found:
        """Return the names."""
        last = last_words(connection, there, limit, None)
        before = limit.before.timestamp()
        names = sorted(name for name, at in last.items() if at < before)
        return Found(names, moment(min((last[name] for name in names if last[name] > 0), default=None)))

    def remove(self, connection: Connection, there: "frozenset[str]", keys: Sequence[Any], limit: Limit) -> int:
        """Delete those in which nothing was said meanwhile."""
        names = hold(connection, there, keys, limit.now)
        last = last_words(connection, there, limit, names)
        before = limit.before.timestamp()
        names = [name for name in names if name in last and last[name] < before]
        forget(connection, there, names, limit)
        return len(names)


@dataclass(frozen=True)
class Ended:
    """What Rasa keeps of conversations that their users have ended: nobody can go on with them."""

    tables: Tuple[str, ...] = ("events", "chat_messages")
    batch: int = BATCH

    def find(self, connection: Connection, there: "frozenset[str]", limit: Limit) -> Found:
        """Return the names."""
        if not {"chat_conversations", "events"} <= there:
            return Found()
        left = WEB.c.ended.is_not(None) & sa.exists().where(EVENTS.c.sender_id == WEB.c.conversation)
        rows = connection.execute(sa.select(WEB.c.conversation, WEB.c.ended).where(left)).all()
        return Found([row.conversation for row in rows], moment(min((row.ended for row in rows), default=None)))

    def remove(self, connection: Connection, there: "frozenset[str]", keys: Sequence[Any], limit: Limit) -> int:
        """Delete what is left of them."""
        names = hold(connection, there, keys, limit.now)
        delete(connection, there, names)
        return len(names)


@dataclass(frozen=True)
class Beginnings:
    """The beginnings of conversations that go on: whole sessions of Rasa, and what was said, before the limit."""

    tables: Tuple[str, ...] = ("events", "chat_messages", "feedback")
    batch: int = BATCH

    def find(self, connection: Connection, there: "frozenset[str]", limit: Limit) -> Found:
        """Return the names."""
        before = limit.before
        old: Dict[str, float] = {}
        if "events" in there:
            query = sa.select(EVENTS.c.sender_id, sa.func.min(EVENTS.c.timestamp)).group_by(EVENTS.c.sender_id)
            old.update(pairs(connection.execute(query.having(_young_and_old(EVENTS.c.timestamp, before.timestamp())))))
            old = {name: at for name, at in old.items() if boundary(connection, name, before) is not None}
        messages = self._with_old_messages(connection, there, before)
        last = last_words(connection, there, limit, None) if messages else {}
        for name, at in messages:
            if last.get(name, 0.0) >= before.timestamp():
                old[name] = min(at, old.get(name, at))
        names = sorted(set(old) - busy(connection, there, list(old), limit.now))
        return Found(names, moment(min((old[name] for name in names), default=None)))

    def remove(self, connection: Connection, there: "frozenset[str]", keys: Sequence[Any], limit: Limit) -> int:
        """Delete what is before the first session that is still young."""
        names = hold(connection, there, keys, limit.now)
        done = 0
        for name in names:
            rows = 0
            start = boundary(connection, name, limit.before) if "events" in there else None
            if start is not None:
                mine = (EVENTS.c.sender_id == name) & (EVENTS.c.id < start)
                rows += connection.execute(EVENTS.delete().where(mine)).rowcount
            rows += self._messages(connection, there, name, limit.before)
            done += rows > 0
        return done

    def _with_old_messages(
        self, connection: Connection, there: "frozenset[str]", before: datetime
    ) -> List[Tuple[str, float]]:
        """Return the conversations with old messages besides the last one, and when the oldest is from."""
        if "chat_messages" not in there:
            return []
        one, other = MESSAGES, MESSAGES.alias()
        later = sa.exists().where((other.c.conversation == one.c.conversation) & (other.c.number > one.c.number))
        query = sa.select(one.c.conversation, sa.func.min(one.c.created)).where((one.c.created < before) & later)
        return pairs(connection.execute(query.group_by(one.c.conversation)))

    def _messages(self, connection: Connection, there: "frozenset[str]", name: str, before: datetime) -> int:
        """Delete old messages but the last, after which the next is numbered; their ratings lose the tie to them."""
        if "chat_messages" not in there:
            return 0
        of = MESSAGES.c.conversation == name
        last = connection.execute(sa.select(sa.func.max(MESSAGES.c.number)).where(of)).scalar() or 0
        old = of & (MESSAGES.c.created < before) & (MESSAGES.c.number < last)
        until = connection.execute(sa.select(sa.func.max(MESSAGES.c.number)).where(old)).scalar()
        if until is None:
            return 0
        if "feedback" in there:
            cut_ratings(connection, (RATINGS.c.conversation == name) & (RATINGS.c.message <= until))
        return int(connection.execute(MESSAGES.delete().where(old)).rowcount)


def _young_and_old(time: Any, before: float) -> Any:
    return (sa.func.min(time) < before) & (sa.func.max(time) >= before)
