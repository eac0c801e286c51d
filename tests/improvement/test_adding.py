"""Examples added to a file, as patches that git applies: nothing else in the file changes."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import List

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

from lotsen.content.training_file import read_training_file
from lotsen.improvement.adding import MAX_EXAMPLE, Addition, CannotAdd, Spot, as_example, changed
from lotsen.improvement.patch import patch

PATH = "data/faq/small.yml"
FILE = """\
# En kommentar med å, ä och ö.
version: "3.1"

nlu:
- intent: ask_alpha
  metadata:
    section: Övrigt
    title: "Alfa?"   # en till
  examples: |
    - vad är alfa
    - -alfa med streck

- intent: ask_beta
  metadata: {subject: one}
  examples: |
      - beta ett
      - mitt [personnummer] syns inte

- intent: ask_beta
  metadata: {subject: two}
  examples: |
    -  beta två

responses:
  utter_ask_alpha:
  - text: |
      - inget exempel
"""
LAST = 'version: "3.1"\nnlu:\n- intent: ask_alpha\n  examples: |\n    - ett\n    - två'
ALPHA, ONE, TWO = Spot(PATH, "ask_alpha"), Spot(PATH, "ask_beta", "one"), Spot(PATH, "ask_beta", "two")


def applied(folder: Path, content: bytes, *additions: Addition) -> bytes:
    """Return the file after git has applied the patch, which must be what we say that it makes of it."""
    file = folder / PATH
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    found = changed(additions, lambda path: (folder / path).read_bytes())
    (folder / "change.patch").write_bytes(patch(found))
    subprocess.run(["git", "apply", "--unsafe-paths", "change.patch"], cwd=folder, check=True, capture_output=True)
    assert [file.read_bytes()] == [change.after for change in found]
    return file.read_bytes()


def added(before: bytes, after: bytes) -> List[bytes]:
    """Return the new lines; all others must be as they were, in their order."""
    new, old = [], before.split(b"\n")
    for line in after.split(b"\n"):
        if old and old[0] == line:
            old.pop(0)
        else:
            new.append(line)
    assert old == []
    return new


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_only_the_new_lines_differ(tmp_path: Path, ending: str) -> None:
    """Several examples in several blocks come in with their block's indentation and the file's line ending."""
    before = FILE.replace("\n", ending).encode()
    texts = [Addition(ALPHA, "ny alfa"), Addition(TWO, "ny tvåa"), Addition(ONE, "ny etta"), Addition(ALPHA, "en till")]
    cr = ending[:-1].encode()
    assert added(before, applied(tmp_path, before, *texts)) == [
        b"    - ny alfa" + cr,
        b"    - en till" + cr,
        b"      - ny etta" + cr,
        "    -  ny tvåa".encode() + cr,
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_file_that_ends_without_a_line_ending(tmp_path: Path, ending: str, mark: str) -> None:
    """The last line stays as it is, and so does a byte order mark."""
    before = (mark + LAST.replace("\n", ending)).encode()
    after = applied(tmp_path, before, Addition(ALPHA, "tre"))
    assert added(before, after) == [b"    - tre" + ending[:-1].encode()]
    assert not after.endswith(b"\n")


def test_what_lotsen_and_rasa_read(tmp_path: Path) -> None:
    """Both readers find the new example, as text without entities, and no problem."""
    typed = '- [vad](moment) är [x]{"entity": "y"} # för\n\n  "något": \'jag\' ser\u2028i & *här* 19121212-1212 🙂'
    text = as_example(typed)
    applied(tmp_path, FILE.encode(), Addition(ALPHA, text))
    problems: List[object] = []
    file = read_training_file(tmp_path / PATH, problems)  # type: ignore[arg-type]
    assert file is not None and problems == []
    assert file.blocks[0].examples[-1].text == text
    assert "[personnummer]" in text and "1212" not in text
    data = RasaYAMLReader().reads((tmp_path / PATH).read_text(encoding="utf-8"))
    last = [example for example in data.intent_examples if example.get("intent") == "ask_alpha"][-1]
    assert (last.get("text"), last.get("entities")) == (text, None)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("- ett", "ett"),
        (" -- ett", "ett"),
        ("/restart", "restart"),
        ("a\r\nb\tc", "a b c"),
        ("[a](b)[c][{d}]", "[a] (b)[c] [{d}]"),
        ("ett -", "ett -"),
    ],
)
def test_one_line_of_plain_text(typed: str, wanted: str) -> None:
    """Dashes, slashes, line endings and brackets lose what they would mean."""
    assert as_example(typed) == wanted


@pytest.mark.parametrize("typed", ["", "  \n", "- - ", "/", "x" * (MAX_EXAMPLE + 1)])
def test_what_is_no_example(typed: str) -> None:
    """Nothing, or far too much, is refused with a sentence."""
    with pytest.raises(CannotAdd):
        as_example(typed)


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=120))
def test_anything_typed_is_refused_or_read_back(typed: str) -> None:
    """Whatever was typed becomes exactly one more example of its block, or is refused with a sentence."""
    try:
        text = as_example(typed)
        [change] = changed([Addition(ALPHA, text)], lambda path: FILE.encode())
    except CannotAdd as error:
        assert error.why.startswith("improve_")
        return
    assert len(added(change.before, change.after)) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"nlu: [",
        b"",
        FILE.replace("ask_alpha", "ask_gamma").encode(),
        b"nlu:\n- intent: ask_alpha\n  examples: |\n",
        b"nlu:\n- intent: ask_alpha\n  examples:\n  - vad\n",
        b'nlu:\n- intent: ask_alpha\n  examples: "- vad"\n',
        b"nlu:\n- {intent: ask_alpha, examples: '- vad'}\n",
        b"nlu:\n- intent: ask_alpha\n  examples: >\n    - vad\n    - hur\n",
    ],
)
def test_a_file_that_is_not_ours(content: bytes) -> None:
    """A file that is broken, or written another way, is left alone."""
    with pytest.raises(CannotAdd):
        changed([Addition(ALPHA, "ny")], lambda path: content)


def test_the_same_patch_for_several_files(tmp_path: Path) -> None:
    """One patch changes all files, in the order of their paths."""
    other = "data/faq/other.yml"
    for path in (PATH, other):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(FILE, encoding="utf-8")
    additions = [Addition(Spot(path, "ask_alpha"), "ny") for path in (PATH, other)]
    found = changed(additions, lambda path: (tmp_path / path).read_bytes())
    assert [change.path for change in found] == [other, PATH]
    subprocess.run(["git", "apply", "-"], input=patch(found), cwd=tmp_path, check=True)
    assert all("- ny\n" in (tmp_path / path).read_text(encoding="utf-8") for path in (PATH, other))
