"""What to show for a run's present step, as plain data: the words around it are ``data/texts.yml``'s. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from lotsen.guides.model import FAILED, SOLVED, Guide, Help, Step
from lotsen.guides.reading import step_key
from lotsen.guides.run import GuideRun
from lotsen.guides.said import GUIDE_WORDS, OPTION, STEP
from lotsen.guides.scene import Scene, answers_to, facts_of, present_step, reads

FACT = "fact"
"""The kind of a prompt that asks for a fact before a step."""
_OWN_PAYLOADS = {SOLVED: "/solved", FAILED: "/problem_persists"}


@dataclass(frozen=True)
class Count:
    """Where a step is among the numbered ones of its guide. ``number`` is None for a step without one."""

    title: str
    number: Optional[int]
    total: int


@dataclass(frozen=True)
class Prompt:
    """What to show."""

    kind: str
    """The step's kind, or ``fact``."""
    text: str
    help: Help
    counts: Tuple[Count, ...]
    """The guides that are open in each other, outermost first."""
    choices: Tuple[Tuple[str, str], ...]
    """The step's own answers: button title and payload; empty means the usual ones of its kind."""
    back: bool = False
    """Whether there is a reply to take back."""


def prompt(scene: Scene, run: GuideRun) -> Prompt:
    """Return what to show for the run's present step."""
    step = present_step(scene.guides, run)
    counts = tuple(_count(scene.guides[place.guide], place.step) for place in run.path)
    if run.asking is not None:
        question = scene.questions[run.asking]
        options = [(title, value) for value, title in question.options.items()] + [(question.unknown, "")]
        choices = tuple((title, _payload("next_step", value)) for title, value in options)
        return Prompt(FACT, question.question, Help(), counts, choices, bool(run.past))
    text, help = reads(step, facts_of(scene, run))
    answers = answers_to(scene, step)
    choices = tuple(
        (answer.title, _OWN_PAYLOADS.get(name) or _payload("next_step", name)) for name, answer in answers.items()
    )
    return Prompt(step.kind.value, text, help, counts, choices, bool(run.past))


def place_in(guide: Guide, step: Step) -> int:
    """Return the step's number, or for a step without one that of the last numbered step before it (1 at least)."""
    before = guide.steps[: guide.steps.index(step) + 1]
    return max(1, sum(other.counted for other in before))


def outermost(scene: Scene, run: GuideRun) -> Dict[str, Any]:
    """Return title, number and total of the guide that the user began, whatever guide is open inside it."""
    guide = scene.guides[run.path[0].guide]
    return {"title": guide.title, "number": place_in(guide, guide.step(run.path[0].step)), "total": guide.total}


def at_step(payload: str, run: GuideRun) -> str:
    """Return a guide word's payload with the step that it is offered at, so that a late press is noticed."""
    intent, _, entities = payload.partition("{")
    if intent.lstrip("/") not in GUIDE_WORDS:
        return payload
    carried = json.loads("{" + entities) if entities else {}
    return f"{intent}{json.dumps({**carried, STEP: step_key(run)}, ensure_ascii=False)}"


def useful(payload: str, shown: Prompt) -> bool:
    """Tell whether a button has something to give: no "Varför?" where no reason is written, no way back at first."""
    if payload.startswith("/go_back"):
        return shown.back
    if payload.startswith("/ask_why"):
        return bool(shown.help.why)
    if payload.startswith("/ask_how"):
        return bool(shown.help.how or shown.help.if_not)
    return True


def _count(guide: Guide, step_id: str) -> Count:
    """Return where a step is in its guide."""
    return Count(guide.title, guide.number(guide.step(step_id)), guide.total)


def _payload(intent: str, option: str) -> str:
    """Return the payload of one of the step's own answers."""
    return f"/{intent}{json.dumps({OPTION: option}, ensure_ascii=False)}"
