"""Measures the triage desk's pages over HTTP (``python -m tests.bench.desk_pages``) with very many cases.

The desk runs as it does for users: its own process, one uvicorn, on the address and port of its settings. One client
asks for one page after the other over one connection, signed in; what is measured is from the request to the last
byte of the page. ``--agents`` lets several ask at the same time.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Mapping, Sequence, Tuple
from urllib.parse import urlencode

import httpx
import psutil
from sqlalchemy.engine import Engine

from lotsen.bench.figures import percentile
from lotsen.cases.queue import Filter, Queue, View
from lotsen.desk.access.sessions import COOKIE, Sessions
from lotsen.desk.who import Role, Who
from lotsen.settings import ROOT
from lotsen.storage.database import open_engine
from tests.bench.desk_cases import WORDS
from tests.bench.desk_stock import AGENTS, fill

LIMIT_MS = 200
ROUNDS = 40
WAIT_SECONDS = 60.0
PAGES_DEEP = 60
"""So many pages are turned to come deep into a list."""
Address = Callable[[random.Random], str]


def main(arguments: Sequence[str]) -> int:
    """Measure, and print the table; exit code 1 if a p95 is over the limit."""
    parser = argparse.ArgumentParser(prog="tests.bench.desk_pages", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--agents", type=int, default=1, help="how many ask at the same time")
    parser.add_argument("--url", default="", help="a database; SQLite in a temporary folder if not given")
    parser.add_argument("--kept", action="store_true", help="the database has the cases already")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{Path(folder) / 'lotsen.db'}"
        engine = open_engine(url)
        if not given.kept:
            began = time.perf_counter()
            fill(engine, given.cases)
            print(f"{given.cases} cases written in {time.perf_counter() - began:.0f} s.", file=sys.stderr)
        with _running(url, Path(folder)) as (address, desk):
            figures = [
                (name, *_measure(address, desk, engine, path, given.rounds, given.agents))
                for name, path in _asked(engine, given.cases)
            ]
        engine.dispose()
    who = "one client" if given.agents == 1 else f"{given.agents} clients at once"
    print(f"\n{given.cases:,} cases, {_machine(url)}, {who}, {given.rounds} requests each, milliseconds\n")
    print("| page | p50 | p95 | max | the desk's CPU, mean |\n|---|---:|---:|---:|---:|")
    for name, times, cpu in figures:
        p50, p95 = percentile(times, 50), percentile(times, 95)
        print(f"| {name} | {p50:.0f} | {p95:.0f} | {max(times):.0f} | {cpu:.0f} |")
    worst = max(percentile(times, 95) for _, times, _ in figures)
    print(f"\nThe highest p95 is {worst:.0f} ms; at most {LIMIT_MS}.")
    return 0 if worst < LIMIT_MS else 1


def _asked(engine: Engine, count: int) -> Iterator[Tuple[str, Address]]:
    """Yield each kind of page with its name, and what returns a path of it."""
    queue = Queue(engine)
    choices = queue.choices()
    deep = {view: _deep(queue, view) for view in (View.NEW, View.OPEN, View.OVER)}
    for view in View:
        yield f"queue, {view.value}", lambda chance, view=view: _queue(view)
    yield "queue, new, the part that refreshes itself", lambda chance: f"{_queue(View.NEW)}&part"
    for view, key in deep.items():
        yield f"queue, {view.value}, page {PAGES_DEEP}", lambda chance, view=view, key=key: _queue(view, after=key)
    for name, values in choices.items():
        yield (
            f"queue, open, one {name}",
            lambda chance, name=name, values=values: _queue(View.OPEN, **{name: chance.choice(values)}),
        )
    yield (
        "queue, over, all four filters",
        lambda chance: _queue(View.OVER, **{name: chance.choice(values) for name, values in choices.items()}),
    )
    for name, texts in WORDS.items():
        yield f"search, over, {name}", lambda chance, texts=texts: _queue(View.OVER, text=chance.choice(texts))
    yield "search, open, a word of most cases", lambda chance: _queue(View.OPEN, text="inte")
    yield "a case", lambda chance: f"/cases/{chance.randint(1, count)}"
    yield "the audit log", lambda chance: "/audit"
    yield "disturbances", lambda chance: "/disturbances"


def _queue(view: View, **fields: str) -> str:
    return f"/queue?{urlencode({'view': view.value, **fields})}"


def _deep(queue: Queue, view: View) -> str:
    """Return the key of a page deep in a list, or of the last one."""
    key = ""
    for _ in range(PAGES_DEEP):
        following = queue.page(Filter(view), key).next
        if not following:
            break
        key = following
    return key


def _measure(
    address: str, desk: psutil.Process, engine: Engine, path: Address, rounds: int, agents: int
) -> Tuple[List[float], float]:
    """Return the milliseconds of each request, after one of each client that does not count, and those of CPU time.

    The latter do not depend on what else the machine does.
    """
    times: List[List[float]] = [[] for _ in range(agents)]

    def work(number: int) -> None:
        chance = random.Random(number)
        with _client(address, engine, number) as client:
            for round in range(rounds + 1):
                to = path(chance)
                headers = {"HX-Request": "true", "X-Lotsen-Live": "1"} if to.endswith("&part") else {}
                began = time.perf_counter()
                answer = client.get(to.removesuffix("&part"), headers=headers)
                took = 1000 * (time.perf_counter() - began)
                assert answer.status_code == 200, f"{to}: {answer.status_code}"
                if round:
                    times[number].append(took)

    before = desk.cpu_times()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(agents)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [one for some in times for one in some]
    assert len(found) == rounds * agents, "a request failed"
    after = desk.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return found, 1000 * spent / (agents * (rounds + 1))


@contextlib.contextmanager
def _client(address: str, engine: Engine, number: int) -> Iterator[httpx.Client]:
    """Return a client with a session of every role."""
    id, name = AGENTS[number % len(AGENTS)]
    sessions = Sessions(engine, timedelta(hours=1), timedelta(hours=1))
    token = sessions.begin(Who(id, name, frozenset(Role)), "bench")
    with httpx.Client(base_url=address, cookies={COOKIE: token}, timeout=60) as client:
        yield client
    sessions.end(token)


@contextlib.contextmanager
def _running(url: str, folder: Path) -> Iterator[Tuple[str, psutil.Process]]:
    """Start the desk on a free port, and end it afterwards; its address is handed out once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, **_settings(url, folder, port)}
    program = [sys.executable, "-m", "lotsen.desk.server"]
    with (folder / "desk.log").open("w+") as log:
        process = subprocess.Popen(program, cwd=ROOT, env=environment, stdout=log, stderr=log)
        address = f"http://localhost:{port}"
        try:
            _wait(address, process)
            yield address, psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        log.seek(0)
        failures = [line for line in log if re.search(r"ERROR|Traceback", line)]
        assert not failures, failures[0]


def _settings(url: str, folder: Path, port: int) -> Mapping[str, str]:
    found: Dict[str, str] = {
        "LOTSEN_DATABASE_URL": url,
        "LOTSEN_DATA_DIR": str(folder),
        "LOTSEN_TRIAGE_PORT": str(port),
        "LOTSEN_SECRET": "a-key-for-measuring-that-is-long-enough",
        "LOTSEN_TRIAGE_LOCAL": "on",
    }
    return found


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the desk answers.

    Raises:
        TimeoutError: if it does not.
    """
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{address}/health").status_code == 200:
                return
        time.sleep(0.1)
    raise TimeoutError("the desk does not answer")


def _machine(url: str) -> str:
    """Return what it was measured on."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        "unknown CPU",
    )
    database = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    load = f"load {os.getloadavg()[0]:.1f}"
    return f"{database}, {os.cpu_count()} cores of {model} ({load}), Python {platform.python_version()}"


def _lines(path: str) -> List[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
