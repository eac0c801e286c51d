"""Where everything in a chart stands: bars, lines, markers, ticks and labels, in pixels from the upper left. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import List, Optional, Sequence, Tuple

from lotsen.desk.charts.scale import Tick, ticks
from lotsen.guides.lettering import width as width_of

LETTER = 14
"""The size of the letters."""
_WIDE, _NARROW = (720, 300), (320, 240)
_TOP, _BOTTOM, _SIDE, _GAP = 14, 30, 8, 8
_BAR_SHARE, _WIDEST_BAR, _MARKER_ROOM = 0.76, 36, 16
MARKERS = (
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
    "M-4 -4H4V4H-4z",
    "M0 -5.5L5 4H-5z",
    "M0 -6L5 0L0 6L-5 0z",
    "M0 5.5L5 -4H-5z",
    "M-5 -1.5H-1.5V-5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5z",
)
"""The marker of each series, as SVG's path data around (0, 0)."""
DASHES = ("none", "8 4", "2 3", "10 3 2 3", "5 2", "12 3 2 3 2 3")
"""How the line of each series is dashed."""

Numbers = Sequence[Optional[float]]


class Kind(str, Enum):
    """How the numbers are drawn."""

    GROUPED = "grouped"
    STACKED = "stacked"
    LINES = "lines"


@dataclass(frozen=True)
class Bar:
    """A bar of a series, which are numbered from 1."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A part of a series without gaps, as SVG's ``points``, and how it is dashed."""

    series: int
    points: str
    dashes: str


@dataclass(frozen=True)
class Marker:
    """A sign on a line, drawn around (x, y); ``shape`` is SVG's path data."""

    series: int
    x: float
    y: float
    shape: str


@dataclass(frozen=True)
class Label:
    """A text whose middle is at ``x``, or for a tick a text that ends there."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """All of a chart but its legend. The plot is the room between the axes."""

    width: int
    height: int
    left: float
    top: float
    right: float
    bottom: float
    ticks: Tuple[Label, ...]
    labels: Tuple[Label, ...]
    bars: Tuple[Bar, ...]
    lines: Tuple[Line, ...]
    markers: Tuple[Marker, ...]
    marks: Tuple[Bar, ...]
    """The strokes of what is usual, without height."""


def draw(
    kind: Kind,
    points: Sequence[str],
    rows: Sequence[Numbers],
    marks: Numbers,
    highest: float,
    whole: bool,
    narrow: bool,
) -> Drawing:
    """Place everything. ``highest`` is the greatest number, or the greatest sum where bars are stacked."""
    scale = ticks(highest, whole)
    plot = _Plot(scale, max(1, len(points)), *(_NARROW if narrow else _WIDE))
    drawn_lines, markers = _lines(plot, rows) if kind is Kind.LINES else ([], [])
    return Drawing(
        width=plot.width,
        height=plot.height,
        left=plot.left,
        top=_TOP,
        right=plot.right,
        bottom=plot.bottom,
        ticks=tuple(Label(tick.text, plot.left - _GAP, plot.y(tick.value)) for tick in scale),
        labels=tuple(_labels(plot, points)),
        bars=tuple(_bars(plot, kind, rows)) if kind is not Kind.LINES else (),
        lines=tuple(drawn_lines),
        markers=tuple(markers),
        marks=tuple(_marks(plot, marks)),
    )


class _Plot:
    """Turns numbers and points into places."""

    def __init__(self, scale: Sequence[Tick], count: int, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.left = _GAP + _SIDE + max(width_of(tick.text, LETTER) for tick in scale)
        self.right, self.bottom = width - _SIDE, height - _BOTTOM
        self.slot = (self.right - self.left) / count
        self._highest = scale[-1].value

    def x(self, point: int) -> float:
        """Return the middle of a point's room."""
        return round(self.left + (point + 0.5) * self.slot, 2)

    def y(self, value: float) -> float:
        """Return the height of a number."""
        return round(self.bottom - value / self._highest * (self.bottom - _TOP), 2)


def _bars(plot: _Plot, kind: Kind, rows: Sequence[Numbers]) -> List[Bar]:
    """Place the bars; a number that is missing has none."""
    stacked = kind is Kind.STACKED
    side_by_side = 1 if stacked else max(1, len(rows))
    wide = min(plot.slot * _BAR_SHARE / side_by_side, _WIDEST_BAR)
    placed = []
    for point in range(len(rows[0]) if rows else 0):
        below = 0.0
        for index, row in enumerate(rows):
            value = row[point]
            if value is None:
                continue
            number = 0 if stacked else index
            x = plot.left + (point + 0.5) * plot.slot + (number - side_by_side / 2) * wide
            foot, head = plot.y(below), plot.y(below + value)
            placed.append(Bar(index + 1, round(x, 2), head, round(wide, 2), round(foot - head, 2)))
            below += value if stacked else 0
    return placed


def _lines(plot: _Plot, rows: Sequence[Numbers]) -> Tuple[List[Line], List[Marker]]:
    """Place the lines and their markers: as many as there is room for, and where a line would not be seen."""
    drawn, markers = [], []
    every = max(1, round(_MARKER_ROOM / plot.slot))
    for series, row in enumerate(rows, 1):
        for part in _parts(row):
            places = [(plot.x(point), plot.y(value)) for point, value in part]
            if len(part) > 1:
                drawn.append(Line(series, " ".join(f"{x},{y}" for x, y in places), DASHES[series - 1]))
            for (point, _), (x, y) in zip(part, places, strict=True):
                if len(part) == 1 or point % every == 0:
                    markers.append(Marker(series, x, y, MARKERS[series - 1]))
    return drawn, markers


def _parts(row: Numbers) -> List[List[Tuple[int, float]]]:
    """Return the runs of a row that have no gap, as points with their numbers."""
    parts: List[List[Tuple[int, float]]] = [[]]
    for point, value in enumerate(row):
        if value is not None:
            parts[-1].append((point, value))
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def _marks(plot: _Plot, marks: Numbers) -> List[Bar]:
    """Place the strokes of what is usual, as wide as a point's room; where that is nought the axis is stroke enough."""
    wide = plot.slot * min(1, _BAR_SHARE + 0.1)
    return [
        Bar(0, round(plot.x(point) - wide / 2, 2), plot.y(value), round(wide, 2), 0)
        for point, value in enumerate(marks)
        if value
    ]


def _labels(plot: _Plot, points: Sequence[str]) -> List[Label]:
    """Place the points' names: the last, and before it every so many that none touches another."""
    for step in range(1, len(points) + 1):
        placed: List[Label] = []
        free = float(plot.width)
        for point in range(len(points) - 1, -1, -step):
            text = _short(points[point], plot.right - plot.left)
            wide = width_of(text, LETTER)
            x = min(max(plot.x(point), wide / 2), plot.width - wide / 2)
            if x + wide / 2 > free:
                break
            placed.append(Label(text, round(x, 2), plot.height - _GAP))
            free = x - wide / 2 - _GAP
        else:
            return placed[::-1]
    return []


def _short(text: str, room: float) -> str:
    """Return a text that fits the room."""
    if width_of(text, LETTER) <= room:
        return text
    while text and width_of(f"{text}…", LETTER) > room:
        text = text[:-1]
    return f"{text}…"
