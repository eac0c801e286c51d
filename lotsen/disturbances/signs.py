"""Reads the signs of trouble from cases and guide runs: few columns, by the indexes on time."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Iterable, List, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.cases.table import cases as _cases
from lotsen.disturbances.forming import WEEKS, Frame, Sign, Trouble, Week, troubles
from lotsen.guides.model import Status
from lotsen.storage.database import UtcDateTime

_LONGEST = timedelta(days=7)
"""A window that is longer would count what is compared with."""
_runs = sa.table(
    "guide_runs",
    sa.column("guide"),
    sa.column("conversation"),
    sa.column("status"),
    sa.column("touched", UtcDateTime),
)
_failed = _runs.c.status == Status.HANDOFF.value


class Signs:
    """The signs in one database. The tables are those of ``CaseStore`` and ``RunRecords``, which must be there."""

    def __init__(self, engine: Engine, zone: tzinfo) -> None:
        """Read from ``engine``; ``zone`` says which hours are the same in another week."""
        self._engine, self._zone = engine, zone

    def troubles(
        self, frame: Frame, minutes: float, lifted: Mapping[str, datetime], kinds: Iterable[str] = ()
    ) -> List[Trouble]:
        """Return the kinds of trouble of a frame, what stands out most first (``forming.troubles``).

        Users of the last ``minutes`` count as having it just now.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be read.
        """
        window = min(timedelta(minutes=min(minutes, _LONGEST.total_seconds() / 60)), _LONGEST)
        earlier = [frame.earlier(weeks, self._zone) for weeks in range(1, WEEKS + 1)]
        with self._engine.connect() as connection:
            first = _first(connection)
            known = [one for one in earlier if first is not None and first <= one.start]
            now, *before = [Week(one, _between(connection, one, window)) for one in (frame, *known)]
        return troubles(now, before, window, lifted, kinds)


def _between(connection: Connection, frame: Frame, window: timedelta) -> List[Sign]:
    """Return the signs that a frame counts."""
    begin, end = min(frame.start, frame.now - window), frame.now
    cases = sa.select(_cases.c.category, _cases.c.conversation, _cases.c.created).where(
        (_cases.c.created >= begin) & (_cases.c.created <= end) & (_cases.c.category != "")
    )
    runs = sa.select(_runs.c.guide, _runs.c.conversation, _runs.c.touched).where(
        _failed & (_runs.c.touched >= begin) & (_runs.c.touched <= end)
    )
    return [
        Sign(kind, conversation, at, query is cases)
        for query in (cases, runs)
        for kind, conversation, at in connection.execute(query)
        if conversation  # Cases that Lotsen made itself have none.
    ]


def _first(connection: Connection) -> Optional[datetime]:
    """Return when the first sign was; before that nothing is known."""
    firsts = [
        connection.execute(sa.select(sa.func.min(_cases.c.created))).scalar(),
        connection.execute(sa.select(sa.func.min(_runs.c.touched)).where(_failed)).scalar(),
    ]
    return min((first for first in firsts if first is not None), default=None)
