"""The questions that a guide may ask about a user's surroundings (``data/facts.yml``): which browser, which network."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Dict, List, Mapping, Tuple

from lotsen.content.located_yaml import Document, read_yaml
from lotsen.content.problems import ContentError, Problem, did_you_mean

_FIELDS = ("question", "options", "unknown")


@dataclass(frozen=True)
class FactQuestion:
    """One question: its text, and for each value of the fact the button."""

    question: str
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unknown: str = "Vet inte"
    """The button for somebody who does not know."""


def load_facts(path: Path) -> Dict[str, FactQuestion]:
    """Read the file; the facts' names are those of the slots.

    Raises:
        ContentError: with every problem in it.
    """
    document = read_yaml(path)
    problems: List[Problem] = []
    if not isinstance(document.data, dict):
        raise ContentError([document.problem("Filen är tom. Skriv till exempel 'browser:' och 'question: ...' under.")])
    questions = {name: _question(name, entry, document, problems) for name, entry in document.data.items()}
    if problems:
        raise ContentError(problems)
    return questions


def _question(name: str, entry: Any, document: Document, problems: List[Problem]) -> FactQuestion:
    """Read one question, adding what is wrong to ``problems``."""
    if not isinstance(entry, dict):
        problems.append(document.problem(f"'{name}' ska ha fälten question och options.", name))
        return FactQuestion("")
    for field_name in entry:
        if field_name not in _FIELDS:
            message = f"Okänt fält: '{field_name}'.{did_you_mean(field_name, _FIELDS)}"
            problems.append(document.problem(message, name, field_name))
    texts: Tuple[Any, Any] = (entry.get("question"), entry.get("unknown", "Vet inte"))
    for field_name, text in zip(("question", "unknown"), texts, strict=True):
        if not isinstance(text, str) or not text.strip():
            problems.append(document.problem(f"Fältet '{field_name}' är tomt. Skriv en text.", name, field_name))
    options = entry.get("options")
    if not isinstance(options, dict) or len(options) < 2 or not all(isinstance(t, str) for t in options.values()):
        message = "Under 'options' ska det stå minst två val, till exempel 'Edge: Microsoft Edge'."
        problems.append(document.problem(message, name, "options"))
        options = {}
    return FactQuestion(str(texts[0]), MappingProxyType(dict(options)), str(texts[1]))
