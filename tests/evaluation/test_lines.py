"""Labelled sentences: read from their files as they are written, and the real sets are what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from lotsen.content.catalogue import Content
from lotsen.content.located_yaml import read_yaml
from lotsen.content.problems import ContentError
from lotsen.evaluation.lines import DOUBLE, VAGUE, Line, Mixed, development_sets, intents_of, read_mixed, read_set
from lotsen.settings import ROOT


def write(path: Path, text: str) -> Path:
    """Write a file and return its path."""
    path.write_text(text, encoding="utf-8")
    return path


def test_a_set_is_read_in_its_order(tmp_path: Path) -> None:
    """Each sentence comes with its intent; what looks like a number or a truth value stays the text it was."""
    path = write(tmp_path / "set.yml", "fee:\n- gratis?\n- '100'\n- no\nlogin:\n- ”Fel” vid inloggning\n")
    assert read_set(path) == [
        Line("gratis?", "fee"),
        Line("100", "fee"),
        Line("no", "fee"),
        Line("”Fel” vid inloggning", "login"),
    ]


@pytest.mark.parametrize("text", ["", "# snart\n", "fee:\n"])
def test_a_set_that_has_only_been_begun_is_empty(text: str, tmp_path: Path) -> None:
    """An intent without sentences, or no intent at all, is no fault."""
    assert read_set(write(tmp_path / "set.yml", text)) == []


def test_a_set_that_cannot_be_read_is_a_content_error(tmp_path: Path) -> None:
    """The error names the file, whether it is missing or no YAML."""
    with pytest.raises(ContentError, match=r"none\.yml:1: Filen går inte att läsa"):
        read_set(tmp_path / "none.yml")
    with pytest.raises(ContentError, match=r"set\.yml:1: Filen är inte giltig YAML"):
        read_set(write(tmp_path / "set.yml", "fee: ["))


def test_sets_are_named_after_their_files(tmp_path: Path) -> None:
    """Each YAML file of the folder is a set, in the order of their names; other files are none."""
    write(tmp_path / "b.yml", "fee:\n- gratis?\n")
    write(tmp_path / "a.yml", "login:\n- kommer inte in\n")
    write(tmp_path / "README.md", "fee:\n- nej\n")
    sets = development_sets(tmp_path)
    assert list(sets) == ["a", "b"]
    assert sets == {"a": [Line("kommer inte in", "login")], "b": [Line("gratis?", "fee")]}


def test_mixed_messages_have_all_their_intents(tmp_path: Path) -> None:
    """A message keeps its intents, in the order written."""
    path = write(
        tmp_path / "mixed.yml", "- intents: [b, a]\n  text: Hur? Och vad?\n- {intents: [c, d, e], text: hjälp}\n"
    )
    assert read_mixed(path) == [Mixed("Hur? Och vad?", ("b", "a")), Mixed("hjälp", ("c", "d", "e"))]


def test_intents_are_named_once_and_sorted() -> None:
    """What occurs, however often."""
    assert intents_of([Line("1", "b"), Line("2", "a"), Line("3", "b")]) == ["a", "b"]
    assert intents_of([]) == []


def test_the_real_sets_name_only_intents_of_the_domain() -> None:
    """A misspelt intent would count as an error of the model at each measurement."""
    known = set(read_yaml(ROOT / "domain.yml").data["intents"])
    sets = development_sets()
    assert sets
    for lines in sets.values():
        assert lines
        assert set(intents_of(lines)) <= known


def test_the_real_mixed_messages_name_different_questions(content: Content) -> None:
    """Two questions in one message are just two; a vague message has at least two that it may mean."""
    double, vague = read_mixed(DOUBLE), read_mixed(VAGUE)
    assert {len(message.intents) for message in double} == {2}
    assert vague
    for message in (*double, *vague):
        assert len(set(message.intents)) == len(message.intents) >= 2
        assert set(message.intents) <= set(content.questions)
