"""What counting, the turn id and the log line cost a turn: the same turns with and without, in turn, in one process.

``python -m tests.observability.cost``. Measured is processor time of whole turns through the trained model and the
actions, in this process and without HTTP or a database, so that the share is rather too large than too small.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Tuple

from rasa.core.actions.action import RemoteAction
from rasa.core.processor import MessageProcessor

from lotsen.content.catalogue import load_content
from lotsen.observability import logs, metrics, rasa_hooks, registry
from lotsen.observability.turns import observed
from lotsen.runtime.ask import Asker
from lotsen.runtime.model import fitting
from lotsen.settings import CONTENT, ROOT, Settings

TURNS = 300
TEXTS = (
    "vilken webbläsare ska jag använda?",
    "det står webbsidan kan inte visas",
    "hej",
    "jag vill prata med en människa",
    "vad blir det för väder imorgon?",
)
MEASURED: Tuple[Tuple[Any, str], ...] = (
    (MessageProcessor, "parse_message"),
    (MessageProcessor, "save_tracker"),
    (RemoteAction, "run"),
)


def main() -> int:
    """Measure and print; returns 1 if there is no trained model."""
    model = fitting(ROOT)
    if model is None:
        print("There is no model: lotsen train", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w", encoding="utf-8") as log:
        plain, counted = asyncio.run(_measure(model, Path(folder), log))
    extra = [with_it - without for without, with_it in zip(plain, counted, strict=True)]
    turn, cost = statistics.median(plain), statistics.median(extra)
    print(f"{TURNS} turns of each: {turn * 1e3:.2f} ms of processor time, {cost * 1e6:.0f} µs more when observed")
    print(f"share: {cost / turn:.1%}")
    return 0


async def _measure(model: Path, folder: Path, log: Any) -> Tuple[List[float], List[float]]:
    """Return the processor time of each turn without and with."""
    asker = await Asker.load(model, load_content(CONTENT))
    without = {(owner, name): getattr(owner, name) for owner, name in MEASURED}
    rasa_hooks.install()
    with_it = {(owner, name): getattr(owner, name) for owner, name in MEASURED}
    registry.share(folder)
    sys.stderr, before = log, sys.stderr
    logs.configure("rasa", replace(Settings.read({}), log_format="json"))
    logging.getLogger("rasa").setLevel(logging.WARNING)
    for text in TEXTS:
        await asker.ask(text)
    plain: List[float] = []
    counted: List[float] = []
    for number in range(TURNS):
        text = TEXTS[number % len(TEXTS)]
        pair = ((without, plain), (with_it, counted))
        for methods, times in pair if number // len(TEXTS) % 2 else reversed(pair):
            _use(methods)
            began = time.process_time()
            if times is counted:
                await asyncio.ensure_future(observed("web", _observed_turn(asker, text)))
            else:
                await asyncio.ensure_future(_turn(asker, text))
            times.append(time.process_time() - began)
    sys.stderr = before
    return plain, counted


def _use(methods: Dict[Tuple[Any, str], Any]) -> None:
    """Put Rasa's methods back, or the measured ones in their place."""
    for (owner, name), method in methods.items():
        setattr(owner, name, method)


async def _turn(asker: Asker, text: str) -> None:
    await asker.ask(text)


async def _observed_turn(asker: Asker, text: str) -> None:
    await asker.ask(text)
    metrics.decided("answered")


if __name__ == "__main__":
    sys.exit(main())
