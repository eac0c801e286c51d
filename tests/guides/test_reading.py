"""What people write while a guide is open, and what it means to the guides that they get."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Dict, Optional

import pytest

from lotsen.content.catalogue import Content
from lotsen.guides.model import Status, StepKind
from lotsen.guides.reading import Expectation, expectation, expected, is_stale, read, step_key
from lotsen.guides.replies import EVERYTHING, Move, Reply
from lotsen.guides.run import GuideRun, Place
from lotsen.guides.said import GUIDE_WORD, GUIDE_WORDS, OPTION, PLAIN, STEADY_WORDS, STEP, Said
from lotsen.guides.scene import Scene
from lotsen.guides.walker import accepts, advance, settle, start

PAGE = "page_cannot_be_displayed"


@pytest.fixture(scope="session")
def scene(content: Content) -> Scene:
    """The guides that users get."""
    return Scene(content.guides, questions=content.facts)


def at(scene: Scene, guide_id: str, step_id: str = "") -> GuideRun:
    """Return a run that has come to a step; without one, to the first."""
    run = start(scene, guide_id, "0123456789abcdef")
    return settle(scene, replace(run, path=(Place(guide_id, step_id),))) if step_id else run


def reply_to(
    scene: Scene, content: Content, run: GuideRun, intent: str, text: str, confidence: float = 0.9
) -> Optional[Reply]:
    """Return what a typed message means to a run."""
    said = Said(intent, text, confidence)
    return read(scene.guides, run, expectation(scene, run, content.spellings), said)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("gå tillbaka", Reply(Move.BACK)),
        ("ta förra igen", Reply(Move.BACK)),
        ("gå tillbaka två steg", Reply(Move.BACK, number=2)),
        ("backa ett steg", Reply(Move.BACK, number=1)),
        ("3 steg bakåt", Reply(Move.BACK, number=3)),
        ("gå tillbaka till steg 2", Reply(Move.BACK, number=2, to_step=True)),
        ("till steg två", Reply(Move.BACK, number=2, to_step=True)),
        ("Tillbaka till tredje steget!", Reply(Move.BACK, number=3, to_step=True)),
        ("tillbaka till punkt 4", Reply(Move.BACK, number=4, to_step=True)),
        ("gå tillbaka till trean", Reply(Move.BACK, number=3, to_step=True)),
        ("gå tillbaka till början", Reply(Move.BACK, number=1, to_step=True)),
        ("till det första igen", Reply(Move.BACK, number=1, to_step=True)),
    ],
)
def test_back(scene: Scene, content: Content, text: str, reply: Reply) -> None:
    """How far back, in figures and words."""
    assert reply_to(scene, content, at(scene, PAGE, "log_in_again"), "go_back", text) == reply


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("vad stod det i steg 3", 3),
        ("visa tredje steget igen", 3),
        ("steg fem please", 5),
        ("vad var trean nu igen", 3),
        ("visa fyran", 4),
        ("Vad ingick i andra punkten", 2),
        ("steg 12?", 12),
        ("vad gjorde vi först", 1),
        ("vad var det allra första du bad mig göra?", 1),
        ("hur löd det i början", 1),
        ("vilket steg är vi på", None),
        ("var är vi?", None),
    ],
)
def test_recall(scene: Scene, content: Content, text: str, number: Optional[int]) -> None:
    """Which step is asked for; without one, where we are."""
    run = at(scene, PAGE, "log_in_again")
    assert reply_to(scene, content, run, "recall_step", text) == Reply(Move.RECALL, number=number)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("redan gjort", Reply(Move.ALREADY)),
        ("det testade jag i morse", Reply(Move.ALREADY)),
        ("jag har redan startat om datorn", Reply(Move.ALREADY, "restart_computer")),
        ("Omstart gjorde jag innan jag skrev hit", Reply(Move.ALREADY, "restart_computer")),
        ("har startat om två till tre gånger redan", Reply(Move.ALREADY, "restart_computer")),
        ("jag har redan tagit ut kortet", Reply(Move.ALREADY, "take_out_card")),
        ("har tagit ut kortet och satt i kortet redan", Reply(Move.ALREADY, "insert_card")),
        ("läste in kortet på nytt för en kvart sen", Reply(Move.ALREADY, "reload_card")),
        ("jag har redan provat en annan dator", Reply(Move.ALREADY, "other_computer")),
        ("steg 1-4 är gjorda", Reply(Move.ALREADY, number=4)),
        ("1-5 avklarade per telefon", Reply(Move.ALREADY, number=5)),
        ("steg ett till tre är klara", Reply(Move.ALREADY, number=3)),
        ("punkterna ett till och med fem är genomförda", Reply(Move.ALREADY, number=5)),
        ("steg ett och två och tre är färdiga", Reply(Move.ALREADY, number=3)),
        ("steg 1, 2 och 3 har jag gjort", Reply(Move.ALREADY, number=3)),
        ("steg 2 är redan gjort", Reply(Move.ALREADY, number=2)),
        ("de tre första stegen är avklarade", Reply(Move.ALREADY, number=3)),
        ("allt det där har jag testat", Reply(Move.ALREADY, EVERYTHING)),
        ("alla stegen är gjorda", Reply(Move.ALREADY, EVERYTHING)),
        ("hela listan är testad", Reply(Move.ALREADY, EVERYTHING)),
        ("webbläsaren var ju stängd hela tiden", Reply(Move.ALREADY)),
        ("alla webbläsarfönster dödade sen länge", Reply(Move.ALREADY)),
    ],
)
def test_already_done(scene: Scene, content: Content, text: str, reply: Reply) -> None:
    """Which steps somebody did before the guide asked, told at its first step."""
    assert reply_to(scene, content, at(scene, PAGE), "already_done", text) == reply


def test_already_done_counts_all_up_to_the_named_step(scene: Scene, content: Content) -> None:
    """Who has restarted the computer at the first step is asked about another computer next."""
    run = at(scene, PAGE)
    reply = reply_to(scene, content, run, "already_done", "jag har redan startat om datorn")
    assert reply is not None
    after = advance(scene, run, reply)
    assert after.place.step == "other_computer"
    assert len(after.outcomes) == 7


def test_a_step_that_has_passed_is_not_named(scene: Scene, content: Content) -> None:
    """Only what is still to come can have been done already; else the present step is meant."""
    run = at(scene, PAGE, "log_in_again")
    assert reply_to(scene, content, run, "already_done", "jag har redan tagit ut kortet") == Reply(Move.ALREADY)


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("jag har ingen kortläsare", "kortläsare"),
        ("det finns ingen läsare här", "kortläsare"),
        ("saknar kortläsare", "kortläsare"),
        ("ingen fungerande kortläsare", "kortläsare"),
        ("jag har inte någon kortläsare", "kortläsare"),
        ("kortläsaren saknas", "kortläsare"),
        ("kortläsaren är borta", "kortläsare"),
        ("jag sitter utan kortläsare, vad gör jag då?", "kortläsare"),
        ("har glömt kortet hemma", "SITHS-kort"),
        ("glömde mitt siths-kort", "SITHS-kort"),
        ("glömt att ta med kortet", "SITHS-kort"),
        ("jag har tappat bort mitt kort", "SITHS-kort"),
        ("har inget giltigt kort", "SITHS-kort"),
        ("kortet ligger hemma", "SITHS-kort"),
        ("jag har inte med mig kortet", "SITHS-kort"),
        ("jag har inte kortet med mig", "SITHS-kort"),
        ("Net iD finns inte på datorn", "Net iD"),
        ("har inget net id", "Net iD"),
    ],
)
def test_lacking(scene: Scene, content: Content, text: str, thing: str) -> None:
    """Who lacks what the guide needs is understood, whatever the model thinks."""
    run = at(scene, PAGE, "reload_card")
    assert reply_to(scene, content, run, "problem_persists", text) == Reply(Move.LACKS, thing)


@pytest.mark.parametrize(
    "text",
    [
        "kortet är inte inne än",
        "har inte tagit ut kortet",
        "jag har inte kortet i läsaren",
        "inget hände med kortet",
        "det är inget fel på kortet",
        "inga problem med kortläsaren",
        "ingen lampa på kortläsaren",
        "ingen skillnad med kortet ute",
        "glömde ta ut kortet",
        "har glömt koden till kortet",
        "jag har ingen annan kortläsare",
        "jag har ingen Net iD-ikon",
        "net id ikonen finns inte",
        "ingen annan webbläsare heller",
        "kortet läses inte in",
        "det går inte utan att kortet sitter i",
        "kan man logga in utan kortläsare?",
        "går det utan kort?",
    ],
)
def test_what_is_not_lacking(scene: Scene, content: Content, text: str) -> None:
    """A card that is out, or a fault of it, is no missing card: that would end the guide."""
    run = at(scene, PAGE, "reload_card")
    reply = reply_to(scene, content, run, "problem_persists", text)
    assert reply is None or reply.move is Move.FAILED


def test_a_guide_that_needs_nothing_hears_of_nothing_lacking(scene: Scene, content: Content) -> None:
    """Only guides that say where it leads take "inget kort" for more than a failure."""
    run = at(scene, "sleep_diary_not_saved")
    assert reply_to(scene, content, run, "problem_persists", "jag har inget kort") == Reply(Move.FAILED)


def test_the_guide_around_knows_what_is_lacking_in_an_included_one(scene: Scene, content: Content) -> None:
    """Somebody without a card says so while the cache is being cleared."""
    run = at(scene, "login_error", "clear_cache")
    run = advance(scene, run, Reply(Move.DONE))
    reply = reply_to(scene, content, run, "problem_persists", "jag har inget kort")
    assert reply == Reply(Move.LACKS, "SITHS-kort")
    after = advance(scene, run, reply)
    assert (after.status, after.place.step) == (Status.HANDOFF, "nothing_to_log_in_with")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("sidan finns inte", "page_missing"),
        ("det står Sidan finns inte på skärmen", "page_missing"),
        ("sidan hittades inte", "page_missing"),
        ("underliggande tjänster svarar inte", "services_down"),
        ("formulärmotorn svarar inte", "form_engine"),
        ("FORMULARMOTORN VERKAR INTE SVARA", "form_engine"),
        ("något annat", "other"),
        ("inget av det", "other"),
    ],
)
def test_choices_in_own_words(scene: Scene, content: Content, text: str, answer: str) -> None:
    """A choice can be typed as its button reads, or as the error text is else written."""
    run = at(scene, "page_missing_or_service_down", "which_text")
    assert reply_to(scene, content, run, "out_of_scope", text) == Reply(Move.ANSWER, answer)


@pytest.mark.parametrize(
    ("intent", "text", "reply"),
    [
        ("problem_persists", "jag har ingen annan dator", Reply(Move.ANSWER, "no_other_computer")),
        ("skip_step", "vi har bara en dator", Reply(Move.ANSWER, "no_other_computer")),
        ("problem_persists", "funkar inte på andra datorn heller", Reply(Move.FAILED)),
        ("solved", "det gick på den andra", Reply(Move.SOLVED)),
        ("affirm", "ja", Reply(Move.SOLVED)),
        ("deny", "nej", Reply(Move.FAILED)),
    ],
)
def test_a_checks_own_answers(scene: Scene, content: Content, intent: str, text: str, reply: Reply) -> None:
    """Own answers count before what the model sees; the usual ones are the model's."""
    assert reply_to(scene, content, at(scene, PAGE, "other_computer"), intent, text) == reply


