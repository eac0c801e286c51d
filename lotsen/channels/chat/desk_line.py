"""The support desk in a user's conversation: takes it over, speaks in it, gives it back.

The desk's process and the channels' share the database and nothing else. What is written here is brought to the user
by who listens to the log: browsers' requests (``hear_others``), and the courier of Teams.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Callable, List, Mapping, Optional, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from lotsen.audit.log import Actor, AuditLog
from lotsen.cases.history import HANDED_BACK, MAX_AUTHOR, TOOK_OVER, History
from lotsen.channels.chat.lines import LET_BE, TAKEN, Line, drop_line, line_in, metadata, read_line, table, write_line
from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.message import Choice
from lotsen.channels.chat.quoting import quoted
from lotsen.channels.chat.turns import Turns, lock
from lotsen.channels.typed import storable
from lotsen.clock import utc_now
from lotsen.content.texts import Text
from lotsen.privacy.masking import mask
from lotsen.storage.database import create_tables

OPEN_SECONDS = 5.0
"""So long the desk waits for an answer of Lotsen's that is under way."""
LOOK_SECONDS = 0.05
GIVEN_BACK, TIMED_OUT, USER_LEFT = "", "timed_out", "user_left"
"""What the case's history says of the end of a line (the text of its ``handed_back``)."""


class LineError(Exception):
    """The conversation is not had as asked; nothing was written."""


class Occupied(LineError):
    """Somebody else at the desk has the conversation."""

    def __init__(self, name: str) -> None:
        """Tell who."""
        super().__init__(name)
        self.name = name


class NotOpen(LineError):
    """The caller does not have the conversation: it was given back, its user has left, or it is another's."""


class StillAnswering(LineError):
    """Lotsen is at work in the conversation; try again in a moment."""


class UserGone(LineError):
    """The user has ended the conversation, or there never was one: nobody would read it."""


class Keeper(Protocol):
    """What keeps the words on both sides with their case (``lotsen.cases.work.Work``)."""

    def heard(self, connection: Connection, case: int, text: str) -> None:
        """Keep what the user says."""

    def said_live(self, connection: Connection, case: int, actor: Actor, text: str) -> None:
        """Keep what the desk says."""


