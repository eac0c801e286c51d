"""A guide on paper: one HTML page with boxes to tick, included guides written out in place. Pure.

Numbered steps have their numbers, the others letters; inside an included guide both follow the number of its step.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import FrozenSet, Iterator, List, Mapping, Sequence, Tuple

from lotsen.guides.facts import FactQuestion
from lotsen.guides.flow import RESOLVED, RUNS_OUT, edges
from lotsen.guides.lettering import duration, listed
from lotsen.guides.model import SOLVED, Guide, Guides, Help, Status, Step, StepKind
from lotsen.guides.pages import template
from lotsen.guides.run import version_of

_HELPED, _DID_NOT_HELP = "Det löste sig", "Det gick inte"
_CLEAR, _OVER = "Klart, problemet är löst.", "Fortsätt till rutan sist på sidan."
_HEADINGS = {"why": "Varför?", "how": "Gör så här:", "see": "Det här ska du se:", "if_not": "Om det inte går:"}
_ORDER = ("how", "see", "if_not", "why")


@dataclass(frozen=True)
class Around:
    """What a page takes from outside its guide."""

    guides: Guides
    questions: Mapping[str, FactQuestion]
    targets: Mapping[str, str]
    unsolved: str
    """What to do when a guide is over and nothing helped."""


@dataclass(frozen=True)
class Part:
    """One part of a step's help: its heading and its lines. ``tip``: it says more than the source."""

    heading: str
    lines: Tuple[str, ...]
    several: bool
    tip: bool


@dataclass(frozen=True)
class Way:
    """An answer to tick, and where it leads."""

    answer: str
    leads: str


@dataclass(frozen=True)
class Special:
    """How a step reads under some circumstance."""

    heading: str
    text: str
    parts: Tuple[Part, ...]


@dataclass(frozen=True)
class Item:
    """One step of the page, with those of the guide that it includes."""

    mark: str
    kind: str
    text: str
    parts: Tuple[Part, ...] = ()
    specials: Tuple[Special, ...] = ()
    question: str = ""
    """What to find out before the step."""
    options: Tuple[str, ...] = ()
    ways: Tuple[Way, ...] = ()
    time: str = ""
    target: str = ""
    reason: str = ""
    leads: str = ""
    """Where to go on after the step, if that is not simply the next one."""
    title: str = ""
    intro: str = ""
    inside: Tuple[Item, ...] = ()


def checklist(around: Around, guide_id: str) -> str:
    """Return the page of one guide."""
    guide = around.guides[guide_id]
    marks = _marks(guide, "")
    lacking: dict[str, List[str]] = {}
    for thing, target in guide.lacking.items():
        lacking.setdefault(target, []).append(thing)
    return template("checklist.html.j2").render(
        guide=guide,
        items=items(around, guide_id),
        lacking=[(listed(things), _go_to(marks[target])) for target, things in lacking.items()],
        unsolved=around.unsolved if any(edge.target == RUNS_OUT for edge in edges(guide)) else "",
        version=version_of(around.guides, guide_id),
    )


def contents(around: Around, names: Sequence[str]) -> str:
    """Return the page that leads to those of the guides with these ids."""
    return template("checklist_index.html.j2").render(guides=[around.guides[name] for name in names])


def items(around: Around, guide_id: str, prefix: str = "", onward: str = _OVER) -> Tuple[Item, ...]:
    """Return the steps of a guide, in order; ``onward`` is where somebody goes whom the guide did not help."""
    guide = around.guides[guide_id]
    leads = {**{step: _go_to(mark) for step, mark in _marks(guide, prefix).items()}, RESOLVED: _CLEAR, RUNS_OUT: onward}
    return tuple(_item(around, guide, step, prefix, leads) for step in guide.steps)


