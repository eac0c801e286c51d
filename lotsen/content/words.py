"""The words that are recognised in a message (``data/entities.yml``): entity, value, other spellings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

from lotsen.content.located_yaml import Document, read_yaml
from lotsen.content.problems import ContentError, Problem

PATTERN = "pattern"


@dataclass(frozen=True)
class Words:
    """How one entity is recognised: by a regular expression over one token, or by its values' spellings."""

    pattern: Optional[str] = None
    values: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)


def read_words(path: Path) -> Dict[str, Words]:
    """Read the file.

    Raises:
        ContentError: with every problem in it.
    """
    document = read_yaml(path)
    problems: List[Problem] = []
    if not isinstance(document.data, dict):
        raise ContentError([document.problem("Filen är tom. Skriv till exempel 'browser:' och orden under.")])
    words = {entity: _entry(entity, entry, document, problems) for entity, entry in document.data.items()}
    if problems:
        raise ContentError(problems)
    return words


def _entry(entity: str, entry: Any, document: Document, problems: List[Problem]) -> Words:
    """Read one entity's words, adding what is wrong to ``problems``."""
    if not isinstance(entry, dict) or not entry:
        problems.append(document.problem(f"'{entity}' har inga ord. Skriv dem under, ett på varje rad.", entity))
        return Words()
    if PATTERN in entry:
        try:
            re.compile(str(entry[PATTERN]) if isinstance(entry[PATTERN], str) else "[")
        except re.error as error:
            problems.append(document.problem(f"Mönstret går inte att läsa: {error}.", entity, PATTERN))
        return Words(pattern=entry[PATTERN])
    values: Dict[str, Tuple[str, ...]] = {}
    for value, spellings in entry.items():
        if not isinstance(spellings, list) or not all(isinstance(spelling, str) for spelling in spellings):
            message = f"Efter '{value}:' ska det stå en lista, till exempel [{value.lower()}]. Tom lista: []."
            problems.append(document.problem(message, entity, value))
            continue
        values[value] = tuple(spellings)
    return Words(values=values)
