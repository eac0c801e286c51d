"""Sanic's connections, for clients that mean no good: slow ones, many at once, and those who send what is no request.

Sanic 21.12 gives a request its time anew with each byte, so that one byte a minute holds a connection for days.
"""

from __future__ import annotations

from asyncio.transports import BaseTransport

from sanic.http import Http, Stage
from sanic.server.protocols.http_protocol import HttpProtocol

from lotsen.runtime.open_files import most_connections


class CarefulHttp(Http):
    """Answers also what has no address that can be read; Sanic fails while it makes the answer."""

    def create_empty_request(self) -> None:
        """Make the request that an error is answered to."""
        self.url = None
        super().create_empty_request()


class CarefulProtocol(HttpProtocol):
    """A connection with one time limit for a request's head, and one from its first byte to its answer's.

    Each part of a streamed answer begins the second anew, so that a stream lives as long as it is read.
    """

    __slots__ = ("asked",)
    asked: bool
    """Something has come: this is no connection that was just made to ask for something."""
    _time: float

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin, unless too many others are open: then the files that we need ourselves would run out."""
        if len(self.connections) >= most_connections():
            transport.abort()  # type: ignore[attr-defined]
            return
        self.asked = False
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Take what has come. Only the first byte of a request starts its clock."""
        self.asked = True
        http, began = getattr(self, "_http", None), self._time
        super().data_received(data)
        if http is not None and http.stage is not Stage.IDLE:
            self._time = began  # type: ignore[misc]  # A slot of Sanic's, which mypy does not see.

    def _setup_connection(self) -> None:
        super()._setup_connection()
        self._http = CarefulHttp(self)  # type: ignore[misc]
