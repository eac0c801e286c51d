"""A working day in minutes (``python -m tests.bench.soak --minutes 10``): does memory grow? Fills docs/load.md.

As many conversations and turns as the staff of a region have in eight hours, one after the other and at once as they
come, with less time between them. `lotsen purge` runs in between, as it does each night. What hangs on the clock
(tokens that are renewed after an hour, guides that wait for days) does not come up in so short a time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from lotsen.settings import ROOT
from tests.bench import load_servers as servers
from tests.bench.load_client import session
from tests.bench.load_drive import Driver, Outcome
from tests.bench.load_machine import Named, Taken, memory
from tests.bench.load_page import fill, keep, kept, made_by, number, table
from tests.bench.load_people import MIX, Crowd
from tests.bench.load_schedule import slope
from tests.bench.load_search import told
from tests.bench.load_servers import OwnLotsen, folder

PAGE, MARK = ROOT / "docs" / "load.md", "soak"
COMMAND = "python -m tests.bench.soak"
STAFF, HOURS = 10_000, 8.0
SHARE = 0.2
"""The share of the staff who write on one day: far more than on a usual one."""
TURNS_EACH = 5.5
"""Turns of a conversation on average, the opening too, as the mix of people gives them."""
SAMPLE_SECONDS = 2.0
PURGES = 3
MOST_GROWTH = 0.05
SMALL_MIB = 2.0
"""A change of less is no growth, whatever its share: the system's own noise in a small process."""
NAMES = {"embedded": "embedded default", "two": "PostgreSQL and Redis, 2 Rasa servers"}

Sample = Tuple[float, Dict[str, float]]


def main(arguments: Sequence[str]) -> int:
    """Run it; exit code 1 if a process grew by more than 5 %, or turns failed."""
    parser = argparse.ArgumentParser(prog="tests.bench.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--staff", type=int, default=STAFF)
    parser.add_argument("--only", choices=tuple(NAMES), default="embedded", help="which Lotsen")
    parser.add_argument("--no-page", action="store_true", help="leave docs/load.md as it is")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # What was started is stopped on the way out.
    turns = given.staff * SHARE * TURNS_EACH
    rate = turns / (60 * given.minutes)
    say(f"{turns:,.0f} turns, a day of {given.staff:,} staff, in {given.minutes:g} minutes: {rate:.1f} turns/s.")
    with folder("soak") as where, _running(given.only, where) as running:
        result = asyncio.run(_soak(running, rate, 60 * given.minutes))
    keep(f"soak-{given.only}", result)
    for row in result["grown"]:
        say(f"  {row['name']}: {row['start']:.1f} -> {row['end']:.1f} MiB, {100 * row['growth']:+.1f} %")
    if not given.no_page:
        fill(PAGE, MARK, everything())
    failed = [row["name"] for row in result["grown"] if not row["good"]]
    if failed or result["day"]["errors"]:
        say(f"Grew by more than {100 * MOST_GROWTH:.0f} %: {failed}; turns that failed: {result['day']['errors']}")
    return 1 if failed or result["day"]["errors"] else 0


@contextlib.contextmanager
def _running(name: str, where: Path) -> Iterator[OwnLotsen]:
    with contextlib.ExitStack() as stack:
        settings: Dict[str, str] = {}
        if name == "two":
            settings, *_ = stack.enter_context(servers.outgrown(where))
            settings["LOTSEN_WORKERS"] = "2"
        yield stack.enter_context(servers.lotsen(where, **settings))


async def _soak(running: OwnLotsen, rate: float, seconds: float) -> Dict[str, Any]:
    """Let the day pass; return its turns and how memory grew."""
    samples: List[Sample] = []
    driver = Driver(servers.web(running.base), Crowd(dict(MIX), 8, servers.asked()), 8)
    purges: List[str] = []
    began = time.monotonic()
    sampling = asyncio.ensure_future(_sample(running, samples, began, seconds))
    purging = asyncio.ensure_future(_purge(running, purges, seconds / (PURGES + 1)))
    async with session() as http:
        outcome: Outcome = await driver.step(http, rate, 0.0, seconds)
        for task in (sampling, purging):
            task.cancel()
        await asyncio.gather(sampling, purging, return_exceptions=True)
        await driver.close()
    day = told(outcome, Taken())
    grown = growth(samples, seconds, len(outcome.turns))
    return {"day": day, "grown": grown, "purges": len(purges), "seen": dict(driver.seen), "samples": samples[::10]}


async def _sample(running: OwnLotsen, samples: List[Sample], began: float, seconds: float) -> None:
    """Note each process's own memory again and again. Processes are found once: they must not change."""
    processes: Named = running.named()
    told = 0
    while True:
        at = time.monotonic() - began
        samples.append((at, memory(processes)[1]))
        if at > (told + 1) * seconds / 10:
            told += 1
            held = ", ".join(f"{name} {mib:.0f}" for name, mib in samples[-1][1].items())
            say(f"  {at / 60:.1f} minutes: {held} MiB")
        await asyncio.sleep(SAMPLE_SECONDS)


async def _purge(running: OwnLotsen, purges: List[str], every: float) -> None:
    """Run `lotsen purge` now and then, beside the chat."""
    loop = asyncio.get_running_loop()
    for _ in range(PURGES):
        await asyncio.sleep(every)
        purges.append(await loop.run_in_executor(None, running.command, "purge"))


def growth(samples: Sequence[Sample], seconds: float, turns: int) -> List[Dict[str, Any]]:
    """Return for each process how its memory went after the first third, which is for warming up.

    Start and end are medians of the first and the last quarter of what is left. ``slope`` is MiB for 1,000 turns, by
    the straight line nearest to all samples.
    """
    late = [(at, held) for at, held in samples if at >= seconds / 3]
    quarter = max(1, len(late) // 4)
    rows: List[Dict[str, Any]] = []
    for name in sorted({name for _, held in late for name in held}):
        points = [(at, held[name]) for at, held in late if name in held]
        start, end = (median(mib for _, mib in part) for part in (points[:quarter], points[-quarter:]))
        grown = (end - start) / start if start else 0.0
        rows.append(
            {
                "name": name,
                "start": start,
                "end": end,
                "growth": grown,
                "slope": slope(points) * seconds / max(1, turns) * 1000 if len(points) > 1 else 0.0,
                "good": grown <= MOST_GROWTH or end - start < SMALL_MIB,
            }
        )
    return rows


def everything() -> str:
    """Return the tables of the soaks that were run, and what made them."""
    results = {name: kept(f"soak-{name}") for name in NAMES}
    there = {name: result for name, result in results.items() if result is not None}
    if not there:
        return "not measured yet"
    rows = []
    for name, result in there.items():
        for row in result["grown"]:
            figures = (number(row["start"], 1), number(row["end"], 1))
            share, rise = f"{100 * row['growth']:+.1f} %", f"{row['slope']:+.2f}"
            rows.append((NAMES[name], row["name"], *figures, share, rise))
    days = [
        f"{NAMES[name]}: {result['day']['turns']:,} turns, {result['day']['errors']} failed, p95 "
        f"{number(result['day']['p95'])} ms, `lotsen purge` {result['purges']} times."
        for name, result in there.items()
    ]
    head = ("bot", "process", "start, MiB", "end, MiB", "growth", "MiB for 1,000 turns")
    return "\n\n".join([table(head, rows, left=2), " ".join(days), made_by(COMMAND, list(there.values()))])


def say(text: str) -> None:
    """Tell whoever watches."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
