"""The report as one HTML page: no script, no other file, no outside request."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

from jinja2 import Environment, PackageLoader

from lotsen.outcomes import wording
from lotsen.outcomes.summary import GuideFigures, StepFigures

_LONG = 400
"""On the page a step's text is nearly always whole: there it can wrap."""


@dataclass(frozen=True)
class Section:
    """What the report says about one guide."""

    figures: GuideFigures
    advice: Tuple[str, ...]
    """Sentences about the order of its steps."""


@dataclass(frozen=True)
class Bar:
    """One step in the picture; the parts are per cent of the whole width."""

    name: str
    depth: int
    came: float
    solved: float
    left: float
    said: str
    """The same in words."""


def render(sections: Sequence[Section], written: str, since: Optional[str]) -> str:
    """Return the page; ``written`` and ``since`` are dates."""
    environment = Environment(
        loader=PackageLoader("lotsen.outcomes", "."), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html.j2").render(
        sections=sections,
        written=written,
        since=since,
        words=wording,
        long=_LONG,
        bars=bars,
    )


def write(page: str, path: Path) -> None:
    """Write the page; makes its folder.

    Raises:
        OSError: if it cannot be written there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def bars(figures: GuideFigures) -> List[Bar]:
    """Return the picture of a guide: how many came to each step, and of them those who were helped and those who left.

    The step that most came to has the whole width. Steps that nobody came to are left to the table.
    """
    widest = max((step.came for step in figures.steps), default=0)
    return [_bar(step, widest) for step in figures.steps if step.came]


def _bar(step: StepFigures, widest: int) -> Bar:
    """Return the bar of one step."""
    parts = [round(100 * count / widest, 2) for count in (step.came, step.solved, step.left)]
    said = f"{step.came} kom hit, {step.solved} löst, {step.left} lämnade"
    return Bar(wording.step_name(step, _LONG), len(step.way) - 1, parts[0], parts[1], parts[2], said)
