"""The case: everything that the support desk needs so that the user need not explain it twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from lotsen.guides.model import Guides, Outcome, StepKind
from lotsen.guides.run import GuideRun, StepOutcome

NUMBER_FORMAT = "LOT-{:06d}"
"""Case numbers as users see them."""


@dataclass(frozen=True)
class TriedStep:
    """One step that the user took, in words: the guide's title, the step's text, what came of it, the time spent."""

    guide: str
    text: str
    outcome: str
    seconds: float = 0.0


@dataclass(frozen=True)
class CaseDraft:
    """What is sent if the user agrees."""

    problem: str
    guide: Optional[str] = None
    reason: Optional[str] = None
    target: str = ""
    """Who is to take over, by name, where a guide says so."""
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
            "target": self.target,
            "tried": [[step.guide, step.text, step.outcome, step.seconds] for step in self.tried],
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
            target=stored.get("target", ""),  # Cases of the first version have none.
            tried=tuple(TriedStep(*step) for step in stored["tried"]),
            facts=stored["facts"],
            added=stored["added"],
        )


FACT_LABELS: Mapping[str, str] = {
    "error_text": "Felmeddelande",
    "hsa_id": "HSA-id",
    "browser": "Webbläsare",
    "program": "Program",
    "region": "Region",
    "place": "Plats",
}


def tried_steps(guides: Guides, runs: Sequence[GuideRun], words: Mapping[str, str]) -> Tuple[TriedStep, ...]:
    """Put into words what was tried in ``runs``, step by step.

    ``words`` has one for each outcome, ``not_helped``, ``already_tried`` and ``lacks``. A guide changed meanwhile
    shows the step's id. An include that was walked is told by its own steps.
    """
    steps: List[TriedStep] = []
    for run in runs:
        for taken in run.outcomes:
            guide = guides.get(taken.guide)
            if guide is None or not guide.has(taken.step):
                steps.append(TriedStep(guide.title if guide else taken.guide, taken.step, words[taken.outcome.value]))
                continue
            step = guide.step(taken.step)
            if step.kind is StepKind.INCLUDE and taken.outcome is Outcome.DONE:
                continue
            word = _word(taken, step.kind, words)
            if taken.value in step.answers:
                word = step.answers[taken.value].title
            steps.append(TriedStep(guide.title, step.text, word, taken.seconds))
    return tuple(steps)


def _word(taken: StepOutcome, kind: StepKind, words: Mapping[str, str]) -> str:
    """Return what became of a step: what was answered, noted or missing, else the word for its outcome."""
    if taken.value and taken.outcome in (Outcome.ANSWERED, Outcome.NOTED, Outcome.EARLIER):
        return taken.value
    if taken.value and taken.outcome is Outcome.FAILED:
        return words["lacks"].format(thing=taken.value)
    if kind is StepKind.CHECK and taken.outcome is Outcome.FAILED:
        return words["not_helped"]
    if kind is StepKind.CHECK and taken.outcome is Outcome.ALREADY:
        return words["already_tried"]
    return words[taken.outcome.value]


def summary(draft: CaseDraft) -> str:
    """Return the draft in plain Swedish, as the user sees it before it is sent."""
    lines = [f"**Problem:** {draft.problem}"]
    if draft.target:
        lines.append(f"**Till:** {draft.target}")
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
