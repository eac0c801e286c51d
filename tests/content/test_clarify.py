"""Clarifying questions: what separates what, which question is asked, and every fault in the file in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.content.catalogue import Content
from lotsen.content.clarify import Clarification, Option, clarify, load_clarifications, unknown_intents
from lotsen.content.located_yaml import read_yaml
from lotsen.content.problems import ContentError
from lotsen.settings import ROOT

ACCESS = Clarification(
    "Gäller det dig eller en invånare?",
    (
        Option("Mig", ("login_error", "page_missing"), "login_problem"),
        Option("Invånaren", ("resident_cannot_log_in",)),
        Option("Något annat", ("training", "film")),
    ),
)


@pytest.mark.parametrize(
    ("intents", "buttons"),
    [
        pytest.param(
            ["login_error", "resident_cannot_log_in"],
            [("Mig", "login_error"), ("Invånaren", "resident_cannot_log_in")],
            id="one of each leads straight to it",
        ),
        pytest.param(
            ["resident_cannot_log_in", "login_error"],
            [("Invånaren", "resident_cannot_log_in"), ("Mig", "login_error")],
            id="the likelier first, not the first in the file",
        ),
        pytest.param(
            ["login_error", "film", "page_missing"],
            [("Mig", "login_problem"), ("Något annat", "film")],
            id="several under one option lead to where it says",
        ),
        pytest.param(["login_error", "page_missing"], [], id="all under the same option"),
        pytest.param(["training", "film", "login_error"], [], id="two under an option that leads nowhere"),
        pytest.param(["login_error", "training", "fee"], [], id="one that no option covers"),
        pytest.param(["login_error"], [], id="only one"),
        pytest.param([], [], id="none"),
    ],
)
def test_separate(intents: List[str], buttons: List[Tuple[str, str]]) -> None:
    """Buttons for what is meant, or nothing when the question would not help."""
    assert ACCESS.separate(intents) == buttons


INTENTS = "abcdefgh"


@st.composite
def clarifications(draw: st.DrawFn) -> Clarification:
    """Draw a question whose options share out some of the intents, as the file's must."""
    places: Dict[str, int] = draw(st.dictionaries(st.sampled_from(INTENTS), st.integers(0, 3), min_size=1))
    options = [
        Option(
            f"Val {place}",
            tuple(name for name, at in places.items() if at == place),
            draw(st.none() | st.just(f"leads_{place}")),
        )
        for place in sorted(set(places.values()))
    ]
    return Clarification("Vad?", tuple(options))


guesses = st.lists(st.sampled_from(INTENTS), max_size=5, unique=True)


def covering(question: Clarification, intent: str) -> Optional[Option]:
    """Return the option that covers the intent."""
    found = [option for option in question.options if intent in option.covers]
    return found[0] if found else None


@given(question=clarifications(), intents=guesses)
def test_a_question_separates_only_when_it_helps(question: Clarification, intents: List[str]) -> None:
    """Every guess is under an option, there are two to choose between, and each button has one place to lead to."""
    options = [covering(question, intent) for intent in intents]
    crowded = [option for option in options if option is not None and options.count(option) > 1]
    helps = None not in options and len(set(options)) >= 2 and all(option.leads_to is not None for option in crowded)
    assert bool(question.separate(intents)) == helps


@given(question=clarifications(), intents=guesses)
def test_each_button_stands_for_its_guesses(question: Clarification, intents: List[str]) -> None:
    """No guess is lost, no button is without one, and the buttons stand in the order of the guesses."""
    buttons = question.separate(intents)
    if not buttons:
        return
    titles = [option.title for intent in intents if (option := covering(question, intent)) is not None]
    assert [title for title, _ in buttons] == list(dict.fromkeys(titles))
    for title, leads_to in buttons:
        (option,) = (option for option in question.options if option.title == title)
        meant = [intent for intent in intents if intent in option.covers]
        assert leads_to == (meant[0] if len(meant) == 1 else option.leads_to)


@given(question=clarifications(), intents=guesses)
def test_the_order_of_guesses_changes_only_the_order_of_buttons(question: Clarification, intents: List[str]) -> None:
    """Which of two close guesses is ahead does not change what the user can choose."""
    assert sorted(question.separate(intents[::-1])) == sorted(question.separate(intents))


def test_the_first_question_that_separates_is_asked() -> None:
    """The file's order decides between two that would do; the name is only for the file."""
    other = Clarification("Gäller det inloggning?", (Option("Ja", ("login_error",)), Option("Nej", ("training",))))
    both = {"z": ACCESS, "a": other}
    assert clarify(both, ["login_error", "training"]) == (
        "Gäller det dig eller en invånare?",
        [("Mig", "login_error"), ("Något annat", "training")],
    )
    assert clarify({"a": other, "z": ACCESS}, ["login_error", "training"]) == (
        "Gäller det inloggning?",
        [("Ja", "login_error"), ("Nej", "training")],
    )
    assert clarify({"a": other, "z": ACCESS}, ["login_error", "film"]) == (
        "Gäller det dig eller en invånare?",
        [("Mig", "login_error"), ("Något annat", "film")],
    )


