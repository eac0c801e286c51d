"""The report: one HTML page with pictures, and one page of Markdown and figures that are committed."""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from jinja2 import Environment, PackageLoader

from lotsen.evaluation import curves, figures
from lotsen.evaluation.folds import CrossValidation, RankedLine
from lotsen.evaluation.scores import Score, read_score, table

COMMAND = "make evaluate"
WORST = 20
_EXAMPLES = 3

Errors = Sequence[Tuple[str, str, str, str]]
"""Set, intent wanted, what the bot did, sentence."""


@dataclass(frozen=True)
class Findings:
    """All that one evaluation found."""

    validation: CrossValidation
    cross_validated: Score
    """The decision on cross-validated rankings."""
    development: Mapping[str, Score]
    errors: Errors
    stock: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Stock Rasa beside ours: for each set of sentences, shares by name."""
    ablation: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """What each part of the pipeline brings: for each variant, shares by name."""
    mixed: Mapping[str, float] = field(default_factory=dict)
    """Two questions in one message, and vague ones: shares by name."""
    folds: int = 5


def write_report(findings: Findings, path: Path) -> None:
    """Write the HTML page."""
    environment = Environment(loader=PackageLoader("lotsen.evaluation", "."), autoescape=True)
    lines = findings.validation.lines
    page = environment.get_template("report.html.j2").render(
        when=today(),
        machine=machine(),
        command=COMMAND,
        lines=len(lines),
        folds=findings.folds,
        tables=_tables(findings),
        pictures=_pictures(findings),
        worst=worst_confusions(lines),
        errors=findings.errors,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def write_summary(findings: Findings, markdown: Path, data: Path) -> None:
    """Write the page of Markdown and the figures that the tests hold the model to."""
    markdown.parent.mkdir(parents=True, exist_ok=True)
    parts = [
        "# How well Lotsen understands: the figures",
        f"Written by `make fit` on {today()}, {machine()}. What they mean: ../understanding.md",
        "## Development set, through the trained model and the running bot's rules",
        table(findings.development),
        f"## Cross-validation: {len(findings.validation.lines)} training examples in {findings.folds} folds",
        table({"all examples": findings.cross_validated}),
        f"Expected calibration error: {curves.calibration_error(findings.validation.lines):.3f}.",
    ]
    if findings.mixed:
        parts += ["## Two questions in one message, and vague ones", _shares(findings.mixed)]
    if findings.stock:
        parts += ["## Beside stock Rasa's default pipeline, on the same sentences", _named(findings.stock, "sentences")]
    if findings.ablation:
        parts += ["## What each part brings", _named(findings.ablation, "pipeline")]
    markdown.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    stored = {name: score.to_json() for name, score in findings.development.items()}
    data.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def worst_confusions(lines: Sequence[RankedLine]) -> List[Tuple[str, str, int, List[str]]]:
    """Return the most frequent confusions, each with some of its sentences."""
    worst = []
    for (want, got), count in curves.confusions(lines).most_common(WORST):
        texts = [
            line.text
            for line in lines
            if (curves.one_refusal(line.intents[0]), curves.one_refusal(line.ranking[0][0])) == (want, got)
        ]
        worst.append((want, got, count, texts[:_EXAMPLES]))
    return worst


def today() -> str:
    """Return the date, in UTC."""
    return datetime.now(timezone.utc).date().isoformat()


def machine() -> str:
    """Name the size of this machine, without which no figure means anything."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {gib:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _tables(findings: Findings) -> List[Tuple[str, str, List[List[str]]]]:
    """Return title, note and rows of each table."""
    found = [
        (
            "Development set",
            "Through the trained model and the running bot's rules.",
            _rows(table(findings.development)),
        ),
        (
            "Cross-validation",
            "The decision on unseen training examples.",
            _rows(table({"all": findings.cross_validated})),
        ),
    ]
    if findings.stock:
        rows = _rows(_named(findings.stock, "sentences"))
        found.append(("Beside stock Rasa", "First guess right, right among the first three, refused.", rows))
    if findings.ablation:
        found.append(
            (
                "What each part brings",
                "One fold, one part changed at a time.",
                _rows(_named(findings.ablation, "pipeline")),
            )
        )
    return found


def _pictures(findings: Findings) -> List[Tuple[str, str, str]]:
    """Return title, note and picture of each figure."""
    lines = findings.validation.lines
    totals = Counter(curves.one_refusal(line.intents[0]) for line in lines)
    drawn = [
        (
            "Confusion matrix",
            "The intents confused most, in per cent of their sentences.",
            figures.confusion_matrix(curves.confusions(lines), totals),
        ),
        (
            "Reliability",
            "Confidence against the share that was right; dotted: perfect.",
            figures.reliability_curve({"Lotsen": curves.reliability(lines)}),
        ),
        (
            "Coverage against accuracy",
            "How many of the surest sentences are right.",
            figures.coverage_curve({"Lotsen": curves.coverage(lines)}),
        ),
    ]
    if findings.stock:
        drawn.append(("Beside stock Rasa", "The same sentences.", figures.bars(findings.stock, "per cent")))
    return drawn


def _named(shares: Mapping[str, Mapping[str, float]], first: str) -> str:
    """Return shares as a Markdown table."""
    columns = list(next(iter(shares.values())))
    rows = [f"| {first} | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    rows += [
        f"| {name} | " + " | ".join(_cell(c, values.get(c)) for c in columns) + " |" for name, values in shares.items()
    ]
    return "\n".join(rows)


def _shares(values: Mapping[str, float]) -> str:
    """Return shares as a two-column Markdown table."""
    return "\n".join(
        ["| what | share |", "|---|---|", *(f"| {name} | {share:.1%} |" for name, share in values.items())]
    )


def _cell(column: str, value: Any) -> str:
    """Return a share, a number of seconds or nothing."""
    if value is None:
        return ""
    return f"{value:.0f}" if column.endswith("seconds") else f"{value:.1%}"


def _rows(markdown: str) -> List[List[str]]:
    """Return the cells of a Markdown table, without the line under the head."""
    lines = markdown.splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for number, line in enumerate(lines) if number != 1]


def read_floor(path: Path) -> Dict[str, Score]:
    """Read the committed figures."""
    return {name: read_score(stored) for name, stored in json.loads(path.read_text(encoding="utf-8")).items()}
