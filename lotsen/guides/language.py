"""Checks of how guides are written, for ``lotsen check``: short, one thing at a time, plain words, the source's facts.

The bot does not run them at its start: a clumsy sentence is better than no bot. What a checked file must be like at all
is the loader's matter (``lotsen/guides/loader.py``); what cannot be read is passed over here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from lotsen.content.located_yaml import Document, Key, read_yaml
from lotsen.content.problems import ContentError, Problem
from lotsen.guides.contacts import Contacts
from lotsen.guides.jargon import jargon_in, read_jargon
from lotsen.guides.sentences import wrong_asking
from lotsen.understanding.text import fold, normalise

SOURCE = Path("docs") / "faq-source.txt"
"""The copy of the source, from the root. Without it, facts are not checked."""
MAX_TEXT, MAX_TITLE = 300, 60
"""Characters of a text, and of an answer's button."""

_HELP = ("why", "how", "see", "if_not")
_SHOWN = ("text", *_HELP, "reason")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Passage:
    """One text that somebody reads, and the path to it in its document."""

    path: Tuple[Key, ...]
    text: str

    @property
    def limit(self) -> int:
        """Return how long it may be."""
        return MAX_TITLE if "answers" in self.path else MAX_TEXT


def language_problems(folder: Path) -> List[Problem]:
    """Return what is badly written in the guides in ``folder``, which is ``data/guides`` below the root."""
    problems: List[Problem] = []
    words = read_jargon(folder.parent / "jargon.yml", problems)
    contacts = _source(folder.parent.parent / SOURCE)
    for path in sorted(folder.glob("*.yml")):
        try:
            document = read_yaml(path)
        except ContentError:
            continue
        for passage in passages(document.data):
            problems += [document.problem(message, *passage.path) for message in _wrong_text(passage, words, contacts)]
        for where, step in _steps(document.data):
            kind, own = step.get("kind"), bool(step.get("answers"))
            for passage in _wordings(step, where):
                message = wrong_asking(kind, passage.text, own)
                problems += [document.problem(message, *passage.path)] if message else []
        problems += _shared_phrases(document)
    return problems


def passages(data: Any) -> Iterator[Passage]:
    """Yield every text of a guide that a user or the support desk reads: not what users say themselves."""
    if isinstance(data, dict):
        yield from _fields(data, ("title", "intro"), ())
    for where, step in _steps(data):
        yield from _fields(step, _SHOWN, where)
        for inner, below in _parts(step, where):
            yield from _fields(inner, _SHOWN, below)
        for answer, below in _answers(step, where):
            yield from _fields(answer, ("title",), below)


def _source(path: Path) -> Optional[Contacts]:
    """Return the facts of the source, or None if there is none to compare with."""
    return Contacts.of_source(path.read_text(encoding="utf-8")) if path.is_file() else None


def _steps(data: Any) -> Iterator[Tuple[Tuple[Key, ...], Dict[str, Any]]]:
    """Yield each step with its path."""
    listed = data.get("steps") if isinstance(data, dict) else None
    for index, step in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(step, dict):
            yield ("steps", index), step


def _parts(step: Dict[str, Any], where: Tuple[Key, ...]) -> Iterator[Tuple[Dict[str, Any], Tuple[Key, ...]]]:
    """Yield the parts of a step that have texts of their own: ``extra``, and the variants with theirs."""
    if isinstance(step.get("extra"), dict):
        yield step["extra"], (*where, "extra")
    variants = step.get("variants")
    for index, variant in enumerate(variants if isinstance(variants, list) else ()):
        if isinstance(variant, dict):
            yield variant, (*where, "variants", index)
            if isinstance(variant.get("extra"), dict):
                yield variant["extra"], (*where, "variants", index, "extra")


def _answers(step: Dict[str, Any], where: Tuple[Key, ...]) -> Iterator[Tuple[Dict[str, Any], Tuple[Key, ...]]]:
    """Yield a step's own answers with their paths."""
    answers = step.get("answers")
    for name, answer in answers.items() if isinstance(answers, dict) else ():
        if isinstance(answer, dict):
            yield answer, (*where, "answers", name)


def _fields(item: Dict[str, Any], names: Tuple[str, ...], where: Tuple[Key, ...]) -> Iterator[Passage]:
    """Yield the texts in some fields; those of a list one by one."""
    for name in names:
        value = item.get(name)
        if isinstance(value, str):
            yield Passage((*where, name), value)
        for index, text in enumerate(value if isinstance(value, list) else ()):
            if isinstance(text, str):
                yield Passage((*where, name, index), text)


def _wordings(step: Dict[str, Any], where: Tuple[Key, ...]) -> Iterator[Passage]:
    """Yield what a step asks for: its text, and those of its variants."""
    yield from _fields(step, ("text",), where)
    for part, below in _parts(step, where):
        yield from _fields(part, ("text",), below)


def _wrong_text(passage: Passage, words: Mapping[str, str], contacts: Optional[Contacts]) -> Iterator[str]:
    """Find what no text may be: too long, in jargon, with facts that are not the source's."""
    length = len(_LINK.sub(r"\1", passage.text.strip()))
    if length > passage.limit:
        what, remedy = ("Knappen", "") if passage.limit == MAX_TITLE else ("Texten", ", eller dela upp den")
        yield f"{what} har {length} tecken. Skriv högst {passage.limit}: korta den{remedy}."
    for written, plain in jargon_in(passage.text, words):
        yield f"'{written}' är fackspråk. Skriv hellre: {plain}. (Orden står i data/jargon.yml.)"
    for what, written in contacts.unknown_in(passage.text) if contacts is not None else ():
        yield f"{what} {written} står inte i källan ({SOURCE.as_posix()}). Skriv källans, eller ta bort det."


def _shared_phrases(document: Document) -> Iterator[Problem]:
    """Find a phrase that means two things in one guide. Answers of different steps do not meet, so they may share."""
    seen: Dict[str, List[Tuple[Key, ...]]] = {}
    for passage in _said(document.data):
        others = seen.setdefault(fold(normalise(passage.text)), [])
        clash = next((other for other in others if _meet(other, passage.path)), None)
        if clash is not None:
            there = f"'{passage.text}' står också på rad {document.line(*clash)}"
            yield document.problem(f"{there} och kan då betyda två saker. Ta bort det ena.", *passage.path)
        others.append(passage.path)


def _said(data: Any) -> Iterator[Passage]:
    """Yield what users may call steps and answers."""
    for where, step in _steps(data):
        yield from _fields(step, ("said",), where)
        for answer, below in _answers(step, where):
            yield from _fields(answer, ("said",), below)


def _meet(one: Tuple[Key, ...], other: Tuple[Key, ...]) -> bool:
    """Tell whether a user could mean either: steps always, answers only with those of the same step."""
    both_answers = "answers" in one and "answers" in other
    return one[:2] == other[:2] or not both_answers
