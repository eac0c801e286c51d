"""When the desk is staffed, and when somebody looks at a case that comes now. Pure but for the time zones' files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Dict, FrozenSet, List, Optional, Tuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lotsen.settings import SettingError, Settings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_AHEAD = 30
"""So far ahead is looked for a day when the desk is open."""
_PART = re.compile(rf"({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))?\s+(\d\d):(\d\d)-(\d\d):(\d\d)$")


@dataclass(frozen=True)
class DeskHours:
    """Opening hours by weekday (0 is Monday), days on which the desk is closed all the same, and the time zone."""

    open: Dict[int, Tuple[Tuple[time, time], ...]]
    closed: FrozenSet[date]
    zone: ZoneInfo

    def opens(self, now: datetime) -> Optional[datetime]:
        """Return when somebody looks next, in local time; None if the desk is open now, or its hours are unknown."""
        now = now.astimezone(timezone.utc)  # Two times of one zone would be compared by the clock on the wall.
        local = now.astimezone(self.zone)
        for ahead in range(DAYS_AHEAD + 1):
            day = local.date() + timedelta(days=ahead)
            if day in self.closed:
                continue
            for begin, end in self.open.get(day.weekday(), ()):
                if datetime.combine(day, end, self.zone) <= now:
                    continue
                begins = datetime.combine(day, begin, self.zone)
                return begins if begins > now else None
        return None


def read_hours(settings: Settings) -> DeskHours:
    """Read the hours, closed days and time zone of the settings.

    >>> from lotsen.settings import Settings
    >>> hours = read_hours(Settings.read({"LOTSEN_DESK_HOURS": "mon-thu 07:30-16:30, fri 07:30-15:00"}))
    >>> len(hours.open)
    5

    Raises:
        SettingError: naming the variable that cannot be read.
    """
    try:
        zone = ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingError(f"LOTSEN_TIME_ZONE is '{settings.time_zone}'; write one like Europe/Stockholm.") from error
    found: Dict[int, List[Tuple[time, time]]] = {}
    for part in filter(None, (part.strip().lower() for part in settings.desk_hours.split(","))):
        days, span = _hours(part)
        for day in days:
            found.setdefault(day, []).append(span)
    return DeskHours({day: tuple(sorted(spans)) for day, spans in found.items()}, _closed(settings), zone)


def _hours(part: str) -> Tuple[List[int], Tuple[time, time]]:
    """Read one part, e.g. ``mon-fri 07:30-16:30``."""
    match = _PART.match(part)
    wrong = SettingError(f"LOTSEN_DESK_HOURS has '{part}'; write mon-fri 07:30-16:30, with a comma before the next.")
    if match is None:
        raise wrong
    first, last = DAYS.index(match[1]), DAYS.index(match[2] or match[1])
    try:
        begin, end = time(int(match[3]), int(match[4])), time(int(match[5]), int(match[6]))
    except ValueError:
        raise wrong from None
    if last < first or end <= begin:
        raise wrong
    return list(range(first, last + 1)), (begin, end)


def _closed(settings: Settings) -> FrozenSet[date]:
    """Read the days on which the desk is closed."""
    days = [day.strip() for day in settings.desk_closed.split(",") if day.strip()]
    try:
        return frozenset(date.fromisoformat(day) for day in days)
    except ValueError as error:
        raise SettingError(f"LOTSEN_DESK_CLOSED is '{settings.desk_closed}'; write days like 2026-12-24.") from error
