"""Checks that hold between steps and between guides: targets exist, no loops, no dead ends, nothing unreachable."""

from __future__ import annotations

from typing import Dict, Iterator, List, Mapping, Set

from lotsen.content.located_yaml import Document
from lotsen.content.problems import Problem, did_you_mean
from lotsen.guides.model import Guide, Reply, StepKind


def structural_problems(
    guides: Mapping[str, Guide], documents: Mapping[str, Document], known: Set[str]
) -> List[Problem]:
    """Return every structural fault.

    ``documents`` has the YAML of each guide, for the line numbers; ``known`` the ids of all guides there are files for,
    also those that could not be read.
    """
    problems: List[Problem] = []
    for guide in guides.values():
        document = documents[guide.id]
        problems += _wrong_targets(guide, document)
        problems += _wrong_includes(guide, guides, known, document)
        problems += _wrong_ends(guide, document)
    return problems


def _wrong_targets(guide: Guide, document: Document) -> Iterator[Problem]:
    """Find answers that lead nowhere, or backwards (which could go round for ever)."""
    order = {step.id: index for index, step in enumerate(guide.steps)}
    for index, step in enumerate(guide.steps):
        for reply, answer in step.answers.items():
            if answer.next is None:
                continue
            path = ("steps", index, "answers", reply.value, "next")
            if answer.next not in order:
                hint = did_you_mean(answer.next, order)
                yield document.problem(f"Steget '{answer.next}' finns inte.{hint}", *path)
            elif order[answer.next] <= index:
                message = f"Svaret leder bakåt till '{answer.next}', så guiden kan gå runt. Peka på ett senare steg."
                yield document.problem(message, *path)


def _wrong_includes(
    guide: Guide, guides: Mapping[str, Guide], known: Set[str], document: Document
) -> Iterator[Problem]:
    """Find includes of unknown guides, and guides that include themselves, directly or through others."""
    for index, step in enumerate(guide.steps):
        if step.guide is None:
            continue
        path = ("steps", index, "guide")
        if step.guide not in known:
            yield document.problem(f"Guiden '{step.guide}' finns inte.{did_you_mean(step.guide, known)}", *path)
        elif guide.id in _reached(step.guide, guides):
            message = f"Guiden '{step.guide}' leder tillbaka till '{guide.id}', så de går runt. Ta bort det ena steget."
            yield document.problem(message, *path)


def _reached(guide_id: str, guides: Mapping[str, Guide]) -> Set[str]:
    """Return the guide and all that it includes, at any depth."""
    seen: Set[str] = set()
    waiting = [guide_id]
    while waiting:
        current = waiting.pop()
        if current in seen or current not in guides:
            continue
        seen.add(current)
        waiting += [step.guide for step in guides[current].steps if step.guide is not None]
    return seen


def _wrong_ends(guide: Guide, document: Document) -> Iterator[Problem]:
    """Find a guide that just stops, and steps that nobody comes to."""
    last = guide.steps[-1]
    if last.kind in (StepKind.DO, StepKind.INCLUDE):
        message = (
            f"Guiden tar slut efter '{last.id}' utan att fråga om det hjälpte. "
            f"Gör steget till 'kind: check' eller lägg till ett steg med 'kind: end'."
        )
        yield document.problem(message, "steps", len(guide.steps) - 1)
    if guide.steps[0].kind is StepKind.END:
        yield document.problem("Guiden börjar med sitt slut. Lägg ett steg före.", "steps", 0)
    following: Dict[str, Set[str]] = {}
    for step in guide.steps:
        after = guide.after(step)
        leads_on = step.kind is not StepKind.END and (
            not step.answers
            or any(answer.next is None for reply, answer in step.answers.items() if reply is not Reply.SOLVED)
        )
        following[step.id] = {answer.next for answer in step.answers.values() if answer.next}
        if leads_on and after is not None:
            following[step.id].add(after.id)
    reached, waiting = set(), [guide.steps[0].id]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting += following.get(current, ())
    for index, step in enumerate(guide.steps):
        if step.id not in reached:
            message = f"Ingen kommer till steget '{step.id}'. Peka på det med 'next' eller ta bort det."
            yield document.problem(message, "steps", index)
