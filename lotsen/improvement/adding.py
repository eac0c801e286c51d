"""Adding training examples to a file so that nothing else in it changes, not even a line ending.

The file is not written out anew from its data: the new lines are put where the block's examples end, and the result is
read back. Unless it has just these examples more, the addition is refused.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Iterable, List, Sequence, Tuple

from lotsen.content.examples import Block
from lotsen.content.problems import Problem
from lotsen.content.training_file import TrainingFile, read_training_file
from lotsen.privacy.line import masked_line
from lotsen.privacy.masking import mask_transcript

MAX_EXAMPLE = 400
"""Characters. A longer message is no way to ask one question; its owner can shorten it."""
SUBJECT = "subject"
_LEADING = re.compile(r"^[\s/•*–—-]+")
"""What would be read as the dash of a list, or as a command."""
_ENTITY = re.compile(r"\](?=[(\[{])")
"""``[word](entity)`` and its like mark a word for Rasa; what a user typed marks nothing."""
_PARTS = re.compile(r"(?P<indent>[ \t]*)-(?P<gap>[ \t]*)")


class CannotAdd(Exception):
    """An example that cannot be added. ``why`` names a sentence in the desk's ``texts.yml``."""

    def __init__(self, why: str, **values: str) -> None:
        """Name the sentence and what is put into it."""
        super().__init__(why)
        self.why, self.values = why, values


@dataclass(frozen=True)
class Spot:
    """A block of examples: its file from the root, its intent, and the subject where an intent has several blocks."""

    path: str
    intent: str
    subject: str = ""


@dataclass(frozen=True)
class Addition:
    """One example to be added; ``text`` is what ``as_example`` made."""

    spot: Spot
    text: str


@dataclass(frozen=True)
class Change:
    """A file before and after."""

    path: str
    before: bytes
    after: bytes


def as_example(text: str) -> str:
    r"""Return ``text`` as one example: one line, masked, without what YAML or Rasa would take for something else.

    Raises:
        CannotAdd: if nothing is left, or it is too long.

    >>> as_example("- vad är\n [ett](moment)?")
    'vad är [ett] (moment)?'
    """
    line = _ENTITY.sub("] ", _LEADING.sub("", masked_line(text, len(text) + 1, mask_transcript))).strip()
    if not line.strip(" -"):
        raise CannotAdd("improve_empty")
    if len(line) > MAX_EXAMPLE:
        raise CannotAdd("improve_too_long", longest=str(MAX_EXAMPLE))
    return line


def changed(additions: Iterable[Addition], read: Callable[[str], bytes]) -> List[Change]:
    """Return the files with the examples added, in the order of their paths; ``read`` returns a file by its path.

    Raises:
        CannotAdd: if a file is not as it should be; nothing is to be changed then.
        OSError: if a file cannot be read.
    """
    by_path: Dict[str, List[Addition]] = {}
    for addition in additions:
        by_path.setdefault(addition.spot.path, []).append(addition)
    found = []
    for path in sorted(by_path):
        before = read(path)
        found.append(Change(path, before, _with_examples(path, before, by_path[path])))
    return found


def _with_examples(path: str, before: bytes, additions: Sequence[Addition]) -> bytes:
    """Return a file's new content, proved to differ in nothing but these examples."""
    try:
        lines = before.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise CannotAdd("improve_bad_file", file=path) from error
    known = _blocks(path, before)
    wanted: Dict[int, List[str]] = {}
    for addition in additions:
        place = next((place for place, block in enumerate(known) if _is(block, addition.spot)), None)
        if place is None or not known[place].examples:
            raise CannotAdd("improve_no_block", file=path, intent=addition.spot.intent)
        wanted.setdefault(place, []).append(addition.text)
    for place in sorted(wanted, reverse=True):
        _insert(lines, known[place].examples[-1].line - 1, wanted[place])
    after = "\n".join(lines).encode("utf-8")
    expected = [(*_texts(block), *wanted.get(place, ())) for place, block in enumerate(known)]
    if [sorted(_texts(block)) for block in _blocks(path, after)] != [sorted(texts) for texts in expected]:
        raise CannotAdd("improve_bad_file", file=path)
    return after


def _insert(lines: List[str], last: int, texts: Sequence[str]) -> None:
    """Put examples after the line ``last``; before it where the file ends there without a line ending."""
    form = _PARTS.match(lines[last])
    if form is None:  # An example stands in a shape that is not ours: the proof refuses it.
        return
    at_end = last == len(lines) - 1
    model = lines[last - 1] if at_end else lines[last]
    ending = "\r" if model.endswith("\r") else ""
    start = last if at_end else last + 1
    lines[start:start] = [f"{form['indent']}-{form['gap'] or ' '}{text}{ending}" for text in texts]


def _blocks(path: str, content: bytes) -> Tuple[Block, ...]:
    """Read a file's blocks.

    Raises:
        CannotAdd: if something is wrong with it.
    """
    problems: List[Problem] = []
    with tempfile.TemporaryDirectory(prefix="lotsen-") as folder:
        copy = Path(folder) / "file.yml"
        copy.write_bytes(content)
        read: TrainingFile | None = read_training_file(copy, problems)
    if read is None or problems:
        raise CannotAdd("improve_bad_file", file=path)
    return read.blocks


def _is(block: Block, spot: Spot) -> bool:
    """Tell whether a block is the one that is meant."""
    return block.intent == spot.intent and str(block.metadata.get(SUBJECT) or "") == spot.subject


def _texts(block: Block) -> Tuple[str, ...]:
    """Return a block's examples."""
    return tuple(example.text for example in block.examples)
