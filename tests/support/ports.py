"""Ports for servers that tests start."""

from __future__ import annotations

import socket
from typing import Set

_given: Set[int] = set()


def free_port() -> int:
    """Return a port that nothing listens on now, and that was not given to anybody before: they may not have begun."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port
