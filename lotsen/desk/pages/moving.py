"""Where a case goes: on to a service desk, into another case, to a disturbance."""

from __future__ import annotations

from typing import Tuple, Union

from starlette.responses import Response

from lotsen.cases.access import number_in
from lotsen.cases.case import NUMBER_FORMAT
from lotsen.cases.letter_of import letter_of
from lotsen.cases.work import Handling
from lotsen.desk.asked import Asked
from lotsen.desk.case.choices import notice_names
from lotsen.desk.case.words import name_of
from lotsen.desk.errors import BadInput
from lotsen.desk.page import Page
from lotsen.desk.pages.case import VIEWED
from lotsen.desk.pages.changing import changed
from lotsen.desk.services import Desk
from lotsen.desk.who import STAFF


def forward(desk: Desk, asked: Asked) -> Response:
    """Send the case to a service desk, with all that was said."""

    def change(handling: Handling, version: int) -> str:
        to = asked.choice("desk", [route.desk for route in desk.routes])
        case = handling.case
        events = desk.cases.history.of(case.id)
        letter = letter_of(case.draft, desk.content.texts, desk.zone, events, desk.content.target(None))
        desk.work.forward(case.id, version, asked.who.actor, to, letter)
        return "case_forwarded"

    return changed(desk, asked, "forward", "desk", change, {"desk": name_of(desk, asked.form.get("desk", ""))})


def merge(desk: Desk, asked: Asked) -> Response:
    """Make the case a duplicate of another: that one is shown first, as its answers will reach this one's user."""

    def change(handling: Handling, version: int) -> Union[str, Response]:
        other = _other(desk, asked, handling)
        if asked.form.get("sure") != "1":
            desk.audit.add(asked.who.actor, VIEWED, other.case.id)
            return desk.render(asked, "case_merge.html", handling=handling, other=other, version=version)
        desk.work.merge(handling.case.id, version, asked.who.actor, other.case.id)
        return "case_joined"

    return changed(desk, asked, "merge", "number", change)


def link(desk: Desk, asked: Asked) -> Response:
    """Make the case part of a disturbance, or no longer."""

    def change(handling: Handling, version: int) -> str:
        choice = asked.choice("notice", ["", *notice_names(desk, handling)])
        desk.work.link(handling.case.id, version, asked.who.actor, int(choice) if choice else None)
        return "case_changed"

    return changed(desk, asked, "link", "notice", change)


def _other(desk: Desk, asked: Asked, handling: Handling) -> Handling:
    """Return the case that another is to be merged into: picked among those like it, or by its number.

    Raises:
        BadInput: if no number is written, or no case has it.
    """
    written = (asked.form.get("number", "") or asked.form.get("into", "")).strip()
    bare = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None
    id = bare if bare is not None else number_in(written)
    if id is None:
        raise BadInput("which_case")
    other = desk.work.get(id)
    if other is None:
        raise BadInput("no_such_case", number=NUMBER_FORMAT.format(id))
    if id == handling.case.id:
        raise BadInput("same_case")
    return other


PAGES: Tuple[Page, ...] = (
    Page("POST", "/cases/{case}/forward", forward, STAFF),
    Page("POST", "/cases/{case}/merge", merge, STAFF),
    Page("POST", "/cases/{case}/link", link, STAFF),
)
