"""The case in words: what was tried, and the summary that the user sees before it is sent."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Dict

import pytest

from lotsen.cases.case import NUMBER_FORMAT, CaseDraft, TriedStep, summary, tried_steps
from lotsen.guides.model import Answer, Guide, GuideRun, Place, Reply, Status, Step, StepKind, StepOutcome
from lotsen.guides.walker import advance, start

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
            answers=MappingProxyType({Reply.SOLVED: Answer("Det går där"), Reply.FAILED: Answer("Det går inte där")}),
        ),
        Step("over", StepKind.END, "Ring 14141.", outcome=Status.HANDOFF, reason="Felet är kvar."),
    ),
)
GUIDES: Dict[str, Guide] = {"login": LOGIN, "clear": CLEAR}


def run_of(*replies: Reply) -> GuideRun:
    """Walk the login guide with these replies."""
    run = start(GUIDES, "login")
    for reply in replies:
        run = advance(GUIDES, run, reply)
    return run


UNSOLVED = run_of(Reply.DONE, Reply.DONE, Reply.FAILED, Reply.FAILED)
UNSOLVED_DRAFT = CaseDraft(
    problem="Logga in",
    guide="login",
    reason=UNSOLVED.reason,
    tried=tried_steps(GUIDES, [UNSOLVED]),
    facts={"error_text": "Webbsidan kan inte visas", "browser": "Edge", "unknown": "visas inte"},
    added="Det brådskar.",
)


def test_tried_steps_of_a_run() -> None:
    """Each step is told with its guide's title, its text and its outcome; opening an included guide is no step."""
    assert tried_steps(GUIDES, [UNSOLVED]) == (
        TriedStep("Logga in", "Öppna webbläsaren.", "gjort"),
        TriedStep("Rensa cache", "Tryck Ctrl + Shift + Delete.", "hjälpte inte"),
        TriedStep("Logga in", "Prova en annan dator.", "Det går inte där"),
    )


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        pytest.param([Reply.DONE], ["gjort"], id="done"),
        pytest.param([Reply.FAILED], ["gick inte"], id="could not be done"),
        pytest.param([Reply.SOLVED], ["löste det"], id="solved"),
        pytest.param([Reply.DONE, Reply.SKIP], ["gjort", "hoppade över"], id="skipped"),
        pytest.param([Reply.DONE, Reply.FAILED], ["gjort", "gick inte"], id="included guide refused"),
        pytest.param([Reply.DONE, Reply.DONE, Reply.SOLVED], ["gjort", "löste det"], id="solved by a check"),
        pytest.param([Reply.DONE, Reply.SKIP, Reply.SOLVED], ["gjort", "hoppade över", "Det går där"], id="own answer"),
        pytest.param([Reply.DONE, Reply.BACK], [], id="taken back"),
        pytest.param([Reply.STOP], [], id="stopped at once"),
    ],
)
def test_outcome_words(replies: list[Reply], words: list[str]) -> None:
    """Every reply has its word; what was taken back is not told."""
    assert [step.outcome for step in tried_steps(GUIDES, [run_of(*replies)])] == words


def test_tried_steps_of_several_runs_keep_their_order() -> None:
    """Runs are told one after the other."""
    first, second = run_of(Reply.FAILED, Reply.STOP), start(GUIDES, "clear")
    told = tried_steps(GUIDES, [first, advance(GUIDES, second, Reply.FAILED)])
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
    run = GuideRun(guide, (Place(guide, step),), (StepOutcome(guide, step, Reply.DONE),))
    assert tried_steps(GUIDES, [run]) == (told,)


def test_summary() -> None:
    """The summary is plain Swedish, a guide's heading shown each time the guide changes, unknown facts left out."""
    assert summary(UNSOLVED_DRAFT) == (
        "**Problem:** Logga in\n"
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


@pytest.mark.parametrize(("number", "shown"), [(1, "LOT-000001"), (123, "LOT-000123"), (1234567, "LOT-1234567")])
def test_case_numbers(number: int, shown: str) -> None:
    """Numbers have six digits, and more when they are needed."""
    assert NUMBER_FORMAT.format(number) == shown
