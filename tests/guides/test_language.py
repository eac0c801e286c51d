"""How guides are written: each fault by its exact words and line, what is fine stays fine, and no file breaks it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import List, Optional, Tuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lotsen import cli
from lotsen.content.catalogue import load_content
from lotsen.content.check import check_content
from lotsen.content.located_yaml import read_yaml
from lotsen.guides.contacts import Contacts
from lotsen.guides.jargon import jargon_in, read_jargon
from lotsen.guides.language import SOURCE, language_problems
from lotsen.guides.sentences import wrong_asking
from lotsen.settings import CONTENT, ROOT

JARGON = "browser: webbläsare\nboota om: starta om\nautentisera: logga in\nCTA: knapp\n"
FAQ = "Ring 14141 eller 0770 - 72 00 00. Se https://rjl.se/guide/ och 1177.se. Skriv till it@rjl.se."

HEAD = "id: g\ntitle: G\nsteps:\n"
CHECK = "- id: look\n  kind: check\n  text: Löste det sig?\n"

NO_QUESTION = "Ett steg med 'kind: check' ska sluta med en fråga där ja betyder att det hjälpte, som 'Löste det sig?'."
OPEN = "Frågan går inte att svara ja på. Skriv som 'Löste det sig?', eller ge steget egna svar under 'answers'."
BAD_YES = "Ett ja betyder här att felet är kvar, men tas som att det hjälpte. Vänd på frågan: 'Löste det sig?'."
IN_DO = (
    "Ett steg med 'kind: do' ska inte fråga något. Knappen är 'Klart', så frågan får inget svar. "
    "Skriv om den, eller gör steget till 'kind: check' eller 'kind: choose'."
)
IN_WAIT = (
    "Ett steg med 'kind: wait' ska inte fråga något. Användaren väntar, så frågan får inget svar. "
    "Ställ den i steget efter."
)
IN_END = (
    "Ett steg med 'kind: end' ska inte fråga något. Guiden är slut, så frågan får inget svar. "
    "Ställ den i ett steg före."
)
TWO = "Steget ställer 2 frågor, men får bara ett svar. Ställ en fråga, eller dela steget."
THREE = "Steget ber om 3 saker på en gång. Dela det i flera steg, eller lägg detaljerna under 'how'."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a list of jargon and a source."""
    (tmp_path / "data" / "guides").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "data" / "jargon.yml").write_text(JARGON, encoding="utf-8")
    (tmp_path / "docs" / "faq-source.txt").write_text(FAQ, encoding="utf-8")
    return tmp_path


def found(root: Path, text: str) -> List[Tuple[int, str]]:
    """Write a guide; return line and words of what is found in it."""
    (root / "data" / "guides" / "g.yml").write_text(text, encoding="utf-8")
    return [(problem.line, problem.message) for problem in language_problems(root / "data" / "guides")]


def too_long(length: int) -> str:
    """Return what is said of a long text."""
    return f"Texten har {length} tecken. Skriv högst 300: korta den, eller dela upp den."


def jargon(word: str, plain: str) -> str:
    """Return what is said of a word of jargon."""
    return f"'{word}' är fackspråk. Skriv hellre: {plain}. (Orden står i data/jargon.yml.)"


def unknown(what: str) -> str:
    """Return what is said of a fact that the source does not have."""
    return f"{what} står inte i källan (docs/faq-source.txt). Skriv källans, eller ta bort det."


BROWSER = jargon("browsern", "webbläsare")


