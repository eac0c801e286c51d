"""One run of the bench: train, start, load and measure ours and stock Rasa, one after the other, with nothing beside.

Ratios count, not absolute figures: both bots meet the same machine, the same sentences in the same order and the same
action server within one run.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import socket
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence

from lotsen.bench.bots import Bot, memory_mib, our_bot, parse_seconds, servers, start, stock_bot, train
from lotsen.bench.figures import Figures, Spread, UnderLoad, table
from lotsen.bench.load import put_load
from lotsen.bench.stock import STOCK_EPOCHS
from lotsen.content.located_yaml import read_yaml
from lotsen.runtime.checks import LOOPBACK
from lotsen.runtime.processes import Process
from lotsen.settings import Settings

CONVERSATIONS = {1: 20, 10: 4, 50: 2}
"""For each number of clients at once, how many conversations each has."""
WARM_UP = 2
MINUTES = 6
"""About how long everything but stock's training takes on two cores."""
STOCK_MINUTES = 14
"""About how long stock's training takes there with all its epochs."""

Say = Callable[[str], None]


def bench(root: Path, folder: Path, say: Say, reuse: bool = False, epochs: int = STOCK_EPOCHS) -> Dict[str, Any]:
    """Measure both bots; return everything as plain data. What is made on the way stays in ``folder``.

    Raises:
        BenchFailed: if a bot cannot be trained, started or asked. Nothing is left running, as on Ctrl-C.
    """
    longest = MINUTES + (0 if reuse else max(1, STOCK_MINUTES * epochs // STOCK_EPOCHS))
    say(f"This takes about {longest} minutes. Let nothing else run meanwhile.")
    if epochs != STOCK_EPOCHS:
        say(f"Stock Rasa is trained for {epochs} epochs, not {STOCK_EPOCHS}: its training time does not count.")
    sentences = questions(root)
    bots = [our_bot(root, folder / "models"), stock_bot(folder / "models", epochs)]
    found = [Figures(bot.name, bot.epochs) for bot in bots]
    running: List[Process] = []
    try:
        for bot, figures in zip(bots, found, strict=True):
            say(f"Training {bot.name} ...")
            figures.training_seconds = train(bot, root, running, reuse)
            figures.model_mib = bot.model.stat().st_size / 2**20
            say(f"Training {bot.name}: {figures.training_seconds:.0f} s. Parsing {len(sentences)} sentences ...")
            figures.parse = Spread.of(parse_seconds(bot, root, sentences))
        settings = _settings(folder / "data")
        processes = servers(settings, root, *bots)
        running.append(processes["actions"])
        start(processes["actions"], root, settings.start_seconds)
        for bot, figures in zip(bots, found, strict=True):
            running.append(processes[bot.name])
            _measure(bot, figures, processes[bot.name], settings, root, sentences, say)
            running.remove(processes[bot.name])
    finally:
        for process in reversed(running):
            process.stop()
    return {"stock_epochs": epochs, "ours": found[0].to_json(), "stock": found[1].to_json(), "table": table(*found)}


def questions(root: Path) -> List[str]:
    """Return the sentences of ``tests/understanding/development``, in one mixed order: no bot was trained on them."""
    found: List[str] = []
    for path in sorted((root / "tests" / "understanding" / "development").glob("*.yml")):
        for texts in (read_yaml(path).data or {}).values():
            found += [str(text) for text in texts]
    random.Random(0).shuffle(found)
    return found


def write(result: Dict[str, Any], path: Path) -> None:
    """Write the result as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _measure(
    bot: Bot, figures: Figures, process: Process, settings: Settings, root: Path, sentences: Sequence[str], say: Say
) -> None:
    """Start a bot's server, let users chat, and look at its memory; stops it in the end."""
    say(f"Starting {bot.name} ...")
    try:
        figures.start_seconds = start(process, root, settings.start_seconds)
        base = f"http://{LOOPBACK}:{settings.port}"
        asyncio.run(put_load(bot.kind, base, sentences, 1, WARM_UP))
        for clients, conversations in CONVERSATIONS.items():
            load = asyncio.run(put_load(bot.kind, base, sentences, clients, conversations))
            figures.loads.append(UnderLoad.of(load))
            silent = f", {load.silent} without an answer" if load.silent else ""
            say(f"{bot.name}, {clients} at once: {load.per_second:.0f} messages per second{silent}.")
        figures.memory_mib = memory_mib(process.pid)
    finally:
        process.stop()


def _settings(data_dir: Path) -> Settings:
    """Return settings with free ports and a data folder that is empty."""
    shutil.rmtree(data_dir, ignore_errors=True)
    data_dir.mkdir(parents=True)
    ports = (_free_port(), _free_port())
    return Settings.read(
        {"LOTSEN_PORT": str(ports[0]), "LOTSEN_ACTIONS_PORT": str(ports[1]), "LOTSEN_DATA_DIR": str(data_dir)}
    )


def _free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
