"""A guide as a flow chart: one SVG, the same to the byte for the same content on any machine. Pure."""

from __future__ import annotations

from typing import Dict, Iterator, List, Mapping, Tuple

from lotsen.guides.drawing_layout import MAIN_WIDTH, Layout, Link, lay_out
from lotsen.guides.drawing_nodes import CAPTION, DETAIL, TEXT, Node, node
from lotsen.guides.facts import FactQuestion
from lotsen.guides.flow import RESOLVED, RUNS_OUT, Edge, edges
from lotsen.guides.lettering import duration, listed, plain
from lotsen.guides.model import SOLVED, Guide, Guides, Status, Step, StepKind
from lotsen.guides.pages import template

START = "start"
_END_WIDTH, _SOLVED_WIDTH = 290, 170
_CAPTIONS: Mapping[StepKind, str] = {
    StepKind.DO: "Gör",
    StepKind.CHECK: "Prova och svara",
    StepKind.CHOOSE: "Välj",
    StepKind.NOTE: "Skriv av",
    StepKind.INCLUDE: "Gå igenom en annan guide",
}
_HELPED, _DID_NOT_HELP = "Det löste sig", "Det gick inte"

Palette = Mapping[str, Tuple[str, str]]
LIGHT: Palette = {
    "start": ("#ffffff", "#4a5565"),
    "do": ("#f3f5f8", "#54637a"),
    "check": ("#e8f1fc", "#1f5fa8"),
    "choose": ("#f0ebfb", "#5c43a6"),
    "wait": ("#f1f1ec", "#615d50"),
    "note": ("#fdf6dd", "#755d06"),
    "include": ("#e4f4f2", "#0c625d"),
    "resolved": ("#dff3e4", "#196b32"),
    "handoff": ("#fdebd3", "#8a4a00"),
    "page": ("#ffffff", "#1b2430"),
    "quiet": ("#ffffff", "#47515f"),
}
"""For each kind of box its surface, and the colour of its border, number and caption; then those of the page."""
DARK: Palette = {
    "start": ("#10161e", "#b6c0cd"),
    "do": ("#1c2530", "#a3b2c6"),
    "check": ("#14283f", "#79b3f2"),
    "choose": ("#241d3f", "#b5a1f4"),
    "wait": ("#27261f", "#bdb7a6"),
    "note": ("#2e2812", "#dfc052"),
    "include": ("#0f2b2a", "#66cbc3"),
    "resolved": ("#12301c", "#6dce8d"),
    "handoff": ("#38240c", "#f2b45c"),
    "page": ("#10161e", "#eef2f7"),
    "quiet": ("#10161e", "#bcc6d2"),
}


def draw(guides: Guides, guide_id: str, questions: Mapping[str, FactQuestion], targets: Mapping[str, str]) -> str:
    """Return the SVG of one guide."""
    guide = guides[guide_id]
    return template("drawing.svg.j2").render(
        layout=layout_of(guides, guide_id, questions, targets),
        title=plain(guide.title),
        told=told(guide),
        light=LIGHT,
        dark=DARK,
    )


def layout_of(
    guides: Guides, guide_id: str, questions: Mapping[str, FactQuestion], targets: Mapping[str, str]
) -> Layout:
    """Return where the boxes and lines of one guide's picture stand."""
    guide = guides[guide_id]
    main: List[Node] = [node(START, START, MAIN_WIDTH, [(CAPTION, "Guide"), (TEXT, plain(guide.title))])]
    aside: Dict[str, Node] = {}
    on_the_way = True
    for step in guide.steps:
        parts = list(_parts(step, guides, questions, targets))
        if step.kind is StepKind.END and not on_the_way:
            aside[step.id] = node(
                step.id, _kind(step), _END_WIDTH, parts, guide.number(step), guide.number(step) is not None
            )
        else:
            main.append(node(step.id, _kind(step), MAIN_WIDTH, parts, guide.number(step)))
        on_the_way = _falls_through(step)
    links = [Link(START, guide.steps[0].id), *_links(guide)]
    for link in links:
        if link.target == RUNS_OUT and main[-1].id != RUNS_OUT:
            words = [
                (CAPTION, "Slut: det löste sig inte"),
                (TEXT, f"Lotsen erbjuder ett ärende till {_target(None, targets)}."),
            ]
            main.append(node(RUNS_OUT, "handoff", MAIN_WIDTH, words))
        elif link.target.startswith(RESOLVED + " "):
            aside[link.target] = node(link.target, "resolved", _SOLVED_WIDTH, [(CAPTION, "Slut: löst")], main=False)
    return lay_out(main, aside, links)


