"""The desk's process, which ``lotsen up`` starts: ``python -m lotsen.desk.server``."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from typing import Optional, Sequence

import uvicorn

from lotsen.desk.access.config import read_triage
from lotsen.desk.app import create_app
from lotsen.desk.connections import CarefulProtocol
from lotsen.desk.services import open_desk
from lotsen.observability.logs import configure
from lotsen.runtime.open_files import raise_file_limit
from lotsen.runtime.ready import BEAT_SECONDS, Heart, add_arguments
from lotsen.runtime.sockets import BACKLOG, listening
from lotsen.settings import SettingError, Settings

STOP_SECONDS = 5


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    parser = argparse.ArgumentParser(prog="lotsen.desk.server", description=(__doc__ or "").splitlines()[0])
    add_arguments(parser)
    given = parser.parse_args(arguments)
    try:
        settings = Settings.read()
        config = read_triage(os.environ, settings)
    except SettingError as error:
        print(error, file=sys.stderr)
        return 1
    configure("triage", settings)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # It writes addresses, and those of a sign-in have codes.
    desk = open_desk(settings, os.environ)
    ways = {"oidc": config.oidc, "proxy": config.proxy, "local": config.local}
    desk.sessions.keep_only([way for way, on in ways.items() if on])
    try:
        sock = listening(config.host, config.port, given.fd)
    except OSError as error:
        print(f"Port {config.port} on {config.host} is not to be had ({error.strerror}).", file=sys.stderr)
        return 1
    raise_file_limit()
    heart = Heart(given.beat)

    async def beat() -> None:
        heart.beat()

    options = uvicorn.Config(
        create_app(desk),
        http=CarefulProtocol,
        ws="none",  # What comes with Sanic is too old for it, and nobody here uses it.
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_SECONDS,
        callback_notify=beat,
        timeout_notify=BEAT_SECONDS,
    )
    uvicorn.Server(options).run(sockets=[sock])
    return 0


if __name__ == "__main__":
    sys.exit(main())
