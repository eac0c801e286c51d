"""What must hold before anything is started. Each fault is one sentence that says what to do."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

from lotsen.settings import Settings


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


def check_ports(settings: Settings) -> None:
    """Refuse to start when a port is taken, or when two servers would share one.

    Raises:
        CannotStart: naming the port and the variable that changes it.
    """
    if settings.port == settings.actions_port:
        raise CannotStart(f"LOTSEN_PORT and LOTSEN_ACTIONS_PORT are both {settings.port}. Give them different numbers.")
    wanted = (("LOTSEN_PORT", settings.host, settings.port), ("LOTSEN_ACTIONS_PORT", LOOPBACK, settings.actions_port))
    for variable, host, port in wanted:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except PermissionError as error:
                raise CannotStart(f"Port {port} needs more rights. Choose one over 1023 with {variable}.") from error
            except OSError as error:
                other = port + 100 if port < 65000 else port - 100
                raise CannotStart(
                    f"Port {port} on {host} is in use or not to be had ({error.strerror}). "
                    f"Stop what uses it, or choose another: {variable}={other} make run"
                ) from error


LOOPBACK = "127.0.0.1"
