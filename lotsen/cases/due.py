"""When somebody should have looked at a case: so many of the desk's open minutes after it came. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Callable, Iterator, List, Mapping, Tuple

from lotsen.cases.case import Level
from lotsen.cases.hours import DeskHours
from lotsen.settings import Settings

Due = Callable[[Level, datetime], datetime]
"""Says when somebody should have looked at a case of a level that is counted from a moment."""
DEFAULT_MINUTES: Mapping[Level, int] = {Level.URGENT: 15, Level.HIGH: 120, Level.NORMAL: 480}
"""As in ``LOTSEN_DUE_MINUTES``, where nobody has set it."""
DAYS_AHEAD = 400
"""If the desk is not open so long within so many days, its hours are not counted."""


def due_minutes(settings: Settings) -> Mapping[Level, int]:
    """Return within how many minutes somebody should look at a case of each level.

    >>> due_minutes(Settings.read({}))[Level.URGENT]
    15
    """
    return dict(zip(Level, settings.due_minutes, strict=True))


def counting(hours: DeskHours, minutes: Mapping[Level, int]) -> Due:
    """Return what counts when a case is due."""
    return lambda level, since: due_at(hours, since, minutes[level])


def due_at(hours: DeskHours, since: datetime, minutes: float) -> datetime:
    """Return the moment when the desk has been open for so many minutes since then, in UTC.

    Minutes are those that pass: on the day when clocks are put forward, an hour less of them fits between two times.
    Where no hours are set, all minutes count.
    """
    since = since.astimezone(timezone.utc)
    left = timedelta(minutes=minutes)
    if not hours.open:
        return since + left
    first = since.astimezone(hours.zone).date()
    for day in (first + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)):
        for begin, end in _open(hours, day):
            begin = max(begin, since)
            if begin >= end:
                continue
            if begin + left <= end:
                return begin + left
            left -= end - begin
    return since + timedelta(minutes=minutes)


def _open(hours: DeskHours, day: date) -> Iterator[Tuple[datetime, datetime]]:
    """Yield when the desk opens and closes on a day, in UTC and in order; spans that overlap or meet are one."""
    if day in hours.closed:
        return
    spans = sorted(
        (
            datetime.combine(day, begin, hours.zone).astimezone(timezone.utc),
            datetime.combine(day, end, hours.zone).astimezone(timezone.utc),
        )
        for begin, end in hours.open.get(day.weekday(), ())
    )
    joined: List[Tuple[datetime, datetime]] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    yield from joined
