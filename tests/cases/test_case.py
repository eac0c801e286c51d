"""The case in words: what was tried, and the summary that the user sees before it is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Dict

import pytest

from lotsen.cases.case import NUMBER_FORMAT, CaseDraft, TriedStep, summary, tried_steps
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
UNSOLVED_DRAFT = CaseDraft(
    problem="Logga in",
    guide="login",
    reason=UNSOLVED.reason,
    target="IT kundservice",
    tried=tried_steps(GUIDES, [UNSOLVED], WORDS),
    facts={"error_text": "Webbsidan kan inte visas", "browser": "Edge", "unknown": "visas inte"},
    added="Det brådskar.",
)


def test_tried_steps_of_a_run() -> None:
    """Each step is told with its guide's title, its text and its outcome; opening an included guide is no step."""
    assert tried_steps(GUIDES, [UNSOLVED], WORDS) == (
        TriedStep("Logga in", "Öppna webbläsaren.", "gjort"),
        TriedStep("Rensa cache", "Tryck Ctrl + Shift + Delete.", "hjälpte inte"),
        TriedStep("Logga in", "Prova en annan dator.", "Det går inte där"),
    )


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
    assert [step.outcome for step in tried_steps(GUIDES, [run_of(*replies)], WORDS)] == words


def test_tried_steps_of_several_runs_keep_their_order() -> None:
    """Runs are told one after the other."""
    told = tried_steps(GUIDES, [run_of(Move.FAILED, Move.STOP), run_of(Move.FAILED, guide="clear")], WORDS)
    assert [(step.guide, step.outcome) for step in told] == [("Logga in", "gick inte"), ("Rensa cache", "hjälpte inte")]


@pytest.mark.parametrize(
    ("guide", "step", "told"),
    [
        pytest.param("gone", "open", TriedStep("gone", "open", "gjort"), id="guide removed"),
        pytest.param("login", "gone", TriedStep("Logga in", "gone", "gjort"), id="step removed"),
    ],
)
def test_a_guide_changed_meanwhile_shows_ids(guide: str, step: str, told: TriedStep) -> None:
    """A step that is no longer there is told by its id rather than lost."""
    run = GuideRun("run", guide, (Place(guide, step),), outcomes=(StepOutcome(guide, step, Outcome.DONE),))
    assert tried_steps(GUIDES, [run], WORDS) == (told,)


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
    (told,) = tried_steps(guides, [run], WORDS)
    assert (told.outcome, told.seconds) == (word, 7.5)


def test_summary() -> None:
    """The summary is plain Swedish, a guide's heading shown each time the guide changes, unknown facts left out."""
    assert summary(UNSOLVED_DRAFT) == (
        "**Problem:** Logga in\n"
        "**Till:** IT kundservice\n"
        "**Läge:** Felet är kvar.\n"
        "**Felmeddelande:** Webbsidan kan inte visas\n"
        "**Webbläsare:** Edge\n"
        "**Du har provat** (guiden Logga in):\n"
        "- Öppna webbläsaren. – gjort\n"
        "**Du har provat** (guiden Rensa cache):\n"
        "- Tryck Ctrl + Shift + Delete. – hjälpte inte\n"
        "**Du har provat** (guiden Logga in):\n"
        "- Prova en annan dator. – Det går inte där\n"
        "**Du skriver:** Det brådskar."
    )


def test_summary_of_a_problem_alone() -> None:
    """Only what is known is shown."""
    assert summary(CaseDraft("Skrivaren är trasig")) == "**Problem:** Skrivaren är trasig"


@pytest.mark.parametrize("draft", [UNSOLVED_DRAFT, CaseDraft("Skrivaren")], ids=["full", "problem alone"])
def test_a_draft_survives_storing(draft: CaseDraft) -> None:
    """Written as JSON text and read back, a draft is the same."""
    assert CaseDraft.from_json(json.loads(json.dumps(draft.to_json()))) == draft


def test_a_draft_of_the_first_version_can_be_read() -> None:
    """It had neither a target nor seconds."""
    stored = {**CaseDraft("Skrivaren").to_json(), "tried": [["Guide", "Steg.", "gjort"]]}
    del stored["target"]
    assert CaseDraft.from_json(stored) == CaseDraft("Skrivaren", tried=(TriedStep("Guide", "Steg.", "gjort"),))


@pytest.mark.parametrize(("number", "shown"), [(1, "LOT-000001"), (123, "LOT-000123"), (1234567, "LOT-1234567")])
def test_case_numbers(number: int, shown: str) -> None:
    """Numbers have six digits, and more when they are needed."""
    assert NUMBER_FORMAT.format(number) == shown
