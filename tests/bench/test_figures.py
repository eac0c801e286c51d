"""The bench's arithmetic and its table."""

from __future__ import annotations

from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.bench.figures import Figures, Spread, UnderLoad, percentile, rows, table
from lotsen.bench.load import Load


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([3.0], 50, 3.0),
        ([3.0], 99, 3.0),
        ([1.0, 2.0], 50, 1.0),
        ([4.0, 1.0, 3.0, 2.0], 50, 2.0),
        ([float(n) for n in range(1, 101)], 95, 95.0),
        ([float(n) for n in range(1, 101)], 99, 99.0),
        ([float(n) for n in range(1, 11)], 95, 10.0),
    ],
)
def test_percentile(values: List[float], percent: float, expected: float) -> None:
    """It is the smallest measured value that so many percent do not exceed."""
    assert percentile(values, percent) == expected


@given(st.lists(st.floats(0, 1000), min_size=1), st.integers(1, 100))
def test_percentile_keeps_its_word(values: List[float], percent: int) -> None:
    """So many percent of the values do not exceed it, and it is one of them."""
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)


def test_percentile_of_nothing() -> None:
    """Nothing measured is an error, not a zero."""
    with pytest.raises(ValueError):
        percentile([], 50)


def figures(name: str, factor: float) -> Figures:
    """Return figures that are all ``factor``."""
    spread = Spread(factor, factor, factor)
    loads = [UnderLoad(clients, 10, factor, spread, 0) for clients in (1, 10)]
    return Figures(name, None, factor, factor, spread, factor, factor, loads)


def test_table_has_ours_stock_and_the_ratio() -> None:
    """Every line has both figures and ours divided by stock's, for every number of clients."""
    lines = table(figures("ours", 2.0), figures("stock", 8.0)).splitlines()
    assert lines[0] == "| what | ours | stock Rasa | ratio |"
    assert len(lines) == 2 + len(rows(figures("ours", 1.0))) == 2 + 7 + 2 * 4
    assert all(line.endswith("| 2.0 | 8.0 | 0.25 |") for line in lines[2:])
    assert "| messages per second, 1 client |" in lines[9]
    assert "| turn p95, 10 clients, ms |" in lines[15]


def test_no_ratio_to_nothing() -> None:
    """A figure of zero gives no ratio."""
    assert table(figures("ours", 2.0), figures("stock", 0.0)).splitlines()[2].endswith("| - |")


def test_load_is_summarised() -> None:
    """Messages per second count the whole time, spreads are milliseconds."""
    found = UnderLoad.of(Load(2, seconds=2.0, turns=[0.1, 0.2, 0.3, 0.4], silent=1))
    assert (found.per_second, found.messages, found.silent) == (2.0, 4, 1)
    assert found.turn == Spread(200.0, 400.0, 400.0)
