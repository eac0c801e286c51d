"""Kills the deliverer again and again while the desk has a bad day, and counts what arrived in the desk's own records.

``python -m tests.outbox.crash --kills 500`` prints a table in Markdown, and ends with 1 if a case was lost or doubled.

One process, without threads, forks all the others: the desk, users who say yes, and deliverers, each of which opens the
database itself. A user who gets no number says yes again, under the same key, or now and then leaves. A deliverer is
killed at one of ``killing.POINTS``. After the last kill the desk is well, and one deliverer may finish.

Why the times are right though they are short: a request for a letter goes out at most ``attempt`` after the letter was
taken, and nobody takes it again before ``attempt + settle`` (after a kill: the lease) or ``settle`` after the failure.
So what a desk does within ``settle`` of getting a request, the next attempt finds. ``slow`` is longer than the client
waits (``limit``), so that work goes on behind its back, and far shorter than ``settle``; in production the same numbers
are 20 s for the client, and 60 s to settle. A desk that needs longer than that could get a case twice: that is the
limit of all desks that know no idempotency key.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from lotsen.cases.case import CaseDraft
from lotsen.cases.store import CaseStore, NewCase
from lotsen.outbox.deliverer import Deliverer
from lotsen.outbox.pace import Pace
from lotsen.service_desks.base import Desk
from lotsen.service_desks.config import open_desks
from lotsen.settings import Settings
from lotsen.storage.database import open_engine
from tests.outbox.crash_result import Result, all_heard, judge, table
from tests.outbox.desk_process import DeskProcess
from tests.outbox.killing import ANYWHERE, IN_CREATE, NEWS, OUTSIDE, POINTS, SOON, WRITES, Killer, counts_of

TRIES = 100_000
"""No letter is given up: a bad day is no reason."""
KILLED_USERS, LEAVING_USERS, ADDED = 0.4, 0.2, 0.3
"""Shares: of processes that store cases, killed; of users whose process was killed, gone; of cases, added to others."""
BESIDE = 0.15
"""The share of deliverers with a second one at their side."""
RARE, MOST = 0.5, 2
"""The share of kills at the point that had fewest; and at most so many times the kills asked for."""
ASKING = 0.1
"""The share of deliverers that ask for news though they are not to be killed at it."""


@dataclass(frozen=True)
class Times:
    """Seconds, as the text at the top explains; ``feed``: so long is waited before there are more cases.

    ``patience``: so long a wanted moment is waited for; then the kill is one at any time.
    """

    limit: float
    slow: float
    pace: Pace
    feed: float
    patience: float
    drain: float


STAND_IN = Times(0.3, 0.5, Pace(attempt=0.9, settle=1.5, first=0.1, longest=0.5, idle=0.02, poll=0.1), 0.3, 3.0, 60.0)
REAL = Times(1.2, 1.8, Pace(attempt=3.0, settle=4.0, first=0.2, longest=1.0, idle=0.05, poll=0.3), 2.0, 12.0, 180.0)


@dataclass(frozen=True)
class Asked:
    """What is to be done."""

    desk: str
    kills: int
    seed: int
    least: int = 0
    """So often at least at each point; there are more kills if that takes more."""
    slow: Optional[float] = None
    """How slow the desk is, if other than what we allow for; to see the test fail."""

    def times(self) -> Times:
        """Return the times that suit the desk."""
        times = REAL if self.desk == "request_tracker" else STAND_IN
        return times if self.slow is None else replace(times, slow=self.slow)


class Crash:
    """One run."""

    def __init__(self, asked: Asked, folder: Path) -> None:
        self._name, self._wanted, self._least = asked.desk, asked.kills, asked.least
        self._chance, self._times = random.Random(asked.seed), asked.times()
        self._url, self._log = f"sqlite:///{folder / 'lotsen.db'}", folder / "errors.log"
        self._result = Result(asked.desk, asked.seed)
        self._users: Counter[str] = Counter(dict.fromkeys(IN_CREATE, 0))
        self._numbers: Dict[str, int] = {}
        """The cases that users know of: id by key."""
        self._leads: List[int] = []
        """Those among them that are tickets of their own."""
        self._gone: List[str] = []
        """The keys of users who left without a number."""
        self._desk = DeskProcess(asked.desk, self._times.slow, asked.seed)
        logging.basicConfig(filename=self._log, level=logging.ERROR, force=True)
        polls = self._open_desk().polls
        self._points = POINTS if polls else tuple(point for point in POINTS if point not in NEWS)
        self._kills: Counter[str] = Counter(dict.fromkeys(self._points, 0))

    def run(self) -> Result:
        """Do all of it."""
        start = time.monotonic()
        try:
            self._kill_all()
            self._finish(self._desk.calm())
            polls, store = self._open_desk().polls, CaseStore(open_engine(self._url))
            judge(self._result, store, self._desk.records(), self._numbers, self._gone, polls)
            self._result.strange += self._log.read_text(encoding="utf-8").splitlines()
        finally:
            self._desk.stop()
        self._result.kills, self._result.users = dict(self._kills), dict(self._users)
        self._result.seconds = time.monotonic() - start
        return self._result

    def _kill_all(self) -> None:
        while True:
            kills, fewest = sum(self._kills.values()), min(self._kills[point] for point in self._points)
            enough = kills >= self._wanted
            if enough and (fewest >= self._least or kills > self._wanted * MOST):
                return
            rare = [point for point in self._points if self._kills[point] == fewest]
            point = self._chance.choice(rare if enough or self._chance.random() < RARE else self._points)
            self._confirm(point)
            beside = self._deliverer(None) if self._chance.random() < BESIDE else None
            self._kill_at(point)
            if beside is not None:
                self._kill(*beside)
                self._kills[ANYWHERE] += 1

    # Users

    def _confirm(self, point: str) -> None:
        """Let users say yes until they have a number, or leave: letters with which ``point`` can be reached."""
        many = point.startswith(WRITES["put_off"])  # One is put off while the one that it is added to is under way.
        waiting: List[Tuple[str, Optional[int]]] = []
        for added in (0.0, ADDED, 1.0, 1.0) if many else (ADDED,):
            recent = self._leads[-2:]
            parent = self._chance.choice(recent) if recent and self._chance.random() < added else None
            waiting.append((f"{self._chance.getrandbits(128):032x}", parent))
        while waiting:
            killed = self._chance.choice(IN_CREATE) if self._chance.random() < KILLED_USERS else None
            pid, read = _fork(self._user(waiting, killed))
            said = _read_all(read)
            if os.WIFSIGNALED(os.waitpid(pid, 0)[1]) and killed:
                self._users[killed] += 1
            for line in said.split("\n")[:-1]:
                key, number = line.split()
                if key not in self._numbers and dict(waiting)[key] is None:
                    self._leads.append(int(number))
                if self._numbers.setdefault(key, int(number)) != int(number):
                    self._result.strange.append(f"{key} got two numbers")
            left = [one for one in waiting if one[0] not in self._numbers]
            if left and self._chance.random() < LEAVING_USERS:
                self._gone.append(left.pop(0)[0])
            waiting = left

    def _user(self, waiting: Sequence[Tuple[str, Optional[int]]], point: Optional[str]) -> Callable[[int], None]:
        count = self._chance.choice(counts_of(point)) if point else 1

        def work(write: int) -> None:
            killer = Killer(point, count)
            engine = open_engine(self._url)
            store = CaseStore(engine)
            killer.watch(engine)
            for key, parent in waiting:
                draft = CaseDraft(f"Sidan är vit, {key[:6]}")
                new = NewCase(key, draft, f"web-{key[:8]}", "web", (self._name,), f"Ärende {key[:6]}\nÅÄÖ", parent)
                os.write(write, f"{key} {store.create(new).id}\n".encode())

        return work

    # Deliverers

    def _deliverer(self, point: Optional[str]) -> Tuple[int, int]:
        """Start a deliverer that dies at a moment; return its process and a pipe with a byte for each request."""
        count = self._chance.choice(counts_of(point)) if point else 1
        asks = point in NEWS or self._chance.random() < ASKING

        def work(write: int) -> None:
            killer = Killer(point, count)
            engine = open_engine(self._url)
            killer.watch(engine)

            def at(moment: str) -> None:
                if moment == "sending":
                    os.write(write, b"s")
                killer.reached(f"`{moment}`")

            desk = self._open_desk()
            if not asks:
                desk.polls = False
            asyncio.run(Deliverer(engine, {self._name: desk}, TRIES, self._times.pace, at).run())

        return _fork(work)

    def _open_desk(self) -> Desk:
        environment = {**self._desk.environment, "LOTSEN_DESKS": self._name, "LOTSEN_DESK_HOSTS": "127.0.0.1"}
        desk = open_desks(Settings.read(environment), environment)[self._name]
        http: Any = getattr(desk, "_http", None)
        if http is not None:  # The time limit of a request is no setting.
            http._timeout = self._times.limit
        return desk

    def _kill_at(self, point: str) -> None:
        """Run one deliverer until it is killed."""
        outside = point in OUTSIDE
        pid, read = self._deliverer(None if outside else point)
        until = time.monotonic() + self._times.patience
        while True:
            if not select.select([read], [], [], self._times.feed)[0]:
                if time.monotonic() > until:
                    point = ANYWHERE
                    break
                self._confirm(point)
            elif not os.read(read, 100):
                self._died(pid, read, point)
                return
            elif outside:
                limit = self._times.limit
                span = (0.0, limit / 10) if point == SOON else (limit / 10, self._times.slow)
                time.sleep(self._chance.uniform(*span))
                break
        self._kill(pid, read)
        self._kills[point] += 1

    def _died(self, pid: int, read: int, point: str) -> None:
        """Count a deliverer that killed itself."""
        os.close(read)
        status = os.waitpid(pid, 0)[1]
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            self._kills[point] += 1
        else:
            self._result.strange.append(f"a deliverer ended by itself: {status}")

    @staticmethod
    def _kill(pid: int, read: int) -> None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(read)

    # The end

    def _finish(self, answers: Mapping[str, Sequence[str]]) -> None:
        """Let one deliverer live until nothing waits, and all answers have come back."""

        async def deliver() -> None:
            engine, opened = open_engine(self._url), self._open_desk()
            store = CaseStore(engine)
            opened.polls = opened.polls and bool(answers)
            task = asyncio.ensure_future(Deliverer(engine, {self._name: opened}, TRIES, self._times.pace).run())
            while store.outbox.waiting() or (opened.polls and not all_heard(store, answers)):
                await asyncio.sleep(0.2)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        pid, read = _fork(lambda write: asyncio.run(deliver()))
        if select.select([read], [], [], self._times.drain)[0]:
            os.close(read)
            os.waitpid(pid, 0)
        else:
            self._result.strange.append(f"not all was over after {self._times.drain:.0f} s")
            self._kill(pid, read)


def _fork(work: Callable[[int], None]) -> Tuple[int, int]:
    """Do ``work`` in a process; return that, and the end of a pipe that hears what it writes, and its end."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(read)
            work(write)
            code = 0
        except BaseException:
            logging.exception("A process of the crash test failed.")
        finally:
            os._exit(code)
    os.close(write)
    return pid, read


def _read_all(read: int) -> str:
    with os.fdopen(read, "rb") as pipe:
        return pipe.read().decode()


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run it as a command."""
    parser = argparse.ArgumentParser(prog="python -m tests.outbox.crash", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--desk", default="servicenow", help="a stand-in, or request_tracker: the real one")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--least", type=int, default=0, help="so often at each point, with more kills if need be")
    parser.add_argument("--slow", type=float, help="seconds that a slow desk takes: too many, and cases are doubled")
    parser.add_argument("--json", type=Path, help="write the result into this file, too")
    asked = parser.parse_args(arguments)
    print(f"seed {asked.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        wanted = Asked(asked.desk, asked.kills, asked.seed, asked.least, asked.slow)
        result = Crash(wanted, Path(folder)).run()
    print(table(result))
    for line in (*result.lost, *result.doubled, *result.strange):
        print(line, file=sys.stderr)
    if asked.json:
        asked.json.write_text(json.dumps(asdict(result)), encoding="utf-8")
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main())
