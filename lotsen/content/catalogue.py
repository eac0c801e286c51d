"""The catalogue: every question that can be chosen by name, from the metadata beside its examples in ``data/faq``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Tuple

from lotsen.content.clarify import Clarifications, load_clarifications
from lotsen.content.examples import read_blocks
from lotsen.content.located_yaml import read_yaml
from lotsen.content.problems import ContentError, Problem
from lotsen.content.texts import Text, load_texts
from lotsen.guides.loader import load_guides
from lotsen.guides.model import Guide

_QUOTED = re.compile("”([^”]+)”")
_MIN_QUOTED = 10
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

    @property
    def sections(self) -> Tuple[str, ...]:
        """Return the sections' names, in the order of the FAQ."""
        return tuple(dict.fromkeys(question.section for question in self.questions.values()))

    def in_section(self, section: str) -> List[Question]:
        """Return the questions of one section, in order."""
        return [question for question in self.questions.values() if question.section == section]

    def guide_for_error(self, text: str) -> Optional[str]:
        """Return the guide whose title quotes the error text, if one does."""
        said = text.strip().lower()
        for id, guide in self.guides.items():
            quoted = [quote.lower() for quote in _QUOTED.findall(guide.title)]
            if any(quote in said or (len(said) >= _MIN_QUOTED and said in quote) for quote in quoted):
                return id
        return None

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
    return Content(
        questions,
        load_guides(folder / "guides"),
        load_texts(folder / "texts.yml"),
        load_clarifications(folder / "clarify.yml"),
    )
