"""Where examples may go, and what speaks against them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lotsen.improvement.adding import Addition
from lotsen.improvement.corpus import Corpus, corpus

FAQ = """\
version: "3.1"
nlu:
- intent: which_browser
  metadata: {section: Teknik, title: "Vilken webbläsare?"}
  examples: |
    - vilken webbläsare ska jag ha
    - fungerar Chrome i plattformen
- intent: how_to_purge
  metadata: {section: Administration, title: "Hur gallrar jag?"}
  examples: |
    - hur gallrar man moment
"""
REFUSED = """\
version: "3.1"
nlu:
- intent: out_of_scope_card
  metadata: {subject: pin}
  examples: |
    - glömt pinkoden till kortet
- intent: out_of_scope_card
  metadata: {subject: reader}
  examples: |
    - kortläsaren blinkar rött
"""


@pytest.fixture
def known(tmp_path: Path) -> Corpus:
    """A small corpus, and a test sentence."""
    for name, text in (("faq/a.yml", FAQ), ("out_of_scope/b.yml", REFUSED)):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "tests" / "development").mkdir(parents=True)
    (tmp_path / "tests" / "development" / "a.yml").write_text("how_to_purge:\n- gallra gamla moment hur\n", "utf-8")
    return corpus(tmp_path, tmp_path / "data")


def test_a_place_for_each_intent_and_subject(known: Corpus) -> None:
    """Blocks of one intent are told apart by subject, and the nearest one is found by the words."""
    assert list(known.spots) == ["which_browser", "how_to_purge", "out_of_scope_card/pin", "out_of_scope_card/reader"]
    assert known.spots["out_of_scope_card/pin"].path == "data/out_of_scope/b.yml"
    assert (
        known.nearest_spot("out_of_scope_card", "min kortläsare blinkar rött hela tiden") == "out_of_scope_card/reader"
    )
    assert (known.nearest_spot("which_browser", "x"), known.nearest_spot("unknown", "x")) == ("which_browser", "")


def test_advice(known: Corpus, tmp_path: Path) -> None:
    """The same, nearly the same, twice, and a test sentence are told; an example of its own is not."""
    spot = known.spots["how_to_purge"]
    texts = [
        "Vilken webbläsare ska jag ha?",
        "fungerar chrome i plattformarna",
        "gallra gamla moment hur",
        "kan någon hjälpa mig att rensa bort avslutade patienter",
        "kan någon hjälpa mig att rensa bort avslutade patienter",
    ]
    additions = [Addition(spot, text) for text in texts]
    said = [known.advice([one], tmp_path / "tests")[one] for one in additions[:4]]
    assert ["finns redan för 'which_browser'" in " ".join(said[0]), "nästan samma" in " ".join(said[1])] == [True, True]
    assert "testmeningen" in " ".join(said[2])
    assert said[3] == []
    assert "finns redan" in " ".join(known.advice(additions[3:], tmp_path / "tests")[additions[3]])


def test_a_changed_file_is_read_anew(known: Corpus, tmp_path: Path) -> None:
    """What somebody writes in the files is known at the next look."""
    path = tmp_path / "data" / "faq" / "a.yml"
    path.write_text(FAQ + "    - en till om gallring\n", encoding="utf-8")
    assert len(corpus(tmp_path, tmp_path / "data").examples) == len(known.examples) + 1
