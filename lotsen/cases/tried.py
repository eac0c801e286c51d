"""What was tried, put into words for a case."""

from __future__ import annotations

from typing import List, Mapping, Sequence, Tuple

from lotsen.cases.case import TriedGuide, TriedStep
from lotsen.guides.model import Guides, Outcome, StepKind
from lotsen.guides.run import GuideRun, StepOutcome


def tried_guides(guides: Guides, runs: Sequence[GuideRun], words: Mapping[str, str]) -> Tuple[TriedGuide, ...]:
    """Return the runs as a case tells them; see ``tried_steps`` for ``words``."""
    return tuple(
        TriedGuide(
            run.guide,
            guides[run.guide].title if run.guide in guides else run.guide,
            run.version,
            run.status.value,
            tried_steps(guides, run, words),
        )
        for run in runs
    )


def tried_steps(guides: Guides, run: GuideRun, words: Mapping[str, str]) -> Tuple[TriedStep, ...]:
    """Put into words what was tried in ``run``, step by step.

    ``words`` has one for each outcome, ``not_helped``, ``already_tried`` and ``lacks``. A guide changed meanwhile
    shows the step's id. An include that was walked is told by its own steps.
    """
    steps: List[TriedStep] = []
    for taken in run.outcomes:
        ids = {"step": f"{taken.guide}/{taken.step}", "result": taken.outcome.value}
        guide = guides.get(taken.guide)
        if guide is None or not guide.has(taken.step):
            title, word = guide.title if guide else taken.guide, words[taken.outcome.value]
            steps.append(TriedStep(title, taken.step, word, taken.seconds, **ids))
            continue
        step = guide.step(taken.step)
        if step.kind is StepKind.INCLUDE and taken.outcome is Outcome.DONE:
            continue
        word = _word(taken, step.kind, words)
        if taken.value in step.answers:
            word = step.answers[taken.value].title
        steps.append(TriedStep(guide.title, step.text, word, taken.seconds, **ids))
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
