"""What a move is made in, and what can be asked of it: the present step, its answers, what is known. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import FrozenSet, Mapping, Optional, Tuple

from lotsen.guides.facts import FactQuestion
from lotsen.guides.model import Answer, Guides, Help, Step, StepKind
from lotsen.guides.run import GuideRun, Place


@dataclass(frozen=True)
class Scene:
    """What a move is made in: the guides, what can be asked, what is known, what was done before, and the time."""

    guides: Guides
    now: float = 0.0
    """Seconds since 1970."""
    questions: Mapping[str, FactQuestion] = field(default_factory=lambda: MappingProxyType({}))
    known: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Facts that the conversation told, by name."""
    done: FrozenSet[str] = frozenset()
    """The keys of steps that were done in guides before this one (``Step.key``)."""


def present_step(guides: Guides, run: GuideRun) -> Step:
    """Return the step that the run stands at."""
    return guides[run.place.guide].step(run.place.step)


def facts_of(scene: Scene, run: GuideRun) -> Mapping[str, str]:
    """Return all that is known in a run: from the conversation, and found out on the way."""
    return {**scene.known, **run.facts}


def answers_to(scene: Scene, step: Step) -> Mapping[str, Answer]:
    """Return the answers that a step has: its own, or for a choice those of the question about its fact."""
    if step.answers or step.kind is not StepKind.CHOOSE or step.fact is None or step.fact not in scene.questions:
        return step.answers
    return {value: Answer(title, value=value) for value, title in scene.questions[step.fact].options.items()}


def reads(step: Step, facts: Mapping[str, str]) -> Tuple[str, Help]:
    """Return a step's text and help where these facts hold: the first variant that fits, over the step's own."""
    for variant in step.variants:
        if all(facts.get(name) == value for name, value in variant.when.items()):
            own, other = step.help, variant.help
            help = Help(other.why or own.why, other.how or own.how, other.see or own.see, other.if_not or own.if_not)
            return variant.text or step.text, help
    return step.text, step.help


def has_help(scene: Scene, run: GuideRun) -> bool:
    """Tell whether the present step says how to do it, or what to do if it does not go as it should."""
    _, help = reads(present_step(scene.guides, run), facts_of(scene, run))
    return bool(help.how or help.if_not)


def time_is_up_at(scene: Scene, run: GuideRun) -> Optional[float]:
    """Return when the time of a ``wait`` is over, in seconds since 1970; None if the run waits for no time."""
    step = present_step(scene.guides, run)
    if not run.active or run.asking is not None or step.kind is not StepKind.WAIT:
        return None
    return run.since + step.minutes * 60


def lacking_step(guides: Guides, run: GuideRun, missing: str) -> Optional[Place]:
    """Return where a guide leads somebody who does not have something: the innermost guide that knows it."""
    for place in reversed(run.path):
        leads_to = guides[place.guide].lacking.get(missing)
        if leads_to is not None:
            return Place(place.guide, leads_to)
    return None


def still_asked(scene: Scene, step: Step, fact: Optional[str]) -> Optional[str]:
    """Return the fact if the step, perhaps changed since, still asks for it."""
    return fact if fact == step.ask and fact in scene.questions else None
