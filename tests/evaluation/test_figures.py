"""The pictures: each a whole PNG in a data URL, drawn from few values, none and many, and none left open."""

from __future__ import annotations

import base64
import io
from collections import Counter
from typing import Any, Callable, List, Tuple

import pytest
from matplotlib import axes as matplotlib_axes
from matplotlib import pyplot
from PIL import Image

from lotsen.evaluation.figures import MOST_CONFUSED, bars, confusion_matrix, coverage_curve, reliability_curve

PREFIX = "data:image/png;base64,"
MANY = Counter({(f"intent_{number}", f"intent_{number + 1}"): number + 1 for number in range(40)})


def size(url: str) -> Tuple[int, int]:
    """Decode the picture strictly, all of it, and return its size."""
    assert url.startswith(PREFIX)
    with Image.open(io.BytesIO(base64.b64decode(url[len(PREFIX) :], validate=True))) as image:
        assert image.format == "PNG"
        image.load()
        assert len(set(image.convert("L").tobytes())) > 1, "the picture is empty"
        return image.size


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda: confusion_matrix(Counter({("a", "b"): 3}), {"a": 10}), id="one confusion"),
        pytest.param(lambda: confusion_matrix(Counter({("a", "b"): 3}), {}), id="confusions without totals"),
        pytest.param(lambda: confusion_matrix(MANY, {}), id="many confusions"),
        pytest.param(
            lambda: confusion_matrix(Counter(), {}),
            id="no confusion",
        ),
        pytest.param(lambda: reliability_curve({"Lotsen": [(0.3, 0.2, 5), (0.9, 1.0, 7)]}), id="reliability"),
        pytest.param(lambda: coverage_curve({"Lotsen": [(0.5, 1.0), (1.0, 0.8)], "stock": [(1, 0.5)]}), id="coverage"),
        pytest.param(lambda: bars({"short": {"ours": 0.9, "stock": 0.7}}, "per cent"), id="bars"),
        pytest.param(lambda: bars({"åäö <b>": {"ours": 0.0}}, "per cent"), id="a name with signs"),
    ],
)
def test_a_picture_is_a_png_in_a_data_url(draw: Callable[[], str]) -> None:
    """The page needs no other file; the picture is whole and shows something."""
    width, height = size(draw())
    assert width > 100
    assert height > 100


def test_no_figure_is_left_open() -> None:
    """Matplotlib keeps every figure until it is closed; a report draws many."""
    before = pyplot.get_fignums()
    bars({"short": {"ours": 0.9}}, "per cent")
    assert pyplot.get_fignums() == before


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> List[Any]:
    """Return the cells of each matrix that is drawn."""
    drawn: List[Any] = []
    original = matplotlib_axes.Axes.imshow

    def imshow(self: Any, cells: Any, **settings: Any) -> Any:
        drawn.append(cells)
        return original(self, cells, **settings)

    monkeypatch.setattr(matplotlib_axes.Axes, "imshow", imshow)
    return drawn


def test_a_cell_is_the_share_of_the_intents_own_lines(shown: List[Any]) -> None:
    """Row: what it is; column: what it is taken for; in per cent of the row's lines, sorted by name."""
    confusion_matrix(Counter({("b", "a"): 3, ("a", "c"): 1}), {"a": 4, "b": 10, "c": 5})
    assert shown == [[[0, 0, 25], [30, 0, 0], [0, 0, 0]]]


def test_only_the_most_confused_are_drawn(shown: List[Any]) -> None:
    """A matrix of all intents could not be read."""
    confusion_matrix(MANY, {})
    (cells,) = shown
    assert {len(row) for row in cells} == {len(cells)} == {MOST_CONFUSED}