def test_no_question_is_asked_when_none_separates() -> None:
    """Then the bot asks "Menade du ...?" as before."""
    assert clarify({"a": ACCESS}, ["login_error", "fee"]) is None
    assert clarify({}, ["login_error", "training"]) is None


def loaded(folder: Path, text: str) -> Dict[str, Clarification]:
    """Write ``clarify.yml`` and read it."""
    path = folder / "clarify.yml"
    path.write_text(text, encoding="utf-8")
    return load_clarifications(path)


def faults(folder: Path, text: str) -> List[str]:
    """Read a file that has faults; return each as ``line: message``."""
    with pytest.raises(ContentError) as caught:
        loaded(folder, text)
    assert all(problem.file.endswith("clarify.yml") for problem in caught.value.problems)
    return [f"{problem.line}: {problem.message}" for problem in caught.value.problems]


def test_a_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Question and options keep their order; ``leads_to`` may be left out."""
    found = loaded(
        tmp_path,
        "access:\n  question: Gäller det dig eller en invånare?\n  options:\n"
        "  - {title: Mig, covers: [login_error, page_missing], leads_to: login_problem}\n"
        "  - {title: Invånaren, covers: [resident_cannot_log_in]}\n"
        "  - {title: Något annat, covers: [training, film]}\n",
    )
    assert found == {"access": ACCESS}


@pytest.mark.parametrize("text", ["", "# snart\n"])
def test_a_file_that_has_only_been_begun_has_no_questions(text: str, tmp_path: Path) -> None:
    """The bot manages without them."""
    assert loaded(tmp_path, text) == {}


OPTIONS = "  options:\n  - {title: A, covers: [a]}\n  - {title: B, covers: [b]}\n"
NO_QUESTION = "1: 'x' saknar frågan. Skriv 'question: ...' under."
TOO_FEW = "1: 'x' behöver minst två alternativ under 'options'."
NO_OPTION = "Ett alternativ ska ha en 'title' och minst en fråga under 'covers'."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("x: Vad?\n", [NO_QUESTION], id="a text where fields should stand"),
        pytest.param("x:\n", [NO_QUESTION], id="nothing under the name"),
        pytest.param(f"x:\n{OPTIONS}", [NO_QUESTION], id="no question"),
        pytest.param(f"x:\n  question: [Vad?]\n{OPTIONS}", [NO_QUESTION], id="a list as question"),
        pytest.param("x:\n  question: Vad?\n  options: []\n", [TOO_FEW], id="no options"),
        pytest.param("x:\n  question: Vad?\n  options: A\n", [TOO_FEW], id="a text as options"),
        pytest.param("x:\n  question: Vad?\n  options: [{title: A, covers: [a]}]\n", [TOO_FEW], id="only one option"),
        pytest.param("\nx:\n  question: Vad?\n", [TOO_FEW.replace("1", "2")], id="options left out"),
        pytest.param(
            "x:\n  question: Vad?\n  options:\n  - A\n  - {covers: [b]}\n  - {title: C}\n  - {title: D, covers: []}\n"
            "  - {title: E, covers: e}\n  - {title: [F], covers: [f]}\n",
            [f"{line}: {NO_OPTION}" for line in range(4, 10)],
            id="options without a title or without questions",
        ),
        pytest.param(
            f"x:\n  questoin: Vad?\n  question: Vad?\n{OPTIONS}",
            ["2: Okänt fält: 'questoin'. Menade du 'question'?"],
            id="a misspelt field",
        ),
        pytest.param(
            f"x:\n  question: Vad?\n{OPTIONS}  zzz: 1\n",
            ["6: Okänt fält: 'zzz'. Välj bland: options, question."],
            id="a field like none that is known",
        ),
        pytest.param(
            f"x:\n  question: Vad?\n{OPTIONS}  - {{title: C, covers: [c], lead_to: d}}\n",
            ["6: Okänt fält: 'lead_to'. Menade du 'leads_to'?"],
            id="a misspelt field of an option",
        ),
        pytest.param(
            f"x:\n  question: Vad?\n{OPTIONS}  - {{title: C, covers: [c, a, b]}}\n",
            [
                "6: 'a' finns under två alternativ. Ta bort det ena.",
                "6: 'b' finns under två alternativ. Ta bort det ena.",
            ],
            id="questions under two options",
        ),
    ],
)
def test_a_fault_is_said_in_swedish_with_its_line(text: str, expected: List[str], tmp_path: Path) -> None:
    """The content owner reads what is wrong, and where."""
    assert faults(tmp_path, text) == expected


def test_all_faults_are_said_in_one_run(tmp_path: Path) -> None:
    """Every question is looked at, also behind one that is wrong, and all its faults are named."""
    text = (
        "one:\n  question: Vad?\n  titel: x\n  options:\n  - {title: A}\n  - {title: B, covers: [b], x: y}\n"
        "  - {title: C, covers: [b]}\n"
        "two: nej\n"
        f"three:\n  question: Vad?\n{OPTIONS}"
        "four:\n  question: Vad?\n"
    )
    assert faults(tmp_path, text) == [
        "3: Okänt fält: 'titel'. Välj bland: options, question.",
        f"5: {NO_OPTION}",
        "6: Okänt fält: 'x'. Välj bland: covers, leads_to, title.",
        "7: 'b' finns under två alternativ. Ta bort det ena.",
        "8: 'two' saknar frågan. Skriv 'question: ...' under.",
        "14: 'four' behöver minst två alternativ under 'options'.",
    ]


def test_a_question_may_stand_in_two_clarifications(tmp_path: Path) -> None:
    """Only within one question must the options be apart: ``login_error`` is separated from others in several ways."""
    options = OPTIONS.replace("B", "C")
    found = loaded(tmp_path, f"x:\n  question: Vad?\n{OPTIONS}y:\n  question: Hur?\n{options}")
    assert list(found) == ["x", "y"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"x:\n  question:\n{OPTIONS}", id="a question without words"),
        pytest.param(f"x:\n  question: Vad?\n{OPTIONS}  - {{title: , covers: [c]}}\n", id="a button without words"),
        pytest.param(
            f"x:\n  question: Vad?\n{OPTIONS}  - {{title: C, covers: [c], leads_to: [d]}}\n", id="leads_to is a list"
        ),
        pytest.param(f"x:\n  question: Vad?\n{OPTIONS}  - {{title: C, covers: [[c]]}}\n", id="covers a list of lists"),
        pytest.param("- question: Vad?\n", id="a list of questions"),
    ],
)
def test_values_of_the_wrong_form(text: str, tmp_path: Path) -> None:
    """Each should be a problem that names its line, before the bot is started."""
    assert faults(tmp_path, text)


def test_without_the_file_nothing_is_clarified(tmp_path: Path) -> None:
    """A region may do with "Menade du ...?" alone."""
    assert load_clarifications(tmp_path / "none.yml") == {}
    assert unknown_intents(tmp_path / "none.yml", set()) == []


def test_a_broken_file_is_a_content_error(tmp_path: Path) -> None:
    """As with every other content file."""
    with pytest.raises(ContentError, match=r"clarify\.yml:1: Filen är inte giltig YAML"):
        loaded(tmp_path, "x: [")


def test_an_option_must_name_intents_that_exist(tmp_path: Path) -> None:
    """What an option covers and where it leads are both looked up; each unknown name is said with its line."""
    path = tmp_path / "clarify.yml"
    path.write_text(
        f"x:\n  question: Vad?\n{OPTIONS}  - {{title: C, covers: [loginn, login], leads_to: resident_fe}}\n",
        encoding="utf-8",
    )
    found = unknown_intents(path, {"a", "login", "resident_fee"})
    assert [f"{problem.line}: {problem.message}" for problem in found] == [
        "5: 'b' finns inte i domain.yml. Välj bland: a, login, resident_fee.",
        "6: 'loginn' finns inte i domain.yml. Menade du 'login'?",
        "6: 'resident_fe' finns inte i domain.yml. Menade du 'resident_fee'?",
    ]
    assert unknown_intents(path, {"a", "b", "login", "loginn", "resident_fe"}) == []


def test_a_file_that_cannot_be_read_has_no_unknown_intents(tmp_path: Path) -> None:
    """What is wrong with it is said where it is loaded, and not twice."""
    assert unknown_intents(tmp_path / "none.yml", {"a"}) == []


REAL = ROOT / "data" / "clarify.yml"


def test_the_real_file_is_valid_and_names_only_intents_of_the_domain() -> None:
    """A misspelt intent would be a button that leads nowhere, or a question that is never asked."""
    known = set(read_yaml(ROOT / "domain.yml").data["intents"])
    options = [option for question in load_clarifications(REAL).values() for option in question.options]
    assert options
    for option in options:
        assert {*option.covers, *([option.leads_to] if option.leads_to else [])} <= known, option.title


def test_each_option_of_the_real_file_can_be_offered(content: Content) -> None:
    """Only questions of the FAQ are guessed at, so only they are worth covering; each pair of options is separated."""
    for question in load_clarifications(REAL).values():
        assert {intent for option in question.options for intent in option.covers} <= set(content.questions)
        for first, second in zip(question.options, question.options[1:], strict=False):
            assert question.separate([second.covers[0], first.covers[0]]) == [
                (second.title, second.covers[0]),
                (first.title, first.covers[0]),
            ]
