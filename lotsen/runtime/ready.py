"""The heartbeat of a server: a pipe on which its event loop writes a byte every other second; the first says "ready".

A health address cannot tell this where several servers share a port: any of them may answer. And a server whose event
loop hangs still has its process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from typing import Optional

BEAT_SECONDS = 2


class Heart:
    """The server's end of the pipe."""

    def __init__(self, fd: Optional[int]) -> None:
        """Write to ``fd``; without one nobody listens, and nothing is written."""
        self._fd = fd
        if fd is not None:
            os.set_blocking(fd, False)

    def beat(self) -> bool:
        """Say that the event loop runs; False if whoever started this process is gone."""
        if self._fd is None:
            return True
        try:
            os.write(self._fd, b".")
        except BlockingIOError:
            return True  # It is there, and has not read for a long time.
        except OSError:
            return False
        return True

    async def beat_on(self) -> None:
        """Beat until whoever started this process is gone, or until cancelled."""
        while self.beat():
            await asyncio.sleep(BEAT_SECONDS)


class Pulse:
    """The supervisor's end of the pipe of one process."""

    def __init__(self) -> None:
        """Make the pipe; ``fd`` is to be handed to the process."""
        self._read, self.fd = os.pipe()
        os.set_blocking(self._read, False)
        self._began = time.monotonic()
        self._last: Optional[float] = None
        self._open = True

    def handed_over(self) -> None:
        """Let go of the process's end, which it has now."""
        os.close(self.fd)

    @property
    def ready(self) -> bool:
        """Tell whether the process has said that it is ready."""
        self._listen()
        return self._last is not None

    @property
    def silent_seconds(self) -> float:
        """Return how long nothing has been heard, since the start if there never was anything."""
        self._listen()
        return time.monotonic() - (self._last if self._last is not None else self._began)

    def close(self) -> None:
        """Close the pipe: the process has ended."""
        if self._open:
            self._open = False
            os.close(self._read)

    def _listen(self) -> None:
        """Take in what was written since the last time."""
        try:
            while self._open and os.read(self._read, 4096):
                self._last = time.monotonic()
        except BlockingIOError:
            return


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what ``lotsen up`` hands to a server: its listening socket and its end of the pipe."""
    parser.add_argument("--fd", type=int, help="the listening socket, as an inherited file descriptor")
    parser.add_argument("--beat", type=int, metavar="FD", help="where to write that the event loop runs")
