"""What is shown for a step: text, help, numbers and buttons."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lotsen.content.catalogue import Content
from lotsen.guides.model import Guide, Help, Step, StepKind, Variant
from lotsen.guides.prompt import Count, Prompt, at_step, outermost, place_in, prompt, useful
from lotsen.guides.replies import Move, Reply
from lotsen.guides.run import GuideRun, Place
from lotsen.guides.scene import Scene, has_help, reads
from lotsen.guides.walker import advance, settle, start

PAGE = "page_cannot_be_displayed"


@pytest.fixture(scope="session")
def scene(content: Content) -> Scene:
    """The guides that users get."""
    return Scene(content.guides, questions=content.facts)


def at(scene: Scene, guide_id: str, step_id: str) -> GuideRun:
    """Return a run that has come to a step."""
    return settle(scene, replace(start(scene, guide_id, "0123456789"), path=(Place(guide_id, step_id),)))


def test_a_plain_step(scene: Scene) -> None:
    """The kind, the text and the number; without own answers no choices."""
    shown = prompt(scene, at(scene, PAGE, "take_out_card"))
    text = "Ta ut SITHS-kortet/e-tjänstekortet."
    assert shown == Prompt(
        "do", text, Help(see="Då är kortet helt ute ur kortläsaren."), (Count("”Webbsidan kan inte visas”", 2, 8),), ()
    )


def test_a_variant_reads_otherwise(scene: Scene) -> None:
    """Through Citrix the step says where to do it, and keeps the help that the variant does not change."""
    run = at(scene, PAGE, "reload_card")
    usual, citrix = prompt(scene, run), prompt(replace(scene, known={"place": "Citrix"}), run)
    assert citrix.text.startswith("Du ska inte logga in via Citrix.")
    assert usual.text.startswith("Högerklicka på Net iD-ikonen")
    assert citrix.help == usual.help


def test_the_first_variant_that_fits() -> None:
    """All its facts must hold; what it leaves out is the step's own."""
    step = Step(
        "one",
        StepKind.DO,
        "Eget.",
        help=Help("Därför.", ("Så.",), "Se.", "Annars."),
        variants=(
            Variant({"browser": "Edge", "place": "Citrix"}, "Båda."),
            Variant({"browser": "Edge"}, help=Help(how=("Så i Edge.",))),
            Variant({"browser": "Edge"}, "Aldrig."),
        ),
    )
    assert reads(step, {"browser": "Edge", "place": "Citrix"})[0] == "Båda."
    assert reads(step, {"browser": "Edge"}) == ("Eget.", Help("Därför.", ("Så i Edge.",), "Se.", "Annars."))
    assert reads(step, {}) == ("Eget.", step.help)


def test_help_is_that_of_the_variant_that_is_shown() -> None:
    """A later variant that fits as well is never shown, so its help must not count: nothing would be said."""
    variants = (Variant({"browser": "Edge"}, "I Edge."), Variant({"browser": "Edge"}, help=Help(how=("Så.",))))
    guide = Guide(
        "g", "G", (Step("one", StepKind.DO, "Eget.", variants=variants), Step("two", StepKind.CHECK, "Löst?"))
    )
    known = Scene({"g": guide}, known={"browser": "Edge"})
    run = start(known, "g", "run")
    assert not has_help(known, run)
    assert prompt(known, run).help == Help()


def test_own_answers_are_the_choices(scene: Scene) -> None:
    """In their order; the usual ones keep their intents, so that they are the same button everywhere."""
    assert prompt(scene, at(scene, PAGE, "other_computer")).choices == (
        ("Det fungerar på en annan dator", "/solved"),
        ("Det gick inte", "/problem_persists"),
        ("Jag har ingen annan dator", '/next_step{"guide_option": "no_other_computer"}'),
    )


def test_a_question_before_a_step(scene: Scene) -> None:
    """Its options are the buttons, with one for who does not know; the step's own help is not shown yet."""
    shown = prompt(scene, at(scene, "clear_cache", "clear_history"))
    assert (shown.kind, shown.text, shown.help) == ("fact", "Vilken webbläsare använder du?", Help())
    assert shown.choices == (
        ("Edge", '/next_step{"guide_option": "Edge"}'),
        ("Google Chrome", '/next_step{"guide_option": "Chrome"}'),
        ("En annan, eller vet inte", '/next_step{"guide_option": ""}'),
    )


def test_an_included_step_has_both_numbers(scene: Scene) -> None:
    """Where one is in the guide that was begun, and in the included one; an offer tells the outer one."""
    run = advance(scene, at(scene, "login_error", "clear_cache"), Reply(Move.DONE))
    outer, inner = scene.guides["login_error"], scene.guides["clear_cache"]
    assert prompt(scene, run).counts == (Count(outer.title, 2, 4), Count(inner.title, 1, 5))
    assert outermost(scene, run) == {"title": outer.title, "number": 2, "total": 4}


@pytest.mark.parametrize(
    ("guide_id", "step_id", "number"),
    [
        (PAGE, "close_browser", 1),
        ("page_missing_or_service_down", "which_text", 3),
        ("page_missing_or_service_down", "problem_remains", 4),
    ],
)
def test_the_place_of_a_step_without_a_number(scene: Scene, guide_id: str, step_id: str, number: int) -> None:
    """It is that of the numbered step before."""
    guide = scene.guides[guide_id]
    assert place_in(guide, guide.step(step_id)) == number


def test_buttons_carry_their_step(scene: Scene) -> None:
    """A guide word's payload names run, guide, step and question, and keeps what it carried; others stay."""
    run = at(scene, "clear_cache", "clear_history")
    step = "01234567.clear_cache.clear_history.browser"
    intent, _, entities = at_step('/next_step{"guide_option": "Edge"}', run).partition("{")
    assert (intent, json.loads("{" + entities)) == ("/next_step", {"guide_option": "Edge", "guide_step": step})
    assert at_step("/stop", run) == f'/stop{{"guide_step": "{step}"}}'
    assert at_step("/talk_to_human", run) == "/talk_to_human"


@pytest.mark.parametrize(
    ("payload", "help", "shown"),
    [
        ("/ask_why", Help(), False),
        ("/ask_why", Help("Därför."), True),
        ("/ask_how", Help("Därför."), False),
        ("/ask_how", Help(how=("Så.",)), True),
        ("/ask_how", Help(if_not="Annars."), True),
        ("/stop", Help(), True),
    ],
)
def test_buttons_that_have_something_to_give(payload: str, help: Help, shown: bool) -> None:
    """No "Varför?" where no reason is written."""
    assert useful(payload, Prompt("do", "", help, (), ())) is shown
