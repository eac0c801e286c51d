"""Charts that are tables too: from the same numbers a picture for the eye and a table for everybody. Pure.

A page makes a figure with ``bars`` or ``lines`` and shows it with the macro of ``templates/charts.html``:
``{% import "charts.html" as charts %}{{ charts.figure(figure, "weeks") }}``. No series is told from another by its
colour alone: bars have patterns, lines have dashes and markers, and the legend shows them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain
from typing import Optional, Sequence, Tuple

from lotsen.desk.charts.drawing import DASHES, MARKERS, Drawing, Kind, draw
from lotsen.desk.charts.scale import DECIMALS, LARGEST, written
from lotsen.guides.lettering import plain

MAX_SERIES = len(MARKERS)
"""So many patterns, markers and dashes there are."""


@dataclass(frozen=True)
class Series:
    """One row of numbers, from 0 to 10**15, kept to two decimals. None is a number that is missing, not nought."""

    name: str
    values: Tuple[Optional[float], ...]


@dataclass(frozen=True)
class Chart:
    """What is to be shown. All names are plain text and may be anybody's: they are escaped.

    Raises:
        ValueError: if a series has not as many values as there are points, there are more series than ``MAX_SERIES``,
            or a number is negative, not a number, or too large.
    """

    title: str
    points: Tuple[str, ...]
    """What stands under the chart: weeks, hours; the earliest first."""
    series: Tuple[Series, ...]
    unit: str = ""
    """What is counted, e.g. "ärenden"."""
    over: str = "Tid"
    """What the points are, as the first column's head."""
    at_least: float = 0
    """The axis goes so high at least, e.g. to 100 for per cent."""
    marks: Optional[Series] = None
    """What is usual: a stroke above each point, to compare with."""

    def __post_init__(self) -> None:
        """Make the texts fit for XML and the numbers exact; refuse what cannot be drawn."""
        if len(self.series) > MAX_SERIES:
            raise ValueError(f"{len(self.series)} series: a chart has at most {MAX_SERIES}")
        clean = {
            **{name: plain(getattr(self, name)) for name in ("title", "unit", "over")},
            "points": tuple(plain(point) for point in self.points),
            "series": tuple(self._checked(one) for one in self.series),
            "marks": self._checked(self.marks) if self.marks else None,
        }
        for name, value in clean.items():
            object.__setattr__(self, name, value)

    def _checked(self, series: Series) -> Series:
        if len(series.values) != len(self.points):
            raise ValueError(f"{series.name!r} has {len(series.values)} values for {len(self.points)} points")
        if not all(0 <= value <= LARGEST for value in series.values if value is not None):
            raise ValueError(f"{series.name!r} has a number that cannot be drawn")
        values = tuple(value if value is None else round(value, DECIMALS) for value in series.values)
        return Series(plain(series.name), values)

    @property
    def rows(self) -> Tuple[Series, ...]:
        """Return all that there are numbers of, the usual last."""
        return (*self.series, self.marks) if self.marks else self.series


@dataclass(frozen=True)
class Told:
    """A series in words: its highest number, at which point, and its last. Numbers are written out."""

    name: str
    highest: str
    at: str
    last: str


@dataclass(frozen=True)
class Figure:
    """A chart with its drawings, for the macro. ``table`` has a line for each point: its name and all numbers."""

    chart: Chart
    kind: Kind
    wide: Drawing
    narrow: Drawing
    """For a column of a phone's width, so that letters need not shrink."""
    markers: Tuple[str, ...] = MARKERS
    dashes: Tuple[str, ...] = DASHES

    @property
    def head(self) -> Tuple[str, ...]:
        """Return the heads of the columns."""
        return (self.chart.over, *(one.name for one in self.chart.rows))

    @property
    def table(self) -> Tuple[Tuple[str, ...], ...]:
        """Return the lines under the head."""
        columns = [[written(value) for value in one.values] for one in self.chart.rows]
        return tuple(zip(self.chart.points, *columns, strict=True))

    @property
    def told(self) -> Tuple[Told, ...]:
        """Return each series that has numbers in words."""
        return tuple(told for one in self.chart.rows if (told := _told(one, self.chart.points)) is not None)

    @property
    def empty(self) -> bool:
        """Tell whether there is no number at all."""
        return not self.told


def bars(chart: Chart, stacked: bool = False) -> Figure:
    """Return a figure with bars, side by side for each point or on top of each other."""
    return _figure(chart, Kind.STACKED if stacked else Kind.GROUPED)


def lines(chart: Chart) -> Figure:
    """Return a figure with a line for each series, broken where a number is missing."""
    return _figure(chart, Kind.LINES)


def _figure(chart: Chart, kind: Kind) -> Figure:
    rows = [one.values for one in chart.series]
    marks = chart.marks.values if chart.marks else ()
    numbers = [value for value in chain(*rows, marks) if value is not None]
    tops = [chart.at_least, *numbers]
    if kind is Kind.STACKED:
        tops += [math.fsum(value or 0 for value in column) for column in zip(*rows, strict=True)]
    whole = all(float(value).is_integer() for value in numbers)
    wide, narrow = (draw(kind, chart.points, rows, marks, max(tops), whole, narrow) for narrow in (False, True))
    return Figure(chart, kind, wide, narrow)


def _told(series: Series, points: Sequence[str]) -> Optional[Told]:
    """Return a series in words; None if it has no numbers."""
    known = [(value, point) for value, point in zip(series.values, points, strict=True) if value is not None]
    if not known:
        return None
    highest, at = max(known, key=lambda one: one[0])
    return Told(series.name, written(highest), at, written(known[-1][0]))
