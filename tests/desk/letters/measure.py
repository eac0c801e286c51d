"""How well the desk's reading of letters agrees with what a person says of them, with the trained model."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import yaml

from lotsen.channels.parse_wire import Read
from lotsen.content.catalogue import Content
from lotsen.desk.reading.suggestion import Suggestion, read_text, suggest, texts_of
from lotsen.desk.reading.topics import Topic
from lotsen.understanding.decision import OUT_OF_SCOPE

HERE = Path(__file__).parent
NONE = "none"
"""What is expected of a letter that gives nothing to go by."""


@dataclass(frozen=True)
class Expected:
    """What a person says of a letter."""

    category: str
    also: Tuple[str, ...]
    """Other categories that may as well stand first."""
    priority: str
    contact: Mapping[str, str]
    facts: Mapping[str, str]
    missing: Tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """One letter, what is expected of it, and what came of it."""

    name: str
    expected: Expected
    suggestion: Suggestion

    @property
    def first(self) -> bool:
        """Tell whether the first category is right."""
        return self._named(self.suggestion.best) in (self.expected.category, *self.expected.also)

    @property
    def among(self) -> bool:
        """Tell whether one of the first three is."""
        shown = {self._named(topic) for topic in self.suggestion.topics[:3]} or {NONE}
        return bool(shown & {self.expected.category, *self.expected.also})

    @property
    def priority(self) -> bool:
        """Tell whether the priority is right."""
        return self.suggestion.priority.level.value == self.expected.priority

    @property
    def wrong(self) -> List[str]:
        """Return what else differs: contact and facts that should have been found, questions that should be asked."""
        contact, facts = self.suggestion.contact, self.suggestion.facts
        return [
            *(
                f"{name}: {getattr(contact, name)!r}"
                for name, said in self.expected.contact.items()
                if getattr(contact, name) != said
            ),
            *(f"{name}: {facts.get(name)!r}" for name, said in self.expected.facts.items() if facts.get(name) != said),
            *(f"not asked: {name}" for name in self.expected.missing if name not in self.suggestion.missing),
        ]

    @staticmethod
    def _named(topic: Topic | None) -> str:
        """Return a topic as the expectations name it: all kinds of what is out of scope are one."""
        return NONE if topic is None else OUT_OF_SCOPE if topic.out_of_scope else topic.id


def expectations(folder: Path = HERE) -> Dict[str, Expected]:
    """Return what is expected of each letter, by its name."""
    stored: Mapping[str, Mapping[str, Any]] = yaml.safe_load((folder / "expected.yml").read_text(encoding="utf-8"))
    return {
        name: Expected(
            category=one["category"],
            also=tuple(one.get("also", ())),
            priority=one["priority"],
            contact=one.get("contact", {}),
            facts=one.get("facts", {}),
            missing=tuple(one.get("missing", ())),
        )
        for name, one in stored.items()
    }


def letters(folder: Path = HERE) -> Dict[str, str]:
    """Return the letters as they would be pasted, by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))}


def judge(content: Content, name: str, text: str, expected: Expected, reads: Sequence[Read]) -> Judged:
    """Return what came of one letter; ``reads`` as ``texts_of`` has asked for them."""
    return Judged(name, expected, suggest(content, text, read_text(text), reads))


def judge_all(model: Path, content: Content, folder: Path = HERE) -> List[Judged]:
    """Read all letters with a model, in this process."""
    from rasa.core.agent import load_agent
    from rasa.utils.log_utils import configure_structlog

    from lotsen.channels.parse import read
    from lotsen.runtime.quick_rasa import install

    async def judged() -> List[Judged]:
        agent = await load_agent(model_path=str(model))
        expected = expectations(folder)
        return [
            judge(content, name, text, expected[name], [read(agent, content, one) for one in texts_of(read_text(text))])
            for name, text in letters(folder).items()
        ]

    configure_structlog(40)
    install()
    return asyncio.run(judged())


def table(judged: Sequence[Judged]) -> str:
    """Return the shares, and each letter that something is wrong with."""
    lines = [f"{len(judged)} letters"]
    for title, hits in (
        ("right category first", [one.first for one in judged]),
        ("right category among three", [one.among for one in judged]),
        ("right priority", [one.priority for one in judged]),
        ("all contact, facts and questions", [not one.wrong for one in judged]),
    ):
        lines.append(f"  {title}: {sum(hits)} ({sum(hits) / len(hits):.0%})")
    for one in judged:
        named = one.suggestion.best
        said = f"{named.id} {named.certainty:.0%}" if named else NONE
        notes = [
            *([] if one.first else [f"first is {said}, not {one.expected.category}"]),
            *(
                []
                if one.priority
                else [f"priority is {one.suggestion.priority.level.value}, not {one.expected.priority}"]
            ),
            *one.wrong,
        ]
        if notes:
            lines.append(f"{one.name}: {'; '.join(notes)}")
    return "\n".join(lines)
