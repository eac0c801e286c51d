"""Disturbances: what goes on now, what forms, and earlier ones. What leads do about them: ``disturbances_said.py``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Optional, Sequence, Tuple

from starlette.responses import Response

from lotsen.clock import utc_now
from lotsen.desk import disturbing
from lotsen.desk.asked import Asked
from lotsen.desk.charts.scale import written
from lotsen.desk.disturbing import SPANS, Shown, shown, title_of
from lotsen.desk.page import Page
from lotsen.desk.pages import disturbances_said as said
from lotsen.desk.services import Desk
from lotsen.desk.who import LEADS, STAFF
from lotsen.disturbances.forming import Frame, Trouble
from lotsen.disturbances.notices import Notice
from lotsen.disturbances.signs import Signs

CHARTS = 3
"""So many kinds are drawn unasked: those that stand out most."""
ENDED = said.ENDED
HOME = said.HOME


@dataclass(frozen=True)
class Row:
    """A kind of trouble in the table."""

    trouble: Trouble
    title: str
    usual: str
    needed: int
    """So many users mark a disturbance; 0 where nothing does."""
    active: bool
    guide: bool
    """A notice can be set: the chat tells it before the guide."""


def overview(desk: Desk, asked: Asked) -> Response:
    """Show everything; for htmx only the part that changes. ``?kind=`` is drawn first, ``?span=`` says how far back."""
    now, count = utc_now(), desk.settings.disturbance_count
    span = asked.query.get("span", "")
    span = span if span in SPANS else next(iter(SPANS))
    frame = Frame.until(now, SPANS[span])
    active, ended = desk.notices.all(active_only=True), desk.notices.ended(ENDED)
    chosen = _known(desk, asked.query.get("kind", ""), [*active, *ended])
    kinds = [*(notice.kind for notice in active), *([chosen] if chosen else [])]
    minutes = desk.settings.disturbance_minutes
    found = Signs(desk.engine, desk.zone).troubles(frame, minutes, desk.notices.last_lifts(), kinds)
    rows = [
        Row(
            trouble,
            title_of(desk.content, trouble.kind),
            written(trouble.usual_lately),
            count if trouble.kind in desk.content.guides else 0,
            any(notice.kind == trouble.kind for notice in active),
            trouble.kind in desk.content.guides,
        )
        for trouble in found
    ]
    drawn = sorted(rows, key=lambda row: row.trouble.kind != chosen)[: CHARTS + bool(chosen)]
    return desk.render(
        asked,
        "disturbances_live.html" if asked.partial else "disturbances.html",
        now=now,
        span=span,
        chosen=chosen,
        state=_state(desk, chosen, active, ended),
        minutes=written(minutes),
        active=shown(desk, active),
        ended=shown(desk, ended),
        rows=rows,
        drawn=[row for row in drawn if row.trouble.total or row.trouble.kind == chosen],
        draw=partial(disturbing.trouble_figure, frame=frame, zone=desk.zone),
        guides=_guides(desk),
        may=asked.who.may(LEADS),
        live=f"{HOME}?span={span}" + (f"&kind={chosen}" if chosen else ""),
    )


def _known(desk: Desk, kind: str, notices: Sequence[Notice]) -> str:
    """Return a kind if the content or a notice has it; else nothing is chosen."""
    content = desk.content
    there = kind in content.guides or kind in content.questions or any(notice.kind == kind for notice in notices)
    return kind if there else ""


def _state(desk: Desk, kind: str, active: Sequence[Notice], ended: Sequence[Notice]) -> Optional[Shown]:
    """Return the latest notice of the chosen kind, to say how it stands."""
    found = [notice for notice in (*active, *ended) if notice.kind == kind]
    return shown(desk, found[:1])[0] if found else None


def _guides(desk: Desk) -> Tuple[Tuple[str, str], ...]:
    """Return the guides that a notice can be about, by title."""
    return tuple(sorted(((id, guide.title) for id, guide in desk.content.guides.items()), key=lambda one: one[1]))


PAGES: Tuple[Page, ...] = (
    Page("GET", HOME, overview, STAFF),
    Page("GET", f"{HOME}/notice", said.show_form, LEADS),
    Page("POST", f"{HOME}/notice", said.save, LEADS),
    Page("GET", f"{HOME}/lift", said.ask_lift, LEADS),
    Page("POST", f"{HOME}/lift", said.lift, LEADS),
)
