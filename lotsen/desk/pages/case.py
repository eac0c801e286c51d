"""The page of one case, and the parts of it that refresh themselves."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Mapping, Tuple

from starlette.responses import Response

from lotsen.cases.work import Handling
from lotsen.clock import utc_now
from lotsen.desk.asked import Asked
from lotsen.desk.case.answers import answers
from lotsen.desk.case.view import handling_of, new_since, talk_of, view_of
from lotsen.desk.case.words import Told
from lotsen.desk.page import Page
from lotsen.desk.services import Desk
from lotsen.desk.who import STAFF
from lotsen.settings import CONTENT

VIEWED = "viewed"
"""What the audit log calls it."""
OPEN_FOR = timedelta(hours=12)
"""A page that refreshes itself so long after it was opened counts as opened anew."""


@dataclass(frozen=True)
class Sent:
    """A form that comes back to who sent it, with what they wrote."""

    form: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    name: str = ""
    """The field that the problem is about; empty if it is about none."""
    since: Tuple[Told, ...] = ()
    """What others have done since the page was shown."""

    def value(self, form: str, name: str, default: object = "") -> str:
        """Return what a field shows: what was written in it, if its form came back."""
        return str(self.fields.get(name, "") if form == self.form else default)

    def wrong(self, form: str, name: str) -> str:
        """Return what is wrong with a field."""
        return self.problem if (form, name) == (self.form, self.name) else ""


def show_case(desk: Desk, asked: Asked) -> Response:
    """Show a case, which is noted in the audit log. ``insert`` puts an answer of the FAQ into the reply."""
    handling = handling_of(desk, asked)
    desk.audit.add(asked.who.actor, VIEWED, handling.case.id)
    answer = answers(desk.content, CONTENT).get(asked.query.get("insert", ""))
    sent = Sent("reply", {"text": answer.plain}) if answer is not None else Sent()
    return page_of(desk, asked, handling, sent)


def page_of(desk: Desk, asked: Asked, handling: Handling, sent: Sent, status: int = 200) -> Response:
    """Answer with the page; ``sent`` is a form that comes back."""
    view = view_of(desk, asked, handling)
    return desk.render(
        asked, "case.html", status, view=view, talk=view.talk, sent=sent, once=secrets.token_urlsafe(24), news=()
    )


def show_parts(desk: Desk, asked: Asked) -> Response:
    """Return the parts of a page that change; ``seen`` is the last event that it showed when it was loaded.

    A page that refreshes itself is no new view, but whoever asks without having opened it has viewed it.
    """
    handling = handling_of(desk, asked)
    case, actor = handling.case, asked.who.actor
    viewed = desk.audit.read(limit=1, actor=actor.id, action=VIEWED, case=case.id)
    if not viewed or utc_now() - viewed[0].at > OPEN_FOR:
        desk.audit.add(actor, VIEWED, case.id)
    return parts_of(desk, asked, handling)


def parts_of(
    desk: Desk, asked: Asked, handling: Handling, said: bool = False, problem: str = "", once: str = ""
) -> Response:
    """Answer with the parts; to a form of the live conversation also whether it was ``said``, or why not."""
    seen = asked.number("seen", 0)
    news = new_since(desk, handling.case, seen, asked.who.name) if seen else ()
    talk = talk_of(desk, asked, handling)
    page = desk.render(asked, "case_parts.html", talk=talk, news=news, said=said, problem=problem, once=once)
    if said:
        page.headers["HX-Trigger"] = "said"
    return page


PAGES: Tuple[Page, ...] = (
    Page("GET", "/cases/{case}", show_case, STAFF),
    Page("GET", "/cases/{case}/parts", show_parts, STAFF),
)
