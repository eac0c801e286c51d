"""The case: everything that the support desk needs so that the user need not explain it twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from lotsen.guides.model import GuideRun, Reply, StepKind
from lotsen.guides.walker import Guides

NUMBER_FORMAT = "LOT-{:06d}"
"""Case numbers as users see them."""


@dataclass(frozen=True)
class TriedStep:
    """One step that the user took, in words: the guide's title, the step's text, and what came of it."""

    guide: str
    text: str
    outcome: str


@dataclass(frozen=True)
class CaseDraft:
    """What is sent if the user agrees."""

    problem: str
    guide: Optional[str] = None
    reason: Optional[str] = None
    tried: Tuple[TriedStep, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the conversation told, by slot (see ``FACT_LABELS``)."""
    added: str = ""

    def to_json(self) -> Dict[str, Any]:
        """Return the draft as plain data, as it is stored."""
        return {
            "problem": self.problem,
            "guide": self.guide,
            "reason": self.reason,
            "tried": [[step.guide, step.text, step.outcome] for step in self.tried],
            "facts": dict(self.facts),
            "added": self.added,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> CaseDraft:
        """Read back what ``to_json`` wrote."""
        return cls(
            problem=stored["problem"],
            guide=stored["guide"],
            reason=stored["reason"],
            tried=tuple(TriedStep(*step) for step in stored["tried"]),
            facts=stored["facts"],
            added=stored["added"],
        )


OUTCOME_WORDS: Mapping[Reply, str] = {
    Reply.DONE: "gjort",
    Reply.SOLVED: "löste det",
    Reply.FAILED: "gick inte",
    Reply.SKIP: "hoppade över",
}
_FAILED_CHECK = "hjälpte inte"

FACT_LABELS: Mapping[str, str] = {
    "error_text": "Felmeddelande",
    "hsa_id": "HSA-id",
    "browser": "Webbläsare",
    "program": "Program",
    "region": "Region",
}


def tried_steps(guides: Guides, runs: Sequence[GuideRun]) -> Tuple[TriedStep, ...]:
    """Put into words what was tried in ``runs``, step by step. A guide changed meanwhile shows the step's id."""
    steps: List[TriedStep] = []
    for run in runs:
        for outcome in run.outcomes:
            guide = guides.get(outcome.guide)
            title, text, word = outcome.guide, outcome.step, OUTCOME_WORDS[outcome.reply]
            if guide is not None:
                title = guide.title
                step = next((step for step in guide.steps if step.id == outcome.step), None)
                if step is not None:
                    if step.kind is StepKind.INCLUDE and outcome.reply is Reply.DONE:
                        continue
                    text = step.text
                    if outcome.reply in step.answers:
                        word = step.answers[outcome.reply].title
                    elif step.kind is StepKind.CHECK and outcome.reply is Reply.FAILED:
                        word = _FAILED_CHECK
            steps.append(TriedStep(title, text, word))
    return tuple(steps)


def summary(draft: CaseDraft) -> str:
    """Return the draft in plain Swedish, as the user sees it before it is sent."""
    lines = [f"**Problem:** {draft.problem}"]
    if draft.reason:
        lines.append(f"**Läge:** {draft.reason}")
    lines += [f"**{FACT_LABELS[name]}:** {value}" for name, value in draft.facts.items() if name in FACT_LABELS]
    shown = None
    for step in draft.tried:
        if step.guide != shown:
            lines.append(f"**Du har provat** (guiden {step.guide}):")
            shown = step.guide
        lines.append(f"- {step.text} – {step.outcome}")
    if draft.added:
        lines.append(f"**Du skriver:** {draft.added}")
    return "\n".join(lines)
