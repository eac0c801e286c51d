"""The report's pictures, as PNG data that stands in the page itself: no other file, no outside request."""

from __future__ import annotations

import base64
import io
from typing import Any, Counter, List, Mapping, Sequence, Tuple

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot

MOST_CONFUSED = 25
_DPI = 110


def confusion_matrix(counts: Counter[Tuple[str, str]], totals: Mapping[str, int]) -> str:
    """Draw who is taken for whom, for the intents that are confused most; in per cent of the intent's lines."""
    weight: Counter[str] = Counter()
    for (want, got), count in counts.items():
        weight[want] += count
        weight[got] += count
    names = sorted(name for name, _ in weight.most_common(MOST_CONFUSED))
    figure, axes = pyplot.subplots(figsize=(11, 10))
    if not names:
        axes.set_title("nothing is confused")
        return _png(figure)
    cells = [[100 * counts.get((want, got), 0) / max(1, totals.get(want, 0)) for got in names] for want in names]
    image = axes.imshow(cells, cmap="Blues", vmin=0)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    for row, shares in enumerate(cells):
        for column, share in enumerate(shares):
            if share >= 0.5:
                axes.text(column, row, f"{share:.0f}", ha="center", va="center", fontsize=6)
    figure.colorbar(image, ax=axes, shrink=0.6, label="% of the intent's sentences")
    return _png(figure)


def reliability_curve(curves: Mapping[str, Sequence[Tuple[float, float, int]]]) -> str:
    """Draw confidence against the share that was right; the diagonal is perfect."""
    figure, axes = pyplot.subplots(figsize=(5.5, 5))
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
    for name, points in curves.items():
        axes.plot([share for share, _, _ in points], [right for _, right, _ in points], marker="o", label=name)
    axes.set_xlabel("confidence")
    axes.set_ylabel("share right")
    axes.legend()
    return _png(figure)


def coverage_curve(curves: Mapping[str, Sequence[Tuple[float, float]]]) -> str:
    """Draw how accurate the surest lines are, for each share of lines that is answered."""
    figure, axes = pyplot.subplots(figsize=(5.5, 5))
    for name, points in curves.items():
        axes.plot([share for share, _ in points], [right for _, right in points], label=name)
    axes.set_xlabel("share of sentences answered, surest first")
    axes.set_ylabel("share right")
    axes.legend()
    return _png(figure)


def bars(values: Mapping[str, Mapping[str, float]], label: str) -> str:
    """Draw one group of bars for each name, one bar for each series (per cent)."""
    names = list(values)
    series = list(next(iter(values.values()))) if values else []
    figure, axes = pyplot.subplots(figsize=(1.6 + 1.1 * len(names) * max(1, len(series)) / 2, 4))
    width = 0.8 / max(1, len(series))
    for index, one in enumerate(series):
        places: List[float] = [place + index * width for place in range(len(names))]
        axes.bar(places, [100 * values[name][one] for name in names], width=width, label=one)
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(names))], names, rotation=20, ha="right")
    axes.set_ylabel(label)
    axes.legend(fontsize=7)
    return _png(figure)


def _png(figure: Any) -> str:
    """Return the figure as a data URL, and close it."""
    buffer = io.BytesIO()
    figure.tight_layout()
    figure.savefig(buffer, format="png", dpi=_DPI)
    pyplot.close(figure)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
