"""Turns of conversations: one after the other, whichever server process took the message in.

A turn is a row in the database from the moment its message is stored until it has been answered. So every process
knows whether the bot is at work in a conversation, keeps the order, and sees turns whose process has died.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, List, Optional, Set

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from lotsen.channels.turn import LIMIT_SECONDS
from lotsen.storage.database import create_tables
from lotsen.storage.off_loop import off_loop

LEASE_SECONDS = 15.0
"""A turn whose process has not said for so long that it lives has lost it."""
ALIVE_SECONDS = 4.0
"""How often a process says that its turns live; some times within the lease, as a full event loop is late."""
END_AGAIN_SECONDS = 1.0
"""How often a turn is tried to be ended while the database is away."""
MAX_WAITING = 3
"""Messages of one user that may wait for their turn."""
LOOK_SECONDS = 0.05
"""How often a turn looks whether an earlier one of another process is over."""

logger = logging.getLogger(__name__)

_metadata = sa.MetaData()
_turns = sa.Table(
    "chat_turns",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(40), nullable=False, server_default="web"),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("heard", sa.Integer, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Index("chat_turns_of", "conversation"),
    sqlite_autoincrement=True,
)
_OF = _turns.c.conversation == sa.bindparam("of")
_ALIVE = _turns.c.expires > sa.bindparam("now")
_MINE = _turns.c.id == sa.bindparam("mine")
_INSERT = _turns.insert()
WAITING = sa.select(sa.func.count()).select_from(_turns).where(_OF, _ALIVE)
"""How many turns of the conversation ``of`` are under way or wait at the time ``now``."""
_EARLIER = sa.select(sa.func.count()).select_from(_turns).where(_OF, _ALIVE, _turns.c.id < sa.bindparam("mine"))
_KEEP = (
    _turns.update().where(_turns.c.id.in_(sa.bindparam("ids", expanding=True))).values(expires=sa.bindparam("until"))
)
_END = _turns.delete().where(_MINE)
_AT_WORK = sa.select(_turns.c.conversation).where(_ALIVE).distinct()
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext(:of))")


def lock(connection: Connection, conversation: str) -> None:
    """Let nobody else who calls this go on in the conversation until the caller's transaction is over.

    PostgreSQL gives out ids before it shows their rows. Without this a turn could begin before an earlier one that is
    not seen yet, and two messages could want the same number.

    SQLite has one writer at a time anyway, so there the transaction must write before it looks.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"of": conversation})


@dataclass(frozen=True)
class Turn:
    """A turn: its row, its conversation, and the id of the user's message it answers (0: none)."""

    id: int
    conversation: str
    heard: int


