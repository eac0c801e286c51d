"""The queue: what is to be done, the most urgent first."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from starlette.responses import Response

from lotsen.cases.case import Status
from lotsen.cases.merging import Impossible
from lotsen.cases.queue import Filter, Listing, View
from lotsen.cases.work import Conflict
from lotsen.clock import utc_now
from lotsen.desk.asked import Asked
from lotsen.desk.case.words import title_of
from lotsen.desk.page import Page
from lotsen.desk.queue_words import FIELDS, PATH, address, lines_of, narrowed, opening, wanted_of, wide
from lotsen.desk.services import Desk
from lotsen.desk.who import STAFF

AT_ONCE = 10
"""So many of the most urgent cases are looked at when one is to be taken."""
ROUNDS = 3
TITLED = ("category", "guide")
"""What has a title in the content; units and channels have names of their own."""


def queue(desk: Desk, asked: Asked) -> Response:
    """Show a list of the queue; to a page that refreshes itself only the list."""
    wanted, after = wanted_of(asked.query, asked.who.id), asked.query.get("after", "")
    try:
        listing = desk.queue.page(wanted, after)
    except ValueError:
        return desk.redirect(asked, address(wanted), flash="queue_no_such_place")
    values = _list_of(desk, asked, wanted, listing, after)
    if asked.partial:
        return desk.render(asked, "queue_list.html", **values)
    return desk.render(asked, "queue.html", choices=_choices(desk, wanted), wide=address(wide(wanted)), **values)


def take_next(desk: Desk, asked: Asked) -> Response:
    """Give somebody the most urgent new case of what their list is narrowed down to, and open it.

    Two who press at once get two cases: who comes second finds a new version, and goes on to the next one.
    """
    wanted = wanted_of({**asked.form, "view": View.NEW.value}, asked.who.id)
    for _ in range(ROUNDS):
        rows = desk.queue.page(wanted, limit=AT_ONCE).rows
        if not rows:
            return desk.redirect(
                asked, address(wanted), flash="queue_empty_now" if not narrowed(wanted) else "queue_none"
            )
        for row in rows:
            if _taken(desk, asked, row.id):
                return desk.redirect(asked, f"/cases/{row.id}", flash="queue_took", number=row.number)
    return desk.redirect(asked, address(wanted), flash="queue_too_quick")


def _taken(desk: Desk, asked: Asked, case: int) -> bool:
    """Take a case if nobody has; tell whether it is theirs now."""
    handling = desk.work.get(case)
    if handling is None or handling.assignee is not None or handling.status is not Status.NEW:
        return False
    try:
        desk.work.take(case, handling.version, asked.who.actor)
    except (Conflict, Impossible):
        return False
    return True


def _list_of(desk: Desk, asked: Asked, wanted: Filter, listing: Listing, after: str) -> Dict[str, Any]:
    """Return what the list's template needs."""
    now, counts = utc_now(), desk.queue.counts(asked.who.id)
    return {
        "wanted": wanted,
        "view": wanted.view.value,
        "lines": lines_of(listing.rows, wanted.view, desk.hours, now),
        "tabs": [(view.value, address(wanted, view), counts[view]) for view in View],
        "new": counts[View.NEW],
        "narrowed": narrowed(wanted),
        "chosen": {name: _title(desk, name, getattr(wanted, name)) for name in FIELDS},
        "live": address(wanted, after=after),
        "first": address(wanted) if after else "",
        "next": address(wanted, after=listing.next) if listing.next else "",
        "opening": opening(desk.hours, now),
        "channel": lambda id: _title(desk, "channel", id),
    }


def _choices(desk: Desk, wanted: Filter) -> Dict[str, List[Tuple[str, str]]]:
    """Return what each field of the form offers: values with their titles, by title; what is chosen is among them."""
    found: Dict[str, List[Tuple[str, str]]] = {}
    for name, values in desk.queue.choices().items():
        chosen = getattr(wanted, name)
        shown = {*values, *([chosen] if chosen else [])}
        found[name] = sorted(((value, _title(desk, name, value)) for value in shown), key=lambda one: one[1].casefold())
    return found


def _title(desk: Desk, name: str, value: str) -> str:
    """Return what people call a value."""
    if name in TITLED:
        return title_of(desk.content, value)
    return desk.pages.texts.get(f"queue_channel_{value}", value) if name == "channel" else value


PAGES: Tuple[Page, ...] = (
    Page("GET", PATH, queue, STAFF),
    Page("POST", f"{PATH}/next", take_next, STAFF),
)