@pytest.mark.parametrize(
    ("intent", "text", "reply"),
    [
        ("out_of_scope", "Edge", Reply(Move.FACT, "Edge")),
        ("greet", "jag kör Microsoft Edge", Reply(Move.FACT, "Edge")),
        ("out_of_scope", "googlechrome", Reply(Move.FACT, "Chrome")),
        ("out_of_scope", "Firefox", Reply(Move.FACT, "Firefox")),
        ("out_of_scope", "vet inte", Reply(Move.FACT)),
        ("deny", "ingen aning", Reply(Move.FACT)),
        ("deny", "nej", Reply(Move.SKIP)),
        ("affirm", "ja", None),
        ("browsers", "vilka webbläsare fungerar, Chrome?", None),
        ("out_of_scope", "hur ser man det", None),
        ("out_of_scope", "en blå", None),
    ],
)
def test_a_question_about_a_fact(
    scene: Scene, content: Content, intent: str, text: str, reply: Optional[Reply]
) -> None:
    """The question before a step takes any value that the content knows, and "vet inte"; a question is none."""
    run = at(scene, "clear_cache", "clear_history")
    assert run.asking == "browser"
    assert reply_to(scene, content, run, intent, text) == reply


@pytest.mark.parametrize(
    ("intent", "text", "confidence", "reply"),
    [
        ("out_of_scope", "Fel 0x80070005", 0.9, Reply(Move.NOTE, "Fel 0x80070005")),
        ("page_cannot_be_displayed", "  undantag \n i rad 3 ", 0.9, Reply(Move.NOTE, "undantag i rad 3")),
        ("out_of_scope", "Kan inte nå den här sidan", 0.9, Reply(Move.NOTE, "Kan inte nå den här sidan")),
        ("problem_persists", "det står fortfarande null", 0.9, Reply(Move.NOTE, "det står fortfarande null")),
        ("deny", "nej inget", 0.5, Reply(Move.NOTE, "nej inget")),
        ("deny", "nej inget", 0.9, Reply(Move.SKIP)),
        ("skip_step", "hoppa över", 0.9, Reply(Move.SKIP)),
        ("stop", "avbryt", 0.9, Reply(Move.STOP)),
        ("talk_to_human", "jag vill prata med någon", 0.9, None),
        ("browsers", "vilken webbläsare ska jag ha?", 0.9, None),
        ("export", "hur exporterar man dagboken", 0.9, None),
        ("ask_why", "varför då?", 0.9, Reply(Move.WHY)),
    ],
)
def test_notes(
    scene: Scene, content: Content, intent: str, text: str, confidence: float, reply: Optional[Reply]
) -> None:
    """Any text is a note, but for what steers the guide for sure, and for a question in between."""
    run = at(scene, "sleep_diary_not_saved", "strange_line")
    assert reply_to(scene, content, run, intent, text, confidence) == reply


