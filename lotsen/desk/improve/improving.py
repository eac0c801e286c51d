"""What the pages of "Att förbättra" have in common: their stores, periods, words and files."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Iterable, List, Sequence, Tuple

from sqlalchemy.engine import Engine
from starlette.responses import Response

from lotsen.clock import utc_now
from lotsen.desk.asked import Asked
from lotsen.desk.errors import BadInput
from lotsen.desk.improve.readings import Readings
from lotsen.desk.reading.understanding import Understanding
from lotsen.desk.services import Desk
from lotsen.desk.spreadsheet import download
from lotsen.guides.model import Status
from lotsen.outcomes.asked_store import AskedStore
from lotsen.outcomes.records import RunRecord

HOME = "/improve"
DAYS = (7, 30, 90, 365)
"""The periods that lists can be of."""
LONGEST = timedelta(days=3650)


def store_of(desk: Desk) -> AskedStore:
    """Return what was asked."""
    return _store(desk.engine, desk.zone)


def readings_of(desk: Desk) -> Readings:
    """Return what the model makes of it."""
    return _readings(desk.engine, desk.understanding)


def days(asked: Asked, default: int = 30) -> int:
    """Return the period that was chosen, in days.

    Raises:
        BadInput: if it is none of ``DAYS``.
    """
    chosen = asked.number("days", default)
    if chosen not in DAYS:
        raise BadInput("no_such_choice")
    return chosen


def since(count: int) -> datetime:
    """Return when a period of so many days began."""
    return utc_now() - timedelta(days=count)


def open_since(desk: Desk) -> datetime:
    """Return the moment since when an open guide may still go on."""
    return utc_now() - min(timedelta(hours=min(desk.settings.guide_hours, 24 * 365)), LONGEST)


def settled(records: Iterable[RunRecord], left_before: datetime) -> List[RunRecord]:
    """Return runs with those that were left open long ago as abandoned; nothing is written."""
    return [
        replace(record, status=Status.ABANDONED)
        if record.status is Status.ACTIVE and record.touched < left_before
        else record
        for record in records
    ]


def title_of(desk: Desk, intent: str) -> str:
    """Return what people call an intent: the question's title, the guide's, its name in ``texts.yml``, or its own."""
    question = desk.content.questions.get(intent)
    if question is not None:
        return question.title
    guide = desk.content.guides.get(intent)
    return guide.title if guide is not None else str(desk.pages.texts.get(f"improve_intent_{intent}", intent))


def per_cent(part: int, of: int) -> str:
    """Return a share with one decimal, as a Swedish spreadsheet reads it; empty where there is nothing to share.

    >>> per_cent(1, 3), per_cent(0, 0)
    ('33,3', '')
    """
    return f"{100 * part / of:.1f}".replace(".", ",") if of else ""


def export(
    desk: Desk, asked: Asked, name: str, columns: str, rows: Iterable[Sequence[object]], about: str = ""
) -> Response:
    """Return a table as a file, once it is in the audit log. ``columns`` names the heads in ``texts.yml``."""
    desk.audit.add(asked.who.actor, "exported", detail=f"{name} {about}".strip())
    return download(name, desk.say(columns).split(";"), rows)


def channels(desk: Desk, found: Iterable[str]) -> Tuple[Tuple[str, str], ...]:
    """Return the channels that there are, with their names."""
    named = {name: desk.pages.texts.get(f"queue_channel_{name}", name) for name in sorted(set(found)) if name}
    return tuple(named.items())


@lru_cache(maxsize=4)
def _store(engine: Engine, zone: tzinfo) -> AskedStore:
    """Open a store once for each database."""
    return AskedStore(engine, zone)


@lru_cache(maxsize=4)
def _readings(engine: Engine, understanding: Understanding) -> Readings:
    """Open a store once for each database."""
    return Readings(engine, understanding)
