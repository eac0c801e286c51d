"""The tables of docs/load.md, from the figures of the parts that were run."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from tests.bench.load_page import KEPT, kept, made_by, number, table
from tests.bench.load_search import COMMON, at

COMMAND = "python -m tests.bench.load"
SEARCHED: Tuple[Tuple[str, str], ...] = (
    ("embedded", "Lotsen, embedded default: SQLite, 1 Rasa server"),
    ("one", "Lotsen, PostgreSQL and Redis, 1 Rasa server"),
    ("two", "Lotsen, PostgreSQL and Redis, 2 Rasa servers"),
    ("four", "Lotsen, PostgreSQL and Redis, 4 Rasa servers"),
    ("questions", "Lotsen, embedded default, questions only"),
    ("stock", "stock Rasa, questions only"),
)
OPENED = (("open", "embedded default"), ("open-two", "PostgreSQL and Redis, 2 Rasa servers"))
NOT_YET = "not measured yet"
Result = Dict[str, Any]


def everything() -> str:
    """Return all tables, and what made them."""
    searched = [(name, kept(part, KEPT)) for part, name in SEARCHED]
    opened = [(name, kept(part, KEPT)) for part, name in OPENED]
    there = [result for _, result in (*searched, *opened) if result is not None]
    if not there:
        return NOT_YET
    parts = [
        "### The rate at which p95 passes 500 ms\n\n" + rates(searched),
        f"### All at {COMMON:.0f} turns a second\n\n" + common(searched),
        "### Beside stock Rasa\n\n" + ratios(dict(searched)),
        "### A thousand conversations at once\n\n" + many(opened),
        made_by(COMMAND, there),
    ]
    return "\n\n".join(parts)


def rates(searched: List[Tuple[str, Optional[Result]]]) -> str:
    """Return the table of what each bot holds."""
    head = ("bot", "holds, turns/s", "too much, turns/s", "p50, ms", "p95, ms", "p99, ms", "failed", "server cores")
    head = (*head, "client cores", "Rasa, MiB", "all, MiB")
    rows = []
    for name, result in searched:
        step = at(result, result["held"]) if result is not None else None
        if result is None or step is None:
            rows.append((name, NOT_YET if result is None else "nothing", *["–"] * 9))
            continue
        uss = step["taken"]["uss"]
        rows.append(
            (
                name,
                number(step["per_second"]),
                number(result["passed"]),
                *(number(step[percent]) for percent in ("p50", "p95", "p99")),
                number(step["errors"]),
                number(step["server_cores"], 2),
                number(step["client_cores"], 2),
                number(uss.get("Rasa server")),
                number(sum(uss.values())),
            )
        )
    return table(head, rows)


def common(searched: List[Tuple[str, Optional[Result]]]) -> str:
    """Return the table of what each gives at the same, low rate."""
    rows = []
    for name, result in searched:
        step = at(result, COMMON) if result is not None else None
        figures = ("p50", "p95", "p99")
        told = [number(step[figure]) for figure in figures] if step is not None else ["–"] * 3
        cores = number(step["server_cores"], 2) if step is not None else "–"
        rows.append((name, *told, cores))
    return table(("bot", "p50, ms", "p95, ms", "p99, ms", "server cores"), rows)


def ratios(searched: Dict[str, Optional[Result]]) -> str:
    """Return ours divided by stock Rasa's, where both were asked the same at the same moments."""
    ours, stock = (searched[dict(SEARCHED)[part]] for part in ("questions", "stock"))
    if ours is None or stock is None:
        return NOT_YET
    rows = []
    held, theirs = at(ours, ours["held"]), at(stock, stock["held"])
    slow, low = at(ours, COMMON), at(stock, COMMON)
    for name, mine, other, digits in (
        ("turns a second held", _of(held, "per_second"), _of(theirs, "per_second"), 0),
        ("p50 at the common rate, ms", _of(slow, "p50"), _of(low, "p50"), 0),
        ("p95 at the common rate, ms", _of(slow, "p95"), _of(low, "p95"), 0),
        ("cores at the common rate", _of(slow, "server_cores"), _of(low, "server_cores"), 2),
        ("memory of the Rasa server, MiB", _uss(slow), _uss(low), 0),
    ):
        ratio = mine / other if mine is not None and other else None
        rows.append((name, number(mine, digits), number(other, digits), number(ratio, 2)))
    return table(("questions only", "Lotsen", "stock Rasa", "ratio"), rows)


def many(opened: List[Tuple[str, Optional[Result]]]) -> str:
    """Return the table of many conversations at once."""
    head = (
        "bot",
        "open",
        "streams",
        "KiB each",
        "cores, idle",
        "all write within, s",
        "last answer after, s",
        "p95, ms",
        "right",
    )
    rows: List[Tuple[str, ...]] = []
    for name, result in opened:
        if result is None:
            rows.append((name, NOT_YET, *["–"] * 7))
            continue
        for wave in result["waves"]:
            right = f"{wave['outcomes'].get('right', 0):,} of {result['count']:,}"
            about = (number(result["opened"]), number(result["streams"]), number(result["kib_each"]))
            about = (*about, number(result["idle_cores"], 2))
            figures = (number(wave["seconds"]), number(wave["last"], 1), number(wave["p95"]))
            rows.append((name, *about, *figures, right))
    return table(head, rows)


def _of(step: Optional[Dict[str, Any]], name: str) -> Optional[float]:
    return step[name] if step is not None else None


def _uss(step: Optional[Dict[str, Any]]) -> Optional[float]:
    return step["taken"]["uss"].get("Rasa server") if step is not None else None
