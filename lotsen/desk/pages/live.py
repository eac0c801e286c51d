"""The conversation with a user while they are there: taken over, spoken in, given back to Lotsen."""

from __future__ import annotations

import secrets
from typing import Tuple

from starlette.responses import Response

from lotsen.cases.work import Handling
from lotsen.channels.chat.desk_line import NotOpen, Occupied, StillAnswering, UserGone
from lotsen.channels.typed import MAX_TEXT
from lotsen.desk.asked import Asked
from lotsen.desk.case.view import handling_of
from lotsen.desk.errors import BadInput, NotAllowed, Overtaken
from lotsen.desk.page import Page
from lotsen.desk.pages.case import Sent, page_of, parts_of
from lotsen.desk.services import Desk
from lotsen.desk.who import LEADS, STAFF

MAX_ONCE = 59
"""Characters of a form's own token."""


def take_over(desk: Desk, asked: Asked) -> Response:
    """Take the conversation over. A lead may take it from somebody else."""
    handling = handling_of(desk, asked)
    case, actor = handling.case, asked.who.actor
    try:
        if not case.conversation:
            raise UserGone(case.conversation)
        instead = asked.form.get("instead") == "1"
        if instead and not asked.who.may(LEADS):
            raise NotAllowed("not_your_role")
        desk.line.open(case.conversation, case.channel, case.id, actor, instead)
    except Occupied as occupied:
        return _problem(desk, asked, handling, desk.say("line_occupied", who=occupied.name))
    except StillAnswering:
        return _problem(desk, asked, handling, desk.say("line_busy"))
    except UserGone:
        return _problem(desk, asked, handling, desk.say("line_no_user"))
    return desk.redirect(asked, f"/cases/{case.id}", flash="line_taken")


def say(desk: Desk, asked: Asked) -> Response:
    """Say something to the user at once; the same form sent twice says it once."""
    handling = handling_of(desk, asked)
    case, once = handling.case, asked.form.get("once", "")
    try:
        text = asked.text("text", MAX_TEXT)
        if not once or len(once) > MAX_ONCE:
            raise BadInput("no_such_choice")
        desk.line.say(case.conversation, asked.who.actor, text, once)
    except BadInput as wrong:
        return _unsaid(desk, asked, handling, desk.say(wrong.text, **wrong.values), wrong.status)
    except NotOpen:
        return _unsaid(desk, asked, handling, desk.say("line_closed"), Overtaken.status, "reply")
    if asked.partial:
        return parts_of(desk, asked, handling_of(desk, asked), said=True, once=secrets.token_urlsafe(24))
    return desk.redirect(asked, f"/cases/{case.id}")


def end(desk: Desk, asked: Asked) -> Response:
    """Give the conversation back to Lotsen."""
    handling = handling_of(desk, asked)
    case = handling.case
    try:
        ended = desk.line.close(case.conversation, asked.who.actor)
    except Occupied as occupied:
        return _problem(desk, asked, handling, desk.say("line_occupied", who=occupied.name))
    return desk.redirect(asked, f"/cases/{case.id}", flash="line_given_back" if ended else "line_was_back")


def _problem(desk: Desk, asked: Asked, handling: Handling, sentence: str) -> Response:
    """Show the page with what stands in the way."""
    return page_of(desk, asked, handling, Sent("live", asked.form, sentence), Overtaken.status)


def _unsaid(desk: Desk, asked: Asked, handling: Handling, sentence: str, status: int, form: str = "say") -> Response:
    """Tell why nothing was said; what was written stays in its field, or comes into that of a reply."""
    if asked.partial:
        return parts_of(desk, asked, handling, problem=sentence)
    return page_of(desk, asked, handling, Sent(form, asked.form, sentence, "text"), status)


PAGES: Tuple[Page, ...] = (
    Page("POST", "/cases/{case}/live", take_over, STAFF),
    Page("POST", "/cases/{case}/live/say", say, STAFF),
    Page("POST", "/cases/{case}/live/end", end, STAFF),
)
