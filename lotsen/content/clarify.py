"""Clarifying questions (``data/clarify.yml``): a short question that separates what the decision hesitates between."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Collection, Dict, List, Mapping, Optional, Sequence, Tuple

from lotsen.content.located_yaml import Document, read_yaml
from lotsen.content.problems import ContentError, Problem, did_you_mean

_FIELDS = ("question", "options")
_OPTION_FIELDS = ("title", "covers", "leads_to")


@dataclass(frozen=True)
class Option:
    """One button: its title, the questions (intents) that it stands for, and where it leads when several are meant."""

    title: str
    covers: Tuple[str, ...]
    leads_to: Optional[str] = None


@dataclass(frozen=True)
class Clarification:
    """A question to the user, and its options."""

    question: str
    options: Tuple[Option, ...]

    def separate(self, intents: Sequence[str]) -> List[Tuple[str, str]]:
        """Return a title and an intent for each option that stands for one of ``intents``, in their order.

        Empty if the question does not separate them: one that no option covers, or all under the same option.
        """
        chosen: Dict[Option, List[str]] = {}
        for intent in intents:
            option = next((option for option in self.options if intent in option.covers), None)
            if option is None or (option in chosen and option.leads_to is None):
                return []
            chosen.setdefault(option, []).append(intent)
        if len(chosen) < 2:
            return []
        return [
            (option.title, meant[0] if len(meant) == 1 else str(option.leads_to)) for option, meant in chosen.items()
        ]


Clarifications = Mapping[str, Clarification]


def clarify(clarifications: Clarifications, intents: Sequence[str]) -> Optional[Tuple[str, List[Tuple[str, str]]]]:
    """Return the first question that separates ``intents``, with its buttons (title and intent); None if none does."""
    for clarification in clarifications.values():
        buttons = clarification.separate(intents)
        if buttons:
            return clarification.question, buttons
    return None


def load_clarifications(path: Path) -> Dict[str, Clarification]:
    """Read the file; without it nothing is asked but "Menade du ...?".

    Raises:
        ContentError: with every problem: a question without text, fewer than two options, an intent covered twice.
    """
    if not path.exists():
        return {}
    document = read_yaml(path)
    problems: List[Problem] = []
    if document.data is not None and not isinstance(document.data, dict):
        raise ContentError(
            [document.problem("Filen ska ha frågornas namn längst till vänster, till exempel 'access:'.")]
        )
    written = document.data or {}
    found = {name: _clarification(name, entry, document, problems) for name, entry in written.items()}
    if problems:
        raise ContentError(problems)
    return found


def unknown_intents(path: Path, known: Collection[str]) -> List[Problem]:
    """Find options that stand for, or lead to, an intent that ``domain.yml`` does not have."""
    try:
        clarifications = load_clarifications(path)
    except ContentError:
        return []
    if not clarifications:
        return []
    document = read_yaml(path)
    return [
        document.problem(f"'{intent}' finns inte i domain.yml.{did_you_mean(intent, known)}", name, "options", index)
        for name, clarification in clarifications.items()
        for index, option in enumerate(clarification.options)
        for intent in (*option.covers, *([option.leads_to] if option.leads_to else []))
        if intent not in known
    ]


def _clarification(name: str, entry: Any, document: Document, problems: List[Problem]) -> Clarification:
    """Read one question, adding what is wrong to ``problems``."""
    if not isinstance(entry, dict) or not _is_text(entry.get("question")):
        problems.append(document.problem(f"'{name}' saknar frågan. Skriv 'question: ...' under.", name))
        return Clarification("", ())
    problems += [_unknown(document, field, _FIELDS, name, field) for field in entry if field not in _FIELDS]
    written = entry.get("options")
    if not isinstance(written, list) or len(written) < 2:
        problems.append(document.problem(f"'{name}' behöver minst två alternativ under 'options'.", name))
        return Clarification(entry["question"], ())
    options: List[Option] = []
    for index, option in enumerate(written):
        place = (name, "options", index)
        covers = option.get("covers") if isinstance(option, dict) else None
        if not isinstance(covers, list) or not covers or not all(map(_is_text, (*covers, option.get("title")))):
            message = "Ett alternativ ska ha en 'title' och minst en fråga under 'covers'."
            problems.append(document.problem(message, *place))
            continue
        if not _is_text(option.get("leads_to", "-")):
            message = "'leads_to' ska vara en enda fråga."
            problems.append(document.problem(message, *place))
            continue
        problems += [
            _unknown(document, field, _OPTION_FIELDS, *place) for field in option if field not in _OPTION_FIELDS
        ]
        taken = {intent for earlier in options for intent in earlier.covers}
        for intent in covers:
            if intent in taken:
                problems.append(document.problem(f"'{intent}' finns under två alternativ. Ta bort det ena.", *place))
        options.append(Option(option["title"], tuple(covers), option.get("leads_to")))
    return Clarification(entry["question"], tuple(options))


def _is_text(value: Any) -> bool:
    """Tell whether ``value`` is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())


def _unknown(document: Document, field: str, known: Sequence[str], *place: Any) -> Problem:
    """Name a field that does not exist."""
    return document.problem(f"Okänt fält: '{field}'.{did_you_mean(field, known)}", *place)
