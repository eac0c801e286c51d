"""A service desk in a process of its own, on a bad day that lasts until ``calm``; its records are read at the end."""

from __future__ import annotations

import asyncio
import importlib
import logging
import multiprocessing
import random
import re
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Deque, Dict, List, Optional, Type

import aiohttp
from aiohttp import web

from lotsen.cases.case import Status
from tests.service_desks.stand_ins.base import Fault, Handler, StandIn, Ticket
from tests.support.request_tracker import RealRT

DOWN = "did not listen for a while"
WELL = 0.4
"""The share of requests with which nothing goes wrong; all faults are equally likely otherwise."""
UP_SECONDS, DOWN_SECONDS = (1.0, 3.0), (0.1, 0.4)
ANSWERS_EVERY = 0.25
MOST_ANSWERS = 3
"""So many answers a ticket gets at most."""
START_SECONDS = 120
_SIGN = re.compile(r"Lotsen ([0-9a-f]{32})")
_CONTEXT = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Records:
    """What a desk has when all is over."""

    arrived: Dict[str, List[str]] = field(default_factory=dict)
    """The tickets (``Receipt.ref``) that there are of each key: made for it, or with a note of it, once for each."""
    answers: Dict[str, List[str]] = field(default_factory=dict)
    """What was answered on each ticket."""
    done: Dict[str, int] = field(default_factory=dict)
    """What the desk did to requests that change something, and how often."""


class DrawnFaults(Deque[Fault]):
    """One fault for each request, drawn by chance, for as long as ``on``."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.on, self.drawn, self._chance = True, Counter[str](), chance

    def __bool__(self) -> bool:
        return True

    def popleft(self) -> Fault:
        well = not self.on or self._chance.random() < WELL
        fault = Fault.NONE if well else self._chance.choice([one for one in Fault if one is not Fault.NONE])
        self.drawn[fault.value] += 1
        return fault


class RTBehindFaults(StandIn):
    """The real Request Tracker, and before it a proxy in which requests that change something meet faults."""

    name = "request_tracker"

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._rt = RealRT(Path(self._folder.name))

    def routes(self) -> List[web.RouteDef]:
        return [web.get("/{path:.*}", self._pass_on), web.post("/{path:.*}", self.changing(self._pass_on))]

    def environment(self) -> Dict[str, str]:
        return {**self._rt.environment(), "LOTSEN_RT_URL": self.url}

    def look(self) -> None:
        """Read RT's records: tickets with their comments."""
        page: Optional[str] = "tickets?query=id>0&fields=CustomFields,Subject&per_page=100"
        found: List[Dict[str, Any]] = []
        while page:
            said = self._rt.ask(page)
            found, page = found + said["items"], said.get("next_page")
        for one in found:
            ref = str(one["id"])
            taken = self._rt.ask(f"ticket/{ref}/history?fields=Type&per_page=100")
            assert taken["pages"] == 1
            notes = [self._text(step["id"]) for step in taken["items"] if step["Type"] == "Comment"]
            key = str(one["CustomFields"][0]["values"][0])
            self.tickets.append(Ticket(ref, f"#{ref}", key, str(one["Subject"]), "", additions=notes))

    def stop(self) -> None:
        super().stop()
        self._rt.stop()
        self._folder.cleanup()

    def _text(self, transaction: str) -> str:
        parts = self._rt.ask(f"transaction/{transaction}/attachments?fields=Content&per_page=100")["items"]
        return "\n".join(str(part.get("Content")) for part in parts)

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        kept = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        url, body = f"{self._rt.url}{request.raw_path}", await request.read()
        async with (
            aiohttp.ClientSession() as client,
            client.request(request.method, url, data=body, headers=kept, allow_redirects=False) as answer,
        ):
            return web.Response(
                status=answer.status, body=await answer.read(), content_type=answer.content_type, charset="utf-8"
            )