def told(guide: Guide) -> str:
    """Return what the picture shows, in words, for somebody who does not see it."""
    names = {step.id: _name(guide, step) for step in guide.steps}
    names |= {RESOLVED: "löst", RUNS_OUT: "slut utan att det löste sig"}
    sentences = []
    leads = edges(guide)
    for step in guide.steps:
        ways = [
            f"{plain(_words(edge, guide)) or 'Sedan'}: {names[edge.target]}."
            for edge in leads
            if edge.source == step.id
        ]
        sentences.append(" ".join([f"{names[step.id].capitalize()}: {plain(step.text)}", *ways]))
    return " ".join(sentences)


def _name(guide: Guide, step: Step) -> str:
    """Return what a step is called in a sentence."""
    number = guide.number(step)
    if number is not None:
        return f"steg {number}"
    if step.kind is StepKind.END:
        return f"slut ”{plain(step.reason or step.text)}”"
    return f"”{plain(step.text)}”"


def _links(guide: Guide) -> Iterator[Link]:
    """Yield the lines to draw: answers that lead to the same place share one, and *solved* has an end of its own."""
    merged: Dict[Tuple[str, str, bool], List[str]] = {}
    for edge in edges(guide):
        target = f"{RESOLVED} {edge.source}" if edge.target == RESOLVED else edge.target
        merged.setdefault((edge.source, target, edge.lacking), []).append(_words(edge, guide))
    for (source, target, lacking), words in merged.items():
        named = list(dict.fromkeys(plain(word) for word in words if word))
        label = listed(named) if named else ""
        yield Link(source, target, f"I vilket steg som helst: saknar {label}" if lacking else label, lacking)


def _words(edge: Edge, guide: Guide) -> str:
    """Return what stands on a line; the usual answers of a check have the names of their buttons."""
    step = guide.step(edge.source)
    if edge.lacking or step.answers or step.kind is not StepKind.CHECK:
        return edge.label
    return _HELPED if edge.label == SOLVED else _DID_NOT_HELP


def _falls_through(step: Step) -> bool:
    """Tell whether some answer to a step simply goes on to the next one, so that it stands on the main line."""
    if not step.answers:
        return step.kind is not StepKind.END
    return any(answer.next is None for name, answer in step.answers.items() if name != SOLVED)


def _kind(step: Step) -> str:
    """Return the shape and colour of a step."""
    if step.kind is StepKind.END:
        return "resolved" if step.outcome is Status.RESOLVED else "handoff"
    return step.kind.value


def _parts(
    step: Step, guides: Guides, questions: Mapping[str, FactQuestion], targets: Mapping[str, str]
) -> Iterator[Tuple[str, str]]:
    """Yield the lines of a step's box, by sort."""
    yield CAPTION, _caption(step, targets)
    yield TEXT, plain(step.text)
    if step.guide is not None and step.guide in guides:
        yield CAPTION, plain(guides[step.guide].title)
    if step.ask is not None and step.ask in questions:
        yield DETAIL, f"Frågar först: {plain(questions[step.ask].question)}"
    if step.variants:
        values = dict.fromkeys(plain(value) for variant in step.variants for value in variant.when.values())
        yield DETAIL, f"Anpassas för: {', '.join(values)}"
    if step.reason:
        yield DETAIL, f"I ärendet: {plain(step.reason)}"


def _caption(step: Step, targets: Mapping[str, str]) -> str:
    """Return the word above a step's text."""
    if step.kind is StepKind.WAIT:
        return f"Vänta {duration(step.minutes)}"
    if step.kind is not StepKind.END:
        return _CAPTIONS[step.kind]
    return "Slut: löst" if step.outcome is Status.RESOLVED else f"Slut: ärende till {_target(step.target, targets)}"


def _target(name: str | None, targets: Mapping[str, str]) -> str:
    """Return who takes over; the first of the targets is the usual one."""
    first = next(iter(targets), "")
    return plain(targets.get(name or first, name or ""))
