"""A guide that was changed under a user: where its run goes on. Pure."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import Optional, Tuple

from lotsen.guides.model import Guides, StepKind
from lotsen.guides.run import GuideRun, Past, Place, text_hash, version_of
from lotsen.guides.scene import Scene, still_asked
from lotsen.guides.walker import go_on, settle


class Change(Enum):
    """What a new version means to a run."""

    NONE = "none"
    """The same content, or the present step reads as it did: nothing to tell."""
    MOVED = "moved"
    """The user must be told: the present step reads otherwise, or is gone and the run goes on elsewhere."""
    GONE = "gone"
    """The guide is no longer there."""


def refit(scene: Scene, run: GuideRun) -> Tuple[GuideRun, Change]:
    """Return the run on the present content, and what to tell. A run whose guide is gone comes back as it was.

    The present step is kept if it is still there. If not, the run goes on after the last step that the user took and
    that is still there; an included guide that is no longer included is left.
    """
    guides = scene.guides
    if run.guide not in guides:
        return run, Change.GONE
    version = version_of(guides, run.guide)
    if version == run.version:
        return run, Change.NONE
    kept = _kept(guides, run.path)
    past = tuple(past for past in run.past if _whole(guides, past))
    run = replace(run, version=version, past=past)
    if len(kept) == len(run.path):
        step = guides[run.place.guide].step(run.place.step)
        if step.kind is not StepKind.END:
            run = replace(run, asking=still_asked(scene, step, run.asking))
            shown = text_hash(step.text)
            return replace(run, shown=shown), Change.NONE if shown == run.shown else Change.MOVED
        return settle(scene, run), Change.MOVED
    lost = run.path[len(kept)]
    included = lost.guide == run.guide or (
        bool(kept) and guides[kept[-1].guide].step(kept[-1].step).guide == lost.guide
    )
    if not included or lost.guide not in guides:
        return settle(scene, replace(run, path=kept)), Change.MOVED
    last = _last_taken(guides, run, lost.guide)
    if last is None:
        return settle(
            scene, replace(run, path=(*kept, Place(lost.guide, guides[lost.guide].steps[0].id)))
        ), Change.MOVED
    run = replace(run, path=(*kept, Place(lost.guide, last)))
    return go_on(scene, run, guides[lost.guide].step(last)), Change.MOVED


def _kept(guides: Guides, path: Tuple[Place, ...]) -> Tuple[Place, ...]:
    """Return the longest beginning of a path that can still be walked."""
    for index, place in enumerate(path):
        if place.guide not in guides or not guides[place.guide].has(place.step):
            return path[:index]
        if index and guides[path[index - 1].guide].step(path[index - 1].step).guide != place.guide:
            return path[:index]
    return path


def _whole(guides: Guides, past: Past) -> bool:
    """Tell whether *back* can still lead there."""
    place = past.path[-1]
    return _kept(guides, past.path) == past.path and guides[place.guide].step(place.step).kind is not StepKind.END


def _last_taken(guides: Guides, run: GuideRun, guide_id: str) -> Optional[str]:
    """Return the last step of a guide that the user took and that is still there."""
    for outcome in reversed(run.outcomes):
        if outcome.guide == guide_id and guides[guide_id].has(outcome.step):
            return outcome.step
    return None
