"""Writes tables into a page of docs/, between two marks that no reader sees, and keeps the figures behind them."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from typing import Any, Dict, Optional, Sequence

from lotsen.settings import ROOT
from tests.bench.load_machine import flush_ms, machine, version

KEPT = ROOT / ".lotsen" / "bench" / "load"
"""Where each part's figures stay, so that a part can be run again alone."""


def keep(part: str, result: Dict[str, Any], folder: Path = KEPT) -> None:
    """Keep the figures of a part, with when, where and of what they are."""
    folder.mkdir(parents=True, exist_ok=True)
    when = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
    about = {"at": when, "machine": machine(), "version": version(), "flush_ms": flush_ms()}
    text = json.dumps({**about, **result}, indent=1, ensure_ascii=False)
    (folder / f"{part}.json").write_text(text + "\n", encoding="utf-8")


def kept(part: str, folder: Path = KEPT) -> Optional[Dict[str, Any]]:
    """Return the figures of a part; None if it was not run."""
    path = folder / f"{part}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def fill(page: Path, mark: str, content: str) -> None:
    """Put ``content`` between ``<!-- mark:begin -->`` and ``<!-- mark:end -->``.

    Raises:
        ValueError: if the page does not have the two marks, once each and in this order.
    """
    text = page.read_text(encoding="utf-8")
    begin, end = f"<!-- {mark}:begin -->", f"<!-- {mark}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"{page} needs the marks {begin} and {end}, once each")
    before, _, rest = text.partition(begin)
    page.write_text(f"{before}{begin}\n{content.strip()}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return a Markdown table; all but the first ``left`` columns are numbers."""
    marks = ["---" if column < left else "---:" for column in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def made_by(command: str, results: Sequence[Dict[str, Any]]) -> str:
    """Return the line below a table: what made it, when and where."""
    when = sorted({result["at"] for result in results})
    where = " / ".join(sorted({result["machine"] for result in results}))
    what = ", ".join(sorted({result["version"] for result in results}))
    span = when[0] if len(when) == 1 else f"{when[0]} to {when[-1]}"
    flush = median(result["flush_ms"] for result in results)
    return f"`{command}`, {span}, {where}, a disk that flushes in {flush:.1f} ms, commit {what}."


def number(value: Optional[float], digits: int = 0) -> str:
    """Return a figure for a table; a dash if there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"
