"""Charts: nothing leaves the plot or touches, the table has every number, and hostile names stay text."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, List, Optional, Tuple
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lotsen.desk.charts.drawing import LETTER
from lotsen.desk.charts.figures import MAX_SERIES, Chart, Figure, Series, bars, lines
from lotsen.desk.charts.scale import LARGEST, ticks, written
from lotsen.guides.lettering import plain, width
from lotsen.settings import ROOT

DESK = ROOT / "lotsen" / "desk"
SVG = "{http://www.w3.org/2000/svg}"
PAGE = Environment(
    loader=FileSystemLoader(DESK / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
).from_string('{% import "charts.html" as charts %}<div>{{ charts.figure(figure, "trouble") }}</div>')
WEEKS = ("v. 44", "v. 45", "v. 46")

_number: st.SearchStrategy[Optional[float]] = (
    st.none() | st.integers(0, 40) | st.floats(0, LARGEST, allow_nan=False) | st.integers(0, int(LARGEST))
)


@st.composite
def charts(draw: Any) -> Chart:
    """Make any chart that may be made."""
    names = st.text(max_size=30)
    count = draw(st.integers(0, 40))
    values = st.lists(_number, min_size=count, max_size=count).map(tuple)
    series = st.builds(Series, names, values)
    return Chart(
        draw(names),
        tuple(draw(st.lists(names, min_size=count, max_size=count))),
        tuple(draw(st.lists(series, max_size=MAX_SERIES))),
        draw(names),
        draw(names),
        draw(st.sampled_from((0, 100))),
        draw(st.none() | series),
    )


figures = st.builds(
    lambda chart, make: make(chart),
    charts(),
    st.sampled_from((bars, lines, lambda chart: bars(chart, stacked=True))),
)


def shown(figure: Figure) -> ElementTree.Element:
    """Return the figure as the page has it; fails if that is no well-formed XML."""
    return ElementTree.fromstring(PAGE.render(figure=figure))  # noqa: S314 - our own


def cells(page: ElementTree.Element) -> List[Tuple[str, ...]]:
    """Return the lines of the table, the head first. A number that is missing is a dash and a word."""
    return [tuple("".join(cell.itertext()) for cell in row) for row in page.iter("tr")]


@given(figures)
@settings(max_examples=60, deadline=None)
def test_nothing_leaves_the_plot(figure: Figure) -> None:
    """Bars, strokes and lines are inside the axes, and all text inside the picture, at both widths."""
    for drawing in (figure.wide, figure.narrow):
        inside = (drawing.left, drawing.right, drawing.top, drawing.bottom)
        for bar in (*drawing.bars, *drawing.marks):
            assert bar.width >= 0 and bar.height >= 0
            assert _within(bar.x, bar.y, inside) and _within(bar.x + bar.width, bar.y + bar.height, inside)
        for line in drawing.lines:
            assert all(_within(*map(float, place.split(",")), inside) for place in line.points.split())
        assert all(_within(marker.x, marker.y, inside) for marker in drawing.markers)
        assert all(tick.x - width(tick.text, LETTER) >= 0 for tick in drawing.ticks)


@given(figures)
@settings(max_examples=60, deadline=None)
def test_labels_do_not_touch(figure: Figure) -> None:
    """The names under a chart stand apart and inside, and the last point always has its name."""
    for drawing in (figure.wide, figure.narrow):
        places = [(one.x - width(one.text, LETTER) / 2, one.x + width(one.text, LETTER) / 2) for one in drawing.labels]
        assert all(left >= -0.5 and right <= drawing.width + 0.5 for left, right in places)
        assert all(before[1] < after[0] for before, after in pairwise(places))
        assert bool(drawing.labels) == bool(figure.chart.points)


@given(st.floats(0, LARGEST, allow_nan=False) | st.integers(0, 1000), st.booleans())
def test_ticks_cover_the_highest(highest: float, whole: bool) -> None:
    """Ticks go from nought over the highest number in equal steps, few enough to read, each with a text of its own."""
    highest = float(round(highest) if whole else round(highest, 2))
    scale = ticks(highest, whole)
    values = [tick.value for tick in scale]
    assert values[0] == 0 and values[-1] >= highest
    assert 2 <= len(scale) <= 6
    assert len({tick.text for tick in scale}) == len(scale)
    assert all(after - before == pytest.approx(values[1]) for before, after in pairwise(values))
    assert f"{values[1]:e}"[0] in "125"
    assert not whole or all(value == int(value) for value in values)


@given(figures)
@settings(max_examples=40, deadline=None)
def test_the_table_has_everything(figure: Figure) -> None:
    """The page is well-formed, and its table has each point and number that the chart was made of."""
    page = shown(figure)
    chart = figure.chart
    if not chart.points:
        assert cells(page) == []
        return
    head, *rows = cells(page)
    assert head == (chart.over, *(one.name for one in chart.rows))
    assert [row[0] for row in rows] == list(chart.points)
    for column, one in enumerate(chart.rows, 1):
        assert [row[column] for row in rows] == [written(v) if v is not None else "–saknas" for v in one.values]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>\"'&", "a\x00b\ud800\x1b", "]]>--><svg/onload=x>"])
def test_hostile_names_are_text(name: str) -> None:
    """A name with markup, or characters that XML cannot hold, is shown as text wherever it stands."""
    chart = Chart(name, (name,), (Series(name, (1,)),), name, name, marks=Series(name, (2,)))
    page = shown(lines(chart))
    assert not list(page.iter("script")) and not list(page.iter(f"{SVG}script"))
    assert next(page.iter("caption")).text == f"{plain(name)} ({plain(name)})"
    assert cells(page)[0] == (plain(name),) * 3
    assert all("style" not in one.attrib and not any(key.startswith("on") for key in one.attrib) for one in page.iter())


@pytest.mark.parametrize("values", [(), (None, None, None)])
def test_no_numbers(values: Tuple[Optional[float], ...]) -> None:
    """Where nothing is known the page says so, and draws nothing."""
    page = shown(bars(Chart("Ärenden", WEEKS[: len(values)], (Series("Nya", values),))))
    assert "Det finns inga siffror" in "".join(page.itertext())
    assert not list(page.iter(f"{SVG}svg"))


def test_only_noughts() -> None:
    """Noughts are numbers: the axes are there, and the bars have no height."""
    figure = bars(Chart("Ärenden", WEEKS, (Series("Nya", (0, 0, 0)),)))
    assert [bar.height for bar in figure.wide.bars] == [0, 0, 0]
    assert [tick.text for tick in figure.wide.ticks] == ["0", "1"]
    assert list(shown(figure).iter(f"{SVG}svg"))


def test_one_point() -> None:
    """One point has a bar that is not as wide as the plot, and on a line a marker."""
    chart = Chart("Ärenden", ("v. 44",), (Series("Nya", (3,)),))
    (bar,) = bars(chart).wide.bars
    assert bar.width < 50
    drawing = lines(chart).wide
    assert (len(drawing.lines), len(drawing.markers)) == (0, 1)


def test_a_missing_number_breaks_the_line() -> None:
    """None is a gap, not nought, and a number alone between two gaps is still seen."""
    drawing = lines(Chart("T", tuple("abcdef"), (Series("S", (1, 2, None, 3, None, 4)),))).wide
    assert len(drawing.lines) == 1
    assert len(drawing.markers) == 4
    assert len(bars(Chart("T", ("a", "b"), (Series("S", (None, 0)),))).wide.bars) == 1


def test_stacked_bars_stand_on_each_other() -> None:
    """A stacked bar begins where the one under it ends, and the axis goes to the sum."""
    figure = bars(Chart("T", ("a",), (Series("S", (3,)), Series("R", (4,)))), stacked=True)
    low, high = figure.wide.bars
    assert high.y + high.height == pytest.approx(low.y)
    assert figure.wide.ticks[-1].text == "8"
    assert low.y + low.height == figure.wide.bottom


def test_series_differ_without_colours() -> None:
    """Each series has a pattern, a marker and a dash of its own, also in the legend."""
    chart = Chart("T", WEEKS, tuple(Series(f"S{number}", (1, 2, 3)) for number in range(MAX_SERIES)))
    figure = lines(chart)
    assert len({marker.shape for marker in figure.wide.markers}) == MAX_SERIES
    assert len({line.dashes for line in figure.wide.lines}) == MAX_SERIES
    page = shown(bars(chart))
    patterns: dict[str, str] = {}
    for pattern in page.iter(f"{SVG}pattern"):
        drawn = b"".join(ElementTree.tostring(part) for part in pattern)
        patterns[pattern.attrib["id"]] = re.sub(r"fill\d", "", drawn.decode()) + str(pattern.get("patternTransform"))
    assert len(set(patterns.values())) == MAX_SERIES
    used = {bar.attrib["fill"][5:-1] for bar in page.iter(f"{SVG}rect") if "fill" in bar.attrib}
    assert used == set(patterns)


def test_names_of_the_picture() -> None:
    """A picture has role, title and description, and every id on the page is there once."""
    page = shown(bars(Chart("Ärenden", WEEKS, (Series("Nya", (1, 1234.5, None)),), "antal")))
    ids = [one.attrib["id"] for one in page.iter() if "id" in one.attrib]
    assert len(ids) == len(set(ids))
    for picture in page.iter(f"{SVG}svg"):
        if picture.get("aria-hidden") == "true":
            continue
        assert picture.attrib["role"] == "img"
        named = {one.attrib["id"]: "".join(one.itertext()) for one in picture if "id" in one.attrib}
        assert named[picture.attrib["aria-labelledby"]] == "Ärenden (antal)"
        assert "Nya: högst 1\u00a0234,5 (v. 45), senast 1\u00a0234,5." in named[picture.attrib["aria-describedby"]]


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1200, "1\u00a0200"), (0.5, "0,5"), (2.25, "2,25"), (1e15, "1" + "\u00a0000" * 5)]
)
def test_numbers_are_swedish(value: float, text: str) -> None:
    """Thousands are apart, and decimals have a comma."""
    assert written(value) == text


def test_large_ticks_are_short() -> None:
    """Millions on the axis are written with a word, and the table has them in full."""
    figure = bars(Chart("T", ("a",), (Series("S", (7_500_000,)),)))
    assert [tick.text for tick in figure.wide.ticks] == ["0", "2\u00a0mn", "4\u00a0mn", "6\u00a0mn", "8\u00a0mn"]
    assert figure.table == (("a", "7\u00a0500\u00a0000"),)


@pytest.mark.parametrize("values", [(1, 2), (-1, 0, 0), (float("nan"), 0, 0), (float("inf"), 0, 0), (2e15, 0, 0)])
def test_what_cannot_be_drawn_is_refused(values: Tuple[float, ...]) -> None:
    """Numbers that have no place in a chart are the caller's mistake, told at once."""
    with pytest.raises(ValueError):
        Chart("T", WEEKS, (Series("S", values),))


def test_too_many_series_are_refused() -> None:
    """More series than patterns would be told apart by nothing."""
    with pytest.raises(ValueError):
        Chart("T", WEEKS, (Series("S", (1, 2, 3)),) * (MAX_SERIES + 1))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_seen(theme: str) -> None:
    """Every colour has at least 3:1 against the chart's ground, and text 4.5:1."""
    css = (DESK / "static" / "charts.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")[:2]
    colours = dict(
        re.findall(r"--chart-([\w-]+): (#[0-9a-f]{6})", light if theme == "light" else dark.split("@media")[0])
    )
    ground = colours.pop("ground")
    assert set(colours) >= {str(number) for number in range(1, MAX_SERIES + 1)}
    assert all(_contrast(colour, ground) >= 3 for colour in colours.values())
    assert _contrast(colours["ink"], ground) >= 4.5


def _within(x: float, y: float, inside: Tuple[float, float, float, float]) -> bool:
    left, right, top, bottom = inside
    return left - 0.02 <= x <= right + 0.02 and top - 0.02 <= y <= bottom + 0.02


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 counts it."""
    lights = sorted((_light(one), _light(other)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))
