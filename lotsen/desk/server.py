"""The desk's process, which ``lotsen up`` starts: ``python -m lotsen.desk.server``."""

from __future__ import annotations

import logging
import os
import sys

import uvicorn

from lotsen.desk.access.config import read_triage
from lotsen.desk.app import create_app
from lotsen.desk.services import open_desk
from lotsen.settings import SettingError, Settings

STOP_SECONDS = 5
BACKLOG = 100


def main() -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # It writes addresses, and those of a sign-in have codes.
    try:
        settings = Settings.read()
        config = read_triage(os.environ, settings)
    except SettingError as error:
        print(error, file=sys.stderr)
        return 1
    desk = open_desk(settings, os.environ)
    ways = {"oidc": config.oidc, "proxy": config.proxy, "local": config.local}
    desk.sessions.keep_only([way for way, on in ways.items() if on])
    uvicorn.run(
        create_app(desk),
        host=config.host,
        port=config.port,
        ws="none",  # What comes with Sanic is too old for it, and nobody here uses it.
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
