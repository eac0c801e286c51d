"""The desk's connections, for clients that mean no good: slow ones, many at once, and heads without end.

Uvicorn waits for ever for the rest of a request, and keeps all of a head, however long it becomes.
"""

from __future__ import annotations

from asyncio import TimerHandle, Transport
from typing import Any, Optional

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lotsen.runtime.open_files import most_connections

REQUEST_SECONDS = 20.0
"""From the connection, or from the first byte of a further request, to the last byte of the request."""
MAX_HEAD_BYTES = 32_768
"""A request line and headers; what a sign-in service sends in the address of its answer is some thousand bytes."""


class CarefulProtocol(HttpToolsProtocol):
    """A connection that has to say what it wants, in time and in so many bytes. Its answer may take its time."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """Be as uvicorn's own."""
        super().__init__(*given, **named)
        self._late: Optional[TimerHandle] = None
        self._head = 0
        self._in_head = True

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin, unless too many others are open: then the files that we need ourselves would run out."""
        if len(self.connections) >= most_connections():
            transport.abort()
            return
        super().connection_made(transport)
        self._start_clock()

    def connection_lost(self, exc: Optional[Exception]) -> None:
        """End."""
        self._stop_clock()
        if self.transport is not None:  # Else it was turned away.
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come, unless that makes the head too long."""
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """Start the clock of a further request."""
        super().on_message_begin()
        self._start_clock()

    def on_headers_complete(self) -> None:
        """Count no further: a body has its own limit."""
        self._in_head, self._head = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the clock: the request is whole."""
        self._in_head = True
        self._stop_clock()
        super().on_message_complete()

    def _start_clock(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _stop_clock(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
