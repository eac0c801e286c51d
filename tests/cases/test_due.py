"""When a case is due: minutes that pass while the desk is open."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.case import Level
from lotsen.cases.due import counting, due_at, due_minutes
from lotsen.cases.hours import DeskHours, read_hours
from lotsen.settings import Settings

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WEEK = "mon-thu 07:30-16:30, fri 07:30-15:00"
SPLIT = "mon-fri 08:00-11:30, mon-fri 13:00-16:00"


def hours(written: str = WEEK, closed: str = "") -> DeskHours:
    """Read hours as they stand in the environment."""
    return read_hours(Settings.read({"LOTSEN_DESK_HOURS": written, "LOTSEN_DESK_CLOSED": closed}))


def local(written: str) -> datetime:
    """Return a time in Stockholm."""
    return datetime.fromisoformat(written).replace(tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    ("written", "closed", "came", "minutes", "due"),
    [
        pytest.param(WEEK, "", "2026-11-26 08:00", 15, "2026-11-26 08:15", id="while it is open"),
        pytest.param(WEEK, "", "2026-11-26 16:20", 15, "2026-11-27 07:35", id="over the night"),
        pytest.param(WEEK, "", "2026-11-26 16:15", 15, "2026-11-26 16:30", id="up to the last minute"),
        pytest.param(WEEK, "", "2026-11-26 05:00", 15, "2026-11-26 07:45", id="before it opens"),
        pytest.param(WEEK, "", "2026-11-27 14:30", 120, "2026-11-30 09:00", id="over the week-end"),
        pytest.param(WEEK, "", "2026-11-28 12:00", 15, "2026-11-30 07:45", id="on Saturday"),
        pytest.param(WEEK, "2026-11-30,2026-12-01", "2026-11-27 14:30", 120, "2026-12-02 09:00", id="closed days"),
        pytest.param(SPLIT, "", "2026-11-26 11:00", 60, "2026-11-26 13:30", id="over lunch"),
        pytest.param("mon 08:00-10:00, mon 09:00-11:00", "", "2026-11-30 08:00", 150, "2026-11-30 10:30", id="overlap"),
        pytest.param(WEEK, "", "2026-11-23 07:30", 8 * 60, "2026-11-23 15:30", id="a whole day"),
        pytest.param(WEEK, "", "2026-11-23 12:00", 20 * 60, "2026-11-25 14:00", id="several days"),
        pytest.param("mon 08:00-09:00", "", "2026-11-30 08:30", 60, "2026-12-07 08:30", id="once a week"),
        pytest.param("", "2026-11-26", "2026-11-26 23:00", 120, "2026-11-27 01:00", id="hours unknown"),
        # The last Sundays of March and October: one night is an hour shorter, one longer.
        pytest.param("sun 00:00-06:00", "", "2027-03-28 00:00", 180, "2027-03-28 04:00", id="clocks put forward"),
        pytest.param("sun 00:00-06:00", "", "2026-10-25 00:00", 240, "2026-10-25 03:00", id="clocks put back"),
        pytest.param(WEEK, "", "2027-03-26 14:00", 120, "2027-03-29 08:30", id="a week-end with another time after it"),
    ],
)
def test_due(written: str, closed: str, came: str, minutes: int, due: str) -> None:
    """So many open minutes later."""
    assert due_at(hours(written, closed), local(came), minutes) == local(due).astimezone(timezone.utc)


def test_a_desk_that_never_opens() -> None:
    """If all its days are closed, plain minutes are counted: the case must not be lost at the end of the queue."""
    never = DeskHours(hours("mon 08:00-09:00").open, frozenset(), STOCKHOLM)
    came = local("2026-11-26 08:00")
    far = due_at(never, came, 10_000)
    assert far == came.astimezone(timezone.utc) + timedelta(minutes=10_000)


def test_levels() -> None:
    """Each level has the minutes of the setting."""
    minutes = due_minutes(Settings.read({"LOTSEN_DUE_MINUTES": "5,60,100"}))
    assert minutes == {Level.URGENT: 5, Level.HIGH: 60, Level.NORMAL: 100}
    came = local("2026-11-26 16:00")
    assert counting(hours(), minutes)(Level.HIGH, came) == local("2026-11-27 08:00")


_times = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001


@given(_times, st.integers(1, 3000), st.integers(0, 600))
def test_who_comes_later_is_due_later(came: datetime, minutes: int, later: int) -> None:
    """Never before, and never sooner than the minutes themselves; due is a moment when the desk is open."""
    first = due_at(hours(SPLIT), came, minutes)
    assert first >= came + timedelta(minutes=minutes)
    assert due_at(hours(SPLIT), came + timedelta(minutes=later), minutes) >= first
    assert due_at(hours(SPLIT), came, minutes + 1) > first
    assert hours(SPLIT).opens(first - timedelta(microseconds=1)) is None