def _item(around: Around, guide: Guide, step: Step, prefix: str, leads: Mapping[str, str]) -> Item:
    """Return one step. An included guide's hand-off is no end: the outer guide goes on."""
    mark = _marks(guide, prefix)[step.id]
    if step.kind is StepKind.END and step.outcome is not Status.RESOLVED and prefix:
        return Item(mark, "onward", f"Hjälpte det inte? {leads[RUNS_OUT]}")
    question = around.questions.get(step.ask or "")
    target = around.targets.get(step.target or next(iter(around.targets), ""), "")
    inside = around.guides[step.guide] if step.guide is not None else None
    following = next((edge.target for edge in edges(guide) if edge.source == step.id), RUNS_OUT)
    ending = step.kind in (StepKind.END, StepKind.CHECK, StepKind.CHOOSE, StepKind.INCLUDE)
    return Item(
        mark,
        "solved" if step.outcome is Status.RESOLVED else step.kind.value,
        step.text,
        parts=tuple(_parts(step.help, step.extra, step)),
        specials=tuple(
            Special(_circumstance(around, variant.when), variant.text, tuple(_parts(variant.help, variant.extra, step)))
            for variant in step.variants
        ),
        question=question.question if question else "",
        options=(*question.options.values(), question.unknown) if question else (),
        ways=tuple(_ways(around, guide, step, mark, leads)),
        time=duration(step.minutes) if step.kind is StepKind.WAIT else "",
        target=target if step.outcome is Status.HANDOFF else "",
        reason=step.reason or "",
        leads=leads[following] if following == RUNS_OUT and not ending else "",
        title=inside.title if inside else "",
        intro=inside.intro if inside else "",
        inside=items(around, inside.id, f"{mark}.", leads[following]) if inside else (),
    )


def _ways(around: Around, guide: Guide, step: Step, mark: str, leads: Mapping[str, str]) -> Iterator[Way]:
    """Yield the answers to a step."""
    found = [edge for edge in edges(guide) if edge.source == step.id and not edge.lacking]
    if step.answers:
        yield from (Way(edge.label, leads[edge.target]) for edge in found)
    elif step.kind is StepKind.CHECK:
        yield from (Way(_HELPED if edge.label == SOLVED else _DID_NOT_HELP, leads[edge.target]) for edge in found)
    elif step.kind is StepKind.CHOOSE and step.fact is not None and step.fact in around.questions:
        yield from (Way(title, leads[found[0].target]) for title in around.questions[step.fact].options.values())
    elif step.kind is StepKind.INCLUDE:
        yield Way("Ja", f"Gör stegen som börjar med {mark}.")
        yield Way("Nej", leads[found[0].target])


def _parts(help: Help, extra: FrozenSet[str], step: Step) -> Iterator[Part]:
    """Yield the parts of a help that are written, in the order in which they are needed."""
    for name in _ORDER:
        written = getattr(help, name)
        if written:
            lines = written if name == "how" else (written,)
            replaced = help is step.help and any(getattr(variant.help, name) for variant in step.variants)
            heading = f"Annars, {_HEADINGS[name].lower()}" if replaced else _HEADINGS[name]
            yield Part(heading, tuple(lines), name == "how", name in extra)


def _circumstance(around: Around, when: Mapping[str, str]) -> str:
    """Return when a variant holds: "I Edge" for a name, else what the button of the fact says."""
    told = []
    for fact, value in when.items():
        question = around.questions.get(fact)
        named = value[:1].isupper() or question is None or value not in question.options
        told.append(f"I {value}" if named or question is None else question.options[value])
    return ", ".join(told)


def _marks(guide: Guide, prefix: str) -> Mapping[str, str]:
    """Return what stands before each step: its number, or a letter if it has none."""
    letters = _letters()
    return {step.id: f"{prefix}{guide.number(step) or next(letters)}" for step in guide.steps}


def _letters() -> Iterator[str]:
    """Yield A to Z, then AA, BB and so on."""
    times = 1
    while True:
        yield from (letter * times for letter in string.ascii_uppercase)
        times += 1


def _go_to(mark: str) -> str:
    """Return the words that lead to a step."""
    return f"Gå till {mark}." if mark[-1].isalpha() else f"Gå till steg {mark}."
