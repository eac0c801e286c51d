"""The two bots to be measured: how each is trained, started and talked to. Everything goes through ``Process``."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

from ruamel.yaml import YAML

from lotsen.bench.load import Kind, RestChat, WebChat
from lotsen.bench.stock import stock_config
from lotsen.desk.access.config import read_triage
from lotsen.runtime.checks import LOOPBACK
from lotsen.runtime.model import fingerprint, rasa_command, rasa_environment
from lotsen.runtime.processes import Process
from lotsen.runtime.servers import describe_servers
from lotsen.settings import Settings

LOOK_SECONDS = 0.05

Start = Callable[[Process], float]


class BenchFailed(Exception):
    """A bot could not be trained, started or asked; the message says what its log ends with."""


@dataclass(frozen=True)
class Bot:
    """One bot."""

    name: str
    config: Path
    model: Path
    kind: Kind
    epochs: Optional[int] = None
    """For stock, how long its networks are trained."""

    @property
    def made_from(self) -> Path:
        """Return the file that says what the model was made from, and how long it took."""
        return self.model.with_name(f"{self.name}.json")


def our_bot(root: Path, folder: Path) -> Bot:
    """Return ours, as ``config.yml`` describes it."""
    return Bot("ours", root / "config.yml", folder / "ours.tar.gz", WebChat)


def stock_bot(folder: Path, epochs: int) -> Bot:
    """Return stock Rasa; writes its configuration to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "stock.yml"
    with config.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(stock_config(epochs), file)
    return Bot("stock", config, folder / "stock.tar.gz", RestChat, epochs)


def train(bot: Bot, root: Path, running: List[Process], reuse: bool) -> float:
    """Train a model from nothing, without Rasa's cache; return the seconds it took.

    With ``reuse``, a model made from the same data is kept, and the seconds that it took then are returned.

    Raises:
        BenchFailed: with the end of the log.
    """
    made: Dict[str, Any] = {"data": fingerprint(root), "epochs": bot.epochs}
    if reuse and bot.model.exists() and bot.made_from.exists():
        before = json.loads(bot.made_from.read_text(encoding="utf-8"))
        if before == {**made, "seconds": before.get("seconds")}:
            return float(before["seconds"])
    command = rasa_command(
        *("train", "--force", "--config", str(bot.config), "--domain", "domain.yml", "--data", "data"),
        *("--out", str(bot.model.parent), "--fixed-model-name", bot.name),
    )
    cache = {"RASA_CACHE_DIRECTORY": str(bot.model.parent / "cache")}
    log = bot.model.parent / f"train-{bot.name}.log"
    process = Process(f"training of {bot.name}", command, "", log, {**rasa_environment(), **cache})
    running.append(process)
    began = time.monotonic()
    process.start(root)
    while process.running:
        time.sleep(LOOK_SECONDS)
    seconds = time.monotonic() - began
    running.remove(process)
    if process.exit_code != 0 or not bot.model.exists():
        raise BenchFailed(f"The {process.name} failed (exit code {process.exit_code}):\n{process.last_lines()}")
    bot.made_from.write_text(json.dumps({**made, "seconds": seconds}), encoding="utf-8")
    return seconds


def servers(settings: Settings, root: Path, ours: Bot, stock: Bot) -> Dict[str, Process]:
    """Describe the action server, which both bots use, and each bot's Rasa server, both on the same port."""
    actions, rasa, *_ = describe_servers(settings, read_triage({}, settings), root, ours.model)
    folder = settings.data_dir
    for name, content in (
        ("stock-endpoints.yml", {"action_endpoint": {"url": f"http://{LOOPBACK}:{settings.actions_port}/webhook"}}),
        ("stock-credentials.yml", {"rest": None}),
    ):
        with (folder / name).open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(content, file)
    command: Sequence[str] = rasa_command(
        *("run", "--model", str(stock.model), "--interface", LOOPBACK, "--port", str(settings.port)),
        *("--endpoints", str(folder / "stock-endpoints.yml")),
        *("--credentials", str(folder / "stock-credentials.yml")),
    )
    health = f"http://{LOOPBACK}:{settings.port}/"
    plain = Process("stock Rasa server", command, health, folder / "logs" / "stock.log", rasa_environment())
    return {"actions": actions, "ours": rasa, "stock": plain}


def start(process: Process, root: Path, seconds: float) -> float:
    """Start a server; return how long it took until it was ready.

    Raises:
        BenchFailed: if it ends or is not ready in time.
    """
    began = time.monotonic()
    process.start(root)
    while not process.healthy():
        if not process.running or time.monotonic() - began > seconds:
            raise BenchFailed(f"The {process.name} did not become ready:\n{process.last_lines()}")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - began


def memory_mib(pid: Optional[int]) -> float:
    """Return the resident memory of a process."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(told.stdout) / 1024


def parse_seconds(bot: Bot, root: Path, sentences: Sequence[str]) -> List[float]:
    """Return how long the bot takes to understand each sentence, without a server around it.

    Raises:
        BenchFailed: with what it said.
    """
    command = [sys.executable, "-W", "ignore", "-m", "lotsen.bench.parse", str(bot.model)]
    given = "\n".join(sentences)
    ended = subprocess.run(
        command, cwd=root, env=rasa_environment(), input=given, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise BenchFailed(f"Sentences could not be parsed by {bot.name}:\n{ended.stderr[-2000:]}")
    return [float(seconds) for seconds in json.loads(ended.stdout.splitlines()[-1])]
