"""A suggestion as the page shows it: titles, certainty in per cent, the answer as the bot says it, a guide's steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import List, Mapping, Optional, Sequence, Tuple

from markupsafe import Markup

from lotsen.content.catalogue import Content
from lotsen.content.problems import Problem
from lotsen.content.training_file import read_training_file
from lotsen.desk.case.answers import answer_texts
from lotsen.desk.reading.topics import LOGIN, STATUS, Topic
from lotsen.guides.checklist import Around, Item, items
from lotsen.guides.lettering import rendered
from lotsen.runtime.naming import VAGUE, offered_for
from lotsen.understanding.decision import OUT_OF_SCOPE

_ENDS = ("end", "onward", "solved")
"""What a guide ends with is for its user: the one who reads this is the desk that it hands off to."""
_REFUSALS = "conversation/out_of_scope.yml"


@dataclass(frozen=True)
class Line:
    """One step of a guide: what stands before it, its text, how it is done; ``depth`` grows in included guides."""

    mark: str
    text: Markup
    how: Tuple[Markup, ...]
    depth: int


@dataclass(frozen=True)
class ShownTopic:
    """One thing that a text may be about."""

    id: str
    title: str
    """Empty for what is no question of the FAQ: the template has words for those."""
    kind: str
    """``question``, ``guide``, ``login``, ``status`` or ``out_of_scope``."""
    section: str
    percent: int
    level: str
    said: str
    answer: Markup
    """What the bot would say; empty for a guide, which it would begin."""
    steps: Tuple[Line, ...] = ()
    offered: Tuple[str, ...] = ()
    """Titles of the guides between which the answer to "vad står på skärmen?" decides."""


def shown(content: Content, folder: Path, topics: Sequence[Topic]) -> List[ShownTopic]:
    """Return topics with all that the page says of them; ``folder`` has the content's files."""
    return [_shown(content, folder, topic) for topic in topics]


def percent(certainty: float) -> int:
    """Return a certainty in per cent. Nothing is said to be quite certain."""
    return max(1, min(99, round(100 * certainty)))


def _shown(content: Content, folder: Path, topic: Topic) -> ShownTopic:
    question, guide = content.questions.get(topic.id), content.guides.get(topic.id)
    return ShownTopic(
        id=topic.id,
        title=question.title if question is not None else guide.title if guide is not None else "",
        kind=_kind(topic, guide is not None),
        section=question.section if question is not None else "",
        percent=percent(topic.certainty),
        level=topic.level.value,
        said=topic.said,
        answer=rendered(_answer(content, folder, topic)),
        steps=steps(content, topic.id) if guide is not None else (),
        offered=_offered(content, topic.id),
    )


def _kind(topic: Topic, guide: bool) -> str:
    if topic.out_of_scope:
        return OUT_OF_SCOPE
    return {LOGIN: "login", STATUS: "status"}.get(topic.id, "guide" if guide else "question")


def _answer(content: Content, folder: Path, topic: Topic) -> str:
    """Return what the bot would say, in its Markdown."""
    if topic.out_of_scope:
        return refusals(folder).get(topic.id, "")
    text = content.texts.get(VAGUE.get(topic.id, ""))
    return text.text if text is not None else answer_texts(folder).get(topic.id, "")


def _offered(content: Content, id: str) -> Tuple[str, ...]:
    if id != LOGIN:
        return ()
    return tuple(content.questions[one].title for one in offered_for(content, {}, id, [], False))


def steps(content: Content, guide: str) -> Tuple[Line, ...]:
    """Return a guide's steps as its printed checklist has them, included guides written out in place."""
    around = Around(content.guides, content.facts, content.targets, "")
    return tuple(_lines(items(around, guide), 0))


def _lines(written: Sequence[Item], depth: int) -> List[Line]:
    found: List[Line] = []
    for item in written:
        if item.kind in _ENDS:
            continue
        how = tuple(rendered(line) for part in item.parts if part.several for line in part.lines)
        found.append(Line(item.mark, rendered(item.text), how, depth))
        found += _lines(item.inside, depth + 1)
    return found


@lru_cache(maxsize=4)
def refusals(folder: Path) -> Mapping[str, str]:
    """Return what the bot says to what it has no answer for, by intent; read once, as the content of a process is."""
    problems: List[Problem] = []
    file = read_training_file(folder / _REFUSALS, problems)
    variants = file.variants if file is not None else ()
    return {variant.name.removeprefix("utter_"): variant.text.strip() for variant in variants}


def asked_fact(content: Content, name: str) -> Optional[str]:
    """Return the question with which a guide asks for a fact, if one does."""
    question = content.facts.get(name)
    return question.question if question is not None else None
