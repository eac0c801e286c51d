"""Listening sockets: ``lotsen up`` binds them and hands them to its servers, so that they outlive each server.

While a server is started again, or two of them take turns, connections wait in the kernel's queue. None is refused.
"""

from __future__ import annotations

import socket
from typing import Optional

BACKLOG = 1024
"""Connections that may wait until a server takes them; the kernel may allow fewer (``net.core.somaxconn``)."""

CALLER_IDLE_SECONDS = 3.0
"""How long Rasa keeps an idle connection to the action server. The server keeps it longer, also when it stops."""


def bind(host: str, port: int) -> socket.socket:
    """Take the port; nobody can connect before ``listen``.

    Raises:
        OSError: if the port is not to be had.
    """
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def listening(host: str, port: int, fd: Optional[int]) -> socket.socket:
    """Return the socket that a server accepts on: the one it was handed as ``fd``, or one of its own.

    Raises:
        OSError: if the port is not to be had.
    """
    if fd is not None:
        return socket.socket(fileno=fd)
    sock = bind(host, port)
    sock.listen(BACKLOG)
    return sock
