"""Labelled sentences: the training examples, and the sets that are never trained on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Mapping, Sequence, Tuple

from lotsen.content.located_yaml import read_yaml
from lotsen.settings import ROOT

DEVELOPMENT = ROOT / "tests" / "understanding" / "development"
"""Sentences by writers who saw no training example."""
DOUBLE = ROOT / "tests" / "understanding" / "double.yml"
"""Messages that ask two questions."""
VAGUE = ROOT / "tests" / "understanding" / "vague.yml"
"""Messages that only a clarifying question can answer."""


@dataclass(frozen=True)
class Line:
    """One sentence and the intent that it should have."""

    text: str
    intent: str


@dataclass(frozen=True)
class Mixed:
    """One message that several questions fit: asked together, or too vague to tell."""

    text: str
    intents: Tuple[str, ...]


def read_set(path: Path) -> List[Line]:
    """Read a set: a YAML file of intents, each with its sentences.

    Raises:
        ContentError: if the file cannot be read.
    """
    data: Mapping[str, List[str]] = read_yaml(path).data or {}
    return [Line(text, intent) for intent, texts in data.items() for text in texts]


def development_sets(folder: Path = DEVELOPMENT) -> Dict[str, List[Line]]:
    """Return the development sets by name."""
    return {path.stem: read_set(path) for path in sorted(folder.glob("*.yml"))}


def read_mixed(path: Path) -> List[Mixed]:
    """Read messages with several intents each."""
    return [Mixed(entry["text"], tuple(entry["intents"])) for entry in read_yaml(path).data]


def intents_of(lines: Sequence[Line]) -> List[str]:
    """Return the intents that occur, sorted."""
    return sorted({line.intent for line in lines})
