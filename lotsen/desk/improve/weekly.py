"""How conversations ended, week by week, read from the tables; what is long over is remembered for a while."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Dict, List, Sequence, Tuple

from sqlalchemy.engine import Engine

from lotsen.desk.improve import improving
from lotsen.desk.services import Desk
from lotsen.outcomes import facts
from lotsen.outcomes.deflection import Ended, ended
from lotsen.outcomes.weeks import monday

WEEK = timedelta(days=7)
OVER = timedelta(days=7)
"""A week that ended so long ago hardly changes any more ..."""
REMEMBERED = timedelta(hours=1)
"""... but a late rating is seen within this time."""


class Weekly:
    """The weeks that were read."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._kept: Dict[str, Tuple[datetime, Tuple[Ended, ...]]] = {}

    def of(self, desk: Desk, weeks: Sequence[str], now: datetime) -> List[Ended]:
        """Return how the conversations of these weeks ended; ``weeks`` are ISO weeks in a row."""
        kept = {week: self._kept.get(week) for week in weeks}
        missing = [week for week, one in kept.items() if one is None or now - one[0] > REMEMBERED]
        if missing:
            first, end = monday(missing[0], desk.zone), monday(missing[-1], desk.zone) + WEEK
            read: Dict[str, List[Ended]] = defaultdict(list)
            for one in _read(desk, first - WEEK, end + WEEK):
                read[one.week].append(one)
            for week in missing:
                kept[week] = (now, tuple(read[week]))
                if monday(week, desk.zone) + WEEK + OVER < now:
                    self._kept[week] = (now, tuple(read[week]))
        return [one for week in weeks for one in (kept[week] or (now, ()))[1]]


@lru_cache(maxsize=4)
def weekly(engine: Engine) -> Weekly:
    """Return what is remembered of a database."""
    return Weekly()


def _read(desk: Desk, since: datetime, until: datetime) -> List[Ended]:
    """Read a time with a week before and after: conversations that began before it do not count in it."""
    with desk.engine.connect() as connection:
        known = facts.between(connection, since, until)
    rows = improving.store_of(desk).turns(since, until)
    return ended(rows, known, desk.zone, improving.open_since(desk))