class DeskProcess:
    """The desk as the crash test sees it."""

    def __init__(self, name: str, slow_seconds: float, seed: int) -> None:
        """Start the stand-in of a desk module, or the real thing for ``request_tracker``."""
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(name, slow_seconds, seed, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.environment: Dict[str, str] = self._hear(START_SECONDS)

    def calm(self) -> Dict[str, List[str]]:
        """Let the bad day be over; return what was answered on each ticket."""
        return self._ask("calm")

    def records(self) -> Records:
        """Return what the desk has."""
        return self._ask("records")

    def stop(self) -> None:
        """Stop it."""
        self._ask("stop")
        self._process.join(30)

    def _ask(self, word: str) -> Any:
        self._pipe.send(word)
        return self._hear(START_SECONDS)

    def _hear(self, seconds: float) -> Any:
        if not self._pipe.poll(seconds):
            raise TimeoutError("the desk does not answer the test")
        return self._pipe.recv()


def _serve(name: str, slow_seconds: float, seed: int, pipe: Any) -> None:
    """Be the desk until told to stop."""
    logging.disable()  # It is to fail.
    desk = _whole(_kind(name))()
    chance = random.Random(seed)
    faults = DrawnFaults(chance)
    desk.faults, desk.slow_seconds = faults, slow_seconds
    desk.start()
    day = BadDay(desk, chance)
    pipe.send(desk.environment())
    for word in iter(pipe.recv, "stop"):
        if word == "calm":
            faults.on = False
            day.end()
            pipe.send(dict(day.answers))
        else:
            pipe.send(_records(desk, day, faults))
    day.end()
    desk.stop()
    pipe.send(None)


class BadDay:
    """Lets a desk stop listening now and then, and somebody there answer users."""

    def __init__(self, desk: StandIn, chance: random.Random) -> None:
        self.answers: Dict[str, List[str]] = {}
        self.spells = 0
        self._desk, self._chance, self._over = desk, chance, False
        self._tasks = [asyncio.run_coroutine_threadsafe(one, desk._loop) for one in (self._doze(), self._answer())]

    def end(self) -> None:
        """End it, with the desk listening."""
        self._over = True
        for task in self._tasks:
            task.result(30)

    async def _doze(self) -> None:
        runner = self._desk._runner
        assert runner is not None
        port = int(self._desk.url.rpartition(":")[2])
        while not self._over:
            await self._sleep(self._chance.uniform(*UP_SECONDS))
            await next(iter(runner.sites)).stop()
            self.spells += 1
            await asyncio.sleep(self._chance.uniform(*DOWN_SECONDS))
            await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()

    async def _answer(self) -> None:
        while not self._over:
            await self._sleep(ANSWERS_EVERY)
            waiting = [one for one in self._desk.tickets if len(self.answers.get(one.ref, ())) < MOST_ANSWERS]
            if waiting and not self._over:
                ticket = self._chance.choice(waiting)
                text = f"Svar {self._chance.getrandbits(64):x}"
                self._desk.answer(ticket, text)
                self._desk.set_status(ticket, self._chance.choice([Status.OPEN, Status.WAITING]).value)
                self.answers.setdefault(ticket.ref, []).append(text)

    async def _sleep(self, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + seconds
        while not self._over and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.05)


def _kind(name: str) -> Type[StandIn]:
    """Return the class of a desk's stand-in."""
    if name == RTBehindFaults.name:
        return RTBehindFaults
    module = importlib.import_module(f"tests.service_desks.stand_ins.{name}")
    kinds = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, StandIn)]
    return next(one for one in kinds if one.name == name)


def _whole(kind: Type[StandIn]) -> Type[StandIn]:
    """Return a desk that has all of a request before it is slow: so it does its work though nobody waits any more."""

    class Whole(kind):  # type: ignore[misc, valid-type]
        def changing(self, handler: Handler) -> Handler:
            faulty = super().changing(handler)

            async def read(request: web.Request) -> web.StreamResponse:
                await request.read()
                return await faulty(request)

            return read

    return Whole


def _records(desk: StandIn, day: BadDay, faults: DrawnFaults) -> Records:
    """Return what a desk has."""
    if isinstance(desk, RTBehindFaults):
        desk.tickets.clear()
        desk.look()
    arrived: Dict[str, List[str]] = {}
    for ticket in desk.tickets:
        notes = [key for note in ticket.additions for key in _SIGN.findall(note)]
        for key in [ticket.key, *notes]:
            arrived.setdefault(key, []).append(ticket.ref)
    return Records(arrived, dict(day.answers), {**faults.drawn, DOWN: day.spells})
