"""Trouble as it forms: every user once, in the right part of time, beside the same hours of other weeks."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import List
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.disturbances.forming import Frame, Sign, Span, Week, troubles

NOW = datetime(2026, 11, 26, 8, 4, tzinfo=timezone.utc)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
WINDOW = timedelta(minutes=30)
FRAME = Frame.until(NOW, Span.HOURS)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def sign(conversation: str, minutes: float = 5, case: bool = False, kind: str = "login") -> Sign:
    return Sign(kind, conversation, ago(minutes), case)


def test_a_frame_ends_at_a_round_time() -> None:
    """Six hours of ten minutes each, and three days of hours; the last part has now in it."""
    assert (FRAME.starts[0].hour, FRAME.starts[0].minute, len(FRAME.starts)) == (2, 10, 36)
    assert FRAME.starts[-1] == NOW.replace(minute=0)
    days = Frame.until(NOW, Span.DAYS)
    assert (len(days.starts), days.starts[-1], days.starts[0]) == (72, NOW.replace(minute=0), days.start)
    assert days.part_of(NOW) == 71
    assert days.part_of(days.start - timedelta(seconds=1)) is None


def test_the_same_hour_by_the_clock_on_the_wall() -> None:
    """Over the end of summer time a week before is 169 hours before, so that nine o'clock is nine o'clock."""
    monday = Frame.until(datetime(2026, 10, 26, 8, 0, tzinfo=timezone.utc), Span.HOURS)
    assert monday.now - monday.earlier(1, STOCKHOLM).now == timedelta(hours=169)
    assert monday.earlier(1, STOCKHOLM).now.astimezone(STOCKHOLM).hour == monday.now.astimezone(STOCKHOLM).hour


def test_a_user_counts_once() -> None:
    """Whoever fails in a guide twice and then makes a case is one user, with a case, where it began."""
    signs = [sign("a", 45), sign("a", 25), sign("a", 5, case=True), sign("b", 5)]
    (trouble,) = troubles(Week(FRAME, signs), [], WINDOW, {})
    assert (sum(trouble.cases), sum(trouble.runs), trouble.lately) == (1, 1, 2)
    assert trouble.cases[FRAME.part_of(ago(45)) or 0] == 1


def test_who_had_it_before_a_lift_does_not_count_just_now() -> None:
    """The window begins after the last lift of the kind, as it does where disturbances are marked."""
    signs = [sign("a", 20), sign("b", 5), sign("c", 40), sign("a", 20, kind="cache")]
    found = {one.kind: one.lately for one in troubles(Week(FRAME, signs), [], WINDOW, {"login": ago(10)})}
    assert found == {"login": 1, "cache": 1}


def test_the_usual_is_the_mean_of_the_weeks_before() -> None:
    """Weeks without the kind count as nought; without any week nothing is known."""
    frames = [FRAME.earlier(week, STOCKHOLM) for week in (1, 2)]
    at = frames[0].now - timedelta(minutes=5)
    weeks = [Week(frames[0], [Sign("login", name, at, True) for name in "abc"]), Week(frames[1], [])]
    (trouble,) = troubles(Week(FRAME, [sign("a")]), weeks, WINDOW, {})
    assert trouble.usual_lately == 1.5
    assert trouble.usual is not None and sum(trouble.usual) == 1.5
    (unknown,) = troubles(Week(FRAME, [sign("a")]), [], WINDOW, {})
    assert unknown.usual is None and unknown.usual_lately is None


def test_what_stands_out_comes_first() -> None:
    """Four where there are usually four stand out less than three where there are none."""
    week = FRAME.earlier(1, STOCKHOLM)
    usual = [Sign("often", str(number), week.now - timedelta(minutes=1), False) for number in range(4)]
    signs = [sign(str(number), kind="often") for number in range(4)] + [sign(str(n), kind="rare") for n in range(3)]
    found = troubles(Week(FRAME, signs), [Week(week, usual)], WINDOW, {}, kinds=("quiet",))
    assert [one.kind for one in found] == ["rare", "often", "quiet"]
    assert found[1].excess == 0
    assert found[2].total == 0


_signs = st.lists(
    st.builds(
        Sign,
        st.sampled_from(("login", "cache")),
        st.sampled_from("abcde"),
        st.floats(-60, 600).map(ago),
        st.booleans(),
    )
)


@given(_signs, st.sampled_from(Span), st.integers(1, 600))
def test_sums(signs: List[Sign], span: Span, minutes: int) -> None:
    """Whatever comes, each kind's parts add up to its users within the frame, and just now to those in the window."""
    frame, window = Frame.until(NOW, span), timedelta(minutes=minutes)
    found = troubles(Week(frame, signs), [], window, {})
    for one in found:
        of_kind = [sign for sign in signs if sign.kind == one.kind]
        assert one.total == len({sign.conversation for sign in of_kind if frame.part_of(sign.at) is not None})
        assert one.lately == len({sign.conversation for sign in of_kind if NOW - window <= sign.at <= NOW})
        assert len(one.cases) == len(one.runs) == frame.count
    assert [one.excess for one in found] == sorted((one.excess for one in found), reverse=True)


@pytest.mark.parametrize("span", Span)
@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone.utc)))  # noqa: DTZ001
def test_now_is_in_the_last_part(span: Span, now: datetime) -> None:
    """At any time of any day the frame ends with the part that has now in it."""
    frame = Frame.until(now, span)
    assert frame.part_of(now) == frame.count - 1
