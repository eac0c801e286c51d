"""The database and Redis, reached before anything is started: what waits for them in vain would say nothing."""

from __future__ import annotations

import threading
import time
from typing import Callable

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from lotsen.runtime.checks import CannotStart
from lotsen.settings import SettingError
from lotsen.storage.schema import upgrade

WAIT_SECONDS = 20.0
"""So long a service that starts at the same time as Lotsen may take."""
_LOOK_SECONDS = 1.0


def bring_database_up_to_date(url: str, stop: threading.Event) -> None:
    """Bring the database to this version's schema.

    Raises:
        CannotStart: if it cannot be reached.
        SettingError: if the URL cannot be read, or if the database belongs to a newer Lotsen.
    """
    try:
        make_url(url)
    except sa.exc.ArgumentError as error:
        raise SettingError("LOTSEN_DATABASE_URL cannot be read; write e.g. postgresql://user@host/lotsen.") from error

    def do() -> str:
        try:
            upgrade(url)
        except sa.exc.OperationalError as error:
            return f"The database that LOTSEN_DATABASE_URL names cannot be used: {str(error.orig).strip()}"
        return ""

    _until_reached(do, stop)


def reach_redis(url: str, stop: threading.Event) -> None:
    """Make sure that Redis holds locks, if one is set: Rasa would go on with locks in memory, without a word.

    Raises:
        CannotStart: if it does not.
    """
    if not url:
        return
    from lotsen.storage.redis_locks import NoRedis, check_redis  # It brings Rasa along.

    def do() -> str:
        try:
            check_redis(url)
        except NoRedis as error:
            return str(error)
        return ""

    _until_reached(do, stop)


def _until_reached(do: Callable[[], str], stop: threading.Event) -> None:
    """Do something until it returns no problem, or we are told to stop.

    Raises:
        CannotStart: with the last problem.
    """
    until = time.monotonic() + WAIT_SECONDS
    while (problem := do()) and not stop.is_set():
        if time.monotonic() >= until:
            raise CannotStart(problem)
        stop.wait(_LOOK_SECONDS)
