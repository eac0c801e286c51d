"""YAML with line numbers: plain Python data, and for each value the line it stands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Tuple, Union

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from lotsen.content.problems import ContentError, Problem, shown

Key = Union[str, int]


@dataclass
class Document:
    """One YAML file: its data, and the line of every key path, counted from 1."""

    file: str
    data: Any = None
    lines: Dict[Tuple[Key, ...], int] = field(default_factory=dict)
    duplicates: List[Tuple[Key, ...]] = field(default_factory=list)

    def line(self, *path: Key) -> int:
        """Return the line of the value at ``path``; of the nearest thing around it if it is not there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, message: str, *path: Key) -> Problem:
        """Return a problem with the value at ``path``."""
        return Problem(self.file, self.line(*path), message)


def read_yaml(path: Path) -> Document:
    """Read one file. Every scalar stays the text that was written (``no`` is "no", not False).

    Raises:
        ContentError: if the file cannot be read, is not UTF-8, is not YAML, or has a key twice.
    """
    document = Document(shown(path))
    try:
        node = YAML(typ="safe", pure=True).compose(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        message = "Filen är inte UTF-8 (å, ä och ö är sparade på annat sätt). Spara om den som UTF-8."
        raise ContentError([Problem(document.file, line, message)]) from error
    except OSError as error:
        raise ContentError([Problem(document.file, 1, f"Filen går inte att läsa: {error.strerror}.")]) from error
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:
        line, what = _where(error, path)
        message = f"Filen är inte giltig YAML ({what}). Kontrollera indrag, kolon och citattecken."
        raise ContentError([Problem(document.file, line, message)]) from error
    try:
        document.data = _plain(node, (), document) if node is not None else None
    except RecursionError as error:
        raise ContentError(
            [Problem(document.file, 1, "Filen hänvisar till sig själv. Ta bort '&' och '*'.")]
        ) from error
    if document.duplicates:
        raise ContentError(
            [document.problem(f"'{keys[-1]}' står två gånger. Ta bort den ena.", *keys) for keys in document.duplicates]
        )
    return document


def _where(error: Exception, path: Path) -> Tuple[int, str]:
    """Return the line where reading stopped, and the parser's own words for why, on one line."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        return error.problem_mark.line + 1, str(error.problem)
    if isinstance(error, ReaderError):
        return path.read_text(encoding="utf-8")[: error.position].count("\n") + 1, "ett tecken som inte får finnas"
    return 1, (str(error).splitlines() or [type(error).__name__])[0]


def _plain(node: Node, path: Tuple[Key, ...], document: Document) -> Any:
    """Turn a node into plain data, noting lines on the way."""
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, SequenceNode):
        return [_plain(item, (*path, index), document) for index, item in enumerate(node.value)]
    assert isinstance(node, MappingNode), f"unknown YAML node {node!r}"
    result: Dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        here = (*path, key)
        if key in result:
            document.duplicates.append(here)
        document.lines[here] = key_node.start_mark.line + 1
        result[key] = _plain(value_node, here, document)
    return result
