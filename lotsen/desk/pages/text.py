"""Triage of a pasted text: an e-mail or a phone note is read as the bot would, and can be made a case.

Nothing is stored until a case is made. Where the model does not answer, a case can still be made by hand.
"""

from __future__ import annotations

import uuid
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

from starlette.responses import Response

from lotsen.cases.case import Impact, Level
from lotsen.cases.store import NewCase
from lotsen.cases.wording import FACTS
from lotsen.channels.typed import storable
from lotsen.clock import utc_now
from lotsen.content.texts import words
from lotsen.desk.asked import Asked
from lotsen.desk.case.choices import category_groups
from lotsen.desk.errors import Unavailable
from lotsen.desk.page import Page
from lotsen.desk.reading.draft import CONTACT, FIELDS, MAX_LINE, MAX_TEXT, Filled, draft_of, filled, wrong_in
from lotsen.desk.reading.shown import asked_fact, shown
from lotsen.desk.reading.suggestion import Suggestion, category_of, read_text, suggest, texts_of
from lotsen.desk.services import Desk
from lotsen.desk.who import STAFF
from lotsen.disturbances.notices import Notice
from lotsen.settings import CONTENT

HOME = "/text"
CHANNEL = "desk"
"""The channel of a case that somebody at the desk has made."""


def empty(desk: Desk, asked: Asked) -> Response:
    """Show the field."""
    return _page(desk, asked, "")


def read(desk: Desk, asked: Asked) -> Response:
    """Read a text, and show what it is about."""
    text = _written(asked, "text")
    if not text or len(text) > MAX_TEXT:
        return _page(desk, asked, text, 422, error="empty" if not text else "long")
    suggestion, answered = _suggest(desk, text)
    notice = _notice_for(desk, suggestion)
    topics = shown(desk.content, CONTENT, suggestion.topics)
    title = topics[0].title if topics else ""
    form = filled(desk.content, suggestion, text, uuid.uuid4().hex, title, str(notice.id) if notice else "")
    return _page(
        desk,
        asked,
        text,
        suggestion=suggestion,
        topics=topics,
        answered=answered,
        form=form,
        asked_facts={name: asked_fact(desk.content, name) for name in FACTS},
    )


def make(desk: Desk, asked: Asked) -> Response:
    """Make a case of what the form says, and go to it; sent twice it is one case."""
    form = Filled({name: _written(asked, name) for name in FIELDS})
    notices = {str(notice.id): notice for notice in desk.notices.all(active_only=True)}
    wrong = wrong_in(desk.content, form, list(notices))
    if wrong:
        # A disturbance may be over meanwhile, and an old page may have no key: neither is the user's to put right.
        mended = {**form.values, **({"notice": ""} if "notice" in wrong else {})}
        if "key" in wrong:
            mended["key"] = uuid.uuid4().hex
        return _page(desk, asked, "", 422, form=Filled(mended), wrong=wrong, by_hand=True)
    notice = notices.get(form["notice"])
    draft = draft_of(desk.content, form, notice is not None)
    case = desk.work.create(
        asked.who.actor, NewCase(form["key"], draft, "", CHANNEL, notice=notice.id if notice else None)
    )
    if form["mine"]:
        _take(desk, asked, case.id)
    return desk.redirect(asked, f"/cases/{case.id}")


def _written(asked: Asked, name: str) -> str:
    """Return what a field holds, fit for a database. How long it may be the page says, so that nothing is lost."""
    return storable(asked.form.get(name, "")).replace("\r\n", "\n").strip()


def _suggest(desk: Desk, text: str) -> Tuple[Suggestion, bool]:
    """Return the suggestion, and whether the model has answered."""
    letter = read_text(text)
    texts = texts_of(letter)
    try:
        reads = desk.understanding.read(texts) if texts else []
    except Unavailable:
        return suggest(desk.content, text, letter, []), False
    suggestion = suggest(desk.content, text, letter, reads)
    if _notice_for(desk, suggestion) is not None:
        suggestion = suggest(desk.content, text, letter, reads, disturbance=True)
    return suggestion, True


def _notice_for(desk: Desk, suggestion: Suggestion) -> Optional[Notice]:
    """Return the disturbance that goes on about what a text is likely about."""
    category = category_of(desk.content, suggestion.best)
    return desk.notices.active(category.id, utc_now()) if category.id else None


def _take(desk: Desk, asked: Asked, case: int) -> None:
    """Give the case to who has made it, unless the same form did so before."""
    handling = desk.work.get(case)
    if handling is not None and handling.assignee is None:
        desk.work.take(case, handling.version, asked.who.actor)


def _page(desk: Desk, asked: Asked, text: str, status: int = 200, **values: Any) -> Response:
    """Show the page; what is not said of is not there."""
    plain: Dict[str, Any] = {
        **{
            "error": "",
            "suggestion": None,
            "topics": (),
            "answered": True,
            "form": None,
            "wrong": (),
            "by_hand": False,
        },
        "asked_facts": {},
    }
    return desk.render(
        asked, "text.html", status, text=text, longest=MAX_TEXT, line=MAX_LINE, **{**plain, **values}, **_choices(desk)
    )


def _choices(desk: Desk) -> Mapping[str, object]:
    """Return what the form's selects offer, each a value with what it is called."""
    content = desk.content
    levels, labels = words(content.texts, "level"), words(content.texts, "label")
    titles = {id: question.title for id, question in content.questions.items()}
    notices: Sequence[Notice] = desk.notices.all(active_only=True)
    return {
        "levels": [(level.value, levels[level.value]) for level in Level],
        "level_names": levels,
        "because": words(content.texts, "because"),
        "labels": labels,
        "categories": category_groups(content, desk.say("case_guides")),
        "targets": list(content.targets.items()),
        "impacts": [impact.value for impact in Impact],
        "notices": [(str(one.id), titles.get(one.kind, one.kind)) for one in notices],
        "contact_names": CONTACT,
        "fact_names": FACTS,
    }


PAGES: Tuple[Page, ...] = (
    Page("GET", HOME, empty, STAFF),
    Page("POST", HOME, read, STAFF),
    Page("POST", f"{HOME}/case", make, STAFF),
)