def test_a_note_with_a_form_is_found_in_the_sentence(scene: Scene, content: Content) -> None:
    """Of a sentence with an HSA-id the id is kept, in capitals."""
    run = at(scene, "user_already_exists_error", "whose_hsa_id")
    reply = reply_to(scene, content, run, "out_of_scope", "det står se2321000040-1abc.")
    assert reply == Reply(Move.NOTE, "SE2321000040-1ABC")


@pytest.mark.parametrize("text", ["varför då?", "vad är poängen", "hur gör man det", "kan du visa", "går det sen?"])
def test_a_question_is_no_choice(scene: Scene, content: Content, text: str) -> None:
    """What is asked in the middle is answered, and not taken for an answer."""
    run = at(scene, "page_missing_or_service_down", "which_text")
    assert (
        reply_to(scene, content, run, "out_of_scope", f"{text} sidan finns inte" if text[-1] != "?" else text) is None
    )


@pytest.mark.parametrize(
    ("kind_at", "yes", "no"),
    [
        ((PAGE, "close_browser"), Move.DONE, Move.FAILED),
        ((PAGE, "log_in_again"), Move.SOLVED, Move.FAILED),
        ((PAGE, "wait_for_card"), Move.DONE, Move.FAILED),
        (("login_error", "clear_cache"), Move.DONE, Move.SKIP),
        (("page_missing_or_service_down", "which_text"), None, Move.SKIP),
    ],
    ids=["do", "check", "wait", "include", "choose"],
)
def test_yes_and_no(
    scene: Scene, content: Content, kind_at: "tuple[str, str]", yes: Optional[Move], no: Optional[Move]
) -> None:
    """A bare yes or no answers the question that the step's kind asks."""
    run = at(scene, *kind_at)
    for intent, text, move in (("affirm", "ja", yes), ("deny", "nej", no)):
        assert reply_to(scene, content, run, intent, text) == (Reply(move) if move is not None else None)


