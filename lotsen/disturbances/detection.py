"""Notices by itself that many have the same trouble: counts users, marks a disturbance, and has one case lead it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Callable, Optional

from sqlalchemy.engine import Engine

from lotsen.cases.store import CaseStore
from lotsen.clock import utc_now
from lotsen.disturbances.notices import Notice, Notices, Source
from lotsen.outcomes.records import RunRecords

Lead = Callable[[Notice, int], int]
"""Stores the case that leads a disturbance of so many users, under the notice's ``key``, and returns its id."""
_LONGEST = 366 * 24 * 60
"""Minutes; what is older is no disturbance now, whatever the setting says."""


def trouble(store: CaseStore, records: RunRecords, kind: str, since: datetime) -> int:
    """Return how many conversations made a case about the kind, or failed in its guide, at ``since`` or later.

    Each counts once. The conversation of a case and that of a run must be called the same for that.
    """
    return len({*store.conversations_about(kind, since), *records.conversations_failed(kind, since)})


class Watch:
    """Marks disturbances as users meet them. Several processes may watch the same database."""

    def __init__(self, engine: Engine, count: int, minutes: float, clock: Callable[[], datetime] = utc_now) -> None:
        """Mark when ``count`` users had the same trouble within ``minutes``; 0 is never. Makes tables that lack."""
        self._count, self._window = count, timedelta(minutes=min(minutes, _LONGEST))
        self._clock = clock
        self._store, self._records = CaseStore(engine, clock), RunRecords(engine)
        self.notices = Notices(engine, clock)

    def noticed(self, kind: str, lead: Lead) -> Optional[Notice]:
        """Take in that one more had the trouble, once its case or failed run is stored; return the active notice.

        Marks, or prolongs the mark. A notice that has no lead gets one: an automatic one at once, and again if that
        failed before; an operator's when so many users have the trouble that it would have been marked.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be used; and whatever ``lead`` raises.
        """
        now = self._clock()
        notice = self.notices.active(kind, now)
        if not self._count:
            return notice
        if notice is not None and notice.source is Source.AUTO:
            notice = self.notices.prolong(kind, now + self._window)
        if notice is not None and notice.lead is not None:
            return notice
        count = trouble(self._store, self._records, kind, self._since(kind, now))
        if notice is None and count >= self._count:
            notice = self.notices.mark(kind, now + self._window)
        if notice is None or notice.lead is not None:
            return notice
        if notice.source is Source.AUTO or count >= self._count:
            return self.notices.set_lead(notice.id, lead(notice, count))
        return notice

    def _since(self, kind: str, now: datetime) -> datetime:
        """Return from when on users count: within the window, and after the last lift, which had seen the rest."""
        lifted = self.notices.last_lift(kind)
        begin = now - self._window
        return begin if lifted is None else max(begin, lifted + timedelta.resolution)
