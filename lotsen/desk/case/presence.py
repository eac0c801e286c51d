"""Whether the user of a case is there, and where they will read what is written to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

from lotsen.cases.store import Case
from lotsen.channels.chat.lines import Line
from lotsen.channels.live import TEAMS
from lotsen.desk.case.talk import is_here
from lotsen.desk.services import Desk
from lotsen.desk.who import LEADS, Who


@dataclass(frozen=True)
class Reach:
    """Where a user is, as a sentence, and what can be done about it."""

    sentence: str
    where: str
    """Where a reply is read."""
    user: bool
    """There is somebody to answer."""
    here: bool = False
    gone: bool = False
    """They have ended the conversation."""
    line: Optional[Line] = None
    """The conversation, if somebody at the desk has it."""
    mine: bool = False
    may_take: bool = False
    until: Optional[datetime] = None
    """When Lotsen answers again if nothing is written."""


def reach_of(desk: Desk, case: Case, who: Who) -> Reach:
    """Return how the user of a case can be reached now."""
    if not case.conversation:
        return Reach(desk.say("reach_nobody"), "", user=False)
    found = desk.line.of(case.conversation)
    line = found if found is not None and found.taken else None
    mine = line is not None and line.agent == who.id
    gone = line is None and desk.presence.gone(case.conversation, case.channel)
    seen = desk.presence.seen(case.conversation, case.channel)
    here = seen is not None and not gone and is_here(seen)
    name = _sentence(case, seen, here, gone)
    at = desk.pages.at(seen) if seen is not None else ""
    return Reach(
        sentence=desk.say(f"reach_{name}", at=at),
        where=desk.say("reply_taken" if line is not None else f"reply_{name}"),
        user=True,
        here=here,
        gone=gone,
        line=line,
        mine=mine,
        may_take=not gone and not mine and (line is None or who.may(LEADS)),
        until=line.touched + timedelta(minutes=desk.settings.takeover_minutes) if line is not None else None,
    )


def _sentence(case: Case, seen: Optional[datetime], here: bool, gone: bool) -> str:
    """Return the name of what is said of a user's presence."""
    if gone:
        return "gone"
    if case.channel == TEAMS:
        return "teams" if seen is not None else "teams_silent"
    if here:
        return "here"
    return "away" if seen is not None else "unknown"
