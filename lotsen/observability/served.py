"""Metrics, turn ids and traces of the servers: Rasa's and the action server on Sanic, the triage desk."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Awaitable, Callable, MutableMapping

from lotsen.observability import metrics, tracing, turn_id
from lotsen.observability.turns import Part
from lotsen.settings import Settings

if TYPE_CHECKING:
    from sanic import Sanic
    from sanic.request import Request
    from sanic.response import BaseHTTPResponse

ACTIONS, RASA, TRIAGE = "actions", "rasa", "triage"
REFUSED = 400
"""The status from which an answer is an error."""
SIGN_IN = "/sign-in"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def observe(app: Sanic, process: str) -> None:
    """Count what ``app`` refuses, send traces if the settings say so, and measure Rasa from the inside.

    The action server takes over the turn id that a call carries; the Rasa server makes its own and believes nobody.
    """
    if process == RASA:
        from lotsen.observability import rasa_hooks

        rasa_hooks.install()

    @app.listener("before_server_start")
    async def begin(app: Sanic, loop: Any) -> None:
        tracing.configure(process, Settings.read().traces_url)

    @app.listener("after_server_stop")
    async def end(app: Sanic, loop: Any) -> None:
        await asyncio.get_event_loop().run_in_executor(None, tracing.close)

    @app.middleware("request")
    async def take_over(request: Request) -> None:
        turn_id.carry_on(request.headers.get(turn_id.HEADER, "") if process == ACTIONS else "")
        request.ctx.began = time.time_ns()

    @app.middleware("response")
    async def count(request: Request, answer: BaseHTTPResponse) -> None:
        if answer.status >= REFUSED:
            metrics.refused(process, answer.status)
        if process == ACTIONS and tracing.on() and hasattr(request.ctx, "began"):
            done = Part("action server", request.ctx.began, time.time_ns(), answer.status >= 500)
            tracing.part_over(turn_id.current(), done)


class ObservedDesk:
    """Counts what the triage desk refuses, failed sign-ins among it, and its open streams. Plain ASGI."""

    def __init__(self, app: Any) -> None:
        """Stand before ``app``."""
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= REFUSED:
                metrics.refused(TRIAGE, message["status"])
                if scope["path"].startswith(SIGN_IN) and message["status"] < 500:
                    metrics.sign_in_failed()
            await send(message)

        if scope["path"] == "/events":
            with metrics.listening(TRIAGE):
                await self._app(scope, receive, counted)
        else:
            await self._app(scope, receive, counted)
