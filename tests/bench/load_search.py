"""Looks for the rate at which p95 passes the limit, and keeps what every step of the search has shown."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
from typing import Any, Callable, Dict, List, Optional, Sequence

from lotsen.bench.figures import percentile
from tests.bench.load_client import session
from tests.bench.load_drive import Driver, Outcome
from tests.bench.load_machine import Meter, Taken
from tests.bench.load_people import Crowd
from tests.bench.load_schedule import Tried, bounds, next_rate
from tests.bench.load_servers import Target

Say = Callable[[str], None]
SEED = 9

COMMON = 20.0
"""Turns a second with which every search begins, so that all bots can be compared at one rate."""
QUICK, LONG = (4.0, 9.0), (6.0, 20.0)
"""Seconds to warm up and to measure: on the way up, and where it is decided."""
CALM = (5.0, 5.0)
"""After a rate that was too much: a low one for some seconds, so that nothing of it is left."""
MOST_SECONDS = 190.0
"""A search ends after so long, with what it knows."""


def search(
    target: Target, questions: Sequence[str], say: Say, start: float = COMMON, most: float = MOST_SECONDS
) -> Dict[str, Any]:
    """Return the steps of a search, the rate that was held, and what happened beside turns."""
    return asyncio.run(_search(target, questions, say, start, most))


async def _search(target: Target, questions: Sequence[str], say: Say, start: float, most: float) -> Dict[str, Any]:
    crowd = Crowd(dict(target.mix), SEED, questions)
    driver = Driver(target.open, crowd, SEED, target.count_opening)
    steps: List[Dict[str, Any]] = []
    tried: List[Tried] = []
    until = time.monotonic() + most
    async with session() as http:
        await driver.step(http, 5.0, 0.0, 4.0)  # The first turns of a process load what it needs.
        while (rate := next_rate(tried, start)) is not None and time.monotonic() < until:
            deciding = bounds(tried)[1] is not None
            meter = Meter(target.processes)
            outcome = await driver.step(http, rate, *(LONG if deciding else QUICK))
            step = told(outcome, meter.read())
            steps.append(step)
            tried.append((rate, outcome.good))
            say(f"  {line(step)}")
            if not outcome.good:
                await driver.step(http, *CALM, 0.0)
        await driver.close()
    good, bad = bounds(tried)
    return {"steps": steps, "held": good, "passed": bad, "seen": dict(driver.seen)}


async def hold(target: Target, questions: Sequence[str], rate: float, seconds: float, say: Say) -> Dict[str, Any]:
    """Return what one rate gives, without a search."""
    driver = Driver(target.open, Crowd(dict(target.mix), SEED, questions), SEED, target.count_opening)
    async with session() as http:
        meter = Meter(target.processes)
        outcome = await driver.step(http, rate, 2.0, seconds)
        step = told(outcome, meter.read())
        await driver.close()
    say(f"  {line(step)}")
    return {"steps": [step], "held": rate if outcome.good else None, "passed": None, "seen": dict(driver.seen)}


def told(outcome: Outcome, taken: Taken) -> Dict[str, Any]:
    """Return a step as plain data; times in milliseconds."""
    turns, errors = outcome.turns, sum(outcome.errors.values())
    times = {f"p{percent}": 1000 * percentile(turns, percent) if turns else None for percent in (50, 95, 99)}
    return {
        "rate": outcome.rate,
        "good": outcome.good,
        "overrun": outcome.overrun,
        "turns": len(turns),
        "per_second": outcome.per_second,
        **times,
        "errors": errors,
        "kinds": dict(outcome.kinds),
        "what_failed": dict(outcome.errors),
        "talks": outcome.talks,
        "client_late_p95": 1000 * percentile(outcome.late, 95) if outcome.late else None,
        "server_cores": taken.server_cores,
        "client_cores": taken.client_cores,
        "taken": asdict(taken),
    }


def line(step: Dict[str, Any]) -> str:
    """Return a step in a line, for whoever watches."""
    p50, p95, p99 = (_ms(step[name]) for name in ("p50", "p95", "p99"))
    verdict = "holds" if step["good"] else "lost, ended early" if step["overrun"] else "too much"
    failed = f", {step['errors']} failed {step['what_failed']}" if step["errors"] else ""
    return (
        f"{step['rate']:6.1f} turns/s: p50 {p50}, p95 {p95}, p99 {p99} ms; {step['talks']} open; "
        f"server {step['server_cores']:.2f} and client {step['client_cores']:.2f} cores: {verdict}{failed}"
    )


def at(result: Dict[str, Any], rate: Optional[float]) -> Optional[Dict[str, Any]]:
    """Return the step of a rate, the last one if it was tried twice; None if there is none."""
    return next((step for step in reversed(result["steps"]) if rate is not None and step["rate"] == rate), None)


def _ms(value: Optional[float]) -> str:
    return "-" if value is None else f"{value:.0f}"
