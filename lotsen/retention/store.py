"""The database as the purge opens it: what is deleted must not stay readable in SQLite's files."""

from __future__ import annotations

import contextlib
import logging
from typing import Any, Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.storage.database import open_engine

logger = logging.getLogger(__name__)


def open_for_deleting(url: str) -> Engine:
    """Return an engine whose deletions overwrite what was there.

    Raises:
        sqlalchemy.exc.ArgumentError: if the URL cannot be read.
    """
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _overwrite)
    return engine


@contextlib.contextmanager
def deleting(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes from its beginning: on SQLite nobody writes between its look and its write."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


def sweep(engine: Engine) -> None:
    """Take what was deleted out of SQLite's write-ahead log, too. PostgreSQL has autovacuum for that."""
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
    if busy:
        logger.warning(
            "Somebody reads the database, so its write-ahead log could not be emptied; it soon is by itself."
        )


def _overwrite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
