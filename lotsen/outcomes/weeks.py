"""ISO weeks, as they are on the wall somewhere."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import List


def week_of(moment: datetime, zone: tzinfo) -> str:
    """Return the ISO week of a moment, e.g. ``2026-W48``."""
    year, week, _ = moment.astimezone(zone).isocalendar()
    return f"{year}-W{week:02d}"


def weeks(until: date, count: int) -> List[str]:
    """Return the last ``count`` ISO weeks, the one with the day ``until`` last.

    >>> weeks(date(2027, 1, 6), 3)
    ['2026-W52', '2026-W53', '2027-W01']
    """
    days = [until - timedelta(weeks=back) for back in reversed(range(count))]
    return ["{}-W{:02d}".format(*day.isocalendar()[:2]) for day in days]


def monday(week: str, zone: tzinfo) -> datetime:
    """Return the moment that an ISO week begins at."""
    year, number = week.split("-W")
    return datetime.combine(date.fromisocalendar(int(year), int(number), 1), datetime.min.time(), zone)
