"""One fault: where it happens, how it is made and mended, and what becomes of the users who are at work meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Sequence

from tests.bench import load_servers as servers
from tests.bench.load_client import session
from tests.bench.load_servers import DurablePostgres, OwnLotsen
from tests.faults.kept import lost
from tests.faults.users import SOON, Asker, PatientTalk, Sender, Turn, User, Walker
from tests.service_desks.stand_ins.webhook import WebhookStandIn
from tests.support.redis import Redis
from tests.support.running import environment

WARM_TURNS, GOOD_TURNS = 4, 4
"""Turns of each user before the fault, and good ones in a row after which all is normal again."""
START_SECONDS, PATIENCE_SECONDS = 90.0, 150.0
"""At most so long until users are at work, and until all is normal again."""
STOP_SECONDS = 200.0
LOOK_SECONDS = 0.1
Say = Callable[[str], None]


@dataclass
class World:
    """What a fault happens to."""

    folder: Path
    running: OwnLotsen
    desk: WebhookStandIn
    url: str
    postgres: Optional[DurablePostgres] = None
    redis: Optional[Redis] = None

    def kill(self, name: str) -> None:
        """Kill (``kill -9``) all processes of a kind: ``Rasa server``, ``action server``, ..."""
        processes = self.running.named().get(name, [])
        assert processes, f"there is no {name}"
        for process in processes:
            process.kill()


class Fault:
    """A fault. Sub-classes say how it is made; the default world is the embedded one with a webhook desk."""

    name = ""
    """What it is called on the command line."""
    title = ""
    how = ""
    """How it is made, for the table."""
    grown = False
    """Whether it happens to Lotsen on PostgreSQL and Redis with two Rasa servers."""
    lasts = 0.0
    """Seconds from making to mending."""
    settings: Dict[str, str] = {}
    delivered = True
    """Whether all cases must have reached the desk in the end."""

    def make(self, world: World) -> None:
        """Make it."""
        raise NotImplementedError

    def mend(self, world: World) -> None:
        """Mend what does not mend by itself."""

    @contextlib.contextmanager
    def world(self, folder: Path) -> Iterator[World]:
        """Run what it happens to."""
        with contextlib.ExitStack() as stack:
            desk = WebhookStandIn()
            desk.start()
            stack.callback(desk.stop)
            more: Dict[str, str] = {**desk.environment(), "LOTSEN_DESKS": "webhook", "LOTSEN_DESK_HOSTS": "127.0.0.1"}
            postgres: Optional[DurablePostgres] = None
            redis: Optional[Redis] = None
            if self.grown:
                grown, postgres, redis = stack.enter_context(servers.outgrown(folder))
                more = {**more, **grown, "LOTSEN_WORKERS": "2"}
            more = {**more, **self.environment(folder, desk)}
            running = OwnLotsen(environment(self.data(folder), **more))
            world = World(folder, running, desk, _url(running), postgres, redis)
            stack.callback(lambda: world.running.stop())
            yield world

    def happen(self, folder: Path, say: Say) -> "Seen":
        """Let it happen; return what was seen. Everything that was started has ended then."""
        with self.world(folder) as world:
            return asyncio.run(_happen(self, world, say))

    def data(self, folder: Path) -> Path:
        """Return the data folder."""
        return folder / "data"

    def environment(self, folder: Path, desk: WebhookStandIn) -> Dict[str, str]:
        """Return the settings of this fault's world."""
        return dict(self.settings)


@dataclass
class Seen:
    """What became of it."""

    fault: Fault
    turns: List[Turn] = field(default_factory=list)
    made: float = 0.0
    mended: float = 0.0
    back: Optional[float] = None
    """Seconds from making it until the last turn that was not as usual; None if that was never over."""
    lost: List[str] = field(default_factory=list)
    says: str = ""
    """What was seen in words, where no users were at work."""
    kept: str = ""
    """What was there when all was over, in words."""

    @property
    def noticed(self) -> List[Turn]:
        """Return the turns that were not as usual, from the fault on."""
        return [turn for turn in self.turns if _end(turn) >= self.made and unusual(turn)]


def unusual(turn: Turn) -> bool:
    """Tell whether a user noticed that something was wrong."""
    slow = turn.until_first is None or turn.until_first > SOON
    late = turn.over is None or turn.over - turn.sent > SOON
    return bool(turn.refused) or slow or late or any("tekniskt fel" in text for text in turn.heard)


async def _happen(fault: Fault, world: World, say: Say) -> Seen:
    seen = Seen(fault)
    loop = asyncio.get_running_loop()
    async with session() as http:
        base = world.running.base
        talks = [PatientTalk(http, base, stream=number % 2 == 0) for number in range(4)]
        kinds = (Asker, Walker, Sender, Sender)
        users: List[User] = [
            kind(f"{kind.__name__.lower()} {number + 1}", talk)
            for number, (kind, talk) in enumerate(zip(kinds, talks, strict=True))
        ]
        lives = [asyncio.ensure_future(user.live()) for user in users]
        await _until(lambda: all(len(user.turns) >= WARM_TURNS for user in users), START_SECONDS, lives)
        seen.made = time.monotonic()
        await loop.run_in_executor(None, fault.make, world)
        say("  made")
        await asyncio.sleep(fault.lasts)
        await loop.run_in_executor(None, fault.mend, world)
        seen.mended = time.monotonic()
        say("  mended" if fault.lasts else "  mends by itself")
        well = await _until(lambda: all(_well(user, seen.mended) for user in users), PATIENCE_SECONDS, lives)
        for user in users:
            user.stopping = True
        done, pending = await asyncio.wait(lives, timeout=STOP_SECONDS)
        for task in pending:
            task.cancel()
        seen.turns = [turn for user in users for turn in user.turns]
        failures = [f"{type(task.exception()).__name__}: {task.exception()}" for task in done if task.exception()]
        seen.lost = [*failures, *(wrong for user in users for wrong in user.wrong)]
        found, seen.kept = await loop.run_in_executor(None, lost, world, users, fault.delivered)
        seen.lost += found
        for talk in talks:
            await talk.close()
    noticed = [_end(turn) for turn in seen.noticed]
    seen.back = (max(noticed) - seen.made if noticed else 0.0) if well else None
    return seen


def _well(user: User, since: float) -> bool:
    """Tell whether a user's last turns, all of them begun after ``since``, were as usual."""
    last = user.turns[-GOOD_TURNS:]
    return len(last) == GOOD_TURNS and all(turn.sent > since and not unusual(turn) for turn in last)


async def _until(look: Callable[[], bool], seconds: float, lives: Sequence["asyncio.Future[None]"]) -> bool:
    """Wait until there is something to be seen, or the time is over, or a user has failed; tell whether there is."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not any(life.done() for life in lives):
        if look():
            return True
        await asyncio.sleep(LOOK_SECONDS)
    return look()


def _end(turn: Turn) -> float:
    return turn.over or turn.first or turn.taken or turn.sent


def _url(running: OwnLotsen) -> str:
    return running.env.get("LOTSEN_DATABASE_URL") or f"sqlite:///{running.env['LOTSEN_DATA_DIR']}/lotsen.db"
