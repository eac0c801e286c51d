"""Waiting for a time: a guide's ``wait`` step leaves a timer, and the channel speaks when it is due.

Timers are kept in the database: the action server sets them, the Rasa server looks for them, and both may be started
anew in between. Rasa's own reminders live in the memory of one process.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Awaitable, Callable, List

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.dialogue.watching import keep_looking
from lotsen.storage.database import create_tables, insert_if_new

LOOK_SECONDS = 1.0
"""How often due timers are looked for."""
LEASE_SECONDS = 20.0
"""A timer that one process has taken, and not taken away since, is taken again after so long."""
MAX_TRIES = 5

logger = logging.getLogger(__name__)

_metadata = sa.MetaData()

_timers = sa.Table(
    "guide_timers",
    _metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("due", sa.Float, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Index("guide_timers_due", "channel", "due"),
)


@dataclass(frozen=True)
class Timer:
    """One timer: whose it is, and when it is due (seconds since 1970)."""

    conversation: str
    due: float


class Timers:
    """At most one timer for each conversation."""

    def __init__(self, engine: Engine) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine = engine
        create_tables(engine, _metadata)

    def set(self, conversation: str, channel: str, due: float) -> None:
        """Set the conversation's timer, in place of one that it had."""
        values = {"channel": channel, "due": due, "tries": 0}
        mine = _timers.c.conversation == conversation
        with self._engine.begin() as connection:
            # Written first: another process may write the same row between a look and a write.
            if insert_if_new(connection, _timers, {"conversation": conversation, **values}) is None:
                connection.execute(_timers.update().where(mine).values(**values))

    def clear(self, conversation: str) -> None:
        """Take the conversation's timer away, if it has one."""
        with self._engine.begin() as connection:
            connection.execute(_timers.delete().where(_timers.c.conversation == conversation))

    def take_due(self, channel: str, now: float) -> List[Timer]:
        """Return the timers that are due, each to one caller only; they come again after ``LEASE_SECONDS``.

        One that has been taken too often is given up, as something must be wrong with its conversation.
        """
        due = (_timers.c.channel == channel) & (_timers.c.due <= now)
        taken: List[Timer] = []
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_timers).where(due)).all()
        for row in rows:
            same = (_timers.c.conversation == row.conversation) & (_timers.c.due == row.due)
            with self._engine.begin() as connection:
                if row.tries >= MAX_TRIES:
                    connection.execute(_timers.delete().where(same))
                    logger.error("The timer of a conversation was given up after %d tries.", row.tries)
                    continue
                later = _timers.update().where(same).values(due=now + LEASE_SECONDS, tries=row.tries + 1)
                if connection.execute(later).rowcount:
                    taken.append(Timer(row.conversation, row.due))
        return taken


async def watch(
    timers: Timers, channel: str, clock: Callable[[], float], ring: Callable[[str], Awaitable[None]]
) -> None:
    """Ring for each conversation of a channel whose timer is due, until cancelled.

    ``ring`` is handed the conversation, and takes the timer away by what it does; a database that fails is tried again.
    """

    def due() -> List[str]:
        return [timer.conversation for timer in timers.take_due(channel, clock())]

    await keep_looking("Due timers", due, ring, LOOK_SECONDS)
