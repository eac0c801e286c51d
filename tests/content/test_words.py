"""The words that are recognised: how they are written down, and what is wrong with a file of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lotsen.content.problems import ContentError
from lotsen.content.words import Words, read_words


def write(folder: Path, text: str) -> Path:
    """Write a file of words."""
    path = folder / "entities.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_values_with_their_spellings(tmp_path: Path) -> None:
    """A value has its other spellings in order, or none."""
    path = write(tmp_path, "browser:\n  Edge: [Microsoft Edge, MS Edge]\n  Safari: []\n")
    assert read_words(path) == {"browser": Words(values={"Edge": ("Microsoft Edge", "MS Edge"), "Safari": ()})}


def test_a_pattern(tmp_path: Path) -> None:
    """A pattern stands in place of values, just as it is written."""
    assert read_words(write(tmp_path, "hsa_id:\n  pattern: 'SE\\d{10}'\n")) == {"hsa_id": Words(pattern=r"SE\d{10}")}


def test_words_that_yaml_could_misread_stay_words(tmp_path: Path) -> None:
    """The words "no" and "1177" are words like any other."""
    assert read_words(write(tmp_path, "answer:\n  no: [1177]\n"))["answer"].values == {"no": ("1177",)}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param("", 1, "Filen är tom.", id="empty file"),
        pytest.param("- browser\n", 1, "Filen är tom.", id="a list"),
        pytest.param("# hej\nbrowser:\n", 2, "'browser' har inga ord.", id="entity without words"),
        pytest.param("browser: Edge\n", 1, "'browser' har inga ord.", id="word without its line"),
        pytest.param("browser:\n  Edge: Microsoft Edge\n", 2, "Efter 'Edge:' ska det stå en lista", id="no list"),
        pytest.param("browser:\n  Edge:\n  Chrome: []\n", 2, "Efter 'Edge:' ska det stå en lista", id="nothing after"),
        pytest.param("hsa_id:\n  pattern: 'SE('\n", 2, "Mönstret går inte att läsa", id="broken pattern"),
        pytest.param("hsa_id:\n  pattern: [SE]\n", 2, "Mönstret går inte att läsa", id="list as pattern"),
        pytest.param("browser:\n  Edge: [{a: b}]\n", 2, "Edge", id="mapping as spelling"),
    ],
)
def test_a_fault_is_said_with_its_line(text: str, line: int, message: str, tmp_path: Path) -> None:
    """Each fault is one problem on the line where it stands."""
    with pytest.raises(ContentError) as caught:
        read_words(write(tmp_path, text))
    (problem,) = caught.value.problems
    assert problem.line == line
    assert message in problem.message


def test_faults_are_reported_together_in_order(tmp_path: Path) -> None:
    """One run shows every fault in the file."""
    with pytest.raises(ContentError) as caught:
        read_words(write(tmp_path, "a:\nb:\n  pattern: '('\nc:\n  x: y\n"))
    assert [problem.line for problem in caught.value.problems] == [1, 3, 5]
