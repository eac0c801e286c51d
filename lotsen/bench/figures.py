"""The figures of one bot, and the table that puts two beside each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Callable, Dict, List, Optional, Sequence

from lotsen.bench.load import Load

PERCENTILES = (50, 95, 99)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that ``percent`` of the values do not exceed (the nearest one that was measured).

    >>> percentile([1, 2, 3, 4], 50)
    2
    """
    if not values:
        raise ValueError("there is nothing to take a percentile of")
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


@dataclass
class Spread:
    """How long something takes, in milliseconds."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Spread:
        """Summarise times in seconds."""
        return cls(*(1000 * percentile(seconds, percent) for percent in PERCENTILES))


@dataclass
class UnderLoad:
    """What so many users at once got."""

    clients: int
    messages: int
    per_second: float
    turn: Spread
    silent: int

    @classmethod
    def of(cls, load: Load) -> UnderLoad:
        """Summarise what was measured."""
        return cls(load.clients, len(load.turns), load.per_second, Spread.of(load.turns), load.silent)


@dataclass
class Figures:
    """All that is measured of one bot."""

    name: str
    epochs: Optional[int] = None
    training_seconds: float = 0.0
    model_mib: float = 0.0
    parse: Optional[Spread] = None
    start_seconds: float = 0.0
    memory_mib: float = 0.0
    loads: List[UnderLoad] = field(default_factory=list)

    def to_json(self) -> Dict[str, Any]:
        """Return the figures as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Row:
    """A line of the table: what it is called, and its figure."""

    title: str
    value: Callable[[Figures], float]


def rows(figures: Figures) -> List[Row]:
    """Return the table's lines, as many as there are numbers of clients."""
    found = [
        Row("training, s", lambda f: f.training_seconds),
        Row("model, MiB", lambda f: f.model_mib),
        *(Row(f"parse {name}, ms", _parse(name)) for name in ("p50", "p95", "p99")),
        Row("start until ready, s", lambda f: f.start_seconds),
        Row("memory after load, MiB", lambda f: f.memory_mib),
    ]
    for index, load in enumerate(figures.loads):
        users = "1 client" if load.clients == 1 else f"{load.clients} clients"
        found.append(Row(f"messages per second, {users}", _per_second(index)))
        found += [Row(f"turn {name}, {users}, ms", _turn(index, name)) for name in ("p50", "p95", "p99")]
    return found


def table(ours: Figures, stock: Figures) -> str:
    """Return both bots' figures as a Markdown table, with ours divided by stock's."""
    lines = ["| what | ours | stock Rasa | ratio |", "|---|---:|---:|---:|"]
    for row in rows(ours):
        mine, theirs = row.value(ours), row.value(stock)
        ratio = f"{mine / theirs:.2f}" if theirs else "-"
        lines.append(f"| {row.title} | {mine:.1f} | {theirs:.1f} | {ratio} |")
    return "\n".join(lines)


def _parse(name: str) -> Callable[[Figures], float]:
    return lambda figures: getattr(figures.parse, name)


def _per_second(index: int) -> Callable[[Figures], float]:
    return lambda figures: figures.loads[index].per_second


def _turn(index: int, name: str) -> Callable[[Figures], float]:
    return lambda figures: getattr(figures.loads[index].turn, name)
