"""Att förbättra, frågor att titta på: refused and wrongly answered questions, grouped by likeness."""

from __future__ import annotations

from typing import List, Tuple

from starlette.responses import Response

from lotsen.clock import utc_now
from lotsen.desk.asked import Asked
from lotsen.desk.errors import BadInput
from lotsen.desk.improve import improving, looking
from lotsen.desk.improve.improving import HOME
from lotsen.desk.improve.looking import QUESTIONS, View
from lotsen.desk.page import Page
from lotsen.desk.services import Desk
from lotsen.desk.who import OWNERS
from lotsen.improvement.questions import Which
from lotsen.outcomes.signs import GOOD

PER_PAGE = 15
"""Groups on a page."""
PER_GROUP = 12
"""Questions of a group that are shown; the file has all."""
MAX_TICKED = 40
"""So many questions may be dealt with at a time."""


def questions(desk: Desk, asked: Asked) -> Response:
    """Show a page of groups."""
    view = _view(asked)
    looked = looking.look(desk, view)
    read = improving.readings_of(desk).of([question.text for question in looked.questions])
    cards = looking.cards(looked.questions, read, PER_GROUP)
    pages = max(1, -(-len(cards) // PER_PAGE))
    page = min(max(1, asked.number("page", 1)), pages)
    here = cards[(page - 1) * PER_PAGE : page * PER_PAGE]
    known = looking.present()
    return desk.render(
        asked,
        "improve_questions.html",
        view=view,
        spans=improving.DAYS,
        which=[(one, desk.say(f"improve_which_{one.value}")) for one in Which],
        cards=[(card, looking.suggestion(known, card.shown[0].question, card.shown[0].nearest)) for card in here],
        places=looking.places(desk, known),
        total=len(looked.questions),
        groups=len(cards),
        cut=looked.cut,
        missing=read.missing,
        answers=read.answers,
        page=page,
        pages=pages,
        first=(page - 1) * PER_PAGE,
        GOOD=GOOD,
        title_of=lambda intent: improving.title_of(desk, intent),
    )


def questions_csv(desk: Desk, asked: Asked) -> Response:
    """Return all questions as a file, with the groups that they are in."""
    view = _view(asked)
    looked = looking.look(desk, view)
    read = improving.readings_of(desk).of([question.text for question in looked.questions], more=0)
    rows = [
        (
            number,
            card.title,
            one.question.text,
            one.question.count,
            desk.pages.day(one.question.at),
            desk.say(f"improve_kind_{one.question.kind.value}"),
            improving.title_of(desk, one.question.intent),
            desk.say(f"improve_sign_{one.question.sign.value}") if one.question.sign else "",
            ", ".join(improving.title_of(desk, guess.id) for guess in one.nearest),
        )
        for number, card in enumerate(looking.cards(looked.questions, read), start=1)
        for one in card.shown
    ]
    return improving.export(desk, asked, "fragor.csv", "improve_columns_questions", rows, view.query)


def handle(desk: Desk, asked: Asked) -> Response:
    """Put questions aside, or take them back."""
    ids = ticked(asked)
    back = asked.choice("do", ("aside", "back")) == "back"
    with desk.engine.begin() as connection:
        count = improving.store_of(desk).handle(connection, ids, None if back else utc_now())
        done = "taken_back" if back else "put_aside"
        desk.audit.add(asked.who.actor, f"questions_{done}", detail=str(count), connection=connection)
    return desk.redirect(asked, came_from(asked), f"improve_{done}", count=len(ids))


def ticked(asked: Asked) -> List[int]:
    """Return the ids of the questions that were ticked; of all that the form shows, if the whole group was.

    Raises:
        BadInput: if it is none, or too many.
    """
    written = asked.several.get("member" if asked.form.get("whole") == "1" else "pick", ())
    ids = list(dict.fromkeys(int(one) for one in written if one.isascii() and one.isdigit() and len(one) < 10))
    if not ids:
        raise BadInput("improve_nothing_ticked")
    if len(ids) > MAX_TICKED:
        raise BadInput("improve_too_many", most=MAX_TICKED)
    return ids


def came_from(asked: Asked) -> str:
    """Return the list that a form was sent from; only its own choices are taken over."""
    try:
        span, which, handled = asked.form.get("list", "").split(".")
        view = View(int(span), Which(which), handled == "1")
    except ValueError:
        return QUESTIONS
    return f"{QUESTIONS}?{view.query}" if view.span in improving.DAYS else QUESTIONS


def _view(asked: Asked) -> View:
    """Return what was chosen.

    Raises:
        BadInput: if it is none of the choices.
    """
    try:
        which = Which(asked.query.get("which", Which.ALL.value))
    except ValueError as error:
        raise BadInput("no_such_choice") from error
    return View(improving.days(asked), which, asked.number("handled", 0) == 1)


PAGES: Tuple[Page, ...] = (
    Page("GET", QUESTIONS, questions, OWNERS),
    Page("GET", f"{HOME}/questions.csv", questions_csv, OWNERS),
    Page("POST", f"{HOME}/handled", handle, OWNERS),
)
