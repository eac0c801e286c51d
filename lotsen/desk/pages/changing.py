"""How a change to a case is made: it goes through, or its form comes back as it was sent, with why."""

from __future__ import annotations

from types import MappingProxyType
from typing import Callable, Mapping, Union

from starlette.responses import Response

from lotsen.cases.merging import Impossible
from lotsen.cases.work import Conflict, Handling
from lotsen.desk.asked import Asked
from lotsen.desk.case.view import handling_of
from lotsen.desk.case.words import told
from lotsen.desk.errors import BadInput
from lotsen.desk.pages.case import Sent, page_of
from lotsen.desk.services import Desk

Change = Callable[[Handling, int], Union[str, Response]]
"""Makes a change to a case as it was in a version; returns the name of what is said of it, or a page to show first."""


def changed(
    desk: Desk, asked: Asked, form: str, name: str, change: Change, values: Mapping[str, object] = MappingProxyType({})
) -> Response:
    """Make a change and go back to the case, or show the page again with the form as it was sent, and why.

    Nothing is written when a change does not go: ``change`` is one transaction. ``name`` is the field that is wrong if
    one is; ``values`` are for what is said.
    """
    handling = handling_of(desk, asked)
    try:
        done = change(handling, asked.number("version"))
    except BadInput as wrong:
        sent = Sent(form, asked.form, desk.say(wrong.text, **wrong.values), name)
        return page_of(desk, asked, handling, sent, wrong.status)
    except Impossible as impossible:
        sentence = desk.say(str(impossible), number=handling.case.number)
        return page_of(desk, asked, handling_of(desk, asked), Sent(form, asked.form, sentence, name), 409)
    except Conflict as conflict:
        since = told(desk, conflict.since, bool(handling.case.conversation))
        sent = Sent(form, asked.form, desk.say("overtaken"), since=since)
        return page_of(desk, asked, handling_of(desk, asked), sent, 409)
    if isinstance(done, Response):
        return done
    return desk.redirect(asked, f"/cases/{handling.case.id}", flash=done, **values)
