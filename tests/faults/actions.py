"""The action server: hung, slow, dead."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from pathlib import Path
from typing import Dict, Iterator, Optional

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests.faults.fault import Fault, World
from tests.service_desks.stand_ins.webhook import WebhookStandIn
from tests.support.ports import free_port

HUNG_SECONDS, SLOW_SECONDS, DEAD_SECONDS = 8.0, 12.0, 10.0
DELAY_SECONDS = 3.0


class ActionsHung(Fault):
    """It is there and answers nothing, for less than a turn's limit."""

    name, lasts = "actions-hung", HUNG_SECONDS
    title, how = "Action server hangs for 8 s", "`SIGSTOP`, then `SIGCONT`"

    def make(self, world: World) -> None:
        """Stop it."""
        for process in world.running.named()["action server"]:
            process.send_signal(signal.SIGSTOP)

    def mend(self, world: World) -> None:
        """Let it go on, if it was not replaced meanwhile."""
        for process in world.running.named().get("action server", []):
            process.send_signal(signal.SIGCONT)


class ActionsSlow(Fault):
    """Each call takes three seconds more: a proxy before it waits."""

    name, lasts = "actions-slow", SLOW_SECONDS
    title, how = "Action server slow for 12 s", "a proxy before it that waits 3 s with each call"

    def __init__(self) -> None:
        """The proxy is made with the world."""
        self.proxy: Optional[SlowProxy] = None

    @contextlib.contextmanager
    def world(self, folder: Path) -> Iterator[World]:
        """Run the proxy beside it."""
        with contextlib.ExitStack() as stack:
            self.proxy = SlowProxy()
            self.proxy.start()
            stack.callback(self.proxy.stop)
            yield stack.enter_context(super().world(folder))

    def environment(self, folder: Path, desk: WebhookStandIn) -> Dict[str, str]:
        """Let Rasa call the proxy."""
        assert self.proxy is not None
        return {"LOTSEN_ACTIONS_URL": self.proxy.url, "LOTSEN_ACTIONS_PORT": str(self.proxy.behind)}

    def make(self, world: World) -> None:
        """Let the proxy wait."""
        assert self.proxy is not None
        self.proxy.delay = DELAY_SECONDS

    def mend(self, world: World) -> None:
        """Let it wait no more."""
        assert self.proxy is not None
        self.proxy.delay = 0.0


class ActionsDead(ActionsSlow):
    """Nobody answers at its address for a while, as when its machine is gone."""

    name, lasts = "actions-dead", DEAD_SECONDS
    title, how = "Action server out of reach for 10 s", "a proxy before it that cuts every connection"

    def make(self, world: World) -> None:
        """Let the proxy cut."""
        assert self.proxy is not None
        self.proxy.cuts = True

    def mend(self, world: World) -> None:
        """Let it pass calls on again."""
        assert self.proxy is not None
        self.proxy.cuts = False


class SlowProxy:
    """Passes calls on to an action server, sooner or later or not at all."""

    def __init__(self) -> None:
        """Choose both ports."""
        self.port, self.behind = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.delay, self.cuts = 0.0, False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: Optional[web.AppRunner] = None
        self._http: Optional[ClientSession] = None

    def start(self) -> None:
        """Serve."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)

    def stop(self) -> None:
        """Stop serving."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._http = ClientSession(timeout=ClientTimeout(total=60))
        app = web.Application(client_max_size=8_000_000)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._http is not None:
            await self._http.close()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.cuts and request.transport is not None:
            request.transport.abort()
            return web.Response(status=502)
        await asyncio.sleep(self.delay)
        assert self._http is not None
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host",)}
        address = f"http://127.0.0.1:{self.behind}{request.path_qs}"
        try:
            async with self._http.request(request.method, address, data=body, headers=headers) as answer:
                content = await answer.read()
                return web.Response(status=answer.status, body=content, content_type=answer.content_type)
        except ClientError:
            return web.Response(status=502)


FAULTS = (ActionsHung, ActionsSlow, ActionsDead)
