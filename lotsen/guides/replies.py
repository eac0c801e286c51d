"""What a user can say to a guide. Buttons and free text both become one of these (``lotsen/guides/reading.py``)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Optional


class Move(str, Enum):
    """The kinds of reply."""

    DONE = "done"
    SOLVED = "solved"
    FAILED = "failed"
    SKIP = "skip"
    ALREADY = "already"
    """It was done before: the present step, the steps up to a named one, or all up to the next question."""
    ANSWER = "answer"
    """One of the step's own answers."""
    FACT = "fact"
    """The answer to the question that is asked before a step; an empty value means "I do not know"."""
    NOTE = "note"
    """What the step asked the user to write down."""
    LACKS = "lacks"
    """The user does not have something that the guide needs."""
    TIME = "time"
    """The time of a ``wait`` is over; nobody says this but the clock."""
    BACK = "back"
    RESTART = "restart"
    STOP = "stop"
    REPEAT = "repeat"
    RECALL = "recall"
    """Show some other step again, without going there."""
    WHY = "why"
    HOW = "how"
    LATER = "later"
    """The user is coming back."""


ASIDES = frozenset({Move.REPEAT, Move.RECALL, Move.WHY, Move.HOW, Move.LATER})
"""Replies that are answered and leave the run where it is; they fit every step."""

EVERYTHING = "*"
"""The value of ALREADY that means every step up to the next question."""


@dataclass(frozen=True)
class Reply:
    """One reply."""

    move: Move
    value: str = ""
    """For ANSWER its name, for FACT and NOTE what was said, for LACKS what is missing, for ALREADY a step's id."""
    number: Optional[int] = None
    """For RECALL and ALREADY a step's number; for BACK how many steps, or a step's number if ``to_step``."""
    to_step: bool = False
