"""What must hold before anything is started. Each fault is one sentence that says what to do."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Sequence

from lotsen.runtime.sockets import BACKLOG, bind


class CannotStart(Exception):
    """Lotsen cannot start; the message says why and what to do."""


def check_disk(folder: Path, needed_mb: int) -> None:
    """Refuse to start on a disk that is nearly full.

    Raises:
        CannotStart: with what is free and what is needed; also if the folder cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free_mb = shutil.disk_usage(folder).free // 2**20
    except OSError as error:
        raise CannotStart(
            f"The data folder {folder} cannot be used: {error.strerror}. "
            f"Choose another one with LOTSEN_DATA_DIR=/another/folder."
        ) from error
    if not os.access(folder, os.W_OK):
        raise CannotStart(
            f"The data folder {folder} may not be written to. Change its rights, or choose another: LOTSEN_DATA_DIR."
        )
    if free_mb < needed_mb:
        raise CannotStart(
            f"The disk with {folder} is full: {free_mb} MB free, {needed_mb} MB needed. "
            f"Free some space, choose another folder with LOTSEN_DATA_DIR, or ask for less with LOTSEN_MIN_FREE_MB."
        )


@dataclass(frozen=True)
class Port:
    """A port that a server is to listen on, and the variable that says which."""

    variable: str
    host: str
    number: int


def check_ports(wanted: Sequence[Port]) -> None:
    """Refuse to start when a port is taken, or when two servers would share one.

    Raises:
        CannotStart: naming the port and the variable that changes it.
    """
    for port, other in combinations(wanted, 2):
        if port.number == other.number:
            raise CannotStart(
                f"{port.variable} and {other.variable} are both {port.number}. Give them different numbers."
            )
    for port in wanted:
        take_port(port).close()


def take_port(port: Port, listen: bool = False) -> socket.socket:
    """Return a socket on the port; others can connect to it if it is to ``listen``, and wait until somebody accepts.

    Raises:
        CannotStart: naming the port and the variable that changes it.
    """
    try:
        sock = bind(port.host, port.number)
        if listen:
            sock.listen(BACKLOG)
    except PermissionError as error:
        raise CannotStart(
            f"Port {port.number} needs more rights. Choose one over 1023 with {port.variable}."
        ) from error
    except OSError as error:
        free = port.number + 100 if port.number < 65000 else port.number - 100
        raise CannotStart(
            f"Port {port.number} on {port.host} is in use or not to be had ({error.strerror}). "
            f"Stop what uses it, or choose another: {port.variable}={free} make run"
        ) from error
    return sock


LOOPBACK = "127.0.0.1"


def reached(host: str) -> str:
    """Return the address at which this machine reaches a server that listens on ``host``."""
    return LOOPBACK if host in ("0.0.0.0", "::") else host
