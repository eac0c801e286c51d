"""Runs a Sanic app on a socket that may be shared, and stops it without losing a request.

Sanic's own ``run`` goes on accepting while it waits for what is under way, so a server that takes turns with another
one would get new work until its end.
"""

from __future__ import annotations

import asyncio
import logging
import platform
import signal
import socket
from typing import TYPE_CHECKING, Any, Iterator, List

from lotsen.runtime.ready import Heart
from lotsen.runtime.sockets import BACKLOG

if TYPE_CHECKING:
    from sanic import Sanic
    from sanic.request import Request
    from sanic.response import BaseHTTPResponse
    from sanic.server import AsyncioServer

LINGER_SECONDS = 1.0
"""So long an idle connection is kept when we stop: who uses it all the time is told with an answer to use another one,
rather than finding it closed."""
LAST_SECONDS = 2.0
"""How long a new connection is kept after that, on which nothing has been asked yet: who has just made it, on a busy
machine, would find it closed and not know whether it was heard. So long, too, the last ones may take to end."""
LOOK_SECONDS = 0.05

logger = logging.getLogger(__name__)


def run(
    app: Sanic, sock: socket.socket, heart: Heart, drain_seconds: float, linger_seconds: float = LINGER_SECONDS
) -> None:
    """Serve until SIGTERM or SIGINT; what is under way then may go on for ``drain_seconds``.

    ``linger_seconds``: how long an idle connection is kept then. Where all clients are known it should be longer than
    theirs, so that none is closed at the moment in which a client uses it.

    Raises:
        Exception: whatever a listener of the app raises before it serves.
    """
    if platform.system() != "Darwin":  # As Rasa does: it breaks connections on Apple's own processors.
        import uvloop

        uvloop.install()
    asyncio.run(_serve(app, sock, heart, drain_seconds, linger_seconds))


async def _serve(app: Sanic, sock: socket.socket, heart: Heart, drain_seconds: float, linger_seconds: float) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    _say_when_closing(app, stop)
    server: AsyncioServer = await app.create_server(
        sock=sock,
        backlog=BACKLOG,
        access_log=False,
        return_asyncio_server=True,
        asyncio_server_kwargs={"start_serving": False},
    )
    await server.startup()
    await server.before_start()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await server.start_serving()
    await server.after_start()
    beating = loop.create_task(heart.beat_on())
    beating.add_done_callback(lambda _: stop.set())  # Whoever started us is gone.
    logger.info("Serving.")
    await stop.wait()
    logger.info("Stopping.")
    await _end(server, drain_seconds, linger_seconds)
    beating.cancel()


async def _end(server: AsyncioServer, drain_seconds: float, linger_seconds: float) -> None:
    """Take nothing new, let what is under way end, then close what is left."""
    clock = asyncio.get_running_loop().time
    server.close()
    await _let_go(server, linger_seconds)
    began = clock()
    try:
        await asyncio.wait_for(server.before_stop(), drain_seconds)
    except asyncio.TimeoutError:
        logger.error("What was under way did not end within %.0f seconds.", drain_seconds)
    rested = clock() + LAST_SECONDS
    while server.connections and clock() < (began + drain_seconds if any(_at_work(server)) else rested):
        await asyncio.sleep(LOOK_SECONDS)
    for connection in _connections(server):
        connection.abort()
    await server.after_stop()


async def _let_go(server: AsyncioServer, linger_seconds: float) -> None:
    """Return when no connection is left that could bring a request: those that rest are closed, the new ones last.

    Only then is the app told to stop: what a request begins after that would be ended with us, in the middle.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    while not all(_at_work(server)) and clock() < began + linger_seconds + LAST_SECONDS:
        for connection in _connections(server):
            if clock() - began >= linger_seconds and getattr(connection, "asked", True):
                connection.close_if_idle()
        await asyncio.sleep(LOOK_SECONDS)
    for connection, at_work in zip(_connections(server), list(_at_work(server)), strict=True):
        if not at_work:
            connection.abort()


def _at_work(server: AsyncioServer) -> Iterator[bool]:
    """Tell of each connection whether a request of it is being answered."""
    from sanic.http import Stage

    for connection in _connections(server):
        http = getattr(connection, "_http", None)
        yield http is not None and http.stage in (Stage.HANDLER, Stage.RESPONSE)


def _connections(server: AsyncioServer) -> List[Any]:
    """Return the connections as they are now; closing one takes it out of the server's."""
    return list(server.connections)


def _say_when_closing(app: Sanic, stop: asyncio.Event) -> None:
    """Tell callers on connections that stay open to use another one for their next request, once we stop."""

    @app.middleware("response")  # type: ignore[untyped-decorator, unused-ignore]
    async def close(request: Request, response: BaseHTTPResponse) -> None:
        if stop.is_set() and request.stream is not None:
            request.stream.keep_alive = False
