"""What counts: what a user meets, not the classifier's first guess."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Collection, Dict, Mapping, Optional, Sequence, Tuple

from lotsen.runtime.ask import Answer
from lotsen.understanding.decision import FALLBACK, Decision, is_out_of_scope

ANSWER, SUGGEST, REFUSE, TALK = "answer", "suggest", "refuse", "talk"

VAGUE_INTENTS: Mapping[str, Tuple[str, ...]] = {
    "login_problem": ("login_error", "page_cannot_be_displayed", "page_missing_or_service_down"),
}
"""Intents that are answered by a question with these options."""


@dataclass(frozen=True)
class Verdict:
    """What the bot made of a line: it answered ``intent``, offered ``suggestions``, refused, or made conversation."""

    kind: str
    intent: Optional[str] = None
    suggestions: Tuple[str, ...] = ()

    @classmethod
    def of_answer(cls, answer: Answer) -> Verdict:
        """Read what ``lotsen ask`` says."""
        kinds = {"answer": ANSWER, "guide": ANSWER, "suggest": SUGGEST, "clarify": SUGGEST, "refuse": REFUSE}
        return cls(kinds.get(answer.decision, TALK), answer.intent, tuple(answer.suggestions))

    @classmethod
    def of_decision(cls, decision: Decision, questions: Collection[str]) -> Verdict:
        """Read a decision; ``questions`` are the intents of the FAQ."""
        if decision.both:
            return cls(ANSWER, decision.suggestions[0], decision.suggestions)
        if decision.intent == FALLBACK:
            return cls(SUGGEST, None, decision.suggestions)
        if is_out_of_scope(decision.intent):
            return cls(REFUSE)
        if decision.intent in VAGUE_INTENTS:
            return cls(SUGGEST, None, VAGUE_INTENTS[decision.intent])
        return cls(ANSWER if decision.intent in questions else TALK, decision.intent)

    def has(self, intent: str) -> bool:
        """Tell whether ``intent`` was answered or is among what was offered."""
        return intent == self.intent or intent in self.suggestions


@dataclass(frozen=True)
class Score:
    """Counts and shares (0 to 1): the first four of the questions in scope, ``kept_out`` of the lines outside."""

    in_scope: int
    out_of_scope: int
    right: float
    """Right answer or guide at once."""
    offered: float
    """Right at once, or among the questions offered."""
    refused: float
    """Refused, though in scope."""
    wrong: float
    """Answered with something else and without the right one beside it: the worst outcome."""
    kept_out: float
    """Outside the scope and not answered as if inside."""

    def to_json(self) -> Dict[str, float]:
        """Return the score as plain data."""
        return asdict(self)


Judged = Sequence[Tuple[str, Verdict]]
"""The intent wanted, and what the bot made of the line."""


def score(judged: Judged, questions: Collection[str]) -> Score:
    """Count the outcomes of questions and of lines outside the scope; conversation is not counted."""
    inside = [(want, verdict) for want, verdict in judged if want in questions]
    outside = [verdict for want, verdict in judged if is_out_of_scope(want)]
    return Score(
        in_scope=len(inside),
        out_of_scope=len(outside),
        right=share([verdict.kind == ANSWER and verdict.intent == want for want, verdict in inside]),
        offered=share([verdict.has(want) for want, verdict in inside]),
        refused=share([verdict.kind == REFUSE for _, verdict in inside]),
        wrong=share([verdict.kind == ANSWER and not verdict.has(want) for want, verdict in inside]),
        kept_out=share([verdict.kind != ANSWER for verdict in outside]),
    )


def is_error(want: str, verdict: Verdict) -> bool:
    """Tell whether the bot answered what it should not have, or neither answered nor offered what it should have."""
    if is_out_of_scope(want):
        return verdict.kind == ANSWER
    if want in VAGUE_INTENTS:
        return verdict.kind != SUGGEST
    return not verdict.has(want)


def table(scores: Mapping[str, Score]) -> str:
    """Return scores as a Markdown table, one row each."""
    rows = [
        "| set | questions | right at once | right or offered | refused | wrong | outside | kept out |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, s in scores.items():
        shares = " | ".join(f"{part:.1%}" for part in (s.right, s.offered, s.refused, s.wrong))
        rows.append(f"| {name} | {s.in_scope} | {shares} | {s.out_of_scope} | {s.kept_out:.1%} |")
    return "\n".join(rows)


def read_score(stored: Mapping[str, float]) -> Score:
    """Read back what ``to_json`` wrote."""
    return Score(**{field.name: stored[field.name] for field in fields(Score)})  # type: ignore[arg-type]


def share(hits: Sequence[bool]) -> float:
    """Return the share of hits; of nothing, 0."""
    return sum(hits) / len(hits) if hits else 0.0
