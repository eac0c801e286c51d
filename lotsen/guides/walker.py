"""The walker: (guides, run, reply) -> the next run, and what to show for a run. Pure functions.

Every reply but *back*, *repeat* and *restart* takes the run forward or ends it, and the loader refuses guides that
lead backwards or include themselves, so every run ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Mapping, Optional, Tuple

from lotsen.guides.model import Guide, GuideRun, Place, Reply, Status, Step, StepKind, StepOutcome

Guides = Mapping[str, Guide]

REPLIES: Mapping[StepKind, Tuple[Reply, ...]] = {
    StepKind.DO: (Reply.DONE, Reply.FAILED, Reply.SOLVED),
    StepKind.CHECK: (Reply.SOLVED, Reply.FAILED),
    StepKind.INCLUDE: (Reply.DONE, Reply.SKIP, Reply.FAILED, Reply.SOLVED),
    StepKind.END: (),
}
"""Which replies move a step of each kind; BACK, REPEAT, RESTART and STOP are understood everywhere."""


@dataclass(frozen=True)
class Prompt:
    """What to show for a run's present step."""

    kind: StepKind
    text: str
    number: Optional[int]
    total: int
    within: Tuple[Tuple[str, int, int], ...]
    """The guides around the present one, outermost first: title, number and total of the step that included it."""
    title: str
    """The title of the guide that the step is in."""
    choices: Tuple[Tuple[str, Reply], ...]
    """The step's own answers (button title, reply); empty means the usual ones of its kind."""


def start(guides: Guides, guide_id: str) -> GuideRun:
    """Begin ``guide_id`` at its first step.

    Raises:
        KeyError: if there is no such guide.
    """
    first = guides[guide_id].steps[0]
    return _settle(guides, GuideRun(guide_id, (Place(guide_id, first.id),)))


def accepts(guides: Guides, run: GuideRun, reply: Reply) -> bool:
    """Tell whether ``reply`` makes sense to the run's present step ("klart" does not to "did it help?")."""
    if not run.active:
        return reply is Reply.RESTART
    if reply in (Reply.BACK, Reply.REPEAT, Reply.RESTART, Reply.STOP):
        return True
    step = present_step(guides, run)
    return reply in (step.answers or REPLIES[step.kind])


def advance(guides: Guides, run: GuideRun, reply: Reply) -> GuideRun:
    """Return the run after ``reply``; a reply that does not fit leaves it where it is."""
    if not accepts(guides, run, reply) or reply is Reply.REPEAT:
        return run
    if reply is Reply.RESTART:
        return start(guides, run.guide)
    if reply is Reply.STOP:
        return replace(run, status=Status.STOPPED)
    if reply is Reply.BACK:
        return _back(run)
    step = present_step(guides, run)
    moved = replace(
        run,
        outcomes=(*run.outcomes, StepOutcome(run.place.guide, step.id, reply)),
        past=(*run.past, (run.path, len(run.outcomes))),
    )
    if step.kind is StepKind.INCLUDE and reply is Reply.DONE:
        assert step.guide is not None, "the loader gives every include a guide"
        first = guides[step.guide].steps[0]
        return _settle(guides, replace(moved, path=(*run.path, Place(step.guide, first.id))))
    answer = step.answers.get(reply)
    if answer is not None and answer.next is not None:
        return _settle(guides, _at(moved, answer.next))
    if reply is Reply.SOLVED:
        return replace(moved, status=Status.RESOLVED)
    return _next(guides, moved, step)


def present_step(guides: Guides, run: GuideRun) -> Step:
    """Return the step that the run stands at."""
    return guides[run.place.guide].step(run.place.step)


def prompt(guides: Guides, run: GuideRun) -> Prompt:
    """Return what to show for the run's present step."""
    guide, step = guides[run.place.guide], present_step(guides, run)
    around = []
    for place in run.path[:-1]:
        outer = guides[place.guide]
        around.append((outer.title, outer.number(outer.step(place.step)), outer.total))
    return Prompt(
        kind=step.kind,
        text=step.text,
        number=guide.number(step) if step.counted else None,
        total=guide.total,
        within=tuple(around),
        title=guide.title,
        choices=tuple((answer.title, reply) for reply, answer in step.answers.items()),
    )


def _back(run: GuideRun) -> GuideRun:
    """Undo the last reply; at the first step, stay."""
    if not run.past:
        return run
    path, count = run.past[-1]
    return replace(run, path=path, outcomes=run.outcomes[:count], past=run.past[:-1])


def _at(run: GuideRun, step_id: str) -> GuideRun:
    """Return the run at another step of the innermost guide."""
    return replace(run, path=(*run.path[:-1], Place(run.place.guide, step_id)))


def _next(guides: Guides, run: GuideRun, step: Step) -> GuideRun:
    """Go to the step after ``step``; past the last one, back to the guide around it or to a hand-off."""
    following = guides[run.place.guide].after(step)
    if following is not None:
        return _settle(guides, _at(run, following.id))
    return _leave(guides, run, None)


def _leave(guides: Guides, run: GuideRun, end: Optional[Step]) -> GuideRun:
    """Leave the innermost guide, which did not solve the problem."""
    if len(run.path) > 1:
        outer = replace(run, path=run.path[:-1])
        return _next(guides, outer, present_step(guides, outer))
    return replace(run, status=Status.HANDOFF, reason=end.reason if end else None)


def _settle(guides: Guides, run: GuideRun) -> GuideRun:
    """End the run if it has come to an ``end`` step."""
    step = present_step(guides, run)
    if step.kind is not StepKind.END:
        return run
    if step.outcome is Status.RESOLVED:
        return replace(run, status=Status.RESOLVED, reason=step.reason)
    return _leave(guides, run, step)