@pytest.mark.parametrize(
    ("where", "line"),
    [
        pytest.param("id: g\ntitle: {}\nsteps:\n" + CHECK, 2, id="title"),
        pytest.param("id: g\ntitle: G\nintro: {}\nsteps:\n" + CHECK, 3, id="intro"),
        pytest.param(HEAD + "- id: a\n  kind: do\n  text: {}\n" + CHECK, 6, id="text"),
        pytest.param(HEAD + "- id: a\n  kind: do\n  text: Gör.\n  why: {}\n" + CHECK, 7, id="why"),
        pytest.param(HEAD + "- id: a\n  kind: do\n  text: Gör.\n  how:\n  - Gör.\n  - {}\n" + CHECK, 9, id="how"),
        pytest.param(HEAD + "- id: a\n  kind: do\n  text: Gör.\n  extra:\n    see: {}\n" + CHECK, 8, id="extra"),
        pytest.param(
            HEAD
            + "- id: a\n  kind: do\n  text: Gör.\n  variants:\n  - when: {{browser: Edge}}\n    text: {}\n"
            + CHECK,
            9,
            id="variant",
        ),
        pytest.param(
            HEAD
            + "- id: a\n  kind: do\n  text: Gör.\n  variants:\n"
            + "  - when: {{browser: Edge}}\n    extra:\n      if_not: {}\n"
            + CHECK,
            10,
            id="extra of a variant",
        ),
        pytest.param(HEAD + CHECK + "  answers:\n    failed:\n      title: {}\n", 9, id="answer"),
        pytest.param(HEAD + CHECK + "- id: z\n  kind: end\n  text: Ring.\n  reason: {}\n", 10, id="reason"),
    ],
)
def test_every_text_is_read_and_its_very_line_named(where: str, line: int, root: Path) -> None:
    """A word of jargon is found wherever a user or the support desk could read it."""
    assert found(root, where.format("Öppna browsern.")) == [(line, BROWSER)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HEAD + CHECK + "  said: [öppnat browsern]\n", id="what users call the step"),
        pytest.param(HEAD + CHECK + "  answers:\n    failed: {title: Nej, said: [browsern]}\n", id="or its answer"),
        pytest.param("id: g\ntitle: G\nerrors: [Fel i browsern]\nsteps:\n" + CHECK, id="the text on the screen"),
        pytest.param(HEAD + "# browsern\n" + CHECK, id="a comment"),
    ],
)
def test_what_users_say_is_not_checked(text: str, root: Path) -> None:
    """Users may talk as they like, and errors read as they do."""
    assert found(root, text) == []


def test_length(root: Path) -> None:
    """300 characters are enough for a text and 60 for a button; a link counts as it is shown."""
    do, answer = "- id: a\n  kind: do\n  text: {}\n", "  answers:\n    failed: {{title: {}}}\n"
    assert found(root, HEAD + do.format("a" * 300) + CHECK + answer.format("b" * 60)) == []
    assert found(root, HEAD + do.format(f"[{'a' * 300}](https://rjl.se/guide)") + CHECK) == []
    assert found(root, HEAD + do.format("a" * 301) + CHECK + answer.format("b" * 61)) == [
        (6, too_long(301)),
        (11, "Knappen har 61 tecken. Skriv högst 60: korta den."),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "wrong"),
    [
        pytest.param("check", "Starta om. Löste det sig?", None, id="a question at the end"),
        pytest.param("check", "Om felet är kvar: starta om. Löste det sig?", None, id="kvar, but not in the question"),
        pytest.param("check", "Ladda om, och om felet är kvar: starta om, löste det sig?", None, id="kvar before it"),
        pytest.param("check", "Står det ”Vill du?”, tryck Ja. **Löste det sig?**", None, id="quoted and bold"),
        pytest.param("check", "Löste det sig? Gå annars vidare.", NO_QUESTION, id="question in the middle"),
        pytest.param("check", "Prova igen.", NO_QUESTION, id="no question"),
        pytest.param("check", "Prova. Står det ”Vill du?”", NO_QUESTION, id="only the screen asks"),
        pytest.param("check", "Prova. Hur gick det?", OPEN, id="question without yes or no"),
        pytest.param("check", "Prova. Är felet kvar?", BAD_YES, id="yes means that it did not help"),
        pytest.param("check", "Går det fortfarande inte?", BAD_YES, id="yes means no"),
        pytest.param("check", "Är du inne? Löste det sig?", TWO, id="two questions"),
        pytest.param("choose", "Vad står det? Vilken är den?", TWO, id="two in a choice"),
        pytest.param("choose", "Vad står det? Då kommer det med.", None, id="one in a choice"),
        pytest.param("note", "Skriv av texten.", None, id="none in a note"),
        pytest.param("include", "Ska vi? Jag visar hur.", None, id="one in an include"),
        pytest.param("do", "Ser du knappen? Tryck på den.", IN_DO, id="one in a do"),
        pytest.param("do", "Är den röd? Är den grön?", IN_DO, id="two in a do are one fault"),
        pytest.param(
            "do", "Svara Ja på ”Är du säker?”. Se https://rjl.se/?a=1", None, id="only the screen asks in a do"
        ),
        pytest.param("wait", "Vänta. Lyser den?", IN_WAIT, id="one in a wait"),
        pytest.param("end", "Ring. Vill du det?", IN_END, id="one in an end"),
        pytest.param("do", "Klicka här. Välj **Läs**. Tryck Enter.", THREE, id="three commands"),
        pytest.param("do", "Klicka här. Välj Läs. Då öppnas en ruta. Den är grå.", None, id="two commands and facts"),
        pytest.param("do", "Ta ut kortet, sätt i det och vänta.", None, id="a sentence is one command"),
        pytest.param("check", "Klicka. Välj. Tryck. Löste det sig?", None, id="a check may be long"),
        pytest.param("chek", "Hej?", None, id="a kind that does not exist"),
        pytest.param(["do"], "Hej?", None, id="a kind that is no word"),
    ],
)
def test_what_a_step_asks(kind: object, text: str, wrong: Optional[str]) -> None:
    """One thing to do, or one question that yes is an answer to."""
    assert wrong_asking(kind, text, own_answers=False) == wrong


