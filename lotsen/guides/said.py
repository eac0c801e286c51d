"""A message that is said while a guide is open: its words, and the intents that steer a guide. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Mapping, Tuple

from lotsen.guides.replies import Move
from lotsen.understanding.text import fold, normalise

EQUIPMENT = "equipment"
STEP, OPTION = "guide_step", "guide_option"
"""Entities that only buttons carry: the step that they were offered at, and the answer that they stand for."""

PLAIN: Mapping[str, Move] = {
    "next_step": Move.DONE,
    "solved": Move.SOLVED,
    "problem_persists": Move.FAILED,
    "skip_step": Move.SKIP,
    "already_done": Move.ALREADY,
    "go_back": Move.BACK,
    "repeat": Move.REPEAT,
    "recall_step": Move.RECALL,
    "restart_guide": Move.RESTART,
    "stop": Move.STOP,
    "ask_why": Move.WHY,
    "ask_how": Move.HOW,
    "wait_a_moment": Move.LATER,
}
"""Words that mean the same at every step, by intent."""
GUIDE_WORDS = frozenset((*PLAIN, "affirm", "deny"))
"""The intents that steer a guide."""
GUIDE_WORD = "guide_word"
"""Where the decision leaves the likeliest of them, with its probability, in what it makes of a message."""
_PRIOR = 4.0
"""How much likelier such a word is while a guide is open than at the beginning of a conversation, where the model
learnt its probabilities. "Varför då?" there is a question about purging, in a guide it is about the step."""
_LEAST = 0.1
"""A guide word less likely than this is none, however unsure the rest is."""
STEADY_WORDS = GUIDE_WORDS - {"restart_guide", "stop"}
"""Those that may count as likelier than the model thinks; the others throw away what was done, and must be meant."""

_NONE: Mapping[str, Tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True)
class Said:
    """A message: what the model made of it, and the text itself."""

    intent: str
    text: str = ""
    confidence: float = 1.0
    entities: Mapping[str, Tuple[str, ...]] = field(default_factory=lambda: _NONE)
    typed: bool = True
    """False for a button."""

    @classmethod
    def in_guide(cls, parsed: Mapping[str, Any], text: str, entities: Mapping[str, Tuple[str, ...]] = _NONE) -> Said:
        """Read what the model made of a message that was said while a guide is open (``parsed`` is its parse data).

        There, a word that steers the guide is likelier than the model thinks.
        """
        intent = parsed.get("intent") or {}
        name, confidence = str(intent.get("name") or ""), float(intent.get("confidence") or 0.0)
        word = parsed.get(GUIDE_WORD) or {}
        likely = float(word.get("confidence") or 0.0)
        named = name in (*GUIDE_WORDS, "talk_to_human")
        if not named and likely >= _LEAST and likely * _PRIOR > confidence:
            name, confidence = str(word["name"]), likely
        return cls(name, text, confidence, entities, typed=not text.startswith("/"))

    @property
    def words(self) -> str:
        """Return the text as it is compared: lower case, without marks and punctuation."""
        return fold(normalise(self.text))
