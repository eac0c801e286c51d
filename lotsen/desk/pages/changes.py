"""What staff do with a case: whose it is, how urgent, what about. ``writing`` and ``moving`` have the rest."""

from __future__ import annotations

from typing import Tuple

from starlette.responses import Response

from lotsen.cases.case import Category, Level
from lotsen.cases.work import Handling
from lotsen.desk.asked import Asked
from lotsen.desk.case.choices import category_named
from lotsen.desk.errors import BadInput, NotAllowed
from lotsen.desk.page import Page
from lotsen.desk.pages import moving, writing
from lotsen.desk.pages.changing import changed
from lotsen.desk.services import Desk
from lotsen.desk.who import LEADS, STAFF


def take(desk: Desk, asked: Asked) -> Response:
    """Make the case one's own."""

    def change(handling: Handling, version: int) -> str:
        desk.work.take(handling.case.id, version, asked.who.actor)
        return "case_taken"

    return changed(desk, asked, "take", "", change)


def give_back(desk: Desk, asked: Asked) -> Response:
    """Put one's own case back into the queue; a lead puts back anybody's."""

    def change(handling: Handling, version: int) -> str:
        whose = handling.assignee.id if handling.assignee is not None else asked.who.id
        if whose != asked.who.id and not asked.who.may(LEADS):
            raise NotAllowed("not_your_case")
        desk.work.assign(handling.case.id, version, asked.who.actor, None)
        return "case_given_back"

    return changed(desk, asked, "give", "", change)


def assign(desk: Desk, asked: Asked) -> Response:
    """Give the case to somebody."""

    def change(handling: Handling, version: int) -> str:
        staff = {actor.id: actor for actor in desk.sessions.staff()}
        to = staff[asked.choice("to", list(staff))]
        desk.work.assign(handling.case.id, version, asked.who.actor, to)
        return "case_assigned"

    return changed(desk, asked, "assign", "to", change)


def set_level(desk: Desk, asked: Asked) -> Response:
    """Make the case more or less urgent."""

    def change(handling: Handling, version: int) -> str:
        level = Level(asked.choice("level", [level.value for level in Level]))
        desk.work.set_level(handling.case.id, version, asked.who.actor, level)
        return "case_changed"

    return changed(desk, asked, "level", "level", change)


def set_category(desk: Desk, asked: Asked) -> Response:
    """Say what the case is about."""

    def change(handling: Handling, version: int) -> str:
        written = asked.form.get("category", "")
        category = category_named(desk.content, written) if written else Category()
        if category is None:
            raise BadInput("no_such_choice")
        desk.work.set_category(handling.case.id, version, asked.who.actor, category)
        return "case_changed"

    return changed(desk, asked, "category", "category", change)


PAGES: Tuple[Page, ...] = (
    Page("POST", "/cases/{case}/take", take, STAFF),
    Page("POST", "/cases/{case}/give-back", give_back, STAFF),
    Page("POST", "/cases/{case}/assign", assign, LEADS),
    Page("POST", "/cases/{case}/level", set_level, STAFF),
    Page("POST", "/cases/{case}/category", set_category, STAFF),
    *writing.PAGES,
    *moving.PAGES,
)
