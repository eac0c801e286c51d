"""Rankings seen from above: confusions, reliability, calibration error and coverage, against sums done by hand."""

from __future__ import annotations

from typing import List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.evaluation.curves import calibration_error, confusions, coverage, reliability
from lotsen.evaluation.folds import RankedLine


def line(want: str, got: str, share: float) -> RankedLine:
    """Return a line that should be ``want`` and is ranked as ``got`` with ``share``, ``want`` behind it."""
    rest = [(want, 1 - share)] if want != got else [("other", 1 - share)]
    return RankedLine(f"{want} as {got}", (want,), [(got, share), *rest])


LINES = [
    line("a", "a", 0.95),
    line("a", "a", 0.91),
    line("b", "a", 0.93),
    line("b", "b", 0.62),
    line("b", "c", 0.61),
    line("c", "c", 0.35),
]
"""In tenths: three at 0.9 with two right, two at 0.6 with one right, one at 0.3 that is right."""

hits = st.lists(st.tuples(st.booleans(), st.floats(0.01, 1)), min_size=1, max_size=30)


def drawn(pairs: List[Tuple[bool, float]]) -> List[RankedLine]:
    """Return a line for each pair of right or wrong and confidence."""
    return [line("a", "a" if right else "b", share) for right, share in pairs]


def test_confusions_are_counted_by_what_it_is_and_what_it_is_taken_for() -> None:
    """Only what is wrong is counted, in that direction."""
    assert confusions([*LINES, line("b", "a", 0.5)]) == {("b", "a"): 2, ("b", "c"): 1}


def test_refusals_are_one_intent() -> None:
    """Which refusal it is changes only the wording; a question taken for a refusal is a confusion, and the reverse."""
    lines = [
        line("out_of_scope_card", "out_of_scope", 0.9),
        line("out_of_scope_card", "a", 0.9),
        line("a", "out_of_scope_platform", 0.9),
        line("a", "out_of_scope", 0.9),
    ]
    assert confusions(lines) == {("out_of_scope", "a"): 1, ("a", "out_of_scope"): 2}


def test_reliability_by_hand() -> None:
    """Each tenth that occurs: mean confidence, share right, count; from low to high."""
    found = reliability(LINES)
    assert [count for _, _, count in found] == [1, 2, 3]
    assert [share for share, _, _ in found] == pytest.approx([0.35, 0.615, 0.93])
    assert [right for _, right, _ in found] == pytest.approx([1, 1 / 2, 2 / 3])


@pytest.mark.parametrize(("low", "high", "bins"), [(0.89, 0.9, 2), (0.9, 1.0, 1), (0.0, 0.09, 1), (0.5, 0.6, 2)])
def test_a_tenth_begins_with_its_lower_end(low: float, high: float, bins: int) -> None:
    """The last tenth has 1 itself in it, as a model that is quite sure says just that."""
    assert len(reliability([line("a", "a", low), line("a", "a", high)])) == bins


def test_calibration_error_by_hand() -> None:
    """(|0.35 - 1| * 1 + |0.615 - 0.5| * 2 + |0.93 - 2/3| * 3) / 6."""
    assert calibration_error(LINES) == pytest.approx((0.65 + 0.23 + 0.79) / 6)
    assert calibration_error([line("a", "a", 1.0)] * 3) == 0
    assert calibration_error([line("a", "b", 1.0)] * 3) == 1
    assert calibration_error([]) == 0


@given(pairs=hits)
def test_calibration_error_is_a_share(pairs: List[Tuple[bool, float]]) -> None:
    """It lies between 0 and 1, and every line is in one tenth."""
    assert 0 <= calibration_error(drawn(pairs)) <= 1
    assert sum(count for _, _, count in reliability(drawn(pairs))) == len(pairs)


def test_coverage_by_hand() -> None:
    """Surest first: right 0.95, wrong 0.93, right 0.91, right 0.62, wrong 0.61, right 0.35."""
    found = coverage(LINES)
    assert [share for share, _ in found] == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1])
    assert [right for _, right in found] == pytest.approx([1, 1 / 2, 2 / 3, 3 / 4, 3 / 5, 4 / 6])
    assert coverage([]) == []


@given(pairs=hits)
def test_coverage_ends_with_all_lines(pairs: List[Tuple[bool, float]]) -> None:
    """The last point is the accuracy over everything; on the way there the share answered only grows."""
    found = coverage(drawn(pairs))
    assert found[-1] == (1, sum(right for right, _ in pairs) / len(pairs))
    assert [share for share, _ in found] == sorted({share for share, _ in found})


def test_coverage_of_equally_sure_lines_does_not_put_the_right_ones_first() -> None:
    """Nobody could answer only the right ones of four lines at the same confidence, so no point may say so."""
    found = coverage([line("a", "b", 0.5), line("a", "a", 0.5), line("a", "b", 0.5), line("a", "a", 0.5)])
    assert max(right for _, right in found) == 0.5
