"""The conversation of a case: what was said before it was sent, and what has been said about it since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import List, Mapping, Sequence, Tuple

from markupsafe import Markup, escape

from lotsen.cases.case import CaseDraft
from lotsen.cases.history import CONFIRMED, HANDED_BACK, LIVE, REPLY, SAID, TOOK_OVER, Event
from lotsen.clock import utc_now
from lotsen.desk.case.words import Told
from lotsen.guides.lettering import rendered

USER, BOT, DESK, ASIDE = "user", "bot", "desk", "aside"
HERE = timedelta(seconds=45)
"""A browser shows that it is there every 15 seconds or so."""
_WHO: Mapping[str, str] = {SAID: USER, REPLY: DESK, LIVE: DESK}
_BETWEEN = (CONFIRMED, TOOK_OVER, HANDED_BACK)


@dataclass(frozen=True)
class Spoken:
    """One message, or, as an ``ASIDE``, what happened between two. ``event`` is 0 for what stands in the transcript."""

    who: str
    name: str
    """Who at the desk; empty for the user and Lotsen."""
    at: datetime
    text: Markup
    event: int = 0
    live: bool = False
    """The user read it, or wrote it, while the desk had the conversation."""


def spoken(draft: CaseDraft, events: Sequence[Event], words: Sequence[Told], fallback: str) -> Tuple[Spoken, ...]:
    """Return all that was said, oldest first. ``fallback`` names the desk where nobody's name is known."""
    said: List[Spoken] = []
    for line in draft.transcript:
        text = rendered(line.text) if line.who == BOT else escape(line.text)
        said.append(Spoken(line.who, "", _moment(line.at), text))
    live = False
    for event, told in zip(events, words, strict=True):
        live = (live or event.kind == TOOK_OVER) and event.kind != HANDED_BACK
        if event.kind in _WHO:
            who = _WHO[event.kind]
            name = (event.author or fallback) if who == DESK else ""
            said.append(Spoken(who, name, event.at, escape(event.text), event.id, live or event.kind == LIVE))
        elif event.kind in _BETWEEN:
            said.append(Spoken(ASIDE, "", event.at, escape(told.words), event.id))
    return tuple(said)


def is_here(seen: datetime) -> bool:
    """Tell whether a user who was seen then has the chat open now."""
    return utc_now() - seen <= HERE


def _moment(written: str) -> datetime:
    """Return the time of a line; one that says no zone means UTC."""
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
