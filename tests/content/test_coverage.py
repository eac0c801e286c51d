"""Every sentence of the source FAQ is covered, and each of its facts stands in the answer or guide that covers it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from lotsen.content.located_yaml import read_yaml
from lotsen.guides.loader import load_guides
from lotsen.guides.model import Step
from tests.support.expected import answers, catalog

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "docs" / "faq-source.txt"
SOURCE_TITLE = "Stöd och behandling, Frågor och svar"
COVERAGE = read_yaml(Path(__file__).with_name("coverage.yml"))
ENTRIES: List[Dict[str, Any]] = COVERAGE.data
QUESTION_IDS: List[str] = [row["id"] for row in catalog()]
CONTENT: List[Tuple[int, Dict[str, Any]]] = [
    (index, entry) for index, entry in enumerate(ENTRIES) if "kind" not in entry
]


def at(index: int, message: str) -> str:
    """Say in which line of coverage.yml the trouble is, for the file is long and its sentences alike."""
    return str(COVERAGE.problem(message, index))


def without_space(text: str) -> str:
    """Leave only what is written, for the source breaks its lines anywhere and uses several kinds of space."""
    return "".join(text.split())


def folded(text: str) -> str:
    """Leave out what a reader does not see or need: bold marks, capitals, line breaks."""
    return " ".join(text.replace("**", "").split()).casefold()


@pytest.fixture(scope="module")
def covering_texts() -> Dict[str, str]:
    """The folded text a user can read for each question: its answer, or its guide's intro and steps."""
    texts = {name.removeprefix("utter_"): folded(text) for name, text in answers().items()}
    for guide in load_guides(ROOT / "data" / "guides").values():
        texts[guide.id] = folded("\n".join([guide.intro, *(text for step in guide.steps for text in stated(step))]))
    return texts


def stated(step: Step) -> List[str]:
    """Return what a step says in the source's name: its text, and the help that is not marked as saying more."""
    parts = {"why": [step.help.why], "how": list(step.help.how), "see": [step.help.see], "if_not": [step.help.if_not]}
    return [step.text, *(text for name, part in parts.items() if name not in step.extra for text in part)]


def test_no_sentence_is_left_out() -> None:
    """The pieces, put together in order, are the source, so that nothing in it can go unchecked."""
    source = SOURCE.read_text(encoding="utf-8").partition(SOURCE_TITLE)[2]
    expected = without_space(source)
    assert expected, f"{SOURCE} has no text below '{SOURCE_TITLE}'"
    end = 0
    for index, entry in enumerate(ENTRIES):
        piece = without_space(entry["source"])
        rest = expected[end:]
        assert rest.startswith(piece), at(index, f"the source goes on with '{rest[:80]}'")
        end += len(piece)
    assert end == len(expected), f"{COVERAGE.file} ends before '{expected[end:][:80]}'"


@pytest.mark.parametrize(
    "index, entry", [pytest.param(*row, id=f"{row[1]['by']}:{COVERAGE.line(row[0])}") for row in CONTENT]
)
def test_facts_are_stated(index: int, entry: Dict[str, Any], covering_texts: Dict[str, str]) -> None:
    """What the source says of a matter must reach the user who asks about it."""
    assert entry.get("facts"), at(index, "no facts, so nothing would be checked")
    missing = [fact for fact in entry["facts"] if folded(fact) not in covering_texts[entry["by"]]]
    assert not missing, at(index, f"{entry['by']} does not state {missing}; the source: {entry['source']}")


def test_entries_are_of_a_known_kind() -> None:
    """A misspelt kind or id would take a sentence out of the check without anyone noticing."""
    for index, entry in enumerate(ENTRIES):
        kind = entry.get("kind")
        assert kind in (None, "question", "heading"), at(index, f"unknown kind '{kind}'")
        assert kind == "heading" or entry.get("by") in QUESTION_IDS, at(index, f"unknown id '{entry.get('by')}'")


@pytest.mark.parametrize("question", QUESTION_IDS)
def test_every_question_covers_a_sentence(question: str) -> None:
    """An answer or guide that covers nothing in the source would have no ground there."""
    assert question in {entry["by"] for _, entry in CONTENT}