@pytest.mark.parametrize("intent", sorted(set(PLAIN) - {"go_back", "recall_step", "already_done"}))
def test_plain_words_mean_the_same_at_every_step(scene: Scene, content: Content, intent: str) -> None:
    """Other guide words mean the same wherever they are said."""
    for guide_id, step_id in ((PAGE, "close_browser"), (PAGE, "log_in_again"), (PAGE, "wait_for_card")):
        assert reply_to(scene, content, at(scene, guide_id, step_id), intent, "nu funkar det") == Reply(PLAIN[intent])


@pytest.mark.parametrize("intent", ["greet", "clear_cache", "out_of_scope", "talk_to_human", ""])
def test_other_intents_are_no_reply(scene: Scene, content: Content, intent: str) -> None:
    """What is no guide word is answered for what it is."""
    assert reply_to(scene, content, at(scene, PAGE), intent, "något helt annat") is None


@pytest.mark.parametrize(
    ("intent", "text", "reply"),
    [
        ("affirm", "ja", Reply(Move.REPEAT)),
        ("deny", "nej", Reply(Move.STOP)),
        ("next_step", "då fortsätter vi", Reply(Move.REPEAT)),
        ("solved", "nu är jag här igen", Reply(Move.REPEAT)),
        ("next_step", "klart", Reply(Move.DONE)),
        ("solved", "det löste sig", Reply(Move.SOLVED)),
    ],
)
def test_after_an_offer_to_go_on(scene: Scene, content: Content, intent: str, text: str, reply: Reply) -> None:
    """Asked whether to go on, yes is no "klart"; what tells of the step still counts for the step."""
    run = replace(at(scene, PAGE), paused=True)
    assert reply_to(scene, content, run, intent, text) == reply


