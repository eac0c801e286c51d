"""When somebody looks at a case: hours by weekday, closed days, and clocks that are put forward and back."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import Dict, Optional
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.hours import DAYS_AHEAD, DeskHours, read_hours
from lotsen.settings import SettingError, Settings

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WEEK = "mon-thu 07:30-16:30, fri 07:30-15:00"
SPLIT = "mon-fri 08:00-11:30, mon-fri 13:00-16:00"


def hours(written: str = WEEK, closed: str = "", zone: str = "Europe/Stockholm") -> DeskHours:
    """Read hours as they stand in the environment."""
    environment = {"LOTSEN_DESK_HOURS": written, "LOTSEN_DESK_CLOSED": closed, "LOTSEN_TIME_ZONE": zone}
    return read_hours(Settings.read(environment))


def local(written: str) -> datetime:
    """Return a time in Stockholm."""
    return datetime.fromisoformat(written).replace(tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    ("written", "now", "opens"),
    [
        pytest.param(WEEK, "2026-11-26 07:29", "2026-11-26 07:30", id="before"),
        pytest.param(WEEK, "2026-11-26 07:30", None, id="from the first minute"),
        pytest.param(WEEK, "2026-11-26 16:29", None, id="to the last"),
        pytest.param(WEEK, "2026-11-26 16:30", "2026-11-27 07:30", id="after"),
        pytest.param(WEEK, "2026-11-27 15:00", "2026-11-30 07:30", id="over the week-end"),
        pytest.param(WEEK, "2026-11-28 12:00", "2026-11-30 07:30", id="on Saturday"),
        pytest.param(SPLIT, "2026-11-26 11:30", "2026-11-26 13:00", id="between"),
        pytest.param(SPLIT, "2026-11-26 13:00", None, id="in the second part"),
        pytest.param(SPLIT, "2026-11-27 16:00", "2026-11-30 08:00", id="after the second part"),
        pytest.param("mon 13:00-16:00, mon 08:00-11:30", "2026-11-30 07:00", "2026-11-30 08:00", id="in any order"),
        pytest.param("mon 08:00-12:00, mon 10:00-16:00", "2026-11-30 11:00", None, id="parts that overlap"),
        pytest.param("mon 08:00-12:00, mon 12:00-16:00", "2026-11-30 12:00", None, id="parts that meet"),
        pytest.param("mon 08:00-09:00", "2026-11-30 09:00", "2026-12-07 08:00", id="once a week"),
        pytest.param(" MON-FRI 07:30-16:30 , ", "2026-11-26 07:00", "2026-11-26 07:30", id="written loosely"),
        pytest.param("", "2026-11-28 12:00", None, id="hours unknown"),
    ],
)
def test_when_the_desk_opens(written: str, now: str, opens: Optional[str]) -> None:
    """Nothing while it is open, else the next time that somebody is there."""
    assert hours(written).opens(local(now)) == (local(opens) if opens else None)


@pytest.mark.parametrize(
    ("closed", "now", "opens"),
    [
        pytest.param("2026-11-26", "2026-11-26 12:00", "2026-11-27 07:30", id="today"),
        pytest.param("2026-11-27, 2026-11-30", "2026-11-26 17:00", "2026-12-01 07:30", id="tomorrow and on Monday"),
        pytest.param("2026-11-27", "2026-11-26 12:00", None, id="tomorrow, now open"),
        pytest.param(" 2026-11-28,", "2026-11-27 16:00", "2026-11-30 07:30", id="on a day that has no hours"),
    ],
)
def test_closed_days(closed: str, now: str, opens: Optional[str]) -> None:
    """A closed day has no hours."""
    assert hours(closed=closed).opens(local(now)) == (local(opens) if opens else None)


def test_closed_for_longer_than_is_looked_ahead() -> None:
    """Nothing is promised then."""
    begin = local("2026-11-26 12:00")
    days = [(begin + timedelta(days=ahead)).date().isoformat() for ahead in range(DAYS_AHEAD + 1)]
    assert hours(closed=",".join(days)).opens(begin) is None
    assert hours(closed=",".join(days[:-4])).opens(begin) == local("2026-12-23 07:30")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        pytest.param("2026-03-27T14:30", "2026-03-30T05:30", id="put forward over the week-end"),
        pytest.param("2026-10-23T13:30", "2026-10-26T06:30", id="put back over the week-end"),
        pytest.param("2026-03-30T05:29", "2026-03-30T05:30", id="summer"),
        pytest.param("2026-03-30T05:30", None, id="open in summer"),
        pytest.param("2026-10-26T06:29", "2026-10-26T06:30", id="winter"),
        pytest.param("2026-10-26T15:30", "2026-10-27T06:30", id="after, in winter"),
    ],
)
def test_daylight_saving(now: str, opens: Optional[str]) -> None:
    """The desk opens by the clock on its wall; times here are UTC."""
    found = hours().opens(datetime.fromisoformat(now).replace(tzinfo=timezone.utc))
    assert (found.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M") if found else None) == opens
    assert found is None or (found.hour, found.minute) == (7, 30)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        pytest.param("2026-03-29T00:29", False, id="forward: before"),
        pytest.param("2026-03-29T00:30", True, id="forward: from half past one"),
        pytest.param("2026-03-29T01:29", True, id="forward: twenty-nine past three, an hour later"),
        pytest.param("2026-03-29T01:30", False, id="forward: half past three"),
        pytest.param("2026-10-24T23:29", False, id="back: before"),
        pytest.param("2026-10-24T23:30", True, id="back: from half past one"),
        pytest.param("2026-10-25T00:45", True, id="back: a quarter to three"),
        pytest.param("2026-10-25T01:45", True, id="back: a quarter to three again"),
        pytest.param("2026-10-25T02:29", True, id="back: twenty-nine past three"),
        pytest.param("2026-10-25T02:30", False, id="back: half past three"),
    ],
)
def test_the_night_itself(now: str, is_open: bool) -> None:
    """From half past one to half past three on the wall: one hour in spring, three in autumn; times here are UTC."""
    night = hours("sun 01:30-03:30")
    assert (night.opens(datetime.fromisoformat(now).replace(tzinfo=timezone.utc)) is None) is is_open


def test_what_has_begun_does_not_begin_again() -> None:
    """When the clock shows the same hour twice, the desk opened in the first."""
    night = hours("sun 02:30-04:00")
    assert night.opens(datetime(2026, 10, 25, 0, 15, tzinfo=timezone.utc)) == local("2026-10-25 02:30")
    assert night.opens(datetime(2026, 10, 25, 1, 15, tzinfo=timezone.utc)) is None


def test_another_time_zone() -> None:
    """The hours are those of the setting."""
    opens = hours(zone="Europe/Helsinki").opens(datetime(2026, 11, 26, 5, 0, tzinfo=timezone.utc))
    assert opens == datetime(2026, 11, 26, 5, 30, tzinfo=timezone.utc)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(timezone.utc)))  # noqa: DTZ001
def test_the_promise_is_kept(now: datetime) -> None:
    """At any time: what is promised lies ahead, within the week, and the desk is open then."""
    desk = hours(SPLIT)
    opens = desk.opens(now)
    if opens is not None:
        assert now < opens <= now + timedelta(days=4)
        assert desk.opens(opens) is None
        assert desk.opens(opens - timedelta(seconds=1)) == opens


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("LOTSEN_DESK_HOURS", written) for written in ("always", "mon-fri", "07:30-16:30", "mon 7:30-16:30")),
        *(("LOTSEN_DESK_HOURS", written) for written in ("mon 16:30-07:30", "mon 07:30-07:30", "fri-mon 07:30-16:30")),
        *(("LOTSEN_DESK_HOURS", written) for written in ("mon 07:60-16:30", "mon 07:30-24:00", "mån-fre 07:30-16:30")),
        *(("LOTSEN_DESK_HOURS", written) for written in ("mon 07:30-16:30; tue 07:30-16:30", "mon 07:30-16:30 x")),
        *(("LOTSEN_DESK_CLOSED", written) for written in ("24/12", "2026-12-32", "2026-12-24 2026-12-25", "jul")),
        *(("LOTSEN_TIME_ZONE", written) for written in ("Stockholm", "Europe", "../zone", "å", "x" * 300)),
    ],
)
def test_wrong_settings_name_their_variable(name: str, value: str) -> None:
    """Whoever wrote it is told which one, and what it says."""
    with pytest.raises(SettingError) as error:
        read_hours(Settings.read({name: value}))
    assert str(error.value).startswith(name)
    assert value in str(error.value)


def test_what_is_read() -> None:
    """Weekdays, parts in order, closed days and the zone."""
    found: Dict[int, object] = dict(hours(f"{SPLIT}, sun 10:00-12:00").open)
    parts = ((time(8), time(11, 30)), (time(13), time(16)))
    assert found == {**dict.fromkeys(range(5), parts), 6: ((time(10), time(12)),)}
    assert read_hours(Settings.read({})).open == {}
