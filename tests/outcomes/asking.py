"""Messages, ratings, runs and cases for the tests of what became of conversations."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Optional, Tuple

from lotsen.guides.model import Status
from lotsen.outcomes.asked import Asked, Kind
from lotsen.outcomes.facts import Rated, Sent, Walked

WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=timezone.utc)
"""In the ISO week 2026-W48."""
_IDS = iter(range(1, 1_000_000))


def after(minutes: float) -> datetime:
    """Return a moment so many minutes later."""
    return WEDNESDAY + timedelta(minutes=minutes)


def asked(
    kind: Kind, minutes: float = 0, conversation: str = "web-1", intent: str = "how_to_purge", **more: Any
) -> Asked:
    """Return a message."""
    text = more.pop("text", "hur gallrar man")
    return Asked(conversation, more.pop("channel", "web"), after(minutes), text, kind, intent, id=next(_IDS), **more)


def rated(up: bool, minutes: float, answer: str = "how_to_purge", conversation: str = "web-1") -> Rated:
    """Return a rating."""
    return Rated(conversation, answer, up, after(minutes))


def walked(
    status: Status,
    minutes: float,
    last: Optional[Tuple[str, str]] = None,
    conversation: str = "web-1",
    guide: str = "login",
) -> Walked:
    """Return a run that took a minute."""
    return Walked(conversation, "web", guide, status, after(minutes), after(minutes + 1), last)


def sent(minutes: float, conversation: str = "web-1") -> Sent:
    """Return a case."""
    return Sent(conversation, "web", after(minutes))
