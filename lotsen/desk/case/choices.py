"""What can be chosen for a case: categories, people, service desks, disturbances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from lotsen.audit.log import Actor
from lotsen.cases.case import Category, Level
from lotsen.cases.work import Handling, Resolution
from lotsen.clock import utc_now
from lotsen.content.catalogue import Content
from lotsen.content.texts import words
from lotsen.desk.case.answers import Answer, answers, by_section
from lotsen.desk.case.words import name_of, title_of
from lotsen.desk.services import Desk
from lotsen.outbox.outbox import OutboxLetter
from lotsen.settings import CONTENT

Groups = Sequence[Tuple[str, Sequence[Tuple[str, str]]]]
"""Choices under headings: each a value with what it is called."""


@dataclass(frozen=True)
class Choices:
    """What the forms of a case offer, each a value with what it is called."""

    levels: Sequence[Tuple[str, str]]
    categories: Groups
    staff: Sequence[Actor]
    resolutions: Sequence[Tuple[str, str]]
    routes: Sequence[Tuple[str, str]]
    """The service desks that do not have the case yet."""
    notices: Sequence[Tuple[str, str]]
    """The disturbances that go on, and the one that the case is linked to."""
    answers: Sequence[Tuple[str, Sequence[Answer]]]


def choices_of(desk: Desk, handling: Handling, letters: Sequence[OutboxLetter]) -> Choices:
    """Return what can be chosen now."""
    known = words(desk.content.texts, "level")
    there = {letter.desk for letter in letters}
    return Choices(
        levels=[(level.value, known[level.value]) for level in Level],
        categories=category_groups(desk.content, desk.say("case_guides")),
        staff=desk.sessions.staff(),
        resolutions=[(one.value, desk.say(f"case_because_{one.value}")) for one in Resolution],
        routes=[(route.desk, name_of(desk, route.desk)) for route in desk.routes if route.desk not in there],
        notices=list(notice_names(desk, handling).items()),
        answers=by_section(desk.content, answers(desk.content, CONTENT)),
    )


def category_groups(content: Content, guides: str) -> Groups:
    """Return the questions by section, and the guides that are no question under ``guides``."""
    groups: List[Tuple[str, List[Tuple[str, str]]]] = [
        (section, [(question.id, question.title) for question in content.in_section(section)])
        for section in content.sections
    ]
    more = [(guide.id, guide.title) for guide in content.guides.values() if guide.id not in content.questions]
    return [*groups, *([(guides, more)] if more else [])]


def category_named(content: Content, id: str) -> Optional[Category]:
    """Return a question or a guide as what a case is about; None if there is none."""
    question = content.questions.get(id)
    if question is not None:
        return Category(id, question.title, question.section)
    return Category(id, content.guides[id].title) if id in content.guides else None


def notice_names(desk: Desk, handling: Handling) -> Mapping[str, str]:
    """Return the disturbances that a case can be linked to, by id, and the one that it is linked to."""
    found: Dict[str, str] = {}
    for notice in desk.notices.all(active_only=handling.notice is None):
        if notice.id == handling.notice or notice.active(utc_now()):
            title = title_of(desk.content, notice.kind)
            found[str(notice.id)] = desk.say("case_notice", title=title, at=desk.pages.at(notice.created))
    return found
