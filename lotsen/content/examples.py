"""The examples under ``nlu`` in the files of ``data/``, and the sentences of the test sets, each with its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, List, Mapping, Tuple

from lotsen.content.located_yaml import Document, read_yaml
from lotsen.content.problems import ContentError, Problem

_LISTS = ("needs",)
"""The metadata that is a list; all other is text."""
_KINDS = frozenset({"intent", "lookup", "synonym", "regex"})
"""What Rasa lets stand under ``nlu``."""


@dataclass(frozen=True)
class Example:
    """One way to say something."""

    file: str
    line: int
    intent: str
    text: str

    @property
    def place(self) -> str:
        """Return where it stands, in the form that editors make clickable."""
        return f"{self.file}:{self.line}"

    def problem(self, message: str) -> Problem:
        """Return a problem with this example."""
        return Problem(self.file, self.line, message)


@dataclass(frozen=True)
class Block:
    """One entry under ``nlu``. An intent may have several, with different metadata."""

    file: str
    line: int
    intent: str
    metadata: Mapping[str, Any]
    examples: Tuple[Example, ...]

    def problem(self, message: str) -> Problem:
        """Return a problem with the block as a whole."""
        return Problem(self.file, self.line, message)


def read_blocks(document: Document, problems: List[Problem]) -> List[Block]:
    """Return the intents with their examples; what cannot be read is added to ``problems`` and left out."""
    if document.data is not None and not isinstance(document.data, dict):
        problems.append(
            document.problem("Filen ska ha 'nlu:', 'responses:' och 'rules:'. Se de andra filerna i mappen.")
        )
        return []
    entries = (document.data or {}).get("nlu") or []
    if not isinstance(entries, list):
        problems.append(document.problem("Efter 'nlu:' ska frågorna stå som en lista: '- intent: namn'.", "nlu"))
        return []
    blocks = []
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict) or not _KINDS & set(entry):
            message = "Under 'nlu' ska varje punkt börja med '- intent: namn'."
            problems.append(document.problem(message, "nlu", index))
        elif "intent" in entry:
            blocks += _block(document, index, entry, problems)
    return blocks


def _block(document: Document, index: int, entry: Mapping[str, Any], problems: List[Problem]) -> List[Block]:
    """Read one intent, if it has a name."""
    name, metadata = entry["intent"], entry.get("metadata") or {}
    if not isinstance(name, str) or not name.strip():
        message = "Efter 'intent:' ska frågans id stå, ett enda ord."
        problems.append(document.problem(message, "nlu", index, "intent"))
        return []
    if not isinstance(metadata, dict):
        message = f"Under 'metadata' för '{name}' ska det stå till exempel 'title: ...', med indrag."
        problems.append(document.problem(message, "nlu", index, "metadata"))
        metadata = {}
    known = {field: value for field, value in metadata.items() if isinstance(value, list if field in _LISTS else str)}
    examples = tuple(_examples(document, index, name, entry.get("examples"), problems))
    return [Block(document.file, document.line("nlu", index, "intent"), name, known, examples)]


def _examples(document: Document, index: int, intent: str, written: Any, problems: List[Problem]) -> Iterator[Example]:
    """Yield the examples of one intent; Rasa skips a line without its dash, so that is a problem."""
    first = document.line("nlu", index, "examples")
    if written is not None and not isinstance(written, str):
        message = f"Exemplen för '{intent}' går inte att läsa. Skriv 'examples: |' och ett exempel på varje rad under."
        problems.append(Problem(document.file, first, message))
        return
    for line, text in enumerate((written or "").splitlines(), start=first + 1):
        if not text.strip():
            continue
        if not text.startswith("-"):
            message = "Raden läses inte som ett exempel. Börja den med '- ', med samma indrag som de andra."
            problems.append(Problem(document.file, line, message))
        elif text.strip(" -"):
            yield Example(document.file, line, intent, text[1:].strip())


def read_sentences(path: Path, problems: List[Problem]) -> List[Example]:
    """Return the sentences of a test set: a mapping of intents to lists."""
    try:
        document = read_yaml(path)
    except ContentError as error:
        problems += error.problems
        return []
    found = []
    for intent, sentences in document.data.items() if isinstance(document.data, dict) else ():
        for index, text in enumerate(sentences if isinstance(sentences, list) else ()):
            if isinstance(text, str):
                found.append(Example(document.file, document.line(intent, index), intent, text))
    return found
