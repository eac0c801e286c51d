"""What a user says that is for the support desk: kept in the transaction that stores the message, with no turn.

Each channel's inbox asks here, in that transaction, before it begins a turn of Rasa's.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Callable, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.cases.store import CaseStore
from lotsen.cases.transcript import CODE, HIDDEN
from lotsen.channels.chat.desk_line import DeskLine, Keeper
from lotsen.channels.chat.lines import ANSWER, ANSWERING, LET_BE, Line, case_of, drop_line, line_in, write_line
from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.message import Choice
from lotsen.clock import utc_now
from lotsen.content.texts import Text
from lotsen.privacy.masking import mask
from lotsen.storage.database import UtcDateTime

AGAIN = timedelta(seconds=5)
"""After so long it is tried again to tell news, while the desk has the conversation."""
_NEWS = (("case_events", "tell_at"), ("notice_told", "over_at"))

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listening:
    """The user's side of the lines of one channel."""

    engine: Engine
    log: ChatLog
    lines: DeskLine
    cases: CaseStore
    keeper: Keeper
    texts: Mapping[str, Text]
    channel: str
    mark: Callable[[Connection, str], None]
    clock: Callable[[], datetime] = utc_now

    def taken(self, conversation: str) -> bool:
        """Tell whether the desk has a conversation."""
        line = self.lines.of(conversation)
        return line is not None and line.taken

    def held(self, connection: Connection, conversation: str) -> bool:
        """Tell the same as the caller's transaction sees it."""
        line = line_in(connection, conversation)
        return line is not None and line.taken

    def take_in(self, connection: Connection, conversation: str, heard: int, text: str, payload: str = "") -> bool:
        """Keep what the user has just said, if it is for the desk; tell whether it is, so that no turn may begin.

        ``payload`` is that of a button; its title is the ``text``.
        """
        line = line_in(connection, conversation)
        if line is not None and line.taken:
            self._keep(connection, line.case, text)
        elif payload.startswith(ANSWER):
            self._begin(connection, conversation, heard, payload, line)
        elif payload == LET_BE:
            drop_line(connection, conversation)
            self._tell(connection, conversation, "answer_let_be", line, heard)
        elif line is None:
            return False
        elif payload:  # Something else was chosen meanwhile, so the answer is let be.
            drop_line(connection, conversation)
            return False
        else:
            self._keep(connection, line.case, text)
            drop_line(connection, conversation)
            self._tell(connection, conversation, "answer_sent", line, heard)
        return True

    def note(self, connection: Connection, conversation: str, text: str) -> bool:
        """Tell the desk what the user did that is no word, by a text's name; False if it has not the conversation."""
        line = line_in(connection, conversation)
        if line is None or not line.taken:
            return False
        self._keep(connection, line.case, self.texts[text].text)
        return True

    def keep_lost(self, conversation: str, heard: int) -> bool:
        """Hand the desk what the user had said in a turn that was lost; False if it has not the conversation."""
        said = self.log.get(conversation, heard)
        with self.engine.begin() as connection:
            line = line_in(connection, conversation)
            if line is None or not line.taken:
                return False
            if said is not None and said.text:
                self._keep(connection, line.case, said.text)
        return True

    def rest(self, conversation: str) -> None:
        """Let news and timers come again soon, until the conversation is given back, however long that takes.

        Each store gives up what could not be told after some tries; those while nobody may speak do not count.
        """
        soon = self.clock() + AGAIN
        with self.engine.begin() as connection:
            for name, when in _NEWS:
                news = sa.table(name, sa.column("conversation"), sa.column(when, UtcDateTime), sa.column("tries"))
                mine = (news.c.conversation == conversation) & news.c[when].is_not(None)
                connection.execute(news.update().where(mine).values({"tries": 0, when: soon}))
            timers = sa.table("guide_timers", sa.column("conversation"), sa.column("tries"))
            connection.execute(timers.update().where(timers.c.conversation == conversation).values(tries=0))

    def _keep(self, connection: Connection, case: int, text: str) -> None:
        try:
            self.keeper.heard(connection, case, CODE.sub(HIDDEN, mask(text)))
        except LookupError:
            logger.error("What a user said to the desk is in no case: case %d is not there any more.", case)

    def _begin(
        self, connection: Connection, conversation: str, heard: int, payload: str, before: Optional[Line]
    ) -> None:
        """Wait for the user's answer about the case that a button names."""
        case = self.cases.get(case_of(payload))
        if case is None:
            logger.error("A user wanted to answer about a case that is not there.")
            self._tell(connection, conversation, "answer_no_case", before, heard)
            return
        now = self.clock()
        opened = before.opened if before is not None else heard
        write_line(connection, Line(conversation, self.channel, case.id, ANSWERING, "", "", now, now, opened))
        said = self.texts["answer_begins"].text.format(target=case.draft.target_name, number=case.number)
        let_be = Choice(self.texts["answer_let_be_choice"].text, LET_BE)
        self.log.follow(connection, conversation, said, [let_be])
        self.mark(connection, conversation)

    def _tell(self, connection: Connection, conversation: str, text: str, line: Optional[Line], heard: int) -> None:
        """Tell how an answer went, with what could be chosen before it."""
        case = self.cases.get(line.case) if line is not None else None
        target, number = (case.draft.target_name, case.number) if case is not None else ("", "")
        said = self.texts[text].text.format(target=target, number=number)
        choices = self.lines.choices_before(conversation, line.opened if line is not None else heard)
        self.log.follow(connection, conversation, said, choices)
        self.mark(connection, conversation)
