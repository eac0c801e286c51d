"""Lets turns arrive at a rate, whatever becomes of those before them, and measures each from the moment it arrives.

A turn that arrives is taken by whoever has thought for long enough; if nobody has, somebody new opens the chat. So the
rate is the rate, also when the server cannot keep up: then more and more people wait, and their waiting is measured.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Callable, Deque, Dict, List, Optional, Sequence, Set, Union

import aiohttp

from lotsen.bench.figures import percentile
from tests.bench.load_client import RestTalk, TurnFailed, WebTalk
from tests.bench.load_people import Act, Crowd, Person
from tests.bench.load_schedule import LIMIT_SECONDS, THINK_SECONDS, arrivals, thoughts

Talk = Union[WebTalk, RestTalk]
Open = Callable[[aiohttp.ClientSession, Counter], Talk]

OVERRUN_SECONDS = 4.0
"""With so many seconds' arrivals under way at once the server is lost, and the step is ended early."""
DRAIN_SECONDS = 45.0
ERRORS = 0.005
"""A rate with a larger share of failed turns is not good, however fast the others are."""
END = 1 / 10
"""So many of those who go home end the conversation; the others close the page."""
OPENING = "opening the chat"


@dataclass
class Outcome:
    """What the turns that arrived in a while got."""

    rate: float
    seconds: float = 0.0
    turns: List[float] = field(default_factory=list)
    """Seconds from each one's arrival until its last message was there."""
    kinds: Counter = field(default_factory=Counter)
    errors: Counter = field(default_factory=Counter)
    late: List[float] = field(default_factory=list)
    """By how much the client itself was late to send each; part of ``turns``."""
    overrun: bool = False
    talks: int = 0
    """Conversations that were open at the end."""

    @property
    def good(self) -> bool:
        """Tell whether the rate can be held."""
        failed = sum(self.errors.values())
        if self.overrun or not self.turns or failed > ERRORS * (failed + len(self.turns)):
            return False
        return percentile(self.turns, 95) <= LIMIT_SECONDS

    @property
    def per_second(self) -> float:
        """Return how many turns were answered each second."""
        return len(self.turns) / self.seconds if self.seconds else 0.0


@dataclass
class _Visitor:
    """Somebody in the chat."""

    person: Person
    talk: Talk
    act: Optional[Act] = None
    """What they will do next; None before the greeting."""


class Driver:
    """The people who chat with one bot."""

    def __init__(
        self, open: Open, crowd: Crowd, seed: int = 0, count_opening: bool = True, think: float = THINK_SECONDS
    ) -> None:
        """``count_opening``: opening the chat is a turn of its own; if not, the first message follows at once."""
        self._open, self._crowd, self._chance = open, crowd, random.Random(seed)
        self._thoughts = thoughts(random.Random(seed + 1), think)
        self._count_opening = count_opening
        self._ready: Deque[_Visitor] = deque()
        self._here: Dict[int, _Visitor] = {}
        self._tasks: Set["asyncio.Task[None]"] = set()
        self._outcome: Optional[Outcome] = None
        self.seen: Counter = Counter()
        """What happened beside turns, over all steps."""

    async def step(self, http: aiohttp.ClientSession, rate: float, warm: float, seconds: float) -> Outcome:
        """Let turns arrive at ``rate``: first ``warm`` seconds that do not count, then ``seconds`` that do."""
        self._outcome = None
        outcome = Outcome(rate)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for at in arrivals(rate, warm + seconds, self._chance):
            due = began + at
            while (left := due - loop.time()) > 0:
                await asyncio.sleep(left)
            if at >= warm and self._outcome is None:
                self._outcome = outcome
            if len(self._tasks) > max(rate, 5) * OVERRUN_SECONDS:
                outcome.overrun = True
                break
            self._arrive(http, due)
        outcome.talks = len(self._here)
        outcome.seconds = max(loop.time() - began - warm, 0.001)
        await self.drain()
        return outcome

    async def drain(self) -> None:
        """Return when all turns under way are over, or have had their time."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN_SECONDS)

    async def close(self) -> None:
        """Let everybody go."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(visitor.talk.close() for visitor in self._here.values()))

    def _arrive(self, http: aiohttp.ClientSession, due: float) -> None:
        """Let a turn begin that was due at ``due``."""
        if self._ready:
            visitor = self._ready.popleft()
        else:
            visitor = _Visitor(self._crowd.come(), self._open(http, self.seen))
            self._here[id(visitor)] = visitor
        task = asyncio.ensure_future(self._turn(visitor, due, self._outcome))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _turn(self, visitor: _Visitor, due: float, outcome: Optional[Outcome]) -> None:
        loop = asyncio.get_running_loop()
        late = loop.time() - due
        kind = visitor.person.mind.value if visitor.act is not None else OPENING
        try:
            if visitor.act is None:
                await visitor.talk.begin()
                if not self._count_opening:
                    visitor.act = visitor.person.next(visitor.talk.offered)
                    kind, due, late = visitor.person.mind.value, loop.time(), 0.0
            if visitor.act is not None:
                await visitor.talk.act(_possible(visitor.act, visitor.talk.offered))
        except (TurnFailed, aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            self._count_error(outcome, str(error) if isinstance(error, TurnFailed) else type(error).__name__)
            await self._leave(visitor)
            return
        if outcome is not None:
            outcome.turns.append(loop.time() - due)
            outcome.late.append(late)
            outcome.kinds[kind] += 1
        visitor.act = visitor.person.next(visitor.talk.offered)
        if visitor.act is None:
            if self._chance.random() < END:
                await visitor.talk.end()
            await self._leave(visitor)
        else:
            loop.call_later(next(self._thoughts), self._ready.append, visitor)

    def _count_error(self, outcome: Optional[Outcome], what: str) -> None:
        if outcome is not None:
            outcome.errors[what] += 1
        else:
            self.seen[f"before measuring: {what}"] += 1

    async def _leave(self, visitor: _Visitor) -> None:
        self._here.pop(id(visitor), None)
        await visitor.talk.close()


def _possible(act: Act, offered: Sequence[str]) -> Act:
    """Return what can still be done: the bot may have spoken by itself meanwhile, and its new buttons count."""
    return Act(act.text) if act.press and act.text not in offered else act
