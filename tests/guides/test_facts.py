"""The questions about a user's surroundings, and who takes over: what is read, and each fault by words and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lotsen.content.catalogue import load_targets
from lotsen.content.problems import ContentError
from lotsen.guides.facts import FactQuestion, load_facts
from lotsen.settings import ROOT

BROWSER = "browser:\n  question: Vilken?\n  options: {Edge: Microsoft Edge, Chrome: Chrome}\n"
OPTIONS = "Under 'options' ska det stå minst två val, till exempel 'Edge: Microsoft Edge'."
EMPTY = "Filen är tom. Skriv till exempel 'browser:' och 'question: ...' under."
TARGETS = "Skriv 'id: namn', ett på varje rad, till exempel 'it_service: IT kundservice'."


def write(folder: Path, text: str) -> Path:
    """Write a file; return its path."""
    path = folder / "file.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_question(tmp_path: Path) -> None:
    """Question, values with their buttons, and the button for not knowing, which has a usual text."""
    text = f"{BROWSER}place:\n  question: Var?\n  options: {{a: A, b: B}}\n  unknown: Minns inte\n"
    assert load_facts(write(tmp_path, text)) == {
        "browser": FactQuestion("Vilken?", {"Edge": "Microsoft Edge", "Chrome": "Chrome"}, "Vet inte"),
        "place": FactQuestion("Var?", {"a": "A", "b": "B"}, "Minns inte"),
    }


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        pytest.param("", [(1, EMPTY)], id="empty"),
        pytest.param("- browser\n", [(1, EMPTY)], id="a list"),
        pytest.param("browser: Edge\n", [(1, "'browser' ska ha fälten question och options.")], id="only a word"),
        pytest.param(
            f"{BROWSER}  unknwn: Nej\n", [(4, "Okänt fält: 'unknwn'. Menade du 'unknown'?")], id="misspelt field"
        ),
        pytest.param(
            "browser:\n  options: {a: A, b: B}\n",
            [(1, "Fältet 'question' är tomt. Skriv en text.")],
            id="no question",
        ),
        pytest.param(f"{BROWSER}  unknown: ''\n", [(4, "Fältet 'unknown' är tomt. Skriv en text.")], id="no button"),
        pytest.param("b:\n  question: V?\n  options: {a: A}\n", [(3, OPTIONS)], id="one option"),
        pytest.param("b:\n  question: V?\n  options: [a, b]\n", [(3, OPTIONS)], id="options that are a list"),
        pytest.param("b:\n  question: V?\n  options: {a: A, b: [B]}\n", [(3, OPTIONS)], id="option that is a list"),
        pytest.param(
            f"a: A\n{BROWSER}b:\n  question: V?\n",
            [(1, "'a' ska ha fälten question och options."), (5, OPTIONS)],
            id="all at once",
        ),
    ],
)
def test_faults_of_a_question(text: str, faults: list[tuple[int, str]], tmp_path: Path) -> None:
    """Every fault in the file is said in one run, on its line."""
    with pytest.raises(ContentError) as caught:
        load_facts(write(tmp_path, text))
    assert [(problem.line, problem.message) for problem in caught.value.problems] == faults


def test_targets(tmp_path: Path) -> None:
    """Names by id, in the order of the file: the first is the usual one."""
    assert list(load_targets(write(tmp_path, "z: Zoo\na: Apa\n")).items()) == [("z", "Zoo"), ("a", "Apa")]


@pytest.mark.parametrize("text", ["", "it\n", "- it\n", "it: [IT]\n", "it:\n", "{}\n"])
def test_faults_of_targets(text: str, tmp_path: Path) -> None:
    """A file that is no list of names is one fault."""
    with pytest.raises(ContentError) as caught:
        load_targets(write(tmp_path, text))
    assert [(problem.line, problem.message) for problem in caught.value.problems] == [(1, TARGETS)]


def test_the_content_asks_and_hands_over() -> None:
    """The files in the repository: what is asked, and who takes over if a guide says nothing."""
    assert list(load_facts(ROOT / "data" / "facts.yml")) == ["browser", "place"]
    assert next(iter(load_targets(ROOT / "data" / "targets.yml"))) == "it_service"
