"""What staff write about a case: to its user, or for themselves; and its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Tuple

from starlette.responses import Response

from lotsen.cases.history import NOTE, REPLY
from lotsen.cases.work import Conflict, Handling, Resolution
from lotsen.clock import utc_now
from lotsen.desk.asked import Asked
from lotsen.desk.case.answers import answers
from lotsen.desk.case.view import handling_of
from lotsen.desk.errors import BadInput
from lotsen.desk.page import Page
from lotsen.desk.pages.case import Sent, page_of
from lotsen.desk.pages.changing import changed
from lotsen.desk.services import Desk
from lotsen.desk.who import STAFF
from lotsen.privacy.masking import mask
from lotsen.settings import CONTENT

TWICE = timedelta(minutes=1)
"""The same note of the same person so soon after the first is a double click."""


def note(desk: Desk, asked: Asked) -> Response:
    """Write something down for the desk. It changes nothing, so it never comes too late; a double click is one note."""

    def change(handling: Handling, version: int) -> str:
        text = asked.text("text")
        last = desk.cases.history.latest(handling.case.id, NOTE)
        same = last is not None and (last.text, last.author) == (mask(text), asked.who.name)
        if last is None or not same or utc_now() - last.at > TWICE:
            desk.work.note(handling.case.id, asked.who.actor, text)
        return "case_noted"

    return changed(desk, asked, "note", "text", change)


def reply(desk: Desk, asked: Asked) -> Response:
    """Answer the user, or ask them for something; the same answer sent twice is one."""

    def change(handling: Handling, version: int) -> str:
        text, ask = asked.text("text"), asked.form.get("ask") == "1"
        try:
            desk.work.reply(handling.case.id, version, asked.who.actor, text, ask)
        except Conflict as conflict:
            mine = (REPLY, mask(text), asked.who.name)
            if mine not in [(event.kind, event.text, event.author) for event in conflict.since]:
                raise
        return "case_asked" if ask else "case_answered"

    return changed(desk, asked, "reply", "text", change)


def insert(desk: Desk, asked: Asked) -> Response:
    """Put an answer of the FAQ into the reply, after what stands there; nothing is sent."""
    handling = handling_of(desk, asked)
    known = answers(desk.content, CONTENT)
    chosen = known.get(asked.form.get("insert") or asked.form.get("answer", ""))
    written = asked.form.get("text", "").replace("\r\n", "\n").rstrip()
    fields = {**asked.form, "text": f"{written}\n\n{chosen.plain}".strip() if chosen is not None else written}
    if chosen is None:
        return page_of(desk, asked, handling, Sent("reply", fields, desk.say("choose_answer"), "answer"), 422)
    return page_of(desk, asked, handling, Sent("reply", fields))


def resolve(desk: Desk, asked: Asked) -> Response:
    """End the case, perhaps with a last word to the user."""

    def change(handling: Handling, version: int) -> str:
        reason = asked.form.get("reason", "")
        if reason not in {one.value for one in Resolution}:
            raise BadInput("choose_reason")
        text = asked.text("text", needed=False)
        desk.work.resolve(handling.case.id, version, asked.who.actor, Resolution(reason), text)
        return "case_resolved"

    name = "reason" if not asked.form.get("reason") else "text"
    return changed(desk, asked, "resolve", name, change)


def reopen(desk: Desk, asked: Asked) -> Response:
    """Take up again a case that was over."""

    def change(handling: Handling, version: int) -> str:
        desk.work.reopen(handling.case.id, version, asked.who.actor)
        return "case_reopened"

    return changed(desk, asked, "reopen", "", change)


PAGES: Tuple[Page, ...] = (
    Page("POST", "/cases/{case}/note", note, STAFF),
    Page("POST", "/cases/{case}/reply", reply, STAFF),
    Page("POST", "/cases/{case}/insert", insert, STAFF),
    Page("POST", "/cases/{case}/resolve", resolve, STAFF),
    Page("POST", "/cases/{case}/reopen", reopen, STAFF),
)