def button(run: GuideRun, intent: str, **entities: str) -> Said:
    """Return a press of a button that was offered at the run's step."""
    carried = {STEP: (step_key(run),), **{name: (value,) for name, value in entities.items()}}
    return Said(intent, f"/{intent}", entities=carried, typed=False)


def test_a_button_of_the_present_step_is_fresh(scene: Scene) -> None:
    """It is taken, also after help was shown and the run was stored."""
    run = at(scene, PAGE)
    said = button(run, "next_step")
    assert not is_stale(run, said)
    assert not is_stale(advance(scene, run, Reply(Move.HOW)), said)
    assert not is_stale(GuideRun.from_json(json.loads(json.dumps(run.to_json()))), said)


def test_a_button_of_an_earlier_step_is_stale(scene: Scene) -> None:
    """A late press, a press in another run, and one before the question was answered do not count."""
    run = at(scene, PAGE)
    assert is_stale(advance(scene, run, Reply(Move.DONE)), button(run, "next_step"))
    assert is_stale(replace(run, id="fedcba9876543210"), button(run, "next_step"))
    asked = at(scene, "clear_cache", "clear_history")
    assert is_stale(advance(scene, asked, Reply(Move.FACT, "Edge")), button(asked, "next_step", **{OPTION: "Edge"}))


