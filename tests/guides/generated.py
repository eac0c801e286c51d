"""Guides made by Hypothesis, of every kind of step, that the loader would let through; edits of them; and replies."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Dict, List, Mapping, Optional, Sequence

from hypothesis import strategies as st

from lotsen.content.located_yaml import Document
from lotsen.content.problems import Problem
from lotsen.guides.facts import FactQuestion
from lotsen.guides.flow import reachable
from lotsen.guides.model import FAILED, SOLVED, Answer, Guide, Guides, Help, Status, Step, StepKind, Variant
from lotsen.guides.replies import EVERYTHING, Move, Reply
from lotsen.guides.run import GuideRun
from lotsen.guides.scene import Scene, answers_to, present_step
from lotsen.guides.structure import Names, structural_problems

QUESTIONS: Mapping[str, FactQuestion] = MappingProxyType(
    {
        "browser": FactQuestion("Vilken webbläsare?", MappingProxyType({"Edge": "Edge", "Chrome": "Google Chrome"})),
        "place": FactQuestion("Varifrån?", MappingProxyType({"Citrix": "Via Citrix", "på plats": "På jobbet"})),
    }
)
EQUIPMENT = ("kortläsare", "Net iD")
TARGETS = ("it_service", "administration")
NAMES = Names(frozenset(QUESTIONS), frozenset(TARGETS), frozenset(EQUIPMENT))
HSA_ID = "SE2321000040-1ABC"
RELOAD = "reload"
"""A name under ``once`` that steps of several guides may have."""
_STEP_IDS = tuple("abcdefgh")
"""Few, so that the same step stands in several guides and is done already in the second one."""
_BODY = tuple(kind for kind in StepKind if kind not in (StepKind.END, StepKind.INCLUDE))


def problems_of(guides: Guides) -> List[Problem]:
    """Return what the loader would say about the guides."""
    documents = {name: Document(name) for name in guides}
    return structural_problems(guides, documents, set(guides), NAMES)


def digested(guide: Guide) -> Guide:
    """Return the guide with a digest of what it says, as the loader gives it."""
    said = repr((guide.title, guide.steps, sorted(guide.lacking.items())))
    return replace(guide, digest=hashlib.sha256(said.encode()).hexdigest()[:16])


@st.composite
def sets_of_guides(draw: st.DrawFn) -> Guides:
    """Draw up to three guides; later ones may include earlier ones, and the same one twice."""
    guides: Dict[str, Guide] = {}
    for number in range(draw(st.integers(1, 3))):
        guides[f"guide_{number}"] = draw(one_guide(f"guide_{number}", guides))
    return guides


@st.composite
def one_guide(draw: st.DrawFn, guide_id: str, others: Guides) -> Guide:
    """Draw a guide that may include ``others``."""
    kinds = [*_BODY, *([StepKind.INCLUDE] * 2 if others else [])]
    body = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))
    ends = draw(st.lists(st.sampled_from([Status.HANDOFF, Status.HANDOFF, Status.RESOLVED]), max_size=3))
    if not ends:
        body[-1] = StepKind.CHECK
    ids = draw(st.lists(st.sampled_from(_STEP_IDS), min_size=len(body), max_size=len(body), unique=True))
    names = [*ids, *(f"end_{number}" for number in range(len(ends)))]
    keys = sorted({step.key for guide in others.values() for step in guide.steps if step.key is not None})
    steps: List[Step] = []
    for index, kind in enumerate(body):
        steps.append(draw(one_step(names[index], kind, names[index + 1 :], tuple(others), keys)))
        keys += [steps[-1].key] if steps[-1].key is not None else []
    for name, outcome in zip(names[len(body) :], ends, strict=True):
        reason, target = draw(st.sampled_from([None, "Felet är kvar."])), draw(st.sampled_from([None, *TARGETS]))
        counted = draw(st.booleans())
        steps.append(
            Step(name, StepKind.END, f"Slut {name}.", outcome=outcome, reason=reason, target=target, counted=counted)
        )
    lacked = [thing for thing in EQUIPMENT if ends and draw(st.sampled_from([True, False]))]
    lacking = {thing: draw(st.sampled_from(names[len(body) :])) for thing in lacked}
    guide = Guide(guide_id, f"Guiden {guide_id}", tuple(steps), lacking=MappingProxyType(lacking))
    return mended({**others, guide_id: guide})[guide_id]


@st.composite
def one_step(
    draw: st.DrawFn, name: str, kind: StepKind, later: Sequence[str], others: Sequence[str], keys: Sequence[str]
) -> Step:
    """Draw a step that is no end; ``later`` are the steps after it, ``keys`` what it may undo."""
    fields: Dict[str, Any] = {"counted": draw(st.sampled_from([True, True, False]))}
    if draw(st.booleans()):
        fields["help"] = Help("Därför.", ("Så här.",), "Du ser en ruta.", "Annars så här.")
    if draw(st.integers(0, 2)) == 0:
        asked = draw(st.sampled_from(sorted(QUESTIONS)))
        when = MappingProxyType({asked: next(iter(QUESTIONS[asked].options))})
        fields["variants"] = (Variant(when, f"Variant av {name}.", Help(how=("Så här i stället.",))),)
        fields["ask"] = draw(st.sampled_from([None, asked]))
    if keys and draw(st.integers(0, 3)) == 0:
        fields["undoes"] = (draw(st.sampled_from(keys)),)
    if draw(st.integers(0, 3)) == 0:
        fields["once"] = RELOAD
    if kind is StepKind.WAIT:
        fields["minutes"] = draw(st.sampled_from([0.5, 1.0, 60.0]))
    elif kind is StepKind.NOTE:
        fields["fact"], fields["format"] = draw(
            st.sampled_from([(None, None), ("error_text", None), ("hsa_id", "hsa_id")])
        )
    elif kind is StepKind.INCLUDE:
        fields["guide"] = draw(st.sampled_from(others))
    elif kind is StepKind.CHOOSE:
        fields["fact"] = draw(st.sampled_from([*sorted(QUESTIONS), "program"]))
        if fields["fact"] == "program" or draw(st.booleans()):
            fields["answers"] = draw(own_answers(("one", "other", "third"), later))
    elif kind is StepKind.CHECK and draw(st.booleans()):
        fields["answers"] = draw(own_answers((SOLVED, FAILED, "cannot_try"), later))
    return Step(name, kind, f"Text {name}.", **fields)


@st.composite
def own_answers(draw: st.DrawFn, names: Sequence[str], later: Sequence[str]) -> Mapping[str, Answer]:
    """Draw answers in any order; one that is not ``solved`` leads to the next step, by name or by none."""
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    if chosen == [SOLVED]:
        chosen.append(FAILED)
    onward = draw(st.sampled_from([name for name in chosen if name != SOLVED]))
    answers: Dict[str, Answer] = {}
    for name in chosen:
        leads = draw(st.sampled_from([None, *(later[:1] if name == onward else later)]))
        answers[name] = Answer(f"Svar {name}", leads, said=(f"ord {name}",))
    return MappingProxyType(answers)


@st.composite
def edited(draw: st.DrawFn, guides: Guides) -> Guides:
    """Draw a change that a content owner could make: another text, a step more or less, an end, no guide."""
    changed = draw(st.sampled_from(sorted(guides)))
    guide = guides[changed]
    steps = list(guide.steps)
    body = [index for index, step in enumerate(steps) if step.kind is not StepKind.END]
    at = draw(st.sampled_from(body))
    what = draw(st.sampled_from(["text", "drop", "drop", "insert", "end", "plain", "remove"]))
    if what == "remove":
        return mended({name: other for name, other in guides.items() if name != changed}) if len(guides) > 1 else guides
    if what == "text":
        steps[at] = replace(steps[at], text=f"{steps[at].text} Ny.")
    elif what == "drop" and len(body) > 1:
        del steps[at]
    elif what == "insert":
        free = [name for name in _STEP_IDS if not guide.has(name)]
        kind = draw(st.sampled_from(_BODY))
        steps.insert(at, draw(one_step(draw(st.sampled_from(free)), kind, [s.id for s in steps[at:]], (), ())))
    elif what == "end" and at > 0:
        steps[at:] = [Step(steps[at].id, StepKind.END, "Nu slut.", outcome=draw(st.sampled_from([*_ENDS])))]
    elif what == "plain":
        steps[at] = Step(steps[at].id, StepKind.DO, steps[at].text)
    return mended({**guides, changed: replace(guide, steps=tuple(steps))})


_ENDS = (Status.HANDOFF, Status.RESOLVED)


def mended(guides: Guides) -> Guides:
    """Return the guides without what leads nowhere, so that the loader lets them through."""
    while True:
        keys = {step.key for guide in guides.values() for step in guide.steps if step.key is not None}
        better = {name: _mended(guide, guides, keys) for name, guide in guides.items()}
        better = {name: guide for name, guide in better.items() if guide.steps[0].kind is not StepKind.END}
        if better == guides:
            assert problems_of(guides) == []
            return guides
        guides = better


def _mended(guide: Guide, guides: Guides, keys: set[str]) -> Guide:
    """Return one guide without what leads nowhere."""
    steps: List[Step] = []
    for step in guide.steps:
        if step.kind is StepKind.INCLUDE and step.guide not in guides:
            step = Step(step.id, StepKind.DO, step.text)
        answers = {
            name: answer if answer.next is None or guide.has(answer.next) else replace(answer, next=None)
            for name, answer in step.answers.items()
        }
        undoes = tuple(key for key in step.undoes if key in keys)
        steps.append(replace(step, answers=MappingProxyType(answers), undoes=undoes))
    if steps[-1].kind not in (StepKind.CHECK, StepKind.END):
        steps.append(Step("end_9", StepKind.END, "Slut.", outcome=Status.HANDOFF, counted=False))
    lacking = {
        thing: target
        for thing, target in guide.lacking.items()
        if any(step.id == target and step.kind is StepKind.END for step in steps)
    }
    guide = replace(guide, steps=tuple(steps), lacking=MappingProxyType(lacking))
    reached = reachable(guide)
    return digested(replace(guide, steps=tuple(step for step in guide.steps if step.id in reached)))


def forward_replies(scene: Scene, run: GuideRun) -> List[Reply]:
    """Return every reply that could lead on from where a run is, accepted there or not."""
    step = present_step(scene.guides, run)
    inner = scene.guides[run.place.guide]
    things = dict.fromkeys(thing for place in run.path for thing in scene.guides[place.guide].lacking)
    options = scene.questions[run.asking].options if run.asking is not None else {}
    return [
        *(Reply(move) for move in (Move.DONE, Move.SOLVED, Move.FAILED, Move.SKIP, Move.TIME)),
        *(Reply(Move.ANSWER, name) for name in dict.fromkeys((*answers_to(scene, step), SOLVED, FAILED, "none"))),
        *(Reply(Move.FACT, value) for value in (*options, "", "Firefox")),
        Reply(Move.NOTE, HSA_ID),
        *(Reply(Move.LACKS, thing) for thing in (*things, "skrivare")),
        *(Reply(Move.ALREADY, value) for value in ("", EVERYTHING, *(step.id for step in inner.steps))),
        *(Reply(Move.ALREADY, number=number) for number in range(1, inner.total + 2)),
    ]


def other_replies(scene: Scene, run: GuideRun, far: Optional[int] = None) -> List[Reply]:
    """Return the replies that do not lead on: asides, *back* in its forms, *restart*, and a note of the wrong form."""
    numbers = range(1, far or len(run.past) + 2)
    return [
        *(Reply(move) for move in (Move.REPEAT, Move.RECALL, Move.WHY, Move.HOW, Move.LATER, Move.BACK, Move.RESTART)),
        *(Reply(Move.BACK, number=number) for number in numbers),
        *(Reply(Move.BACK, number=number, to_step=True) for number in range(1, scene.guides[run.guide].total + 1)),
        Reply(Move.NOTE, "jag vet inte"),
        Reply(Move.NOTE, " "),
    ]
