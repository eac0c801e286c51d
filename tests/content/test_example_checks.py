"""Refusals over many subjects, and test sentences that leaked into training."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from lotsen.content.check import check_content
from lotsen.content.example_checks import MIN_REFUSED, MIN_SUBJECTS
from lotsen.content.problems import Problem
from tests.support.small_content import block, numbered, rule, write_content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small content that is right."""
    return write_content(tmp_path)


def check(folder: Path) -> List[Problem]:
    """Check the content."""
    return check_content(folder.parent, folder)


def refuse(folder: Path, subjects: int, each: int) -> Path:
    """Add refusals of two intents: examples in one folder, rules in another. Return the first file of examples."""
    (folder.parent / "domain.yml").write_text(
        "intents: [ask_alpha, ask_beta, greet, out_of_scope_card, out_of_scope_work]\nentities: [browser]\n",
        encoding="utf-8",
    )
    rules = rule("out_of_scope_card") + rule("out_of_scope_work")
    (folder / "conversation" / "out_of_scope.yml").write_text(f"rules:\n{rules}", encoding="utf-8")
    for intent, places in (("card", range(0, subjects, 2)), ("work", range(1, subjects, 2))):
        blocks = [
            block(f"out_of_scope_{intent}", numbered(f"{chr(97 + place % 26)}-{place}", each), f"{{subject: s{place}}}")
            for place in places
        ]
        (folder / "out_of_scope" / f"{intent}.yml").write_text("nlu:\n" + "".join(blocks), encoding="utf-8")
    return folder / "out_of_scope" / "card.yml"


def test_refusals_of_many_subjects_are_right(folder: Path) -> None:
    """One intent may have many blocks, and its rule in another folder."""
    refuse(folder, MIN_SUBJECTS, MIN_REFUSED // MIN_SUBJECTS)
    assert check(folder) == []


@pytest.mark.parametrize(
    ("subjects", "each", "message"),
    [
        (MIN_SUBJECTS - 1, 40, "Det som Lotsen inte svarar på har 29 ämnen ('subject'). Skriv om minst 30."),
        (
            MIN_SUBJECTS,
            MIN_REFUSED // MIN_SUBJECTS - 1,
            "Det som Lotsen inte svarar på har 870 exempel i alla filer tillsammans. Skriv minst 900.",
        ),
    ],
)
def test_too_few_refusals(subjects: int, each: int, message: str, folder: Path) -> None:
    """Both numbers are over all files; the fault is said at the first refusal."""
    path = refuse(folder, subjects, each)
    assert check(folder) == [Problem(str(path), 2, message)]


@pytest.mark.parametrize("metadata", ["{subject: }", "{subjekt: s0}", "{subject: [s0]}"])
def test_a_refusal_without_a_subject(metadata: str, folder: Path) -> None:
    """Each block says what it is about."""
    path = refuse(folder, MIN_SUBJECTS + 1, 40)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{subject: s0}", metadata), encoding="utf-8")
    message = "'out_of_scope_card' saknar 'subject' under 'metadata'. Skriv vad exemplen handlar om, ett ord."
    assert check(folder) == [Problem(str(path), 2, message)]


@pytest.mark.parametrize("name", ["development"])
@pytest.mark.parametrize(
    ("sentence", "likeness"),
    [("ALFA nummer0!", "samma"), ("hej, alfa numer0", None), ("nummer0 alfa tack", "nästan samma")],
)
def test_a_leaked_test_sentence(name: str, sentence: str, likeness: str | None, folder: Path) -> None:
    """A training example like a test sentence is reported at the example, whatever intent the test expects."""
    path = folder.parent / "tests" / "understanding" / name / "short.yml"
    path.parent.mkdir(parents=True)
    path.write_text(f"ask_beta:\n- något helt annat\n- '{sentence}'\n", encoding="utf-8")
    message = (
        f"Exemplet är {likeness} som testmeningen '{sentence}' ({path}:3). "
        "Testet ska vara okänt för modellen: ta bort exemplet."
    )
    assert check(folder) == ([Problem(str(folder / "faq" / "other.yml"), 5, message)] if likeness else [])


def test_a_leak_of_marks_only_is_the_same(folder: Path) -> None:
    """å, ä and ö without their marks are the same sentence."""
    path = folder.parent / "tests" / "understanding" / "development" / "short.yml"
    path.parent.mkdir(parents=True)
    path.write_text("greet:\n- halsning nummer0\n", encoding="utf-8")
    (problem,) = check(folder)
    assert "är samma som testmeningen 'halsning nummer0'" in problem.message


@pytest.mark.parametrize(("text", "line"), [("{", 1), ("a: 1\na: 2\n", 2)])
def test_a_broken_test_set_is_reported(text: str, line: int, folder: Path) -> None:
    """A test set that cannot be read could hide a leak."""
    path = folder.parent / "tests" / "understanding" / "development" / "short.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    (problem,) = check(folder)
    assert problem.file == str(path)


@pytest.mark.parametrize("text", ["", "- a\n", "greet: hej\n", "greet:\n", "greet: [[a], {b: c}]\n"])
def test_an_odd_test_set_does_no_harm(text: str, folder: Path) -> None:
    """What is no sentence cannot have leaked."""
    path = folder.parent / "tests" / "understanding" / "development" / "short.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert check(folder) == []