def test_what_a_check_with_answers_of_its_own_asks() -> None:
    """It may ask "how did it go?", but yes still means that it helped."""
    assert wrong_asking("check", "Prova. Hur gick det?", own_answers=True) is None
    assert wrong_asking("check", "Prova. Är felet kvar?", own_answers=True) == BAD_YES


def test_a_wrong_question_is_named_by_its_line(root: Path) -> None:
    """In the step's own text and in a variant's, each on its line."""
    text = (
        "- id: look\n  kind: check\n  text: Prova.\n  variants:\n  - when: {browser: Edge}\n    text: Hur gick det?\n"
    )
    assert found(root, HEAD + text) == [(6, NO_QUESTION), (9, OPEN)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Öppna browsern eller en annan browser.", [("browsern", "webbläsare")]),
        ("Browserns menyer, browsers, browserna", [("Browserns", "webbläsare")]),
        ("Autentisera dig", [("Autentisera", "logga in")]),
        ("Du autentiserar dig, efter autentisering", [("autentiserar", "logga in")]),
        ("Bootar om datorn", [("Bootar om", "starta om")]),
        ("Tryck på cta", [("cta", "knapp")]),
        ("browser och CTA", [("browser", "webbläsare"), ("CTA", "knapp")]),
        ("En nybrowser, browserlösa autentisk boota, cta-knapp", []),
        ('Det står ”Open browser” och "browser"', []),
        ("Se [sidan](https://rjl.se/browser), https://browser.se/cta eller browser@rjl.se", []),
    ],
)
def test_jargon(text: str, words: List[Tuple[str, str]], root: Path) -> None:
    """Whole words in simple forms; not what the screen says, not links."""
    listed = read_jargon(root / "data" / "jargon.yml", [])
    assert sorted(jargon_in(text, listed)) == sorted(words)


def test_a_longer_phrase_counts_before_its_first_word() -> None:
    """What is said of "boota om" is not said again of "boota"."""
    words = {"boota": "starta", "boota om": "starta om"}
    assert list(jargon_in("Boota om datorn.", words)) == [("Boota om", "starta om")]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- browser\n", 1, "Skriv 'ord: enklare ord', ett på varje rad."),
        ("a: b\nbrowser:\n", 2, "'browser' saknar ett enklare ord. Skriv det efter kolon."),
        ("a: b\na: c\n", 2, "'a' står två gånger. Ta bort den ena."),
    ],
)
def test_faults_in_the_list_of_jargon(text: str, line: int, message: str, root: Path) -> None:
    """They are told like any other, and the guides are still checked for the rest."""
    (root / "data" / "jargon.yml").write_text(text, encoding="utf-8")
    (root / "data" / "guides" / "g.yml").write_text(HEAD + CHECK.replace("?", "."), encoding="utf-8")
    problems = language_problems(root / "data" / "guides")
    assert [(Path(one.file).name, one.line, one.message) for one in problems] == [
        ("jargon.yml", line, message),
        ("g.yml", 6, NO_QUESTION),
    ]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Ring 14141, 0770-72 00 00, 0770 – 72 00 00 eller +46 770 72 00 00.", []),
        ("Ring 14142.", ["Telefonnumret 14142"]),
        ("Ring IT kundservice på 1414, de har öppet.", ["Telefonnumret 1414"]),
        ("Telefon: 0771-72 00 00.", ["Telefonnumret 0771-72 00 00"]),
        ("Det tar 1414 sekunder. Version 110 från 2026-10-01, klockan 06:00–22:00, 10 000 gånger, 10–15 minuter.", []),
        ("SE2321000040-1ABC och F5 är inga nummer.", []),
        ("Se [guiden](https://www.rjl.se/guide), http://rjl.se/guide/ eller 1177.se.", []),
        ("Se https://rjl.se/guiden.", ["Länken https://rjl.se/guiden"]),
        ("Se https://rjl.se.", ["Länken https://rjl.se"]),
        ("Se [här](https://evil.example/a?b=1).", ["Länken https://evil.example/a?b=1"]),
        ("Gå till 1178.se nu.", ["Länken 1178.se"]),
        ("Skriv till IT@rjl.se.", []),
        ("Skriv till anna@rjl.se.", ["E-postadressen anna@rjl.se"]),
        ("Välj t.ex. Edge. Se punkt 3.", []),
    ],
)
def test_facts_are_those_of_the_source(text: str, missing: List[str]) -> None:
    """Phone numbers, links and addresses, however they are written; other numbers do not matter."""
    assert [f"{what} {written}" for what, written in Contacts.of_source(FAQ).unknown_in(text)] == missing


