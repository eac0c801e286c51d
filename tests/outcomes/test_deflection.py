"""How conversations end: one outcome each, by week."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import List, Sequence, Tuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lotsen.guides.model import Status
from lotsen.outcomes.asked import Asked, Kind
from lotsen.outcomes.deflection import ELSEWHERE, Outcome, ended, kept_as
from lotsen.outcomes.facts import Facts
from lotsen.outcomes.weeks import monday, week_of, weeks
from tests.outcomes.asking import WEDNESDAY, after, asked, rated, sent, walked

ZONE = ZoneInfo("Europe/Stockholm")
LONG_AFTER = WEDNESDAY + timedelta(days=90)
DAY = 24 * 60
NOTHING = Facts()


def outcomes(
    rows: Sequence[Asked], facts: Facts = NOTHING, open_since: datetime = LONG_AFTER
) -> List[Tuple[str, Outcome]]:
    """Return the weeks and outcomes of conversations."""
    return [(one.week, one.outcome) for one in ended(rows, facts, ZONE, open_since)]


ANSWERED = asked(Kind.ANSWERED)
THANKS = asked(Kind.SMALL_TALK, 2, intent="thanks", text="tack")
RESOLVED = walked(Status.RESOLVED, 1, ("login", "clear"))


@pytest.mark.parametrize(
    ("rows", "facts", "wanted"),
    [
        ([asked(Kind.SMALL_TALK, intent="greet")], Facts(), []),
        ([ANSWERED], Facts(), [Outcome.LEFT]),
        ([ANSWERED, THANKS], Facts(), [Outcome.ANSWER]),
        ([ANSWERED, THANKS], Facts(ratings=(rated(False, 1),)), [Outcome.LEFT]),
        ([ANSWERED], Facts(ratings=(rated(True, 1),)), [Outcome.ANSWER]),
        ([ANSWERED], Facts(ratings=(rated(False, 1),)), [Outcome.LEFT]),
        ([], Facts(ratings=(rated(True, 1),)), [Outcome.ANSWER]),
        ([asked(Kind.REFUSED)], Facts(), [Outcome.REFUSED]),
        ([asked(Kind.REFUSED), asked(Kind.SUGGESTED, 1)], Facts(), [Outcome.LEFT]),
        ([asked(Kind.GUIDE, intent="login")], Facts(runs=(RESOLVED,)), [Outcome.STEP]),
        ([], Facts(runs=(RESOLVED,)), [Outcome.STEP]),
        ([], Facts(runs=(walked(Status.HANDOFF, 1),)), [Outcome.LEFT]),
        ([ANSWERED, THANKS], Facts(runs=(RESOLVED,), cases=(sent(9),)), [Outcome.HANDED_OFF]),
        ([ANSWERED, THANKS], Facts(runs=(RESOLVED,)), [Outcome.STEP]),
        ([asked(Kind.HANDOFF)], Facts(), [Outcome.LEFT]),
    ],
)
def test_the_first_that_fits(rows: List[Asked], facts: Facts, wanted: List[Outcome]) -> None:
    """A conversation has the first outcome that fits, and one that only greeted has none."""
    assert [outcome for _, outcome in outcomes(rows, facts)] == wanted


def test_a_guide_that_is_open_is_waited_for() -> None:
    """A conversation does not count while its guide may still go well, and counts as left when it has been long."""
    facts = Facts(runs=(walked(Status.ACTIVE, 0),))
    assert outcomes([], facts, open_since=after(-60)) == []
    assert outcomes([], facts, open_since=after(60)) == [("2026-W48", Outcome.LEFT)]


def test_the_step_that_solved_it() -> None:
    """The last run that was resolved tells in which step of which guide."""
    facts = Facts(runs=(walked(Status.RESOLVED, 0, ("cache", "look"), guide="cache"), RESOLVED))
    one = ended([], facts, ZONE, LONG_AFTER)[0]
    assert (one.guide, one.step) == ("login", ("login", "clear"))


def test_over_midnight_into_another_week() -> None:
    """What began on a Sunday evening and was handed off on Monday is one conversation, of the week when it began."""
    sunday = 4 * DAY + 12 * 60
    assert outcomes([asked(Kind.ANSWERED, sunday)], Facts(cases=(sent(sunday + 180),))) == [
        ("2026-W48", Outcome.HANDED_OFF)
    ]


def test_a_conversation_that_lasts() -> None:
    """One in Teams counts once in each week that it is used, with the best of that week."""
    rows = [asked(Kind.ANSWERED), asked(Kind.REFUSED, 2 * DAY), asked(Kind.REFUSED, 8 * DAY)]
    assert outcomes(rows) == [("2026-W48", Outcome.LEFT), ("2026-W49", Outcome.REFUSED)]


def test_weeks_are_those_on_the_wall() -> None:
    """Midnight is where people are, and a year may end in the first week of the next."""
    assert week_of(datetime(2026, 11, 29, 23, 30, tzinfo=timezone.utc), ZONE) == "2026-W49"
    assert weeks(date(2027, 1, 2), 2) == ["2026-W52", "2026-W53"]
    assert monday("2026-W53", ZONE) == datetime(2026, 12, 28, tzinfo=ZONE)


def test_ties_are_cut_without_losing_the_count() -> None:
    """What an ended conversation counted as it counts as afterwards, under a name that leads nowhere."""
    rows, facts = [ANSWERED, THANKS], Facts(ratings=(rated(True, 1),))
    kept = kept_as(rows, facts, ZONE)
    assert [outcome for _, _, outcome in kept] == ["answer", "answer"]
    after_it = [
        asked(row.kind, 0, "ended-1", sign=sign.value if sign else None, outcome=outcome) for row, sign, outcome in kept
    ]
    assert outcomes(after_it) == [("2026-W48", Outcome.ANSWER)]


def test_what_other_tables_still_count_is_not_counted_twice() -> None:
    """A conversation with a case or a run keeps its name there, and counts by that alone."""
    facts = Facts(cases=(sent(5),))
    kept = kept_as([ANSWERED], facts, ZONE)
    assert [outcome for _, _, outcome in kept] == [ELSEWHERE]
    row = asked(Kind.ANSWERED, 0, "ended-1", outcome=ELSEWHERE)
    assert outcomes([row], facts) == [("2026-W48", Outcome.HANDED_OFF)]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(Kind)), st.integers(0, 60 * DAY), st.integers(1, 4), st.booleans()), max_size=30
    ),
    st.lists(st.tuples(st.sampled_from(list(Status)), st.integers(0, 60 * DAY), st.integers(1, 4)), max_size=6),
    st.lists(st.tuples(st.integers(0, 60 * DAY), st.integers(1, 4)), max_size=4),
)
def test_exactly_one_outcome_each(
    said: List[Tuple[Kind, int, int, bool]], runs: List[Tuple[Status, int, int]], cases: List[Tuple[int, int]]
) -> None:
    """Whatever happened, no conversation has two outcomes in a week, and one with a case is handed off in some week."""
    rows = [
        asked(kind, minutes, f"c{of}", intent="thanks" if thanks else "how_to_purge")
        for kind, minutes, of, thanks in sorted(said, key=lambda one: one[1])
    ]
    facts = Facts(
        runs=tuple(walked(status, minutes, conversation=f"c{of}") for status, minutes, of in runs),
        cases=tuple(sent(minutes, f"c{of}") for minutes, of in cases),
    )
    names = {*(row.conversation for row in rows), *(run.conversation for run in facts.runs)}
    for name in names | {case.conversation for case in facts.cases}:
        own = Facts(
            (),
            tuple(r for r in facts.runs if r.conversation == name),
            tuple(c for c in facts.cases if c.conversation == name),
        )
        found = outcomes([row for row in rows if row.conversation == name], own)
        assert len({week for week, _ in found}) == len(found)
        assert bool(own.cases) == any(outcome is Outcome.HANDED_OFF for _, outcome in found)
