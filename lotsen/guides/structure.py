"""Checks that hold between steps and between guides: targets exist, no loops, no dead ends, nothing unreachable."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Collection, FrozenSet, Iterator, List, Mapping, Set

from lotsen.content.located_yaml import Document
from lotsen.content.problems import Problem, did_you_mean
from lotsen.guides.flow import reachable
from lotsen.guides.model import Guide, StepKind, included

NOTED_FACTS = ("error_text", "hsa_id", "program")
"""Facts that a note may find out beside those of ``data/facts.yml``: the case has a place for them."""


@dataclass(frozen=True)
class Names:
    """What the steps of guides may name outside their files."""

    facts: FrozenSet[str] = frozenset()
    """Those of ``data/facts.yml``."""
    targets: FrozenSet[str] = frozenset()
    """Those of ``data/targets.yml``."""
    equipment: FrozenSet[str] = frozenset()
    """The values of ``equipment`` in ``data/entities.yml``."""
    values: Mapping[str, FrozenSet[str]] = field(default_factory=lambda: MappingProxyType({}))
    """For facts that are asked for: what they can be, by the question and by ``data/entities.yml``."""


def structural_problems(
    guides: Mapping[str, Guide], documents: Mapping[str, Document], known: Set[str], names: Names
) -> List[Problem]:
    """Return every structural fault.

    ``documents`` has the YAML of each guide, for the line numbers; ``known`` the ids of all guides there are files for,
    also those that could not be read; ``names`` what steps may name.
    """
    problems: List[Problem] = []
    keys = {step.key for guide in guides.values() for step in guide.steps if step.key is not None}
    for guide in guides.values():
        document = documents[guide.id]
        problems += _wrong_targets(guide, document)
        problems += _wrong_includes(guide, guides, known, document)
        problems += _wrong_names(guide, document, names, keys)
        problems += _wrong_ends(guide, document)
    return problems


def _wrong_targets(guide: Guide, document: Document) -> Iterator[Problem]:
    """Find answers that lead nowhere, or backwards (which could go round for ever)."""
    order = {step.id: index for index, step in enumerate(guide.steps)}
    for index, step in enumerate(guide.steps):
        for name, answer in step.answers.items():
            if answer.next is None:
                continue
            path = ("steps", index, "answers", name, "next")
            if answer.next not in order:
                hint = did_you_mean(answer.next, order)
                yield document.problem(f"Steget '{answer.next}' finns inte.{hint}", *path)
            elif order[answer.next] <= index:
                message = f"Svaret leder bakåt till '{answer.next}', så guiden kan gå runt. Peka på ett senare steg."
                yield document.problem(message, *path)
        if step.if_skipped is not None and order.get(step.if_skipped, -1) <= index:
            message = f"'{step.if_skipped}' är inget senare steg. Peka på ett steg längre ner."
            yield document.problem(message, "steps", index, "if_skipped")
        if step.if_skipped is not None and not step.answers:
            message = "'if_skipped' behövs bara när steget har egna svar. Ta bort det."
            yield document.problem(message, "steps", index, "if_skipped")
    for thing, target in guide.lacking.items():
        if target not in order:
            message = f"Steget '{target}' finns inte.{did_you_mean(target, order)}"
            yield document.problem(message, "lacking", thing)
        elif guide.step(target).kind is not StepKind.END:
            message = f"'{thing}' ska leda till ett slut ('kind: end'), annars kan guiden gå runt."
            yield document.problem(message, "lacking", thing)


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
        elif guide.id in {other.id for other in included(guides, step.guide)}:
            message = f"Guiden '{step.guide}' leder tillbaka till '{guide.id}', så de går runt. Ta bort det ena steget."
            yield document.problem(message, *path)


def _wrong_names(guide: Guide, document: Document, names: Names, keys: Collection[str]) -> Iterator[Problem]:
    """Find facts, hand-off targets and steps to be undone that nobody knows."""
    facts, targets = names.facts, names.targets
    for thing in guide.lacking:
        if thing not in names.equipment:
            message = (
                f"'{thing}' står inte under 'equipment' i data/entities.yml.{did_you_mean(thing, names.equipment)}"
            )
            yield document.problem(message, "lacking", thing)
    for index, step in enumerate(guide.steps):
        here = ("steps", index)
        if step.ask is not None and step.ask not in facts:
            yield document.problem(
                f"'{step.ask}' finns inte i data/facts.yml.{did_you_mean(step.ask, facts)}", *here, "ask"
            )
        elif step.ask is not None and not any(step.ask in variant.when for variant in step.variants):
            message = f"Ingen variant av steget beror på '{step.ask}', så frågan behövs inte. Ta bort 'ask'."
            yield document.problem(message, *here, "ask")
        nameable = {*facts, *NOTED_FACTS}
        if step.fact is not None and step.fact not in nameable:
            yield document.problem(f"Okänd uppgift: '{step.fact}'.{did_you_mean(step.fact, nameable)}", *here, "fact")
        if step.kind is StepKind.CHOOSE and not step.answers and step.fact not in facts:
            message = "Valet har inga svar. Skriv dem under 'answers', eller frågan i data/facts.yml."
            yield document.problem(message, *here)
        for number, variant in enumerate(step.variants):
            for name, value in variant.when.items():
                there = (*here, "variants", number, "when", name)
                if name not in nameable:
                    yield document.problem(f"Okänd uppgift: '{name}'.{did_you_mean(name, nameable)}", *there)
                elif value not in names.values.get(name, (value,)):
                    hint = did_you_mean(value, names.values[name])
                    yield document.problem(f"'{name}' blir aldrig '{value}'.{hint}", *there)
        if step.target is not None and step.target not in targets:
            message = f"'{step.target}' finns inte i data/targets.yml.{did_you_mean(step.target, targets)}"
            yield document.problem(message, *here, "target")
        for undone in step.undoes:
            if undone not in keys:
                message = f"Inget steg heter '{undone}'.{did_you_mean(undone, keys)}"
                yield document.problem(message, *here, "undoes")


def _wrong_ends(guide: Guide, document: Document) -> Iterator[Problem]:
    """Find a guide that just stops, and steps that nobody comes to."""
    last = guide.steps[-1]
    if last.kind not in (StepKind.CHECK, StepKind.END):
        message = (
            f"Guiden tar slut efter '{last.id}' utan att fråga om det hjälpte. "
            f"Gör steget till 'kind: check' eller lägg till ett steg med 'kind: end'."
        )
        yield document.problem(message, "steps", len(guide.steps) - 1)
    if guide.steps[0].kind is StepKind.END:
        yield document.problem("Guiden börjar med sitt slut. Lägg ett steg före.", "steps", 0)
    reached = reachable(guide)
    for index, step in enumerate(guide.steps):
        if step.id not in reached:
            message = f"Ingen kommer till steget '{step.id}'. Peka på det med 'next' eller ta bort det."
            yield document.problem(message, "steps", index)
