"""What every stand-in has: a real HTTP server in a thread, the faults of a bad day, and a desk's own records."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from typing import Any, Awaitable, Callable, Deque, Dict, List, Optional

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Fault(Enum):
    """What goes wrong with one request that would make or change something."""

    NONE = "none"
    ERROR_BEFORE = "500, nothing done"
    ERROR_AFTER = "500, but done"
    BUSY = "429 with Retry-After"
    DROPPED_BEFORE = "connection cut, nothing done"
    DROPPED_AFTER = "connection cut, but done"
    SLOW = "done at once, answered too late"
    LATE = "done and answered too late"
    TWICE = "answered twice on one connection"


@dataclass
class Ticket:
    """One ticket in the desk's own records."""

    ref: str
    number: str
    key: str
    subject: str
    text: str
    target: str = ""
    """The queue, group or category that it was put in."""
    caller: str = ""
    """Who asks, as an e-mail address, if the desk was told."""
    priority: str = ""
    status: str = ""
    additions: List[str] = field(default_factory=list)
    """Internal notes that Lotsen added."""
    said: List[Dict[str, Any]] = field(default_factory=list)
    """Replies and notes in the desk's own form, oldest first."""
    changed: datetime = field(default_factory=lambda: datetime.now(timezone.utc))


class StandIn:
    """One desk. Sub-classes add routes, and speak the product's own JSON."""

    name = ""
    """The desk's module."""

    def __init__(self) -> None:
        """Start with empty records."""
        self.tickets: List[Ticket] = []
        self.faults: Deque[Fault] = deque()
        """One for each changing request to come; none when it is empty."""
        self.slow_seconds = 1.0
        self.retry_after = "1"
        self.ids = itertools.count(1)
        self.requests: List[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: Optional[web.AppRunner] = None
        self.url = ""

    # What sub-classes say

    def routes(self) -> List[web.RouteDef]:
        """Return the product's routes; wrap those that change something in ``self.changing``."""
        raise NotImplementedError

    def environment(self) -> Dict[str, str]:
        """Return the settings with which Lotsen reaches this desk, secrets too, but for LOTSEN_DESKS and _HOSTS."""
        raise NotImplementedError

    def answer(self, ticket: Ticket, text: str) -> None:
        """Let somebody at the desk answer the user."""
        raise NotImplementedError

    def note(self, ticket: Ticket, text: str) -> None:
        """Let somebody at the desk write an internal note."""
        raise NotImplementedError

    def set_status(self, ticket: Ticket, status: str) -> None:
        """Set the status; ``status`` is a value of ``lotsen.cases.case.Status``, put in the product's own word."""
        raise NotImplementedError

    # What they have

    def with_key(self, key: str) -> List[Ticket]:
        """Return the tickets made for a case."""
        return [ticket for ticket in self.tickets if ticket.key == key]

    def find(self, ref: str) -> Ticket:
        """Return a ticket. Raises 404 if there is none."""
        for ticket in self.tickets:
            if ticket.ref == ref:
                return ticket
        raise web.HTTPNotFound()

    def changing(self, handler: Handler) -> Handler:
        """Return the handler with faults."""

        async def faulty(request: web.Request) -> web.StreamResponse:
            fault = self.faults.popleft() if self.faults else Fault.NONE
            # Now, as a client that hangs up takes with it what was not read yet.
            await request.read()
            if fault is Fault.ERROR_BEFORE:
                return web.Response(status=500, text="<html>Internal Server Error</html>")
            if fault is Fault.BUSY:
                return web.Response(status=429, headers={"Retry-After": self.retry_after})
            if fault is Fault.DROPPED_BEFORE:
                return _cut(request)
            if fault is Fault.LATE:
                await asyncio.sleep(self.slow_seconds)
            answer = await handler(request)
            if fault is Fault.ERROR_AFTER:
                return web.Response(status=500)
            if fault is Fault.DROPPED_AFTER:
                return _cut(request)
            if fault is Fault.SLOW:
                await asyncio.sleep(self.slow_seconds)
            if fault is Fault.TWICE and request.transport is not None:
                request.transport.write(_raw(answer))
            return answer

        return faulty

    def start(self) -> StandIn:
        """Serve on a free port of 127.0.0.1."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)
        return self

    def stop(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _serve(self) -> None:
        @web.middleware
        async def note_request(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.requests.append(f"{request.method} {request.path_qs}")
            return await handler(request)

        app = web.Application(middlewares=[note_request])
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None and site._server.sockets
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"


def _cut(request: web.Request) -> web.Response:
    """Cut the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _raw(answer: web.StreamResponse) -> bytes:
    """Return an answer as bytes on the wire, to send it once more."""
    body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
    head = f"HTTP/1.1 {answer.status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
