"""What was tried, in words: each step with its guide's title, its text, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Dict, Sequence, Tuple

import pytest

from lotsen.cases.case import TriedGuide, TriedStep
from lotsen.cases.tried import tried_guides, tried_steps
from lotsen.guides.model import Answer, Guide, Outcome, Status, Step, StepKind
from lotsen.guides.replies import Move, Reply
from lotsen.guides.run import GuideRun, Place, StepOutcome
from lotsen.guides.scene import Scene
from lotsen.guides.walker import advance, start

WORDS = {
    "done": "gjort",
    "solved": "löste det",
    "failed": "gick inte",
    "not_helped": "hjälpte inte",
    "lacks": "saknar {thing}",
    "skipped": "hoppade över",
    "already": "hade redan gjort",
    "already_tried": "hade redan provat",
    "earlier": "redan gjort i en annan guide",
}

CLEAR = Guide("clear", "Rensa cache", (Step("press", StepKind.CHECK, "Tryck Ctrl + Shift + Delete."),))
LOGIN = Guide(
    "login",
    "Logga in",
    (
        Step("open", StepKind.DO, "Öppna webbläsaren."),
        Step("clear", StepKind.INCLUDE, "Ska vi rensa cacheminnet?", guide="clear"),
        Step(
            "other",
            StepKind.CHECK,
            "Prova en annan dator.",
            answers=MappingProxyType({"solved": Answer("Det går där"), "failed": Answer("Det går inte där")}),
        ),
        Step("over", StepKind.END, "Ring 14141.", outcome=Status.HANDOFF, reason="Felet är kvar."),
    ),
)
GUIDES: Dict[str, Guide] = {"login": LOGIN, "clear": CLEAR}
SCENE = Scene(GUIDES)


def run_of(*moves: Move, guide: str = "login", scene: Scene = SCENE) -> GuideRun:
    """Walk a guide with these replies."""
    run = start(scene, guide, "run")
    for move in moves:
        run = advance(scene, run, Reply(move))
    return run


UNSOLVED = run_of(Move.DONE, Move.DONE, Move.FAILED, Move.FAILED)


def told(steps: Sequence[TriedStep]) -> Tuple[Tuple[str, str, str], ...]:
    """Return what a person reads of the steps."""
    return tuple((step.guide, step.text, step.outcome) for step in steps)


def test_tried_steps_of_a_run() -> None:
    """Each step is told with its guide's title, its text and its outcome; opening an included guide is no step."""
    assert told(tried_steps(GUIDES, UNSOLVED, WORDS)) == (
        ("Logga in", "Öppna webbläsaren.", "gjort"),
        ("Rensa cache", "Tryck Ctrl + Shift + Delete.", "hjälpte inte"),
        ("Logga in", "Prova en annan dator.", "Det går inte där"),
    )


def test_programs_read_ids_and_outcomes() -> None:
    """Beside the words stand ids and outcomes that do not change with them."""
    assert [(step.step, step.result) for step in tried_steps(GUIDES, UNSOLVED, WORDS)] == [
        ("login/open", "done"),
        ("clear/press", "failed"),
        ("login/other", "failed"),
    ]


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        pytest.param([Move.DONE], ["gjort"], id="done"),
        pytest.param([Move.FAILED], ["gick inte"], id="could not be done"),
        pytest.param([Move.SOLVED], ["löste det"], id="solved"),
        pytest.param([Move.DONE, Move.SKIP], ["gjort", "hoppade över"], id="skipped"),
        pytest.param([Move.DONE, Move.FAILED], ["gjort", "gick inte"], id="included guide refused"),
        pytest.param([Move.DONE, Move.DONE, Move.SOLVED], ["gjort", "löste det"], id="solved by a check"),
        pytest.param([Move.DONE, Move.SKIP, Move.SOLVED], ["gjort", "hoppade över", "Det går där"], id="own answer"),
        pytest.param([Move.DONE, Move.BACK], [], id="taken back"),
        pytest.param([Move.STOP], [], id="stopped at once"),
    ],
)
def test_outcome_words(replies: list[Move], words: list[str]) -> None:
    """Every reply has its word; what was taken back is not told."""
    assert [step.outcome for step in tried_steps(GUIDES, run_of(*replies), WORDS)] == words


