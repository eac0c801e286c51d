"""Where each step can lead, as the walker goes: for the checks of a guide, its picture and its checklist. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, List, Set

from lotsen.guides.model import SOLVED, Guide, Step, StepKind

SKIPPED = "Hoppa över"
"""The label of the way for a step that is passed over, where none of its answers leads there."""
RESOLVED, RUNS_OUT = "resolved", "runs_out"
"""Targets that are no step: the trouble is solved; the guide is over without a word about it."""


@dataclass(frozen=True)
class Edge:
    """One way from a step. ``target`` is a step's id, ``RESOLVED`` or ``RUNS_OUT``."""

    source: str
    target: str
    label: str = ""
    """The answer that leads there; empty for simply going on."""
    lacking: bool = False
    """Whether it is taken from any step, by somebody who lacks something; ``source`` is the first step then."""


def edges(guide: Guide) -> List[Edge]:
    """Return every way from every step, in order, then those of what the user may lack."""
    found: List[Edge] = []
    for step in guide.steps:
        found += _from(guide, step)
    first = guide.steps[0].id
    return [*found, *(Edge(first, target, thing, lacking=True) for thing, target in guide.lacking.items())]


def reachable(guide: Guide) -> Set[str]:
    """Return the steps that somebody can come to."""
    leads = edges(guide)
    reached: Set[str] = set()
    waiting = [guide.steps[0].id]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting += [edge.target for edge in leads if edge.source == current and guide.has(edge.target)]
    return reached


def _from(guide: Guide, step: Step) -> Iterator[Edge]:
    """Yield the ways from one step."""
    if step.kind is StepKind.END:
        return
    following = guide.after(step)
    onward = following.id if following is not None else RUNS_OUT
    if step.answers:
        for name, answer in step.answers.items():
            yield Edge(step.id, answer.next or (RESOLVED if name == SOLVED else onward), answer.title)
        if step.if_skipped is not None and step.if_skipped not in {answer.next for answer in step.answers.values()}:
            yield Edge(step.id, step.if_skipped, SKIPPED)
        return
    if step.kind is StepKind.CHECK:
        yield Edge(step.id, RESOLVED, SOLVED)
    yield Edge(step.id, onward)
