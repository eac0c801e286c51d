"""A guide that was changed under a user: where the run goes on, and what is told."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, List, Optional, Sequence

import pytest

from lotsen.guides.changes import Change, refit
from lotsen.guides.facts import FactQuestion
from lotsen.guides.model import Guide, Guides, Status, Step, StepKind, Variant
from lotsen.guides.prompt import prompt
from lotsen.guides.replies import Move, Reply
from lotsen.guides.run import GuideRun, Place, version_of
from lotsen.guides.scene import Scene
from lotsen.guides.walker import accepts, advance, start

DONE, BACK = Reply(Move.DONE), Reply(Move.BACK)
QUESTIONS = {"browser": FactQuestion("Vilken?", MappingProxyType({"Edge": "Edge", "Chrome": "Chrome"}))}


def step(step_id: str, kind: StepKind = StepKind.DO, text: Optional[str] = None, **fields: Any) -> Step:
    """Build a step."""
    return Step(step_id, kind, text or f"Text {step_id}.", **fields)


def guides_of(main: Sequence[Step], inner: Sequence[Step] = ()) -> Guides:
    """Build the guide "main", and "inner" if it has steps."""
    listed = [Guide("main", "Huvud", tuple(main)), *([Guide("inner", "Inre", tuple(inner))] if inner else [])]
    return {guide.id: replace(guide, digest=repr(guide.steps)) for guide in listed}


OVER = step("over", StepKind.END, outcome=Status.HANDOFF)
INCLUDE = step("inc", StepKind.INCLUDE, guide="inner")
PLAIN = [step("a"), step("b"), step("c"), step("d", StepKind.CHECK), OVER]
INNER = [step("x"), step("y"), step("z", StepKind.CHECK)]
ASKING = step("b", ask="browser", variants=(Variant(MappingProxyType({"browser": "Edge"}), "I Edge."),))


def walked(guides: Guides, replies: int) -> GuideRun:
    """Walk "main" with so many "klart"."""
    run = start(Scene(guides, questions=QUESTIONS), "main", "run")
    for _ in range(replies):
        run = advance(Scene(guides, questions=QUESTIONS), run, DONE)
    return run


def place(*pairs: str) -> "tuple[Place, ...]":
    """Build a path from "guide.step"."""
    return tuple(Place(*pair.split(".")) for pair in pairs)


@pytest.mark.parametrize(
    ("main", "path", "change"),
    [
        pytest.param(PLAIN, ["main.c"], Change.NONE, id="the same"),
        pytest.param([step("a", text="Ny."), *PLAIN[1:]], ["main.c"], Change.NONE, id="another step reads otherwise"),
        pytest.param([*PLAIN[:2], step("c", text="Ny."), *PLAIN[3:]], ["main.c"], Change.MOVED, id="this one does"),
        pytest.param([*PLAIN[:2], *PLAIN[3:]], ["main.d"], Change.MOVED, id="this one is gone"),
        pytest.param([PLAIN[0], *PLAIN[3:]], ["main.d"], Change.MOVED, id="this one and the last taken are gone"),
        pytest.param([step("n"), *PLAIN[3:]], ["main.n"], Change.MOVED, id="all that was taken is gone"),
        pytest.param([*PLAIN[:2], step("n"), *PLAIN[2:]], ["main.c"], Change.NONE, id="one is put before"),
        pytest.param([*PLAIN[:2], step("n"), *PLAIN[3:]], ["main.n"], Change.MOVED, id="one is put in its place"),
    ],
)
def test_where_a_run_goes_on(main: List[Step], path: List[str], change: Change) -> None:
    """At the third of the steps: it stays if it can, else it goes on after the last step taken that is still there."""
    guides = guides_of(main)
    run, told = refit(Scene(guides), walked(guides_of(PLAIN), 2))
    assert (run.path, told, run.active) == (place(*path), change, True)
    assert run.version == version_of(guides, "main")
    assert [taken.step for taken in run.outcomes] == ["a", "b"]


def test_the_same_content_leaves_the_run_as_it_is() -> None:
    """Nothing is even looked at."""
    run = walked(guides_of(PLAIN), 2)
    assert refit(Scene(guides_of(PLAIN)), run) == (run, Change.NONE)


def test_a_guide_that_is_gone() -> None:
    """The run comes back as it was, for the record."""
    run = walked(guides_of(PLAIN), 2)
    assert refit(Scene({}), run) == (run, Change.GONE)


@pytest.mark.parametrize("outcome", [Status.HANDOFF, Status.RESOLVED])
def test_a_step_that_became_an_end(outcome: Status) -> None:
    """The run is over, as that end says."""
    guides = guides_of([*PLAIN[:2], step("c", StepKind.END, outcome=outcome)])
    run, told = refit(Scene(guides), walked(guides_of(PLAIN), 2))
    assert (run.status, told) == (outcome, Change.MOVED)


WITH_INNER = guides_of([step("a"), INCLUDE, step("b", StepKind.CHECK), OVER], INNER)


@pytest.mark.parametrize(
    ("guides", "path"),
    [
        pytest.param(guides_of([step("a"), INCLUDE, step("b", StepKind.CHECK)], [INNER[0], INNER[2]]),
                     ["main.inc", "inner.z"], id="the inner step is gone"),
        pytest.param(guides_of([step("a"), step("b", StepKind.CHECK)], INNER), ["main.b"], id="the include is gone"),
        pytest.param(guides_of([step("a"), step("inc"), step("b", StepKind.CHECK)], INNER), ["main.inc"],
                     id="the include became a plain step"),
        pytest.param(guides_of([step("a"), step("inc"), step("b", StepKind.CHECK)]), ["main.inc"],
                     id="the inner guide is gone"),
        pytest.param(guides_of([step("a"), INCLUDE, step("b", StepKind.CHECK)], [step("n"), INNER[2]]),
                     ["main.inc", "inner.n"], id="all inner steps that were taken are gone"),
    ],
)  # fmt: skip
def test_changes_around_an_included_step(guides: Guides, path: List[str]) -> None:
    """From the second step of an included guide the run stays as deep inside as there is something to walk."""
    run, told = refit(Scene(guides), walked(WITH_INNER, 3))
    assert (run.path, told) == (place(*path), Change.MOVED)


def test_back_leads_only_where_one_can_be() -> None:
    """Steps that are gone, or that have become an end, are passed over on the way back."""
    guides = guides_of([step("a"), step("c"), step("d", StepKind.CHECK), OVER])
    run, _ = refit(Scene(guides), walked(guides_of(PLAIN), 3))
    assert advance(Scene(guides), run, BACK).path == place("main.c")
    assert advance(Scene(guides), run, Reply(Move.BACK, number=2)).path == place("main.a")
    ended = guides_of([step("d", StepKind.CHECK), step("a", StepKind.END, outcome=Status.HANDOFF)])
    run, _ = refit(Scene(ended), walked(guides_of(PLAIN), 3))
    assert (run.past, advance(Scene(ended), run, BACK).path) == ((), place("main.d"))


def test_a_question_that_is_no_longer_asked() -> None:
    """The run waits for its step instead, also when *back* leads there."""
    guides = guides_of([step("a"), ASKING, step("c", StepKind.CHECK)])
    scene = Scene(guides, questions=QUESTIONS)
    asked = walked(guides, 1)
    assert asked.asking == "browser"
    further = advance(scene, advance(scene, asked, Reply(Move.FACT, "Edge")), DONE)
    plain = Scene(guides_of([step("a"), step("b"), step("c", StepKind.CHECK)]))
    now, told = refit(plain, asked)
    assert (now.asking, told) == (None, Change.NONE)
    run, _ = refit(plain, further)
    back = advance(plain, run, Reply(Move.BACK, number=2))
    assert (back.asking, back.place.step) == (None, "b")
    assert prompt(plain, back).text == "Text b."
    assert accepts(plain, back, DONE)