def test_typed_words_are_never_stale(scene: Scene) -> None:
    """What is typed is about the step that is shown."""
    run = at(scene, PAGE)
    said = Said("next_step", "klart", entities={STEP: ("an.other.step",)})
    assert not is_stale(run, said)


@pytest.mark.parametrize("value", ["Edge", ""])
def test_a_button_of_a_question(scene: Scene, content: Content, value: str) -> None:
    """The buttons of a question give the fact, "vet inte" an empty one."""
    run = at(scene, "clear_cache", "clear_history")
    reply = read(
        scene.guides, run, expectation(scene, run, content.spellings), button(run, "next_step", **{OPTION: value})
    )
    assert reply == Reply(Move.FACT, value)
    assert accepts(scene, run, reply)


def test_a_button_of_a_choice(scene: Scene, content: Content) -> None:
    """The buttons of a choice give the answer's name."""
    run = at(scene, "page_missing_or_service_down", "which_text")
    said = button(run, "next_step", **{OPTION: "form_engine"})
    reply = read(scene.guides, run, expectation(scene, run, content.spellings), said)
    assert reply == Reply(Move.ANSWER, "form_engine")


def test_a_button_is_no_note(scene: Scene, content: Content) -> None:
    """A press is never taken for text that the step asked for."""
    run = at(scene, "sleep_diary_not_saved", "strange_line")
    assert expected(expectation(scene, run, content.spellings), button(run, "skip_step")) is None


@pytest.mark.parametrize(
    ("parsed", "intent"),
    [
        pytest.param({"intent": {"name": "purge", "confidence": 0.5}}, "purge", id="no guide word"),
        pytest.param(
            {"intent": {"name": "purge", "confidence": 0.5}, GUIDE_WORD: {"name": "ask_why", "confidence": 0.2}},
            "ask_why",
            id="likelier inside a guide",
        ),
        pytest.param(
            {"intent": {"name": "purge", "confidence": 0.9}, GUIDE_WORD: {"name": "ask_why", "confidence": 0.2}},
            "purge",
            id="still less likely",
        ),
        pytest.param(
            {"intent": {"name": "nlu_fallback", "confidence": 0.1}, GUIDE_WORD: {"name": "stop", "confidence": 0.09}},
            "nlu_fallback",
            id="too unlikely",
        ),
        pytest.param(
            {"intent": {"name": "solved", "confidence": 0.3}, GUIDE_WORD: {"name": "stop", "confidence": 0.3}},
            "solved",
            id="a guide word already",
        ),
        pytest.param({"intent": None}, "", id="nothing understood"),
    ],
)
def test_a_guide_word_is_likelier_while_a_guide_is_open(parsed: Dict[str, Any], intent: str) -> None:
    """The model learnt how likely a word is at the beginning of a conversation; in a guide it is four times that."""
    assert Said.in_guide(parsed, "varför då").intent == intent


def test_a_payload_is_not_typed() -> None:
    """What begins with a slash comes from a button."""
    assert not Said.in_guide({"intent": {"name": "stop", "confidence": 1.0}}, "/stop").typed


@pytest.mark.parametrize(
    ("guide_id", "step_id", "move"),
    [
        (PAGE, "close_browser", None),
        (PAGE, "other_computer", "answer"),
        ("clear_cache", "clear_history", "fact"),
        ("user_already_exists_error", "whose_hsa_id", "note"),
    ],
)
def test_an_expectation_survives_storing(
    scene: Scene, content: Content, guide_id: str, step_id: str, move: Optional[str]
) -> None:
    """The policy reads from the slot what the action server wrote there."""
    waits = expectation(scene, at(scene, guide_id, step_id), content.spellings)
    assert waits.move == move
    assert Expectation.from_json(json.loads(json.dumps(waits.to_json()))) == waits


def test_every_guide_word_has_a_meaning_at_a_do(scene: Scene, content: Content) -> None:
    """No word that is taken for the guide is then not understood by it."""
    run = at(scene, PAGE)
    assert scene.guides[PAGE].steps[0].kind is StepKind.DO
    assert all(reply_to(scene, content, run, intent, "ord") is not None for intent in GUIDE_WORDS)


