"""Puts together what the support desk and the channels need to meet in a conversation."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Mapping, Optional

from sqlalchemy.engine import Connection, Engine

from lotsen.audit.log import AuditLog
from lotsen.cases.due import due_minutes
from lotsen.cases.hours import read_hours
from lotsen.cases.store import CaseStore
from lotsen.cases.work import Work
from lotsen.channels.chat.desk_line import DeskLine, Keeper
from lotsen.channels.chat.listening import Listening
from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.turns import Turns
from lotsen.channels.teams.references import References, mark_due
from lotsen.channels.web.conversations import Conversations
from lotsen.content.texts import Text, load_texts
from lotsen.settings import CONTENT, Settings

WEB, TEAMS = "web", "teams"
MINUTES = 10.0
"""As in ``LOTSEN_TAKEOVER_MINUTES``, where nobody has set it."""


class Presence:
    """Whether users are there, by conversation and channel."""

    def __init__(self, engine: Engine) -> None:
        """Use ``engine``; makes the tables if they are not there."""
        self._web, self._teams, self._log = Conversations(engine), References(engine, ()), ChatLog(engine)

    def seen(self, conversation: str, channel: str) -> Optional[datetime]:
        """Return when the user was last there; None if that is not known.

        On the web that is when a browser last showed the conversation, to some 15 seconds; in Teams, which tells nobody
        who looks, it is when the user last wrote.
        """
        if channel == WEB:
            return self._web.seen(conversation)
        said = self._log.last_said(conversation) if channel == TEAMS else None
        return said.created if said is not None else None

    def gone(self, conversation: str, channel: str) -> bool:
        """Tell whether nobody would read it: the user has ended the chat, taken the app away, or never was there."""
        if channel == WEB:
            return self._web.ended(conversation)
        reference = self._teams.get(conversation) if channel == TEAMS else None
        return reference is None or reference.gone


def open_desk_line(
    engine: Engine,
    cases: CaseStore,
    keeper: Keeper,
    minutes: float,
    texts: Optional[Mapping[str, Text]] = None,
    audit: Optional[AuditLog] = None,
) -> DeskLine:
    """Return the lines between users and the desk; ``minutes`` is ``Settings.takeover_minutes``.

    The triage desk hands in its ``audit`` log; ``texts`` are those of ``data/texts.yml`` unless a test has others.
    """

    def target(case: int) -> str:
        found = cases.get(case)
        return found.draft.target_name if found is not None else ""

    return DeskLine(
        engine,
        ChatLog(engine),
        Turns(engine, ""),
        cases.history,
        keeper,
        texts if texts is not None else _texts(),
        target,
        Presence(engine).gone,
        mark_due,
        minutes,
        audit,
    )


def open_listening(
    engine: Engine, channel: str, cases: CaseStore, minutes: float, keeper: Optional[Keeper] = None
) -> Listening:
    """Return the user's side of the lines of one channel."""
    kept = keeper if keeper is not None else _work(engine, cases)
    lines = open_desk_line(engine, cases, kept, minutes)
    return Listening(engine, ChatLog(engine), lines, cases, kept, _texts(), channel, _mark)


def _mark(connection: Connection, conversation: str) -> None:
    mark_due(connection, conversation)


def _work(engine: Engine, cases: CaseStore) -> Work:
    """Return what keeps a user's words with their case."""
    settings = Settings.read()
    return Work(engine, cases, AuditLog(engine), read_hours(settings), due_minutes(settings))


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Text]:
    return load_texts(CONTENT / "texts.yml")
