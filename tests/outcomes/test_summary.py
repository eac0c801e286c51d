"""The figures: what became of each step in each run, by hand for each kind of ending, and with Hypothesis."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.guides.model import Guide, Outcome, Status, StepKind
from lotsen.guides.replies import Move, Reply
from lotsen.guides.run import GuideRun, StepOutcome
from lotsen.outcomes.records import RunRecord
from lotsen.outcomes.summary import Fate, GuideFigures, StepFigures, figures, steps_of, walked
from tests.outcomes.made import (
    BEGAN,
    DONE,
    FAILED,
    GUIDES,
    LOGIN,
    SKIP,
    SOLVED,
    STOP,
    closed,
    guides_of,
    record,
    step,
    walk,
)

ALREADY = Reply(Move.ALREADY)
LEFT_STATUSES = (Status.STOPPED, Status.SWITCHED, Status.ABANDONED)


def fates(run: GuideRun) -> List[str]:
    """Return each step of one run with its fate."""
    return [f"{visit.way[-1][1]} {visit.fate.value}" for visit in walked(GUIDES, record(run))]


def of(found: GuideFigures, *names: str) -> StepFigures:
    """Return the figures of the step with these ids on its way."""
    return next(one for one in found.steps if tuple(spot[1] for spot in one.way) == names)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (walk("two", [FAILED, DONE, SOLVED]), ["reload went_on", "log_out went_on", "again solved"]),
        (walk("two", [SKIP, ALREADY]), ["reload skipped", "log_out before", "again here"]),
        (walk("two", [FAILED, DONE, FAILED]), ["reload went_on", "log_out went_on", "again went_on", "call ended"]),
        (walk("two", [FAILED, STOP]), ["reload went_on", "log_out stopped"]),
        (closed(walk("two", []), Status.SWITCHED), ["reload switched"]),
        (closed(walk("two", []), Status.ABANDONED), ["reload abandoned"]),
        (closed(walk("two", [FAILED]), Status.HANDOFF), ["reload went_on", "log_out handed_off"]),
        (walk("cache", [], done=("press",)), ["press before", "look here"]),
    ],
)
def test_fates(run: GuideRun, expected: List[str]) -> None:
    """Each step has one fate, and the last one tells how the run stands."""
    assert fates(run) == expected


def test_solved_by_an_answer() -> None:
    """An answer that leads to a resolved end solved it; the end itself is only where the run ended."""
    assert fates(walk("login", [DONE, SKIP, FAILED, SOLVED])) == [
        "close went_on",
        "clear skipped",
        "again went_on",
        "other solved",
        "local ended",
    ]


def test_solved_that_leads_to_a_case_is_not_solved() -> None:
    """A check whose "solved" leads to a hand-off (the fault is in the computer) has helped nobody."""
    local = replace(LOGIN.step("local"), outcome=Status.HANDOFF)
    guides = guides_of(*GUIDES.values(), replace(LOGIN, steps=(*LOGIN.steps[:-1], local)))
    run = walk("login", [DONE, SKIP, FAILED, SOLVED], guides)
    assert run.status is Status.HANDOFF
    found = figures(guides, "login", [record(run)])
    assert (of(found, "other").solved, of(found, "other").went_on, of(found, "local").ended) == (0, 1, 1)


def test_a_guide_that_runs_out() -> None:
    """A guide that ends with a check that did not help has no step where somebody left."""
    guides = guides_of(Guide("short", "Kort", (step("try", StepKind.CHECK),)))
    found = figures(guides, "short", [record(walk("short", [FAILED], guides))])
    assert (found.steps[0].came, found.steps[0].went_on, found.steps[0].left) == (1, 1, 0)


def test_included_steps_stand_under_their_include() -> None:
    """The steps of an included guide are counted there; its own hand-off, where nobody comes, is left out."""
    assert [".".join(spot[1] for spot in way) for way, _ in steps_of(GUIDES, "login")] == [
        *("close", "clear", "clear.press", "clear.look", "again", "other", "call", "local")
    ]
    found = figures(GUIDES, "login", [record(walk("login", [DONE, DONE, DONE, SOLVED]))])
    assert (of(found, "clear").went_on, of(found, "clear", "press").went_on) == (1, 1)
    assert (of(found, "clear", "look").solved, of(found, "again").came) == (1, 0)
    assert [one.number for one in found.steps] == [1, 2, 1, 2, 3, 4, None, None]


def test_a_guide_that_is_included_twice() -> None:
    """Each place of the same guide has figures of its own."""
    twice = Guide(
        "twice",
        "Två gånger",
        (
            step("first", StepKind.INCLUDE, guide="cache"),
            step("second", StepKind.INCLUDE, guide="cache"),
            step("last", StepKind.CHECK),
        ),
    )
    guides = guides_of(*GUIDES.values(), twice)
    run = walk("twice", [DONE, DONE, FAILED, DONE, DONE, SOLVED], guides)
    found = figures(guides, "twice", [record(run)])
    assert (of(found, "first", "look").went_on, of(found, "first", "look").solved) == (1, 0)
    assert (of(found, "second", "look").went_on, of(found, "second", "look").solved) == (0, 1)


def test_older_versions_count_by_step() -> None:
    """Runs of older content count at the steps that are still there; the others come last, without a step."""
    gone = StepOutcome("two", "phone", Outcome.DONE, 4.0)
    run = walk("two", [FAILED, DONE, SOLVED])
    old = replace(run, version="old", outcomes=(gone, *run.outcomes))
    found = figures(GUIDES, "two", [record(run), record(old)])
    assert (found.runs, found.older, of(found, "again").solved) == (2, 1, 2)
    last = found.steps[-1]
    assert (last.way, last.step, last.number, last.came, last.median) == ((("two", "phone"),), None, None, 1, 4.0)


def test_an_include_that_has_another_name_now() -> None:
    """The steps of an included guide are found again where the guide is included now."""
    run = walk("login", [DONE, DONE, DONE])
    renamed = tuple(replace(one, id="empty") if one.id == "clear" else one for one in LOGIN.steps)
    guides = guides_of(*GUIDES.values(), replace(LOGIN, steps=renamed, digest="2"))
    found = figures(guides, "login", [record(run)])
    assert found.older == 1
    assert (of(found, "empty", "press").came, of(found, "empty", "look").here, of(found, "clear").step) == (1, 1, None)


def test_a_guide_that_is_gone() -> None:
    """Its runs are still counted, under its id."""
    found = figures({}, "two", [record(walk("two", [FAILED]))])
    assert (found.title, found.runs, found.older) == ("two", 1, 1)
    assert [(one.way[-1][1], one.step, one.came) for one in found.steps] == [("reload", None, 1), ("log_out", None, 1)]


def test_median_and_shares() -> None:
    """The median is of those who answered; the share is of those who came."""
    runs = [walk("two", [SOLVED], seconds=seconds) for seconds in (10, 20, 600)]
    found = figures(GUIDES, "two", map(record, [*runs, closed(walk("two", []), Status.ABANDONED)]))
    first = found.steps[0]
    assert (first.median, first.share_solved, first.left) == (20.0, 0.75, 1)
    assert (found.share(Status.RESOLVED), found.share(Status.ABANDONED)) == (0.75, 0.25)
    assert (of(found, "again").share_solved, of(found, "again").median) == (None, None)


def test_no_runs() -> None:
    """A guide without runs has only zeros."""
    found = figures(GUIDES, "two", [record(walk("login", []))])
    assert (found.runs, found.older, found.share(Status.RESOLVED)) == (0, 0, 0.0)
    assert [one.came for one in found.steps] == [0, 0, 0, 0]


REPLIES = st.sampled_from([DONE, SOLVED, FAILED, SKIP, ALREADY, STOP, Reply(Move.BACK), Reply(Move.RESTART)])
WALKED = st.builds(
    lambda guide, replies, status, version: record(_ended(walk(guide, replies), status, version)),
    st.sampled_from(list(GUIDES)),
    st.lists(REPLIES, max_size=12),
    st.sampled_from([None, *LEFT_STATUSES, Status.HANDOFF]),
    st.sampled_from(["", "old"]),
)
SPOTS = st.tuples(
    st.sampled_from(["login", "cache", "gone"]), st.sampled_from(["close", "clear", "press", "x", "call"])
)
ANY = st.builds(
    lambda spots, status, place, reason: RunRecord(
        *("r", "c", "web", "login", "v", status, BEGAN, BEGAN, None),
        tuple(StepOutcome(guide, name, outcome, 1.0) for (guide, name), outcome in spots),
        place,
        reason,
    ),
    st.lists(st.tuples(SPOTS, st.sampled_from(Outcome)), max_size=8),
    st.sampled_from(Status),
    SPOTS,
    st.sampled_from([None, "x"]),
)
"""Records that no walker wrote: of content that has been changed in any way."""


def _ended(run: GuideRun, status: Status | None, version: str) -> GuideRun:
    """End an open run from outside, and say that it was of another version."""
    run = replace(run, version=version or run.version)
    return closed(run, status) if run.active and status is not None else run


@given(st.lists(st.one_of(WALKED, ANY), max_size=12))
def test_figures_add_up(records: Sequence[RunRecord]) -> None:
    """Everybody who came to a step is counted once there, shares are shares, and no run is lost or counted twice."""
    for guide_id in GUIDES:
        found = figures(GUIDES, guide_id, records)
        mine = [one for one in records if one.guide == guide_id]
        assert found.runs == len(mine) == sum(found.statuses.values())
        assert 0 <= found.older <= found.runs
        for one in found.steps:
            assert one.came == one.solved + one.went_on + one.left + one.ended + one.here
            assert one.came + one.before <= found.runs
            assert one.skipped <= one.went_on
            assert one.share_solved is None or 0 <= one.share_solved <= 1
            assert one.median is None or one.median >= 0
        assert all(0 <= found.share(status) <= 1 for status in Status)
        resolved = [one for one in mine if one.status is Status.RESOLVED and one.outcomes]
        assert sum(one.solved for one in found.steps) == len(resolved)
        assert sum(one.here for one in found.steps) == found.statuses[Status.ACTIVE]
        for status, fate in zip(LEFT_STATUSES, (Fate.STOPPED, Fate.SWITCHED, Fate.ABANDONED), strict=True):
            assert sum(one.fates.get(fate, 0) for one in found.steps) == found.statuses[status]


@given(st.lists(WALKED, max_size=8))
def test_present_steps_come_first_and_in_order(records: Sequence[RunRecord]) -> None:
    """What was walked on the present content has no steps that are gone, whatever the version says."""
    for guide_id in GUIDES:
        found = figures(GUIDES, guide_id, records)
        assert [(one.way, one.step) for one in found.steps] == list(steps_of(GUIDES, guide_id))
