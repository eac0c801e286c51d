"""Which of the messages are worth a content owner's look: refused or wrongly answered ones, each wording once. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Dict, Iterable, List, Optional, Tuple

from lotsen.outcomes.asked import Kind
from lotsen.outcomes.signs import Judged, Sign


class Which(str, Enum):
    """Which messages are looked at."""

    ALL = "all"
    REFUSED = "refused"
    WRONG = "wrong"
    UNSURE = "unsure"
    """The bot asked back, and nothing tells whether that helped."""


@dataclass(frozen=True)
class Question:
    """One wording, as often as it was asked, with what the bot did the last time."""

    text: str
    ids: Tuple[int, ...]
    """The messages, oldest first."""
    at: datetime
    kind: Kind
    intent: str
    confidence: float
    suggestions: Tuple[str, ...]
    sign: Optional[Sign]
    pressed: str = ""
    """The question that the user chose then, which tells what was meant."""

    @property
    def id(self) -> int:
        """Return the latest message."""
        return self.ids[-1]

    @property
    def count(self) -> int:
        """Return how often it was asked."""
        return len(self.ids)


def worth_a_look(judged: Iterable[Judged], which: Which, handled: bool = False) -> List[Question]:
    """Return the questions to look at, the latest first; ``handled``: those that were dealt with, not the others."""
    by_text: Dict[str, List[Judged]] = {}
    for one in judged:
        if _is(one, which) and (one.asked.handled is not None) is handled:
            by_text.setdefault(one.asked.words or one.asked.text, []).append(one)
    found = [_question(sorted(same, key=lambda one: one.asked.id)) for same in by_text.values()]
    return sorted(found, key=lambda question: -question.id)


def _is(one: Judged, which: Which) -> bool:
    """Tell whether a message is among those asked for."""
    refused = one.asked.kind is Kind.REFUSED
    if which is Which.REFUSED:
        return refused
    if which is Which.WRONG:
        return one.wrong
    if which is Which.UNSURE:
        return one.asked.kind in (Kind.SUGGESTED, Kind.CLARIFIED) and one.sign is None
    return refused or one.wrong


def _question(same: List[Judged]) -> Question:
    """Return one question of several messages with the same words."""
    last = same[-1]
    asked = last.asked
    chosen = asked.pressed or "" if asked.pressed in asked.suggestions else ""
    return Question(
        asked.text,
        tuple(one.asked.id for one in same),
        asked.at,
        asked.kind,
        asked.intent,
        asked.confidence,
        asked.suggestions,
        last.sign,
        chosen,
    )
