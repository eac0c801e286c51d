"""One file of ``data/faq``, ``data/conversation`` or ``data/out_of_scope``: examples, answers and rules, with lines.

Whatever stands in the file is read as far as it goes, and what has the wrong shape is a problem. So no other check
needs to ask whether something is a list or a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, List, Mapping, Optional, Set, Tuple

from lotsen.content.examples import Block, read_blocks
from lotsen.content.located_yaml import Document, Key, read_yaml
from lotsen.content.problems import ContentError, Problem

FOLDERS = ("faq", "conversation", "out_of_scope")
"""The folders with such files, below ``data/``."""


@dataclass(frozen=True)
class Pressed:
    """A button's payload, and where it stands."""

    file: str
    line: int
    payload: str


@dataclass(frozen=True)
class Variant:
    """One wording of an answer. ``line`` is where its text begins."""

    file: str
    line: int
    name: str
    text: str
    buttons: Tuple[Pressed, ...]


@dataclass(frozen=True)
class TrainingFile:
    """What one file has."""

    file: str
    folder: str
    nlu_line: int
    blocks: Tuple[Block, ...]
    variants: Tuple[Variant, ...]
    ruled: frozenset[str]
    """The intents that its rules begin with."""


def read_training_file(path: Path, problems: List[Problem]) -> Optional[TrainingFile]:
    """Read the file; None if there is nothing to read. What is wrong with it is added to ``problems``."""
    try:
        document = read_yaml(path)
    except ContentError as error:
        problems += error.problems
        return None
    if document.data is None:
        problems.append(document.problem("Filen är tom. Se de andra filerna i mappen för hur den ska se ut."))
        return None
    blocks = read_blocks(document, problems)
    if not isinstance(document.data, dict):
        return None
    return TrainingFile(
        document.file,
        path.parent.name,
        document.line("nlu"),
        tuple(blocks),
        tuple(_variants(document, problems)),
        frozenset(_ruled(document, problems)),
    )


def _variants(document: Document, problems: List[Problem]) -> Iterator[Variant]:
    """Yield the wordings under ``responses``."""
    responses = document.data.get("responses") or {}
    if not isinstance(responses, dict):
        message = "Efter 'responses:' ska svarens namn stå: 'utter_namn:', med indrag."
        problems.append(document.problem(message, "responses"))
        return
    for name, variants in responses.items():
        if not isinstance(variants, list) or not all(isinstance(variant, dict) for variant in variants):
            message = f"Svaret '{name}' går inte att läsa. Skriv '- text: ...' på raden under namnet."
            problems.append(document.problem(message, "responses", name))
            continue
        for index, variant in enumerate(variants):
            place = ("responses", name, index)
            text = str(variant.get("text") or "")
            buttons = tuple(pressed(document, variant.get("buttons"), *place, "buttons"))
            yield Variant(document.file, document.line(*place, "text"), name, text, buttons)


def pressed(document: Document, buttons: Any, *path: Key) -> Iterator[Pressed]:
    """Yield the payloads of a list of buttons; Rasa itself tells of buttons with another shape."""
    for index, button in enumerate(buttons if isinstance(buttons, list) else ()):
        if isinstance(button, dict):
            yield Pressed(document.file, document.line(*path, index), str(button.get("payload")))


def _ruled(document: Document, problems: List[Problem]) -> Set[str]:
    """Return the intents that have a rule."""
    rules = document.data.get("rules") or []
    if not isinstance(rules, list):
        problems.append(document.problem("Efter 'rules:' ska reglerna stå som en lista: '- rule: namn'.", "rules"))
        return set()
    ruled: Set[str] = set()
    for index, rule in enumerate(rules):
        steps = rule.get("steps") if isinstance(rule, dict) else None
        if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
            message = "Regeln går inte att läsa. Den ska ha 'rule: namn' och 'steps:' med en lista under."
            problems.append(document.problem(message, "rules", index))
            continue
        for step in steps:
            ruled |= {name for listed in _alternatives(step) if isinstance(name := listed.get("intent"), str)}
    return ruled


def _alternatives(step: Mapping[str, Any]) -> List[Mapping[str, Any]]:
    """Return the steps that are joined by ``or``, or the step itself."""
    joined = step.get("or")
    return [one for one in joined if isinstance(one, dict)] if isinstance(joined, list) else [step]
