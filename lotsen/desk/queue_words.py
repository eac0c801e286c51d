"""The queue in words: where a case stands in time, when the desk opens, what a list is narrowed down to. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Dict, Mapping, Optional, Sequence, Tuple
from urllib.parse import urlencode

from lotsen.cases.hours import DeskHours
from lotsen.cases.queue import Filter, Row, View
from lotsen.channels.typed import storable

FIELDS = ("category", "guide", "unit", "channel", "text")
"""What a list can be narrowed down by, as ``Filter`` and the form name it."""
LONGEST = 200
"""Characters of one of them."""
PATH = "/queue"


@dataclass(frozen=True)
class Line:
    """A row of the queue with what its words depend on."""

    row: Row
    late: bool
    """Somebody should have looked by now; never for a case that is over, or waits for its user."""
    outside: bool
    """It came when the desk was closed."""


def lines_of(rows: Sequence[Row], view: View, hours: DeskHours, now: datetime) -> Tuple[Line, ...]:
    """Return the rows of a list."""
    timed = view not in (View.OVER, View.WAITING)
    return tuple(
        Line(row, late=timed and row.due <= now, outside=bool(hours.open) and hours.opens(row.created) is not None)
        for row in rows
    )


def wanted_of(sent: Mapping[str, str], me: str) -> Filter:
    """Return what a query or a form asks for. A list that there is not, is that of new cases."""
    known = {view.value: view for view in View}
    fields = {name: storable(sent.get(name, "")).strip()[:LONGEST] for name in FIELDS}
    return Filter(known.get(sent.get("view", ""), View.NEW), me, **fields)


def narrowed(wanted: Filter) -> bool:
    """Tell whether a list is narrowed down by anything."""
    return any(getattr(wanted, name) for name in FIELDS)


def address(wanted: Filter, view: Optional[View] = None, after: str = "") -> str:
    """Return the address of a list, or of another one that is narrowed down by the same; ``after``: of a later page.

    >>> address(Filter(View.NEW, text="kort & kod"), View.OPEN)
    '/queue?view=open&text=kort+%26+kod'
    """
    fields: Dict[str, str] = {"view": (view or wanted.view).value}
    fields.update({name: getattr(wanted, name) for name in FIELDS if getattr(wanted, name)})
    if after:
        fields["after"] = after
    return f"{PATH}?{urlencode(fields)}"


def wide(wanted: Filter) -> Filter:
    """Return the same list, narrowed down by nothing."""
    return Filter(wanted.view, wanted.me)


def opening(hours: DeskHours, now: datetime) -> Optional[Tuple[datetime, int]]:
    """Return when the desk opens, in local time, and in how many days that is; None if it is open, or not known."""
    opens = hours.opens(now) if hours.open else None
    if opens is None:
        return None
    return opens, (opens.date() - now.astimezone(hours.zone).date()).days
