"""The bots that are put under load, each with all its servers: started, described, and stopped together."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Mapping, Tuple

import aiohttp
import psutil

from lotsen.bench.bots import Bot, our_bot, servers, start, stock_bot, train
from lotsen.bench.run import questions
from lotsen.runtime.model import fingerprint, fitting
from lotsen.runtime.processes import Process
from lotsen.settings import ROOT, Settings
from tests.bench.load_client import RestTalk, WebTalk
from tests.bench.load_drive import Open
from tests.bench.load_machine import Named, tree
from tests.bench.load_people import MIX, QUESTIONS_ONLY, Mind
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.redis import Redis
from tests.support.running import RunningLotsen, environment

POLLING = 0.2
"""The share of people whose browser polls, as their proxy lets no stream through."""
STOCK_FOLDER = ROOT / ".lotsen" / "bench" / "models"
STOCK_EPOCHS = 1
"""Stock Rasa is trained shortly if no model of it is there: how fast it answers stays the same."""


@dataclass(frozen=True)
class Target:
    """A bot that runs."""

    open: Open
    mix: Mapping[Mind, int]
    count_opening: bool
    processes: Callable[[], Named]


class DurablePostgres(Postgres):
    """A PostgreSQL as it is in earnest: it writes to the disk before it says yes, and may be stopped and started."""

    def __init__(self, folder: Path) -> None:
        """Make it in ``folder``."""
        super().__init__(folder)
        self.stop()
        self.start()

    @property
    def pid(self) -> int:
        """Return the process id of its first process."""
        return int((self._data / "postmaster.pid").read_text(encoding="utf-8").split()[0])

    def start(self) -> None:
        """Start it again."""
        options = f"-k {self._socket} -c listen_addresses=''"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._socket / "log"), "-o", options, "start")

    def restart(self) -> None:
        """Stop it as an administrator does who updates it, and start it again."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "fast", "-w", "stop")
        self.start()

    def crash(self) -> None:
        """Kill it, all of it."""
        top = psutil.Process(self.pid)
        for process in (top, *top.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGKILL)
        top.wait(30)
        (self._data / "postmaster.pid").unlink(missing_ok=True)


@contextlib.contextmanager
def folder(name: str) -> Iterator[Path]:
    """Give a folder that is there for a while; PostgreSQL's user may look into it."""
    with tempfile.TemporaryDirectory(prefix=f"lotsen-{name}-", ignore_cleanup_errors=True) as made:
        yield Path(made)


@contextlib.contextmanager
def outgrown(where: Path) -> Iterator[Tuple[Dict[str, str], DurablePostgres, Redis]]:
    """Run PostgreSQL and Redis; give the settings for them, and both."""
    for name in ("postgres", "redis"):
        (where / name).mkdir(parents=True)
    postgres = DurablePostgres(where / "postgres")
    try:
        redis = Redis(where / "redis")
        try:
            settings = {"LOTSEN_DATABASE_URL": postgres.new_database(), "LOTSEN_REDIS_URL": redis.url}
            yield settings, postgres, redis
        finally:
            redis.stop()
    finally:
        postgres.stop()


class OwnLotsen(RunningLotsen):
    """A Lotsen whose processes are looked at."""

    @property
    def pid(self) -> int:
        """Return the process id of `lotsen up`."""
        return self._process.pid

    def named(self) -> Named:
        """Return its processes by what they are."""
        return tree(self.pid)


@contextlib.contextmanager
def lotsen(where: Path, **settings: str) -> Iterator[OwnLotsen]:
    """Run a Lotsen with settings beside the usual ones."""
    running = OwnLotsen(environment(where / "data", **settings))
    try:
        yield running
    finally:
        running.stop()


@contextlib.contextmanager
def embedded(where: Path, mix: Mapping[Mind, int], count_opening: bool = True) -> Iterator[Target]:
    """Run Lotsen as `make run` does: SQLite, one Rasa server."""
    with lotsen(where) as running:
        yield Target(web(running.base), mix, count_opening, running.named)


@contextlib.contextmanager
def grown(where: Path, workers: int) -> Iterator[Target]:
    """Run Lotsen on PostgreSQL and Redis, with so many Rasa servers."""
    with contextlib.ExitStack() as stack:
        settings, postgres, redis = stack.enter_context(outgrown(where))
        running = stack.enter_context(lotsen(where, **settings, LOTSEN_WORKERS=str(workers)))

        def processes() -> Named:
            found = running.named()
            found["PostgreSQL"] = [one for some in tree(postgres.pid).values() for one in some]
            found["Redis"] = [one for some in tree(pid_of(redis)).values() for one in some]
            return found

        yield Target(web(running.base), MIX, True, processes)


@contextlib.contextmanager
def stock(where: Path) -> Iterator[Target]:
    """Run stock Rasa with its ``rest`` channel, trained on the same content, beside our action server."""
    model = stock_model()
    data = where / "data"
    data.mkdir()
    settings = Settings.read(
        {
            "LOTSEN_PORT": str(free_port()),
            "LOTSEN_ACTIONS_PORT": str(free_port()),
            "LOTSEN_DATA_DIR": str(data),
        }
    )
    described = servers(settings, ROOT, our_bot(ROOT, where), model)
    running: List[Process] = [described["actions"], described["stock"]]
    try:
        for process in running:
            start(process, ROOT, settings.start_seconds)
        base = f"http://127.0.0.1:{settings.port}"

        def processes() -> Named:
            named = zip(("action server", "Rasa server"), running, strict=True)
            return {
                name: [one for some in tree(process.pid).values() for one in some]
                for name, process in named
                if process.pid is not None
            }

        def open(http: aiohttp.ClientSession, seen: Counter) -> RestTalk:
            return RestTalk(http, base, seen)

        yield Target(open, QUESTIONS_ONLY, False, processes)
    finally:
        for process in reversed(running):
            process.stop()


def stock_model() -> Bot:
    """Return stock Rasa with a model that fits the content: the one that `lotsen bench` has made, or a new one."""
    kept = stock_bot(STOCK_FOLDER, STOCK_EPOCHS).made_from
    epochs = STOCK_EPOCHS
    if kept.exists():
        made = json.loads(kept.read_text(encoding="utf-8"))
        if made.get("data") == fingerprint(ROOT):
            epochs = int(made["epochs"])
    bot = stock_bot(STOCK_FOLDER, epochs)
    running: List[Process] = []
    try:
        train(bot, ROOT, running, reuse=True)
    finally:
        for process in running:
            process.stop()
    return bot


def web(base: str) -> Open:
    """Return what opens a conversation over the web channel: most with a stream, some by long polling."""
    chance = random.Random(7)

    def open(http: aiohttp.ClientSession, seen: Counter) -> WebTalk:
        return WebTalk(http, base, chance.random() >= POLLING, seen)

    return open


def missing() -> str:
    """Return what must be installed for PostgreSQL and Redis; empty if nothing."""
    from tests.support import postgres, redis

    lacking = [postgres.INSTALL] if postgres.binaries() is None else []
    return "; ".join(lacking + ([redis.INSTALL] if redis.server() is None else []))


def asked() -> List[str]:
    """Return what people ask: sentences that no model was trained on."""
    assert fitting(ROOT) is not None, "no model fits the content: make train"
    return questions(ROOT)


def pid_of(redis: Redis) -> int:
    """Return the process id of a Redis that runs."""
    assert redis._process is not None, "it runs"
    return redis._process.pid
