"""How the desk has a case, and what may stand in the way of a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Optional, Tuple

from lotsen.audit.log import Actor
from lotsen.cases.case import Category, Level, Status
from lotsen.cases.history import Event
from lotsen.cases.listed import split
from lotsen.cases.store import Case, case_of
from lotsen.privacy.masking import mask


class Resolution(str, Enum):
    """Why a case is over."""

    SOLVED = "solved"
    ANSWERED = "answered"
    """The user got an answer; there was no fault."""
    NO_ANSWER = "no_answer"
    """The user does not answer."""
    FORWARDED = "forwarded"
    """Somebody else goes on with it."""
    DUPLICATE = "duplicate"
    NOT_OURS = "not_ours"
    """Nobody here can do anything: the case is rejected."""


class Conflict(Exception):
    """The case has changed since it was looked at; nothing was written."""

    def __init__(self, since: Tuple[Event, ...]) -> None:
        """Tell what has happened since, oldest first."""
        super().__init__("the case has changed")
        self.since = since


@dataclass(frozen=True)
class Handling:
    """How the desk has a case."""

    case: Case
    version: int
    """Grows with each change; hand it back with a change."""
    status: Status
    level: Level
    category: Category
    due: datetime
    assignee: Optional[Actor]
    resolution: Optional[Resolution]
    merged_into: Optional[int]
    """The id of the case that this one is a duplicate of."""
    duplicates: Tuple[int, ...]
    notice: Optional[int]
    """The id of the disturbance that it is linked to."""
    answered: bool = False
    """Its user has answered, and nobody at the desk has done anything since."""
    reasons: Tuple[str, ...] = ()
    """Why it is urgent, as the queue says: the case's own reasons, and whether it is part of a disturbance now."""


class Impossible(Exception):
    """What is asked for makes no sense now; the text is the name of a sentence in ``lotsen/desk/texts.yml``."""


def handling_of(row: Any, duplicates: Tuple[int, ...]) -> Handling:
    """Turn a row into how the desk has the case."""
    return Handling(
        case=case_of(row),
        version=row.version,
        status=Status(row.status),
        level=Level(row.level),
        category=Category(row.category, row.title, row.section),
        due=row.due,
        assignee=Actor(row.assignee, row.assignee_name) if row.assignee else None,
        resolution=Resolution(row.resolution) if row.resolution else None,
        merged_into=row.merged_into,
        duplicates=duplicates,
        notice=row.notice,
        answered=bool(row.answered),
        reasons=split(row.reasons),
    )


def written_text(text: str) -> str:
    """Return what somebody wrote, as it is kept."""
    if not text.strip():
        raise Impossible("missing_text")
    return mask(text.strip())


def name_of(actor: Actor) -> str:
    """Return what others read of somebody."""
    return (actor.name or actor.id)[:200]