def test_runs_keep_their_order() -> None:
    """Guides are told one after the other, each with its title, the content that was shown, and how it stood."""
    runs = [run_of(Move.FAILED, Move.STOP), replace(run_of(Move.FAILED, guide="clear"), version="v2")]
    stopped, open_still = tried_guides(GUIDES, runs, WORDS)
    shown = ("login", "Logga in", "stopped", runs[0].version)
    assert (stopped.id, stopped.title, stopped.status, stopped.version) == shown
    assert told(stopped.steps) == (("Logga in", "Öppna webbläsaren.", "gick inte"),)
    assert (open_still.id, open_still.version) == ("clear", "v2")
    assert told(open_still.steps) == (("Rensa cache", "Tryck Ctrl + Shift + Delete.", "hjälpte inte"),)


def test_a_guide_that_is_gone_has_its_id_as_title() -> None:
    """It is told rather than lost; a run without a step taken is told, too."""
    run = GuideRun("run", "gone", (Place("gone", "open"),), version="v1", status=Status.ABANDONED)
    assert tried_guides(GUIDES, [run], WORDS) == (TriedGuide("gone", "gone", "v1", "abandoned"),)


def test_nothing_was_tried() -> None:
    """Without runs there is nothing to tell."""
    assert tried_guides(GUIDES, [], WORDS) == ()


@pytest.mark.parametrize(
    ("guide", "step", "title"),
    [pytest.param("gone", "open", "gone", id="guide removed"), pytest.param("login", "gone", "Logga in", id="step")],
)
def test_a_guide_changed_meanwhile_shows_ids(guide: str, step: str, title: str) -> None:
    """A step that is no longer there is told by its id rather than lost."""
    run = GuideRun("run", guide, (Place(guide, step),), outcomes=(StepOutcome(guide, step, Outcome.DONE),))
    assert tried_steps(GUIDES, run, WORDS) == (TriedStep(title, step, "gjort", step=f"{guide}/{step}", result="done"),)


@pytest.mark.parametrize(
    ("step", "outcome", "value", "word"),
    [
        pytest.param("pick", Outcome.ANSWERED, "Chrome", "Chrome", id="a choice"),
        pytest.param("pick", Outcome.SKIPPED, "", "hoppade över", id="a choice passed over"),
        pytest.param("pick", Outcome.EARLIER, "Chrome", "Chrome", id="known already"),
        pytest.param("note", Outcome.NOTED, "Fel 7", "Fel 7", id="a note"),
        pytest.param("open", Outcome.FAILED, "kortläsare", "saknar kortläsare", id="what is lacking"),
        pytest.param("open", Outcome.ALREADY, "", "hade redan gjort", id="already"),
        pytest.param("open", Outcome.EARLIER, "", "redan gjort i en annan guide", id="in another guide"),
        pytest.param("other", Outcome.ANSWERED, "solved", "Det går där", id="an own answer has its button's words"),
        pytest.param("clear", Outcome.SKIPPED, "", "hoppade över", id="an include passed over"),
    ],
)
def test_what_became_of_a_step(step: str, outcome: Outcome, value: str, word: str) -> None:
    """What was answered or noted is told as it was said, else there is a word for it; so is the time."""
    more = (Step("pick", StepKind.CHOOSE, "Vilken?", fact="browser"), Step("note", StepKind.NOTE, "Skriv."))
    guides = {"login": replace(LOGIN, steps=(*LOGIN.steps, *more))}
    run = GuideRun("run", "login", (Place("login", step),), outcomes=(StepOutcome("login", step, outcome, 7.5, value),))
    (taken,) = tried_steps(guides, run, WORDS)
    assert (taken.outcome, taken.seconds, taken.result) == (word, 7.5, outcome.value)
