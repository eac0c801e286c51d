"""The catalogue: every question that can be chosen by name, from the metadata beside its examples in ``data/faq``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Tuple

from lotsen.content.clarify import Clarifications, load_clarifications
from lotsen.content.examples import read_blocks
from lotsen.content.located_yaml import read_yaml
from lotsen.content.problems import ContentError, Problem
from lotsen.content.texts import Text, load_texts
from lotsen.content.words import Words, read_words
from lotsen.guides.facts import FactQuestion, load_facts
from lotsen.guides.loader import load_guides
from lotsen.guides.model import Guide

MIN_QUOTED = 10
"""So many letters of an error text at least must be there to stand for the whole."""


@dataclass(frozen=True)
class Question:
    """One question of the FAQ."""

    id: str
    title: str
    section: str
    needs: Tuple[str, ...] = ()
    """The slots that a case about this question must have (``needs`` in the metadata), e.g. ``hsa_id``."""


@dataclass(frozen=True)
class Content:
    """All that actions need to know of ``data/``."""

    questions: Mapping[str, Question]
    guides: Mapping[str, Guide]
    texts: Mapping[str, Text]
    clarifications: Clarifications
    facts: Mapping[str, FactQuestion] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    """Who a guide may hand off to, by id; the first is the usual one."""
    words: Mapping[str, Words] = field(default_factory=dict)
    """What is recognised in a message, by entity."""

    @property
    def sections(self) -> Tuple[str, ...]:
        """Return the sections' names, in the order of the FAQ."""
        return tuple(dict.fromkeys(question.section for question in self.questions.values()))

    def in_section(self, section: str) -> List[Question]:
        """Return the questions of one section, in order."""
        return [question for question in self.questions.values() if question.section == section]

    def guide_for_error(self, text: str) -> Optional[str]:
        """Return the guide that is for this error text, if one is."""
        said = text.strip().lower()
        for id, guide in self.guides.items():
            for error in (error.lower() for error in guide.errors):
                if error in said or (len(said) >= MIN_QUOTED and said in error):
                    return id
        return None

    @property
    def spellings(self) -> Dict[str, Mapping[str, Tuple[str, ...]]]:
        """Return how each value of each entity may be written."""
        return {entity: words.values for entity, words in self.words.items()}

    def target(self, id: Optional[str]) -> str:
        """Return the name of who takes over; of the usual one, if none is named."""
        return self.targets.get(id or "", next(iter(self.targets.values()), ""))

    def section_named_in(self, text: str) -> Optional[str]:
        """Return the section whose name (or the beginning of it) stands in ``text``, if any does."""
        lowered = text.lower()
        for section in self.sections:
            stem = section.lower().replace("frågor", "").strip()[:10]
            if stem and stem in lowered:
                return section
        return None


SECTION_ORDER = ("administration", "permissions", "programs", "technical", "login", "residents", "other")
"""The files of ``data/faq`` in the order of the source; others follow by name."""


def faq_files(folder: Path) -> List[Path]:
    """Return the FAQ's files in the order of the source."""

    def place(path: Path) -> Tuple[int, str]:
        known = path.stem in SECTION_ORDER
        return (SECTION_ORDER.index(path.stem) if known else len(SECTION_ORDER), path.stem)

    return sorted(folder.glob("*.yml"), key=place)


def load_content(folder: Path) -> Content:
    """Read the FAQ's titles and all guides below ``folder``.

    Raises:
        ContentError: if a file cannot be read, or a guide or a text is wrong. ``lotsen check`` looks closer at the FAQ.
    """
    return Content(
        load_questions(folder),
        load_guides(folder / "guides"),
        load_texts(folder / "texts.yml"),
        load_clarifications(folder / "clarify.yml"),
        load_facts(folder / "facts.yml"),
        load_targets(folder / "targets.yml"),
        read_words(folder / "entities.yml"),
    )


def load_targets(path: Path) -> Dict[str, str]:
    """Read who a guide may hand off to.

    Raises:
        ContentError: if the file is no list of names.
    """
    document = read_yaml(path)
    names = document.data
    if not isinstance(names, dict) or not names or not all(isinstance(name, str) and name for name in names.values()):
        raise ContentError(
            [document.problem("Skriv 'id: namn', ett på varje rad, till exempel 'it_service: IT kundservice'.")]
        )
    return dict(names)


def load_questions(folder: Path) -> Dict[str, Question]:
    """Read the questions of the FAQ below ``folder``, by id.

    Raises:
        ContentError: if a file cannot be read.
    """
    questions: Dict[str, Question] = {}
    problems: List[Problem] = []
    for path in faq_files(folder / "faq"):
        for block in read_blocks(read_yaml(path), problems):
            metadata = block.metadata
            if metadata.get("title"):
                needs = tuple(metadata.get("needs") or ())
                question = Question(block.intent, metadata["title"], metadata.get("section", ""), needs)
                questions[block.intent] = question
    if problems:
        raise ContentError(problems)
    return questions
