"""What has happened to a case, in words: who did what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Callable, Dict, Mapping, Sequence, Tuple

from lotsen.cases.history import (
    ABSORBED,
    ASSIGNED,
    CATEGORY,
    CONFIRMED,
    DELIVERED,
    FORWARDED,
    GAVE_UP,
    HANDED_BACK,
    LEVEL,
    LINKED,
    LIVE,
    MERGED,
    NOTE,
    REPLY,
    RESOLUTION,
    RETRIED,
    SAID,
    SEPARATED,
    STATUS,
    Event,
)
from lotsen.content.catalogue import Content
from lotsen.desk.services import Desk

QUOTING = (NOTE, REPLY, SAID, LIVE)
"""Kinds whose text is what somebody wrote, shown below the words."""


@dataclass(frozen=True)
class Told:
    """One event in words. ``quote`` is what somebody wrote, as they wrote it."""

    id: int
    at: datetime
    kind: str
    words: str
    quote: str = ""


def told(desk: Desk, events: Sequence[Event], user: bool = True) -> Tuple[Told, ...]:
    """Put events into words, in their order. ``user``: a user sent the case, so it was not made at the desk."""
    return tuple(_told(desk, event, user) for event in events)


def name_of(desk: Desk, id: str) -> str:
    """Return what a service desk is called, by the name of its module."""
    return desk.pages.texts.get(f"desk_{id}", id)


def title_of(content: Content, id: str) -> str:
    """Return the title of a question or a guide; the id itself if it is gone."""
    if id in content.questions:
        return content.questions[id].title
    return content.guides[id].title if id in content.guides else id


def _told(desk: Desk, event: Event, user: bool) -> Told:
    who = event.author or (name_of(desk, event.desk) if event.desk else "")
    name, values = _WORDS.get(event.kind, _plain)(desk, event, user)
    words = desk.say(f"event_{name}", who=who or desk.say("case_lotsen"), **values)
    return Told(event.id, event.at, event.kind, words, event.text if event.kind in QUOTING else "")


_Words = Tuple[str, Mapping[str, str]]


def _plain(desk: Desk, event: Event, user: bool) -> _Words:
    known = f"event_{event.kind}" in desk.pages.texts
    return (event.kind, {}) if known else ("other", {"kind": event.kind})


def _confirmed(desk: Desk, event: Event, user: bool) -> _Words:
    return ("confirmed" if user and not event.author else "created", {})


def _delivered(desk: Desk, event: Event, user: bool) -> _Words:
    return ("delivered", {"desk": name_of(desk, event.desk), "number": event.text})


def _gave_up(desk: Desk, event: Event, user: bool) -> _Words:
    return ("gave_up", {"desk": name_of(desk, event.desk), "error": event.text})


def _retried(desk: Desk, event: Event, user: bool) -> _Words:
    return ("retried", {"desk": name_of(desk, event.desk)})


def _forwarded(desk: Desk, event: Event, user: bool) -> _Words:
    return ("forwarded", {"desk": name_of(desk, event.desk or event.text)})


def _status(desk: Desk, event: Event, user: bool) -> _Words:
    return ("status", {"status": _word(desk, "case_status", event.text)})


def _assigned(desk: Desk, event: Event, user: bool) -> _Words:
    return ("assigned", {"to": event.text}) if event.text else ("given_back", {})


def _level(desk: Desk, event: Event, user: bool) -> _Words:
    text = desk.content.texts.get(f"level_{event.text}")
    return ("level", {"level": (text.text if text is not None else event.text).lower()})


def _category(desk: Desk, event: Event, user: bool) -> _Words:
    return ("category", {"category": title_of(desk.content, event.text)}) if event.text else ("no_category", {})


def _resolution(desk: Desk, event: Event, user: bool) -> _Words:
    return ("resolution", {"why": _word(desk, "case_because", event.text)}) if event.text else ("reopened", {})


def _other(desk: Desk, event: Event, user: bool) -> _Words:
    return (event.kind, {"number": event.text})


def _linked(desk: Desk, event: Event, user: bool) -> _Words:
    return ("linked", {}) if event.text else ("unlinked", {})


def _handed_back(desk: Desk, event: Event, user: bool) -> _Words:
    name = f"handed_back_{event.text}" if event.text else "handed_back"
    return (name if f"event_{name}" in desk.pages.texts else "handed_back", {})


def _word(desk: Desk, family: str, name: str) -> str:
    return desk.pages.texts.get(f"{family}_{name}", name)


_WORDS: Dict[str, Callable[[Desk, Event, bool], _Words]] = {
    CONFIRMED: _confirmed,
    DELIVERED: _delivered,
    GAVE_UP: _gave_up,
    RETRIED: _retried,
    FORWARDED: _forwarded,
    STATUS: _status,
    ASSIGNED: _assigned,
    LEVEL: _level,
    CATEGORY: _category,
    RESOLUTION: _resolution,
    MERGED: _other,
    ABSORBED: _other,
    SEPARATED: _other,
    LINKED: _linked,
    HANDED_BACK: _handed_back,
}
