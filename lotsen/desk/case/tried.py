"""What was tried, as the case page shows it, and what of a guide was not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import FrozenSet, List, Optional, Tuple

from markupsafe import Markup

from lotsen.cases.case import CaseDraft, TriedGuide, TriedStep
from lotsen.content.catalogue import Content
from lotsen.guides.lettering import rendered
from lotsen.guides.model import Guide, Outcome, Status, StepKind

NOT_TRIED = frozenset({Outcome.SKIPPED.value})
_TRIABLE = (StepKind.DO, StepKind.CHECK, StepKind.INCLUDE)


@dataclass(frozen=True)
class Row:
    """One step. ``took`` is empty if that is not worth telling; ``stopped``: the run got no further than this."""

    number: int
    text: Markup
    guide: str
    """The guide that the step is from, if it is another one than the run's."""
    outcome: str
    took: str
    stopped: bool


@dataclass(frozen=True)
class Run:
    """One guide that was walked."""

    title: str
    status: str
    """As ``lotsen.guides.model.Status`` names it; empty in cases of an old Lotsen."""
    took: str
    rows: Tuple[Row, ...]
    reason: str
    """What the guide concluded; empty unless this is the run that led to the case."""


@dataclass(frozen=True)
class Left:
    """What of a guide was not tried."""

    id: str
    title: str
    walked: bool
    """Whether any of it was."""
    steps: Tuple[Markup, ...]


def runs(draft: CaseDraft) -> Tuple[Run, ...]:
    """Return the guides that were walked, in order."""
    last = _last_handoff(draft)
    return tuple(_run(guide, draft.reason if guide is last else "") for guide in draft.tried)


def left_of(content: Content, draft: CaseDraft, category: str) -> Tuple[Left, ...]:
    """Return what was not tried: of the guide that the case is about, of the error text's, and of those walked.

    A guide without anything left is left out, as is one that is no longer there.
    """
    by_error = content.guide_for_error(draft.facts.get("error_text", ""))
    ids = dict.fromkeys([category, by_error or "", *(run.id for run in draft.tried if run.status != "resolved")])
    tried = _tried(draft)
    walked = {run.id for run in draft.tried}
    found = []
    for id in ids:
        guide = content.guides.get(id)
        steps = _left(guide, tried) if guide is not None else ()
        if guide is not None and steps:
            found.append(Left(id, guide.title, id in walked, steps))
    return tuple(found)


def took(seconds: float) -> str:
    """Return how long something took, if it is worth telling.

    >>> [took(s) for s in (0.4, 7.6, 75, 3720)]
    ['', '8 s', '1 min 15 s', '1 h 2 min']
    """
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if whole < 1:
        return ""
    if minutes < 1:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _run(guide: TriedGuide, reason: str) -> Run:
    stops = guide.status != Status.RESOLVED.value
    rows = tuple(
        Row(
            number,
            rendered(step.text),
            step.guide if step.guide != guide.title else "",
            step.outcome,
            took(step.seconds),
            stops and number == len(guide.steps),
        )
        for number, step in enumerate(guide.steps, 1)
    )
    return Run(guide.title or guide.id, guide.status, took(sum(step.seconds for step in guide.steps)), rows, reason)


def _last_handoff(draft: CaseDraft) -> Optional[TriedGuide]:
    """Return the run whose conclusion the case tells; in a case of an old Lotsen the only one."""
    ended = [guide for guide in draft.tried if guide.status in (Status.HANDOFF.value, Status.ACTIVE.value, "")]
    return ended[-1] if ended else None


def _tried(draft: CaseDraft) -> FrozenSet[str]:
    """Return the steps that were taken, as ``guide/step``, and, for cases of an old Lotsen, their texts."""
    steps: List[TriedStep] = [step for guide in draft.tried for step in guide.steps if step.result not in NOT_TRIED]
    return frozenset([*(step.step for step in steps if step.step), *(step.text for step in steps if not step.step)])


def _left(guide: Guide, tried: FrozenSet[str]) -> Tuple[Markup, ...]:
    """Return the texts of a guide's steps that somebody could take still."""
    return tuple(
        rendered(step.text)
        for step in guide.steps
        if step.kind in _TRIABLE and not _done(guide, step.id, step.text, step.guide, tried)
    )


def _done(guide: Guide, id: str, text: str, includes: Optional[str], tried: FrozenSet[str]) -> bool:
    """Tell whether a step was taken; one that leads into another guide was, if any step there was."""
    inside = includes is not None and any(one.startswith(f"{includes}/") for one in tried)
    return f"{guide.id}/{id}" in tried or text in tried or inside
