"""The queue: which cases the triage desk shows, in which order. Quick with 50,000 of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.cases import alike
from lotsen.cases.case import NUMBER_FORMAT, Level, Status
from lotsen.cases.history import History
from lotsen.cases.listed import Lane, split
from lotsen.cases.search import having
from lotsen.cases.table import CHOSEN, cases, choices

PAGE = 50
"""Rows at a time."""


class View(str, Enum):
    """One list of the queue."""

    NEW = "new"
    """Nobody has taken it."""
    MINE = "mine"
    OPEN = "open"
    """All that are not over, whoever has them."""
    WAITING = "waiting"
    """For the user."""
    OVER = "over"
    """Resolved or rejected, the latest first."""


@dataclass(frozen=True)
class Filter:
    """What is asked for; an empty text is any. ``text`` is words that must all begin a word of the case."""

    view: View = View.NEW
    me: str = ""
    """The id of who asks, for ``MINE``."""
    category: str = ""
    guide: str = ""
    unit: str = ""
    channel: str = ""
    text: str = ""


@dataclass(frozen=True)
class Row:
    """A case as the queue shows it."""

    id: int
    number: str
    problem: str
    category: str
    """The title of what it is about."""
    status: Status
    level: Level
    reasons: Tuple[str, ...]
    """Names of reasons: ``patient_waits``, ``several``, ``disturbance``."""
    created: datetime
    due: datetime
    """When somebody should have looked; this orders the queue."""
    changed: datetime
    """When something last happened to it."""
    assignee: str
    assignee_name: str
    unit: str
    channel: str
    answered: bool
    """The user has answered, and nobody has looked since."""


@dataclass(frozen=True)
class Listing:
    """Some rows, and the key of the page after them; empty if there is none."""

    rows: Tuple[Row, ...]
    next: str


class Queue:
    """Reads the queue."""

    def __init__(self, engine: Engine) -> None:
        """Read from ``engine``; the tables are those of ``CaseStore``."""
        self._engine = engine
        self._history = History(engine)

    def page(self, wanted: Filter, after: str = "", limit: int = PAGE) -> Listing:
        """Return a page of the queue: from its beginning, or after a ``next`` that was given before.

        Raises:
            ValueError: if ``after`` is no such key.
        """
        key = cases.c.changed if wanted.view is View.OVER else cases.c.due
        conditions = [_shown(wanted), *_filtered(wanted)]
        if after:
            conditions.append(_after(key, *_read_key(after), falling=wanted.view is View.OVER))
        order = [key.desc(), cases.c.id.desc()] if wanted.view is View.OVER else [key, cases.c.id]
        with self._engine.connect() as connection:
            found = having(connection, wanted.text)
            if found is None:
                return Listing((), "")
            # One more than is shown tells whether there is a next page.
            ids = sa.select(cases.c.id).where(*conditions, *found).order_by(*order).limit(limit + 1)
            some = list(connection.execute(ids).scalars())
            rows = _rows(connection, some[:limit])
        if len(some) <= limit or not rows:
            return Listing(rows, "")
        return Listing(rows, _key(rows[-1].changed if wanted.view is View.OVER else rows[-1].due, rows[-1].id))

    def counts(self, me: str) -> Mapping[View, int]:
        """Return how many cases each list has."""
        by_lane = sa.select(cases.c.lane, sa.func.count().label("count")).group_by(cases.c.lane)
        mine = sa.select(sa.func.count()).where((cases.c.assignee == me) & (cases.c.live == 1))
        with self._engine.connect() as connection:
            lanes = {row.lane: row.count for row in connection.execute(by_lane)}
            own = connection.execute(mine).scalar() if me else 0
        new, taken, waiting, over = (
            lanes.get(lane.value, 0) for lane in (Lane.NEW, Lane.TAKEN, Lane.WAITING, Lane.OVER)
        )
        return {
            View.NEW: new,
            View.MINE: own,
            View.OPEN: new + taken + waiting,
            View.WAITING: waiting,
            View.OVER: over,
        }

    def choices(self) -> Mapping[str, Sequence[str]]:
        """Return the values of ``category``, ``guide``, ``unit`` and ``channel`` that occur in cases, sorted."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(choices)).all()
        return {name: sorted((row.value for row in rows if row.name == name), key=str.casefold) for name in CHOSEN}

    def similar(self, case: int, limit: int = 5) -> Tuple[Tuple[Row, ...], Tuple[Row, ...]]:
        """Return cases like this one, the likest first: open ones, and those that are over."""
        with self._engine.connect() as connection:
            live, over = alike.alike(connection, case, limit)
            return _rows(connection, live), _rows(connection, over)

    def latest_change(self, case: Optional[int] = None) -> int:
        """Return a number that grows whenever something happens to any case, or to this one."""
        return self._history.newest(case)


_KEY = re.compile(r"(-?\d{1,18})_(\d{1,9})")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LANES: Mapping[View, Lane] = {View.NEW: Lane.NEW, View.WAITING: Lane.WAITING, View.OVER: Lane.OVER}


def _shown(wanted: Filter) -> Any:
    """Return the condition for the cases of a list."""
    if wanted.view is View.MINE:
        return (cases.c.assignee == wanted.me) & (cases.c.assignee != "") & (cases.c.live == 1)
    if wanted.view is View.OPEN:
        return cases.c.live == 1
    return cases.c.lane == _LANES[wanted.view].value


def _filtered(wanted: Filter) -> List[Any]:
    """Return the conditions for what else is asked for."""
    return [cases.c[name] == value for name in CHOSEN if (value := getattr(wanted, name))]


def _after(key: Any, at: datetime, id: int, falling: bool) -> Any:
    """Return the condition for what comes after a row; its first half is what an index is entered with."""
    if falling:
        return (key <= at) & ((key < at) | (cases.c.id < id))
    return (key >= at) & ((key > at) | (cases.c.id > id))


def _key(at: datetime, id: int) -> str:
    """Return a place in a list as text: microseconds since 1970, and the id of the row."""
    return f"{(at - _EPOCH) // timedelta(microseconds=1)}_{id}"


def _read_key(after: str) -> Tuple[datetime, int]:
    """Read such a place.

    Raises:
        ValueError: if it is none.
    """
    match = _KEY.fullmatch(after) if after.isascii() else None
    if match is None:
        raise ValueError(f"no place in a list: {after[:40]!r}")
    try:
        return _EPOCH + timedelta(microseconds=int(match[1])), int(match[2])
    except OverflowError as error:
        raise ValueError(f"no place in a list: {after!r}") from error


_COLUMNS = [column for column in cases.columns if column.name != "body"]


def _rows(connection: Connection, ids: Sequence[int]) -> Tuple[Row, ...]:
    """Return cases as the queue shows them, in the order of ``ids``."""
    found: Dict[int, Row] = {
        row.id: _row(row) for row in connection.execute(sa.select(*_COLUMNS).where(cases.c.id.in_(ids)))
    }
    return tuple(found[id] for id in ids if id in found)


def _row(row: Any) -> Row:
    return Row(
        id=row.id,
        number=NUMBER_FORMAT.format(row.id),
        problem=row.problem,
        category=row.title or row.category,
        status=Status(row.status),
        level=Level(row.level),
        reasons=split(row.reasons),
        created=row.created,
        due=row.due,
        changed=row.changed,
        assignee=row.assignee,
        assignee_name=row.assignee_name,
        unit=row.unit,
        channel=row.channel,
        answered=bool(row.answered),
    )