@pytest.mark.parametrize(
    ("place", "intent", "text", "reply"),
    [
        pytest.param(
            (PAGE, "take_out_card"), "solved", "så, nu är den ute", Reply(Move.DONE), id="glad, but nothing works"
        ),
        pytest.param((PAGE, "take_out_card"), "solved", "nu är jag inne!", Reply(Move.SOLVED), id="inside at last"),
        pytest.param((PAGE, "log_in_again"), "solved", "funkar inte", Reply(Move.FAILED), id="not in a glad word"),
        pytest.param((PAGE, "log_in_again"), "solved", "felet kommer inte längre", Reply(Move.SOLVED), id="no longer"),
        pytest.param((PAGE, "reload_card"), "next_step", "inte färdig", Reply(Move.LATER), id="not yet"),
        pytest.param((PAGE, "wait_for_card"), "next_step", "inte än", Reply(Move.LATER), id="not yet, waiting"),
        pytest.param(
            (PAGE, "restart_computer"), "repeat", "startade om datorn, samma sak", Reply(Move.FAILED), id="same"
        ),
        pytest.param(
            ("page_missing_or_service_down", "log_out"), "nlu_fallback", "har loggat ut", Reply(Move.DONE), id="named"
        ),
        pytest.param(
            ("reactivate_therapist", "open_staff"),
            "solved",
            "jag är inne på personal nu",
            Reply(Move.DONE),
            id="in a tab",
        ),
        pytest.param(
            ("login_error", "clear_cache"), "solved", "har rensat cachen", Reply(Move.ALREADY), id="an include was done"
        ),
        pytest.param(
            (PAGE, "take_out_card"), "how_to_purge", "steg 1-3 klara", Reply(Move.ALREADY, number=3), id="numbers"
        ),
        pytest.param(
            (PAGE, "other_computer"),
            "login_problem",
            "jag kommer in på en annan dator",
            Reply(Move.ANSWER, "solved"),
            id="an answer in own words",
        ),
        pytest.param(
            ("user_already_exists_error", "whose_hsa_id"),
            "nlu_fallback",
            "jag vet inte",
            Reply(Move.SKIP),
            id="unknown",
        ),
        pytest.param(
            ("user_already_exists_error", "whose_hsa_id"),
            "nlu_fallback",
            "SE2321000040 ab12",
            Reply(Move.NOTE, "SE2321000040-AB12"),
            id="an id with a space",
        ),
    ],
)
def test_what_is_said_counts_before_what_the_model_hears(
    scene: Scene, content: Content, place: "tuple[str, str]", intent: str, text: str, reply: Reply
) -> None:
    """The model hears gladness and haste; the guide's own words, "inte" and numbers say what is meant."""
    assert reply_to(scene, content, at(scene, *place), intent, text) == reply


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("jag är tillbaka", Reply(Move.REPEAT)),
        ("nu kan vi fortsätta", Reply(Move.REPEAT)),
        ("gå tillbaka ett steg", Reply(Move.BACK, number=1)),
    ],
)
def test_back_from_a_pause(scene: Scene, content: Content, text: str, reply: Reply) -> None:
    """Somebody who comes back wants the step again; who wants a step back says so."""
    run = replace(at(scene, PAGE, "insert_card"), paused=True)
    assert reply_to(scene, content, run, "go_back", text) == reply


def test_what_throws_away_must_be_meant() -> None:
    """A guide word is likelier while a guide is open, but not before a wish for a person."""
    parsed = {
        "intent": {"name": "talk_to_human", "confidence": 0.6},
        "guide_word": {"name": "repeat", "confidence": 0.3},
    }
    assert Said.in_guide(parsed, "kan någon ringa mig").intent == "talk_to_human"
    assert not {"restart_guide", "stop"} & STEADY_WORDS
