"""The actions' texts: every one is there, and only words that are filled in stand in braces."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Tuple

import pytest

from lotsen.content.catalogue import Content
from lotsen.content.problems import ContentError, Problem
from lotsen.content.texts import OPTIONAL, TEXTS, Button, Text, load_texts
from tests.support.small_content import texts


def write(folder: Path, changed: Dict[str, str]) -> Path:
    """Write a file with every text, those in ``changed`` as given; an empty one is left out."""
    path = folder / "texts.yml"
    path.write_text("".join({**texts(), **changed}.values()), encoding="utf-8")
    return path


def problems_in(path: Path) -> Tuple[Problem, ...]:
    """Load a file that has faults; return them."""
    with pytest.raises(ContentError) as caught:
        load_texts(path)
    return caught.value.problems


def marked_line(path: Path) -> int:
    """Return the line that ends in ``# fel``."""
    lines = path.read_text(encoding="utf-8").split("\n")
    (number,) = (number for number, line in enumerate(lines, 1) if line.endswith("# fel"))
    return number


def test_a_text_with_placeholders_and_buttons(tmp_path: Path) -> None:
    """A text is read with its buttons in order, white space around it dropped."""
    written = (
        "guide_offer:\n  text: |\n    Vill du fortsätta med {title}?\n\n    Steg {number} av {total}.\n"
        "  buttons:\n  - {title: Fortsätt, payload: /repeat}\n  - {title: 'En till', payload: '/x{\"a\": \"b\"}'}\n"
    )
    assert load_texts(write(tmp_path, {"guide_offer": written}))["guide_offer"] == Text(
        "Vill du fortsätta med {title}?\n\nSteg {number} av {total}.",
        (Button("Fortsätt", "/repeat"), Button("En till", '/x{"a": "b"}')),
    )


FAULTS = {
    "unknown text": (
        "guide_offr",
        "guide_offr:  # fel\n  text: Hej.\n",
        "Ingen använder texten 'guide_offr'. Menade du",
    ),
    "empty text": ("menu", "menu:  # fel\n  text:\n", "Texten 'menu' är tom."),
    "nothing under the name": ("menu", "menu:  # fel\n", "Texten 'menu' är tom."),
    "text without its key": ("menu", "menu: Hej.  # fel\n", "Texten 'menu' är tom."),
    "list as text": ("menu", "menu:  # fel\n  text: [Hej, igen]\n", "Texten 'menu' är tom."),
    "placeholder that nobody fills in": (
        "menu_section",
        "menu_section:\n  text: Om {secton}.  # fel\n",
        "'{secton}' fylls inte i här. Det som fylls i: {section}.",
    ),
    "placeholder where none is filled in": (
        "menu",
        "menu:\n  text: Om {section}.  # fel\n",
        "'{section}' fylls inte i här. Det som fylls i: inga.",
    ),
    "brace without its pair": ("menu", "menu:\n  text: Om {section  # fel\n", "klammer utan par"),
    "empty braces": ("menu", "menu:\n  text: Om {}.  # fel\n", "'{}' fylls inte i här."),
    "placeholder inside a placeholder": (
        "menu_section",
        'menu_section:\n  text: "{section:{width}}"  # fel\n',
        "'{width}' fylls inte i här.",
    ),
    "placeholder left out": (
        "handoff_preview",
        "handoff_preview:\n  text: Klart!  # fel\n",
        "Texten 'handoff_preview' saknar '{summary}'. Utan det ser användaren inte det som fylls i där.",
    ),
    "one of two placeholders left out": (
        "guide_do",
        "guide_do:\n  text: '{heading}'  # fel\n",
        "Texten 'guide_do' saknar '{step}'. Utan det ser användaren inte det som fylls i där.",
    ),
    "buttons that are no list": (
        "menu",
        "menu:\n  text: Hej.\n  buttons: {title: Stopp, payload: /stop}  # fel\n",
        "Under 'buttons' ska det stå en lista: '- {title: Klart, payload: /next_step}'.",
    ),
    "title that is no text": (
        "menu",
        "menu:\n  text: Hej.\n  buttons:\n  - {title: [Stopp], payload: /stop}  # fel\n",
        "En knapp ska",
    ),
    "button without a title": (
        "menu",
        "menu:\n  text: Hej.\n  buttons:\n  - {payload: /stop}  # fel\n",
        "En knapp ska",
    ),
    "button without a payload": (
        "menu",
        "menu:\n  text: Hej.\n  buttons:\n  - {title: Stopp}  # fel\n",
        "En knapp ska",
    ),
    "payload without a slash": (
        "menu",
        "menu:\n  text: Hej.\n  buttons:\n  - {title: Stopp, payload: stop}  # fel\n",
        "En knapp ska se ut så här: {title: Klart, payload: /next_step}.",
    ),
    "button that is only a word": ("menu", "menu:\n  text: Hej.\n  buttons:\n  - Stopp  # fel\n", "En knapp ska"),
}


@pytest.mark.parametrize(("name", "written", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_said_with_its_line(name: str, written: str, message: str, tmp_path: Path) -> None:
    """Each fault is one problem on the line where it stands."""
    path = write(tmp_path, {name: written})
    (problem,) = problems_in(path)
    assert problem.line == marked_line(path)
    assert message in problem.message


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_optional_placeholder_may_be_left_out(name: str, tmp_path: Path) -> None:
    """Some words in braces are a service, not the point of the text."""
    assert OPTIONAL[name] <= TEXTS[name]
    needed = " ".join(f"{{{word}}}" for word in TEXTS[name] - OPTIONAL[name])
    assert load_texts(write(tmp_path, {name: f"{name}:\n  text: Hej {needed}\n"}))[name].text == f"Hej {needed}".strip()


def test_missing_texts_are_all_named(tmp_path: Path) -> None:
    """Every text that an action may say must be there."""
    problems = problems_in(write(tmp_path, {"menu": "", "suggest": ""}))
    assert [problem.message for problem in problems] == [
        "Texten 'menu' saknas. Skriv 'menu:' och 'text: ...' under.",
        "Texten 'suggest' saknas. Skriv 'suggest:' och 'text: ...' under.",
    ]


def test_an_empty_file_misses_every_text(tmp_path: Path) -> None:
    """An empty file is not an empty set of texts."""
    (tmp_path / "texts.yml").write_text("", encoding="utf-8")
    assert len(problems_in(tmp_path / "texts.yml")) == len(TEXTS)


def test_faults_are_reported_together_in_order(tmp_path: Path) -> None:
    """One run shows every fault."""
    problems = problems_in(write(tmp_path, {"suggest": "suggest:\n", "menu": "menu:\n  text: '{a} {b}'\n"}))
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)
    assert len(problems) == 3


@pytest.mark.parametrize("name", TEXTS)
def test_a_real_text_can_be_filled_in(name: str, content: Content) -> None:
    """Every text of ``data/texts.yml`` is said with its words, and no brace is left in it."""
    said = content.texts[name].text.format(**{word: f"<{word}>" for word in TEXTS[name]})
    assert said.strip()
    assert "{" not in said
