"""YAML with line numbers: plain data, the line of every value, and faults as problems."""

from __future__ import annotations

from pathlib import Path
from typing import Tuple

import pytest

from lotsen.content.located_yaml import Document, Key, read_yaml
from lotsen.content.problems import ContentError, Problem, did_you_mean, shown

TEXT = """\
# En kommentar

name: Lotsen
flow: {a: 1, b: [x, y]}
listed:
- plain
- key: value
  text: >-
    Två rader
    blir en.
again: &once
  inner: x
alias: *once
"""


def read(folder: Path, content: str | bytes) -> Document:
    """Write ``content`` to a file and read it."""
    path = folder / "file.yml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_yaml(path)


def problems_in(folder: Path, content: str | bytes) -> Tuple[Problem, ...]:
    """Read a file that has faults; return them."""
    with pytest.raises(ContentError) as caught:
        read(folder, content)
    return caught.value.problems


def test_data_are_plain(tmp_path: Path) -> None:
    """Mappings, lists and texts come back as such; an alias is what it stands for."""
    assert read(tmp_path, TEXT).data == {
        "name": "Lotsen",
        "flow": {"a": "1", "b": ["x", "y"]},
        "listed": ["plain", {"key": "value", "text": "Två rader blir en."}],
        "again": {"inner": "x"},
        "alias": {"inner": "x"},
    }


@pytest.mark.parametrize(
    "written", ["no", "yes", "true", "null", "~", "1", "1.0", "0x1F", "2024-01-15", "14141", "1_000"]
)
def test_scalars_stay_the_text_that_was_written(written: str, tmp_path: Path) -> None:
    """Nothing becomes a number, a date or a truth value behind the content owner's back."""
    assert read(tmp_path, f"key: {written}\n").data == {"key": written}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 3),
        (("flow",), 4),
        (("flow", "b", 1), 4),
        (("listed",), 5),
        (("listed", 0), 6),
        (("listed", 1), 7),
        (("listed", 1, "key"), 7),
        (("listed", 1, "text"), 8),
        (("again", "inner"), 12),
        (("alias",), 13),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_lines(path: Tuple[Key, ...], line: int, tmp_path: Path) -> None:
    """Every value knows the line that its key, or its dash, stands on."""
    assert read(tmp_path, TEXT).line(*path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param(("listed", 1, "missing"), 7, id="missing in a list item"),
        pytest.param(("again", "missing", "deep"), 11, id="missing below a mapping"),
        pytest.param(("missing",), 3, id="missing at the top"),
    ],
)
def test_what_is_not_there_has_the_line_around_it(path: Tuple[Key, ...], line: int, tmp_path: Path) -> None:
    """A missing value is reported where it should be added."""
    assert read(tmp_path, TEXT).line(*path) == line


@pytest.mark.parametrize("content", ["", "\n\n", "# bara en kommentar\n"])
def test_an_empty_file_has_no_data(content: str, tmp_path: Path) -> None:
    """An empty file is read; that it is empty is for the reader of its data to say."""
    document = read(tmp_path, content)
    assert not document.data
    assert document.line("anything") == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("\ufeffname: å\n".encode(), id="with a byte order mark, as Notepad saves"),
        pytest.param("name: å\r\n".encode(), id="with Windows line ends"),
        pytest.param("name: å".encode(), id="without a line end"),
    ],
)
def test_files_from_windows_are_read(content: bytes, tmp_path: Path) -> None:
    """What other editors save is the same data."""
    assert read(tmp_path, content).data == {"name": "å"}


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        pytest.param("a: 1\nb: å\n".encode("latin-1"), 2, "Filen är inte UTF-8", id="Latin-1"),
        pytest.param("a: 1\nb: å\n".encode("utf-16"), 1, "Filen är inte UTF-8", id="UTF-16"),
        pytest.param(b"a: 1\nb: [1\n", 3, "Filen är inte giltig YAML", id="bracket that is never closed"),
        pytest.param(b"a: 1\n b: 2\n", 2, "Filen är inte giltig YAML", id="wrong indentation"),
        pytest.param(b"a: 1\nb: *nowhere\n", 2, "Filen är inte giltig YAML", id="alias of nothing"),
        pytest.param(b"a: 1\n---\nb: 2\n", 2, "Filen är inte giltig YAML", id="two documents"),
        pytest.param(b"a: 1\nb: 2\na: 3\n", 3, "'a' står två gånger. Ta bort den ena.", id="duplicate key"),
        pytest.param(b"x:\n- a: 1\n  a: 2\n", 3, "'a' står två gånger. Ta bort den ena.", id="duplicate key inside"),
    ],
)
def test_faults(content: bytes, line: int, message: str, tmp_path: Path) -> None:
    """A file that cannot be used is one problem with its line, in Swedish."""
    (problem,) = problems_in(tmp_path, content)
    assert (problem.file, problem.line) == (str(tmp_path / "file.yml"), line)
    assert message in problem.message


def test_a_control_character_is_reported_on_its_line(tmp_path: Path) -> None:
    """Also a character that YAML forbids is reported where it stands, on one line of text."""
    (problem,) = problems_in(tmp_path, b"a: 1\nb: 2\nc: \x00\n")
    assert problem.line == 3
    assert "\n" not in problem.message


def test_all_duplicate_keys_are_reported(tmp_path: Path) -> None:
    """Every key that stands twice is a problem of its own."""
    assert [problem.line for problem in problems_in(tmp_path, "a: 1\na: 2\nb:\n  c: 1\n  c: 2\n")] == [2, 5]


@pytest.mark.parametrize("name", ["missing.yml", ""], ids=["missing", "a folder"])
def test_a_file_that_cannot_be_opened_is_a_problem(name: str, tmp_path: Path) -> None:
    """A missing file is named like any other fault."""
    with pytest.raises(ContentError, match=":1: Filen går inte att läsa: "):
        read_yaml(tmp_path / name)


def test_a_problem_is_shown_as_place_and_message() -> None:
    """Editors make ``file:line:`` clickable."""
    assert str(Problem("data/guides/a.yml", 7, "Fel.")) == "data/guides/a.yml:7: Fel."


def test_problems_are_sorted_by_place() -> None:
    """However they were found, problems are told file by file, line by line (9 before 10)."""
    first, second, third = Problem("a.yml", 9, "z"), Problem("a.yml", 10, "a"), Problem("b.yml", 1, "a")
    error = ContentError([third, second, first])
    assert error.problems == (first, second, third)
    assert str(error) == "a.yml:9: z\na.yml:10: a\nb.yml:1: a"


def test_a_path_is_shown_from_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the present folder a path is relative, elsewhere whole."""
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "data" / "a.yml") == "data/a.yml"
    assert shown(Path("data/a.yml")) == "data/a.yml"
    assert shown(tmp_path.parent / "a.yml") == str(tmp_path.parent / "a.yml")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("txt", " Menade du 'text'?"),
        ("Title", " Menade du 'title'?"),
        ("quite_other", " Välj bland: text, title."),
    ],
)
def test_did_you_mean(word: str, hint: str) -> None:
    """A near miss is named; for anything else all possible words are listed."""
    assert did_you_mean(word, ["title", "text"]) == hint
