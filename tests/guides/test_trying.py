"""``lotsen guides try``: a guide walked in the terminal, line by line, without server or model."""

from __future__ import annotations

import io
from pathlib import Path
from typing import List, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lotsen import cli
from lotsen.content.catalogue import Content
from lotsen.guides.model import Outcome, Status
from lotsen.guides.scene import Scene
from lotsen.guides.trying import Trial, known_facts
from lotsen.guides.trying_lines import Lines
from lotsen.guides.trying_words import PHRASES, typed
from lotsen.settings import ROOT

UNKNOWN = "Det förstår jag inte här. Skriv ? för att se vad du kan svara."


def trial(content: Content, guide_id: str, *lines: str, known: Sequence[str] = ()) -> Trial:
    """Begin a guide and say some lines."""
    facts = known_facts(known, content.facts, content.guides)
    scene = Scene(content.guides, questions=content.facts, known=facts)
    begun = Trial(scene, Lines(content.texts, content.targets), content.spellings, guide_id)
    for line in lines:
        begun.say(line)
    return begun


def outcomes(walked: Trial) -> List[str]:
    """Return what became of each step: "step outcome value"."""
    return [f"{one.step} {one.outcome.value} {one.value}".strip() for one in walked.run.outcomes]


def test_a_whole_guide(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Heading, text, numbered choices, and at the end what the case would tell: exactly this is printed."""
    monkeypatch.setattr("sys.stdin", io.StringIO("klart\n1\ndet gick inte\nSE2321000040-1abc\n"))
    assert cli.main(["guides", "try", "user_already_exists_error"]) == 0
    assert capsys.readouterr().out == (
        """\
(Du provar guiden. Svara med ett nummer eller med ord. ? visar vad du kan svara.)

”Användaren finns redan på enheten”

Vi går igenom det tillsammans, ett steg i taget. Användaren finns redan tillagd, eller har sannolikt \
haft behörighet tidigare på enheten.

Steg 1 av 3

Gå till fliken Personal.

Då ser du personalen på enheten.

  1. Klart
  2. Det gick inte
  3. Avbryt

> Steg 2 av 3

Gå vidare till fliken Inaktiva. Där går användaren att hitta.

Då ser du dem som har inaktiverats.

  1. Klart
  2. Det gick inte
  3. Hur gör jag?
  4. Tillbaka
  5. Avbryt

> Steg 3 av 3

Klicka på Aktivera. Löste det sig?

  1. Det löste sig
  2. Det gick inte
  3. Tillbaka
  4. Avbryt

> Vilket HSA-id står i felmeddelandet för användaren? Skriv det, så kommer det med i ärendet.

  1. Hoppa över
  2. Tillbaka
  3. Avbryt

> Gör ett ärende i Tjänstekatalogen eller ring IT kundservice på 14141.

Jag kan skicka ärendet till IT kundservice åt dig. Det du redan har provat kommer med.

Det här blev det av stegen:
  ”Användaren finns redan på enheten”
    Gå till fliken Personal.                                  gjort
    Gå vidare till fliken Inaktiva. Där går användaren att …  gjort
    Klicka på Aktivera. Löste det sig?                        hjälpte inte
    Vilket HSA-id står i felmeddelandet för användaren? …     SE2321000040-1ABC
Slut: Ärende till IT kundservice. Användaren går inte att aktivera under fliken Inaktiva.
Det som togs reda på: hsa_id = SE2321000040-1ABC
"""
    )


@pytest.mark.parametrize("broken", [EOFError, KeyboardInterrupt])
def test_the_end_of_the_input_ends_kindly(
    broken: type[BaseException], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-D and Ctrl-C show what was done so far; that is no fault."""
    lines = iter(["klart"])

    def read(prompt: str) -> str:
        for line in lines:
            return line
        raise broken

    monkeypatch.setattr("builtins.input", read)
    assert cli.main(["guides", "try", "reactivate_therapist"]) == 0
    written = capsys.readouterr()
    assert written.out.endswith(
        """
Då slutar vi här.

Det här blev det av stegen:
  Aktivera en inaktiverad behandlare
    Gå in under fliken Personal.                              gjort
Slut: Inte klar.
"""
    )
    assert written.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["clear_cach"], "Guiden 'clear_cach' finns inte. Menade du 'clear_cache'?"),
        (["clear_cache", "--known", "browser"], "'browser': skriv uppgift=värde, till exempel browser=Edge."),
        (["clear_cache", "--known", "browser="], "'browser=': skriv uppgift=värde, till exempel browser=Edge."),
        (["clear_cache", "--known", "brwser=Edge"], "Okänd uppgift: 'brwser'. Menade du 'browser'?"),
        (["clear_cache", "--known", "browser=Egde"], "'browser' kan inte vara 'Egde'. Menade du 'Edge'?"),
    ],
)
def test_what_cannot_be_tried(arguments: List[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Said in a sentence, before anything is asked."""
    assert cli.main(["guides", "try", *arguments]) == 1
    written = capsys.readouterr()
    assert (written.out, written.err) == ("", f"lotsen: {message}\n")


def test_content_that_is_wrong_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A guide that cannot be read is said as ``lotsen check`` says it."""
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides" / "g.yml").write_text("id: g\n", encoding="utf-8")
    assert cli.main(["guides", "try", "g", "--content", str(tmp_path)]) == 1
    assert f"{tmp_path}/guides/g.yml:1: Fältet 'title' saknas. Skriv 'title: ...'." in capsys.readouterr().err


def test_words_and_numbers_mean_the_same(content: Content) -> None:
    """Each step taken by words and by its button's number ends alike."""
    words = trial(content, "login_error", "klart", "hoppa över", "klar nu, gå vidare", "det löste sig inte")
    numbers = trial(content, "login_error", "1", "2", "1", "2")
    assert outcomes(words) == outcomes(numbers)
    assert outcomes(words) == [
        "take_out_card done",
        "clear_cache skipped",
        "restart_browser done",
        "log_in_again failed",
    ]
    assert words.run.status is Status.HANDOFF


def test_an_included_guide_has_both_headings(content: Content) -> None:
    """One sees where one is in both; "ja" begins it, and its end leads back."""
    walked = trial(content, "login_error", "klart")
    assert walked.say("ja")[0] == "Steg 2 av 4 · Rensa webbläsarens cacheminne, steg 1 av 5"
    for line in ("klart", "Chrome", "klart", "nej"):
        walked.say(line)
    assert walked.say("nej")[0] == "Steg 3 av 4"


def test_a_fact_is_asked_for_unless_it_is_known(content: Content) -> None:
    """``--known`` spares the question, and the step reads as it does then."""
    asked = trial(content, "clear_cache")
    assert asked.say("klart") == [
        "Vilken webbläsare använder du?",
        "",
        "  1. Edge",
        "  2. Google Chrome",
        "  3. En annan, eller vet inte",
        "  4. Tillbaka",
        "  5. Avbryt",
    ]
    told = trial(content, "clear_cache", "klart", known=["browser=Edge"])
    assert told.run.asking is None
    assert told.say("hur")[:4] == [
        "Gör så här:",
        "",
        "1. Kryssa för cachelagrade bilder och filer.",
        "2. Klicka på knappen för att rensa. I Edge brukar den heta Rensa nu.",
    ]


@pytest.mark.parametrize(
    ("said", "value"), [("1", "Edge"), ("jag har google chrome", "Chrome"), ("3", ""), ("vet inte", "")]
)
def test_a_fact_is_answered_by_number_or_words(said: str, value: str, content: Content) -> None:
    """Also by not knowing."""
    assert dict(trial(content, "clear_cache", "klart", said).run.facts) == {"browser": value}


def test_a_choice_in_words_and_a_note(content: Content) -> None:
    """The options' titles and other words choose; whatever is written is the note."""
    walked = trial(
        content, "page_missing_or_service_down", "nej", "klart", "nej", "inget av det", "det står gick inte!"
    )
    assert outcomes(walked)[-2:] == ["which_text answered Något annat", "other_text noted det står gick inte!"]
    other = trial(content, "page_missing_or_service_down", "nej", "klart", "nej", "sidan finns inte")
    assert outcomes(other)[-1] == "which_text answered Sidan finns inte"


def test_a_note_of_the_wrong_form_is_asked_for_again(content: Content) -> None:
    """The chat's own words say what is wrong, and the step stands."""
    walked = trial(content, "user_already_exists_error", "klart", "klart", "nej")
    said = walked.say("SE12-3")
    assert said[0].startswith("Det ser inte ut som ett HSA-id.")
    assert walked.run.place.step == "whose_hsa_id"
    walked.say("hoppa över")
    assert walked.run.outcomes[-1].outcome is Outcome.SKIPPED


def test_a_wait_says_what_would_happen(content: Content) -> None:
    """No clock goes here; one can go on, or say that the time is over."""
    walked = trial(content, "page_cannot_be_displayed", "klart", "klart", "klart")
    text = content.guides["page_cannot_be_displayed"].step("wait_for_card").text
    assert walked.say("klart")[:6] == [
        "Steg 5 av 8",
        "",
        f"{text} Jag säger till när det har gått en minut.",
        "(Här väntar vi inte. I chatten står det ”Nu har tiden gått.” efter en minut. Skriv: tiden)",
        "",
        "  1. Gå vidare nu",
    ]
    assert walked.say("tiden")[0] == "Steg 6 av 8"
    assert outcomes(walked)[-1] == "wait_for_card done"


def test_asides_leave_the_guide_where_it_is(content: Content) -> None:
    """Why, how, again, which step, another step, a moment: answered, and the step is still asked."""
    walked = trial(content, "page_cannot_be_displayed", "klart")
    here = walked.say("igen")
    assert here[0] == "Steg 2 av 8"
    assert walked.say("varför") == [
        "Mer än så vet jag inte om varför. Steget kommer från regionens frågor och svar.",
        "",
        *here,
    ]
    assert walked.say("vilket steg är jag på")[0] == "Du är på steg 2 av 8 i guiden ”Webbsidan kan inte visas”."
    assert walked.say("visa steg 1")[0] == "Steg 1: Stäng ner webbläsaren."
    assert walked.say("visa steg 12")[0] == "Det steget finns inte. Guiden har 8 steg."
    assert walked.say("vänta lite") == [
        "Ta den tid du behöver. Jag väntar på steg 2 av 8. Skriv eller tryck Fortsätt när du är tillbaka."
    ]
    assert outcomes(walked) == ["close_browser done"]


def test_what_does_not_go_gets_help_first(content: Content) -> None:
    """The first "it did not work" at a step with help shows it; the second goes on."""
    walked = trial(content, "reactivate_therapist")
    assert walked.say("det gick inte")[0].startswith("Ser du inte fliken?")
    assert outcomes(walked) == []
    walked.say("det gick inte")
    assert outcomes(walked) == ["open_staff failed"]


def test_back_already_and_over_again(content: Content) -> None:
    """The moves that leave the order."""
    walked = trial(content, "page_cannot_be_displayed")
    said = walked.say("jag har redan gjort steg 1-3")
    assert said[0] == "Bra, då räknar jag det här som gjort:"
    assert outcomes(walked) == ["close_browser already", "take_out_card already", "insert_card already"]
    assert walked.say("tillbaka")[0] == "Steg 1 av 8"
    walked.say("klart")
    assert walked.say("börja om")[0] == "Steg 1 av 8"
    assert outcomes(walked) == []


def test_what_one_lacks_ends_the_guide(content: Content) -> None:
    """As in the chat, with the reason for the case."""
    walked = trial(content, "login_error")
    said = walked.say("jag saknar kortläsare")
    assert said[0] == "Utan kortläsare går det inte att gå vidare här."
    assert said[-1] == "Slut: Ärende till IT kundservice. Användaren saknar kort, kortläsare eller Net iD på datorn."


def test_solved_and_broken_off(content: Content) -> None:
    """Both end with the chat's words and the table."""
    solved = trial(content, "reactivate_therapist", "klart", "klart").say("ja")
    assert solved[0] == "Vad bra att det löste sig! Skriv igen om det är något mer."
    assert solved[-1] == "Slut: Löst."
    stopped = trial(content, "reactivate_therapist").say("avbryt")
    assert stopped[0].startswith("Då avbryter vi guiden.")
    assert stopped[-2:] == ["  Inga steg togs.", "Slut: Avbruten."]


def test_what_is_not_understood_or_does_not_fit(content: Content) -> None:
    """Nothing happens, and one is told; an empty line is nothing."""
    walked = trial(content, "reactivate_therapist")
    assert walked.say("bläckfisk") == [UNKNOWN]
    assert walked.say("9") == [UNKNOWN]
    assert walked.say("  ") == []
    assert walked.say("tiden")[0] == "Det svaret passar inte riktigt till det här steget. Så här ser det ut."
    assert outcomes(walked) == []


def test_what_can_be_said(content: Content) -> None:
    """A question mark lists what fits the present step, and nothing else."""
    do = trial(content, "login_error").say("?")
    assert do == [
        "Skriv ett nummer, 1–3, eller något av det här:",
        "  klart, det löste sig, det gick inte, ja, nej, hoppa över, det har jag redan gjort, tillbaka, varför, hur, "
        "upprepa, vilket steg är jag på, jag kommer strax, börja om, avbryt",
        "Du kan också sakna något: jag saknar kortläsare, jag saknar SITHS-kort, jag saknar Net iD",
        "Ctrl-D eller Ctrl-C avslutar.",
    ]
    choose = trial(content, "page_missing_or_service_down", "nej", "klart", "nej").say("?")
    assert choose[2].startswith("Du kan också skriva svaret med ord: ”Sidan finns inte”, ”Underliggande")
    note = trial(content, "page_missing_or_service_down", "nej", "klart", "nej", "annat").say("?")
    assert note[-2] == "Allt annat du skriver blir anteckningen."
    assert "klart" not in note[1]


def test_every_phrase_that_is_offered_is_understood(content: Content) -> None:
    """At each step of each guide, what "?" lists gets another answer than "I do not understand"."""
    for guide_id in content.guides:
        walked = trial(content, guide_id)
        while walked.run.active:
            for phrase in walked.say("?")[1].strip().split(", "):
                again = trial(content, guide_id)
                again.run = walked.run
                assert again.say(phrase)[0] not in (UNKNOWN, content.texts["guide_did_not_fit"].text), phrase
            walked.say("hoppa över")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        *((phrase, intent) for intent, phrases in PHRASES.items() for phrase in phrases),
        ("Det löste sig INTE!", "problem_persists"),
        ("nu har jag gjort det, klart!", "next_step"),
        ("har redan startat om datorn", "already_done"),
        ("gå tillbaka två steg", "go_back"),
        ("hur då menar du", "ask_how"),
        ("det är inte klart", ""),
        ("bläckfisk", ""),
    ],
)
def test_the_words(text: str, intent: str) -> None:
    """Every phrase means its intent, and among other words too unless "inte" turns it round."""
    assert typed(text).intent == intent


said_lines = st.lists(
    st.sampled_from([*(phrases[0] for phrases in PHRASES.values()), "?", "", "1", "2", "3", "4", "9", "Edge", "steg 2"])
    | st.text(max_size=12),
    max_size=25,
)


@settings(deadline=None, max_examples=100)
@given(lines=said_lines)
@pytest.mark.parametrize("guide_id", sorted(path.stem for path in (ROOT / "data" / "guides").glob("*.yml")))
def test_whatever_is_written_nothing_breaks(guide_id: str, lines: List[str], content: Content) -> None:
    """Every line gets lines back that can be printed, or ends the guide with its table."""
    walked = trial(content, guide_id)
    assert walked.begin()
    for line in lines:
        if not walked.run.active:
            break
        answer = walked.say(line)
        assert answer or not line.strip()
        assert all("\n" not in one and "{" not in one.replace(line.strip(), "") for one in answer)
    assert walked.leave()[2] == "Det här blev det av stegen:"
