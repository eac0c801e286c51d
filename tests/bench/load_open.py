"""A thousand conversations open at once, each in the middle of something; then all write, and each has its answer."""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Sequence, Tuple

import aiohttp

from lotsen.bench.figures import percentile
from tests.bench.load_client import TurnFailed, WebTalk, session
from tests.bench.load_machine import Meter, Named, memory
from tests.bench.load_people import Act
from tests.support.expected import answers, catalog

Say = Callable[[str], None]
AT_A_TIME = 8
"""So many open the chat side by side while the room fills: this part is not measured."""
GUIDE, STEPS = "Det står webbsidan kan inte visas", 3
IDLE_SECONDS = 10.0
WAVES = (10.0, 0.0)
"""Seconds over which everybody writes: a busy moment, and all in the same instant."""


@dataclass
class _Guest:
    """Somebody who waits in the middle of something, and what must come when they go on."""

    talk: WebTalk
    act: Act
    wanted: str


def lift_limits() -> int:
    """Let this process, and those it starts, open as many files as the system allows it; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def open_many(base: str, processes: Callable[[], Named], count: int, say: Say) -> Dict[str, Any]:
    """Return how it went, with ``count`` conversations at ``base`` (``http://host:port/chat``)."""
    return asyncio.run(_open_many(base, processes, count, say))


async def _open_many(base: str, processes: Callable[[], Named], count: int, say: Say) -> Dict[str, Any]:
    seen: Counter = Counter()
    chance = random.Random(count)
    async with session() as http:
        for guest in await _fill(http, base, AT_A_TIME * 2, Counter()):  # What a first turn loads is no guest's.
            await guest.talk.close()
        before = memory(processes())[1]
        began = time.perf_counter()
        guests = await _fill(http, base, count, seen)
        filled = time.perf_counter() - began
        streams = sum(guest.talk.stream and guest.talk.open.is_set() for guest in guests)
        during = memory(processes())[1]
        idle = await _idle(processes)
        say(
            f"  {len(guests)} open after {filled:.0f} s, {streams} with a stream; {idle:.2f} cores while nobody writes."
        )
        waves = [await _wave(guests, seconds, processes, chance, say) for seconds in WAVES]
        after = memory(processes())[1]
        await asyncio.gather(*(guest.talk.close() for guest in guests))
    return {
        "count": count,
        "opened": len(guests),
        "streams": streams,
        "fill_seconds": filled,
        "idle_cores": idle,
        "waves": waves,
        "seen": dict(seen),
        "uss_before": before,
        "uss_open": during,
        "uss_after": after,
        "kib_each": 1024 * (during.get("Rasa server", 0.0) - before.get("Rasa server", 0.0)) / max(1, len(guests)),
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    }


async def _idle(processes: Callable[[], Named]) -> float:
    """Return how many cores open conversations take in which nobody writes."""
    meter = Meter(processes)
    await asyncio.sleep(IDLE_SECONDS)
    return meter.read().server_cores


async def _fill(http: aiohttp.ClientSession, base: str, count: int, seen: Counter) -> List[_Guest]:
    """Let so many come, half into a guide and half with a question; each is left where they are."""
    faq = [row for row in catalog() if row["kind"] == "answer"]
    texts = answers()
    limit = asyncio.Semaphore(AT_A_TIME)

    async def come(number: int) -> List[_Guest]:
        async with limit:
            talk = WebTalk(http, base, seen=seen)
            try:
                await talk.begin()
                if number % 2:
                    row = faq[number // 2 % len(faq)]
                    guest = _Guest(talk, Act(row["question"]), texts[f"utter_{row['id']}"])
                    await talk.act(Act(faq[(number // 2 + 1) % len(faq)]["question"]))
                else:
                    step = 1 + number // 2 % STEPS
                    await talk.act(Act(GUIDE))
                    for _ in range(step - 1):
                        await talk.act(Act("Klart", press=True))
                    guest = _Guest(talk, Act("Klart", press=True), f"**Steg {step + 1} av ")
            except (TurnFailed, aiohttp.ClientError, KeyError) as error:
                seen[f"could not begin: {error}"] += 1
                await talk.close()
                return []
            return [guest]

    return [guest for some in await asyncio.gather(*(come(number) for number in range(count))) for guest in some]


async def _wave(
    guests: Sequence[_Guest], seconds: float, processes: Callable[[], Named], chance: random.Random, say: Say
) -> Dict[str, Any]:
    """Let everybody write within ``seconds``, and see what each gets; those in guides are one step further then."""
    meter = Meter(processes)
    began = time.perf_counter()
    moments = [chance.uniform(0.0, seconds) for _ in guests]
    told = await asyncio.gather(*(_go_on(guest, at) for guest, at in zip(guests, moments, strict=True)))
    taken = meter.read()
    times = [took for took, _ in told if took is not None]
    outcomes = Counter(outcome for _, outcome in told)
    last = time.perf_counter() - began
    say(f"  all write within {seconds:.0f} s: the last answer after {last:.1f} s, {dict(outcomes)}.")
    return {
        "seconds": seconds,
        "last": last,
        "outcomes": dict(outcomes),
        **{f"p{percent}": 1000 * percentile(times, percent) if times else None for percent in (50, 95, 99)},
        "server_cores": taken.server_cores,
        "client_cores": taken.client_cores,
    }


async def _go_on(guest: _Guest, after: float) -> Tuple[Any, str]:
    """Write; return how long the answer took, and whether it was the right one."""
    await asyncio.sleep(after)
    before = len(guest.talk.texts)
    try:
        took = await guest.talk.act(guest.act)
    except (TurnFailed, aiohttp.ClientError, KeyError) as error:
        return None, f"failed: {error}"
    heard = [text for author, text in guest.talk.texts[before:] if author == "bot"]
    right = any(guest.wanted in text for text in heard)
    if guest.act.press and right:
        step = int(guest.wanted.split()[1])
        guest.wanted = f"**Steg {step + 1} av "
    return took, "right" if right else f"wrong: {guest.act.text!r} gave {heard}"