class Turns:
    """The turns under way in all conversations of one channel."""

    def __init__(self, engine: Engine, channel: str, clock: Callable[[], float] = time.time) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine, self._channel, self._clock = engine, channel, clock
        self._locks: Dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._here: Dict[str, int] = defaultdict(int)
        self._running: Set[int] = set()
        self._keeper: Optional["asyncio.Task[None]"] = None
        create_tables(engine, _metadata)

    def begin(self, conversation: str, heard: int) -> Turn:
        """Note a turn that is to come."""
        with self._engine.begin() as connection:
            lock(connection, conversation)
            return self.begin_in(connection, conversation, heard)

    def begin_in(self, connection: Connection, conversation: str, heard: int) -> Turn:
        """Note a turn in the transaction that stores its message, and has the ``lock``: never one without the other."""
        expires = self._clock() + LEASE_SECONDS
        values = {"channel": self._channel, "conversation": conversation, "heard": heard, "expires": expires}
        return Turn(int(connection.execute(_INSERT, values).inserted_primary_key[0]), conversation, heard)

    def begin_unless(self, conversation: str, heard: int, held: Callable[[Connection, str], bool]) -> Optional[Turn]:
        """Note a turn that no message began, unless the conversation is ``held`` by somebody who speaks there now."""
        with self._engine.begin() as connection:
            lock(connection, conversation)
            turn = self.begin_in(connection, conversation, heard)
            if not held(connection, conversation):
                return turn
            connection.execute(_END, {"mine": turn.id})
        return None

    def at_work(self) -> Set[str]:
        """Return the conversations with turns under way, in any channel and process."""
        with self._engine.connect() as connection:
            return set(connection.execute(_AT_WORK, {"now": self._clock()}).scalars())

    def waiting(self, conversation: str) -> int:
        """Return how many turns of a conversation are under way or wait."""
        return self._count(WAITING, {"of": conversation, "now": self._clock()})

    def waiting_in(self, connection: Connection, conversation: str) -> int:
        """Return the same, as the caller's transaction sees it."""
        return int(connection.execute(WAITING, {"of": conversation, "now": self._clock()}).scalar())

    async def run(self, turn: Turn, work: Callable[[], Awaitable[None]]) -> None:
        """Do the turn's ``work`` when the earlier ones of its conversation are over, and end it, however that goes.

        A turn that waited so long that it was taken for lost is not run: its user has been told. One that is cancelled,
        as its process ends in the middle, is left to be found: its user is told then.
        """
        cut_off = False
        self._here[turn.conversation] += 1
        self._running.add(turn.id)
        if self._keeper is None:
            self._keeper = asyncio.get_event_loop().create_task(self._keep_alive())
        try:
            # First the database, then the lock: here a later turn may be known before an earlier one.
            if await self._my_turn(turn):
                async with self._locks[turn.conversation]:
                    await work()
        except asyncio.CancelledError:
            cut_off = True
            raise
        finally:
            if not cut_off:
                await self._end(turn)
            self._running.discard(turn.id)
            if not self._running and self._keeper is not None:
                self._keeper.cancel()
                self._keeper = None
            self._here[turn.conversation] -= 1
            if not self._here[turn.conversation]:
                del self._here[turn.conversation]
                self._locks.pop(turn.conversation, None)

    def take_lost(self) -> List[Turn]:
        """Return the turns whose process has died, each to one caller only."""
        expired = (_turns.c.channel == self._channel) & (_turns.c.expires <= self._clock())
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_turns).where(expired)).all()
        taken: List[Turn] = []
        for row in rows:
            with self._engine.begin() as connection:
                if connection.execute(_turns.delete().where(_turns.c.id == row.id, expired)).rowcount:
                    taken.append(Turn(row.id, row.conversation, row.heard))
        return taken

    async def _my_turn(self, turn: Turn) -> bool:
        """Return when nothing of the conversation is before this turn; tell whether it still counts."""
        began = self._clock()
        while await off_loop(self._engine, self._earlier, turn):
            await asyncio.sleep(LOOK_SECONDS)
        return self._keep([turn.id]) > 0 if self._clock() - began >= LOOK_SECONDS else True

    async def _keep_alive(self) -> None:
        """Say again and again that the turns of this process live, until cancelled."""
        while True:
            await asyncio.sleep(ALIVE_SECONDS)
            try:
                self._keep(list(self._running))
            except SQLAlchemyError:
                logger.warning("That turns are under way could not be written; trying again.")

    def _keep(self, ids: List[int]) -> int:
        """Put off the time when these turns count as lost; return how many of them are there."""
        with self._engine.begin() as connection:
            values = {"ids": ids, "until": self._clock() + LEASE_SECONDS}
            return int(connection.execute(_KEEP, values).rowcount)

    async def _end(self, turn: Turn) -> None:
        """Take the turn's row away; a database that is away for a while is waited for, as long as a turn may last."""
        for _ in range(int(LIMIT_SECONDS / END_AGAIN_SECONDS)):
            try:
                await off_loop(self._engine, self._take_away, turn)
                return
            except SQLAlchemyError:
                logger.warning("A turn could not be ended; trying again.")
                await asyncio.sleep(END_AGAIN_SECONDS)

    def _take_away(self, turn: Turn) -> None:
        """Delete the turn's row."""
        with self._engine.begin() as connection:
            connection.execute(_END, {"mine": turn.id})

    def _earlier(self, turn: Turn) -> int:
        """Return how many turns of the conversation are before this one."""
        return self._count(_EARLIER, {"of": turn.conversation, "now": self._clock(), "mine": turn.id})

    def _count(self, statement: Any, values: Dict[str, Any]) -> int:
        """Return the number that a statement counts."""
        with self._engine.connect() as connection:
            return int(connection.execute(statement, values).scalar())