class DeskLine:
    """The lines between users and the desk."""

    def __init__(
        self,
        engine: Engine,
        log: ChatLog,
        turns: Turns,
        history: History,
        keeper: Keeper,
        texts: Mapping[str, Text],
        target: Callable[[int], str],
        gone: Callable[[str, str], bool],
        mark: Callable[[Connection, str], None],
        minutes: float,
        audit: Optional[AuditLog] = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Use ``engine``; makes the table if it is not there.

        ``target`` names who has a case, ``gone`` tells of a conversation and its channel whether its user has left, and
        ``mark`` notes in a transaction that a conversation is to be told something. A line that no word of the agent
        has touched for ``minutes`` is given back.
        """
        self._engine, self._log, self._turns, self._history, self._keeper = engine, log, turns, history, keeper
        self._texts, self._target, self._gone, self._mark = texts, target, gone, mark
        self._patience, self._audit, self._clock = timedelta(minutes=minutes), audit, clock
        create_tables(engine, metadata)

    def of(self, conversation: str) -> Optional[Line]:
        """Return a conversation's line; None if Lotsen answers there as usual."""
        with self._engine.connect() as connection:
            return line_in(connection, conversation)

    def open(self, conversation: str, channel: str, case: int, actor: Actor, instead: bool = False) -> Line:
        """Take a conversation over for ``actor``, who may have it already; the user reads who they write with now.

        A turn under way ends first; messages that come after this are the desk's. With ``instead`` it is taken from
        whoever has it.

        Raises:
            Occupied: if somebody else has it.
            StillAnswering: if the turn under way does not end soon.
            UserGone: if nobody would read what is said.
        """
        until = time.monotonic() + OPEN_SECONDS
        while True:
            if self._gone(conversation, channel):
                raise UserGone(conversation)
            had = self.of(conversation)
            if had is not None and had.taken and had.agent == actor.id:
                return had
            now = self._clock()
            line = Line(conversation, channel, case, TAKEN, actor.id, actor.name[:MAX_AUTHOR], now, now, 0)
            if not self._turns.waiting(conversation):
                said = self._say("live_begins", case, who=quoted(actor.name))
                try:
                    return self._log.add_notice(conversation, said, (), partial(self._begin, line, actor, instead))
                except StillAnswering:
                    pass
            if time.monotonic() >= until:
                raise StillAnswering(conversation)
            time.sleep(LOOK_SECONDS)

    def say(self, conversation: str, actor: Actor, text: str, once: Optional[str] = None) -> int:
        """Say something to the user, masked; return the message's number in the conversation.

        ``once``: a token of the form's own, at most 59 characters; with one used before nothing is said again.

        Raises:
            NotOpen: if ``actor`` does not have the conversation.
        """
        written, client_id = mask(storable(text)).strip(), f"desk-{once}" if once else None
        line = self.of(conversation)
        if line is None:
            raise NotOpen(conversation)
        name = self._say("live_name", line.case, who=actor.name)
        try:
            return self._log.add_desk(
                conversation, name, written, client_id, partial(self._spoken, actor, written, line)
            )
        except IntegrityError:
            known = self._log.named(conversation, client_id) if client_id is not None else None
            if known is None:
                raise
            return known.id

    def close(self, conversation: str, actor: Actor) -> bool:
        """Give the conversation back to Lotsen; False if it was given back before.

        Raises:
            Occupied: if somebody else has it.
        """
        line = self.of(conversation)
        if line is None or not line.taken:
            return False
        if line.agent != actor.id:
            raise Occupied(line.name)
        return self._give_back(line, "live_ends", GIVEN_BACK, actor)

    def take_expired(self, channel: Optional[str] = None) -> List[str]:
        """Give back the lines that no word of the agent has touched for too long; return their conversations.

        Each is given back by one caller only. So is that of a user who wanted to answer and has not.
        """
        old = table.c.touched <= self._clock() - self._patience
        of_channel = table.c.channel == channel if channel is not None else sa.true()
        with self._engine.connect() as connection:
            lines = [read_line(row) for row in connection.execute(sa.select(table).where(old & of_channel))]
        return [line.conversation for line in lines if self._expire(line)]

    def end(self, conversation: str) -> None:
        """Take a conversation's line away, as its user has left; its case says so."""
        with self._engine.begin() as connection:
            line = line_in(connection, conversation)
            if line is not None and drop_line(connection, conversation) and line.taken:
                self._note_end(connection, line, USER_LEFT, None)

    def choices_before(self, conversation: str, message: int) -> List[Choice]:
        """Return what could be chosen when a message came with which a line began, each once."""
        choices = dict.fromkeys(self._log.offered_before(conversation, message))
        return [choice for choice in choices if choice.payload != LET_BE]

    def _begin(self, line: Line, actor: Actor, instead: bool, connection: Connection, number: int) -> Line:
        """Open a line in the transaction that says so to the user."""
        lock(connection, line.conversation)
        had = line_in(connection, line.conversation)
        before = had.name if had is not None and had.taken else ""
        if before and not instead:
            raise Occupied(before)
        if self._turns.waiting_in(connection, line.conversation):
            raise StillAnswering(line.conversation)
        # Who was about to answer can choose afterwards what they could choose before that.
        opened = replace(line, opened=had.opened if had is not None else number)
        write_line(connection, opened)
        self._history.add(connection, line.case, TOOK_OVER, line.since, author=line.name)
        if self._audit is not None:
            self._audit.add(actor, TOOK_OVER, line.case, before, connection)
        self._mark(connection, line.conversation)
        return opened

    def _spoken(self, actor: Actor, text: str, line: Line, connection: Connection, number: int) -> int:
        """Keep what the desk says, and that it is still there, in the transaction that stores the message."""
        mine = (table.c.conversation == line.conversation) & (table.c.agent == actor.id) & (table.c.state == TAKEN)
        if not connection.execute(table.update().where(mine).values(touched=self._clock())).rowcount:
            raise NotOpen(line.conversation)
        self._keeper.said_live(connection, line.case, actor, text)
        self._mark(connection, line.conversation)
        return number

    def _expire(self, line: Line) -> bool:
        """Give one line back, unless somebody else does; tell whether it was."""
        if self._gone(line.conversation, line.channel):
            self.end(line.conversation)
            return True
        if line.taken:
            return self._give_back(line, "live_timed_out", TIMED_OUT, None)
        return self._give_back(line, "answer_timed_out", TIMED_OUT, None)

    def _give_back(self, line: Line, text: str, reason: str, actor: Optional[Actor]) -> bool:
        """Take a line away as it was seen, and tell the user, with what can be chosen again."""
        said = self._say(text, line.case, who=quoted(line.name))
        choices = self.choices_before(line.conversation, line.opened)

        def end(connection: Connection, number: int) -> bool:
            same = (table.c.conversation == line.conversation) & (table.c.since == line.since)
            if reason == TIMED_OUT:
                same &= table.c.touched == line.touched
            if not connection.execute(table.delete().where(same)).rowcount:
                raise NotOpen(line.conversation)
            if line.taken:
                self._note_end(connection, line, reason, actor)
            self._mark(connection, line.conversation)
            return True

        try:
            return self._log.add_notice(line.conversation, said, choices, end)
        except NotOpen:
            return False

    def _note_end(self, connection: Connection, line: Line, reason: str, actor: Optional[Actor]) -> None:
        self._history.add(connection, line.case, HANDED_BACK, self._clock(), text=reason, author=line.name)
        if self._audit is not None and actor is not None:
            self._audit.add(actor, HANDED_BACK, line.case, connection=connection)

    def _say(self, text: str, case: int, **values: str) -> str:
        """Return a text about a case."""
        return self._texts[text].text.format(target=self._target(case), **values)