def test_facts_are_checked_only_where_there_is_a_source(root: Path) -> None:
    """A customer may have no copy of it; with one, the very line is named."""
    text = HEAD + CHECK + "- id: z\n  kind: end\n  text: Ring 14142.\n"
    assert found(root, text) == [(9, unknown("Telefonnumret 14142"))]
    (root / SOURCE).unlink()
    assert found(root, text) == []


def test_phrases_that_mean_two_things(root: Path) -> None:
    """A phrase belongs to one step or answer, however it is spelt; it is named where it stands the second time."""
    steps = (
        "- id: a\n  kind: do\n  text: Gör.\n  said: [klart nu, gjort]\n"
        "- id: b\n  kind: check\n  text: Löste det sig?\n  said:\n  - Gjort!\n  answers:\n"
        "    failed: {title: Nej, said: klart nu}\n    other: {title: Annat, said: [annat, Annat]}\n"
    )
    assert found(root, HEAD + steps) == [
        (12, "'Gjort!' står också på rad 7 och kan då betyda två saker. Ta bort det ena."),
        (14, "'klart nu' står också på rad 7 och kan då betyda två saker. Ta bort det ena."),
        (15, "'Annat' står också på rad 15 och kan då betyda två saker. Ta bort det ena."),
    ]


def test_answers_of_different_steps_may_share_a_phrase(root: Path) -> None:
    """They are never asked for at the same time; nor are those of different guides."""
    answers = "  answers:\n    other: {title: Annat, said: [annat]}\n"
    second = CHECK.replace("look", "again") + answers
    assert found(root, HEAD + CHECK + answers + second) == []
    shutil.copy(root / "data" / "guides" / "g.yml", root / "data" / "guides" / "h.yml")
    assert language_problems(root / "data" / "guides") == []


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.sampled_from(["check", "do", "", "Är felet kvar?", "14142", "browser", "a" * 301]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["title", "steps", "text", "kind", "extra", "variants", "answers", "said", "how"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=15,
    )
)
def test_any_file_is_passed_over_or_named_by_a_line_that_it_has(root: Path, data: object) -> None:
    """What is wrong with its form is the loader's matter: here nothing breaks."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    assert all(1 <= line <= len(text.splitlines()) for line, _ in found(root, text))


def test_a_file_that_cannot_be_read_is_passed_over(root: Path) -> None:
    """The loader names it."""
    assert found(root, 'id: "g\n') == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the content, with the source."""
    shutil.copytree(CONTENT, tmp_path / "data")
    shutil.copy(ROOT / "domain.yml", tmp_path)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / SOURCE, tmp_path / "docs")
    return tmp_path


def test_a_clumsy_guide_is_found_by_the_check_and_does_not_stop_the_bot(copy: Path) -> None:
    """The bot starts with it; ``lotsen check`` names it."""
    path = copy / "data" / "guides" / "clear_cache.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("prova att logga in. Löste det sig?", "prova i browsern."), encoding="utf-8")
    assert load_content(copy / "data").guides["clear_cache"].steps[2].text.endswith("prova i browsern.")
    before = check_content(ROOT, CONTENT)
    messages = [one.message for one in check_content(copy, copy / "data") if one.file == str(path)]
    assert not any("clear_cache" in one.file for one in before)
    assert sorted(messages) == sorted([NO_QUESTION, BROWSER])


def test_the_guides_in_the_repository_are_well_written(capsys: pytest.CaptureFixture[str]) -> None:
    """They pass, and the command prints nothing about them."""
    assert language_problems(CONTENT / "guides") == []
    cli.main(["check"])
    assert "data/guides" not in capsys.readouterr().out


def test_the_source_uses_no_jargon() -> None:
    """A word that the region's own FAQ uses is not jargon: it must not be in the list."""
    words = read_yaml(CONTENT / "jargon.yml").data
    assert len(words) >= 25
    assert list(jargon_in((ROOT / SOURCE).read_text(encoding="utf-8"), words)) == []
    assert [word for word, plain in words.items() if list(jargon_in(plain, words))] == []
