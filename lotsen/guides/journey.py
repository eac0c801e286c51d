"""All guides of one conversation: the one being walked, those that wait for it, and those that have ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import FrozenSet, Iterable, List, Optional, Set, Tuple

from lotsen.guides.changes import Change, refit
from lotsen.guides.model import Guide, Guides, Outcome, Status, StepKind
from lotsen.guides.replies import Reply
from lotsen.guides.run import GuideRun
from lotsen.guides.scene import Scene
from lotsen.guides.walker import advance, start

MAX_OPEN = 4
"""More guides than this are not left open: the one being walked then ends when another begins."""
_TAKEN = (Outcome.DONE, Outcome.ALREADY, Outcome.EARLIER)


@dataclass(frozen=True)
class Journey:
    """A conversation's runs. The last of ``open`` is being walked; ``ended`` are those that no case has told of yet."""

    open: Tuple[GuideRun, ...] = ()
    ended: Tuple[GuideRun, ...] = ()

    @property
    def run(self) -> Optional[GuideRun]:
        """Return the run that waits for a reply."""
        return self.open[-1] if self.open else None

    @property
    def told(self) -> Tuple[GuideRun, ...]:
        """Return what a case would tell, oldest first: the ended runs, and of the open ones those with an outcome."""
        return (*self.ended, *(run for run in self.open if run.outcomes))

    @property
    def subject(self) -> Optional[GuideRun]:
        """Return the run that a case would be about: the one being walked, or else the last that ended."""
        return self.run or (self.ended[-1] if self.ended else None)


class Begun(Enum):
    """How a guide was begun."""

    NEW = "new"
    HERE = "here"
    """It is being walked already, or is included in what is."""
    RETURNED = "returned"
    """It was waiting, and goes on."""
    SWITCHED = "switched"
    """It takes the place of another guide about the same trouble."""
    NESTED = "nested"
    """It is walked while another one waits."""


def begin(scene: Scene, journey: Journey, guide_id: str, run_id: str) -> Tuple[Journey, GuideRun, Begun]:
    """Begin a guide, whatever is open; return the journey, and the run that is asked for (it may have ended at once).

    Raises:
        KeyError: if there is no such guide.
    """
    present = journey.run
    if present is not None and guide_id in {place.guide for place in present.path}:
        return journey, present, Begun.HERE
    waiting = next((index for index, run in enumerate(journey.open) if run.guide == guide_id), None)
    if waiting is not None:
        for _ in journey.open[waiting + 1 :]:
            journey = close(journey, Status.SWITCHED)
        return journey, journey.open[-1], Begun.RETURNED
    begun = Begun.NEW if present is None else Begun.NESTED
    if present is not None and (_same_trouble(scene.guides, present.guide, guide_id) or len(journey.open) >= MAX_OPEN):
        journey = close(journey, Status.SWITCHED)
        begun = Begun.SWITCHED
    run = start(_with_done(scene, journey.ended, journey.open), guide_id, run_id)
    return _after(replace(journey, open=(*journey.open, run))), run, begun


def reply(scene: Scene, journey: Journey, given: Reply) -> Tuple[Journey, GuideRun]:
    """Give a reply to the run being walked; return the journey, and that run as it is then.

    One that ends is put with the ended, and the one that waited for it goes on.

    Raises:
        IndexError: if no guide is open.
    """
    run = advance(_with_done(scene, journey.ended, journey.open[:-1]), journey.open[-1], given)
    return _after(replace(journey, open=(*journey.open[:-1], run))), run


def close(journey: Journey, status: Status, handed_off: bool = False) -> Journey:
    """End the run being walked from outside."""
    run = journey.run
    if run is None:
        return journey
    if handed_off or run.handed_off:
        status = Status.HANDOFF
    return _after(replace(journey, open=(*journey.open[:-1], replace(run, status=status))))


def pause(journey: Journey, paused: bool = True) -> Journey:
    """Note that the user was asked whether to go on with the run that waits, or was shown its step."""
    run = journey.run
    return journey if run is None else replace(journey, open=(*journey.open[:-1], replace(run, paused=paused)))


def told_in_case(journey: Journey) -> Journey:
    """Return the journey after a case has told all: nothing ended is kept, and open runs remember it."""
    return Journey(tuple(replace(run, handed_off=True) for run in journey.open), ())


def wake(scene: Scene, journey: Journey, limit: float) -> Tuple[Journey, Tuple[GuideRun, ...], Change]:
    """Bring the runs up to the present time and content, before anything is said to them.

    Returns the journey, the runs that had been left for longer than ``limit`` seconds or whose guide is gone, and what
    must be told about the guide of the run that is walked then. Runs that were left have ended as abandoned; no case
    tells of what was tried so long ago. A run that a change has ended is with the ended ones: nobody said "solved".
    """
    kept: List[GuideRun] = []
    ended: List[GuideRun] = []
    lost: List[GuideRun] = []
    told = Change.NONE
    for run in journey.open:
        fitted, change = refit(scene, run)
        if change is Change.GONE or scene.now - run.touched > limit:
            status = Status.HANDOFF if run.handed_off else Status.ABANDONED
            lost.append(replace(run, status=status))
        elif fitted.active:
            kept.append(fitted)
            told = change
        else:
            ended.append(fitted)
    return Journey(tuple(kept), (*journey.ended, *ended)), tuple(lost), told


def _with_done(scene: Scene, ended: Iterable[GuideRun], waiting: Iterable[GuideRun]) -> Scene:
    """Return the scene with what was done in the guides that the user switched from, and in those that wait."""
    switched = (run for run in ended if run.status is Status.SWITCHED)
    return replace(scene, done=done_keys(scene.guides, (*switched, *waiting)))


def done_keys(guides: Guides, runs: Iterable[GuideRun]) -> FrozenSet[str]:
    """Return the keys of the steps that were done in ``runs`` and still hold, in the order in which they were done."""
    done: Set[str] = set()
    for run in runs:
        for taken in run.outcomes:
            guide = guides.get(taken.guide)
            if guide is None or not guide.has(taken.step):
                continue
            step = guide.step(taken.step)
            if taken.outcome is not Outcome.SKIPPED:
                done -= set(step.undoes)
            checked = step.kind is StepKind.CHECK and taken.outcome is Outcome.FAILED
            opened = step.kind is StepKind.INCLUDE and taken.outcome is Outcome.DONE
            if step.key is not None and not opened and (taken.outcome in _TAKEN or checked):
                done.add(step.key)
            if step.id == _last_step(guide):
                done.add(guide.id)
    return frozenset(done)


def _last_step(guide: Guide) -> str:
    """Return the id of the last step that is not an end: who has come there has walked the guide."""
    return [step.id for step in guide.steps if step.kind is not StepKind.END][-1]


def _same_trouble(guides: Guides, one: str, other: str) -> bool:
    """Tell whether both guides are for an error text on the screen: then the new text takes the old one's place."""
    return one in guides and bool(guides[one].errors) and bool(guides[other].errors)


def _after(journey: Journey) -> Journey:
    """Put the run being walked with the ended ones if it has ended.

    A problem that is solved leaves nothing to hand off, unless another guide still waits.
    """
    run = journey.run
    if run is None or run.active:
        return journey
    rest = journey.open[:-1]
    if run.status is Status.RESOLVED:
        return Journey(rest, journey.ended if rest else ())
    return Journey(rest, (*journey.ended, run))
