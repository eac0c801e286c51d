"""An engine for PostgreSQL that asks it no more than it must: each question stops the event loop of a server.

An engine usually sends three more beside a query: is the connection alive, begin, and roll back (of a query that
wrote nothing). With all of them, half of what a turn waited for the database was for nothing.
"""

from __future__ import annotations

import select
import time
from typing import Any, Dict

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import URL

WAIT_FOR_POOL = 5
"""Seconds that a thread waits for a connection that another one uses."""
RESTED_SECONDS = 1.0
"""A connection that nobody has used for so long is tried before it is used, as the network may have lost it."""
_SETTINGS: Dict[str, Any] = {
    "application_name": "lotsen",
    "connect_timeout": 3,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "options": "-c statement_timeout=30s -c idle_in_transaction_session_timeout=60s",
}
"""No query waits without end, as the event loop of a server waits with it: 3 s for a connection, 15 s for a server that
has gone silent (milliseconds there), 30 s for a statement, as long as a turn. A process that hangs in a transaction
loses it after a minute, and its locks with it. What ``LOTSEN_DATABASE_URL`` says of these goes before."""


def open_postgresql(url: URL) -> Engine:
    """Return an engine for ``url``: ``connect()`` for a query without a transaction, ``begin()`` for one with."""
    said = {name: value for name, value in _SETTINGS.items() if name not in url.query}
    engine = sa.create_engine(url, connect_args=said, pool_timeout=WAIT_FOR_POOL)
    sa.event.listen(engine, "connect", _be_without_transaction)
    sa.event.listen(engine, "begin", _be_in_transaction)
    sa.event.listen(engine, "checkin", _rest)

    def try_doubtful(connection: Any, record: Any, _proxy: Any) -> None:
        rested = time.monotonic() - record.info.get("rests_since", time.monotonic())
        if (rested > RESTED_SECONDS or _was_told(connection)) and not engine.dialect.do_ping(connection):
            raise sa.exc.InvalidatePoolError  # The pool lets go of all that are as old, and opens another one.

    sa.event.listen(engine, "checkout", try_doubtful)
    return engine


def _was_told(connection: Any) -> bool:
    """Tell whether PostgreSQL has said something while the connection rested: most often, that it closes it.

    So a PostgreSQL that was started anew costs no query, and to look costs no round trip: only the socket is asked.
    """
    if connection.closed:
        return True
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    return bool(looking.poll(0))


def _be_without_transaction(connection: Any, _record: Any) -> None:
    """Let each query stand for itself, unless somebody begins a transaction."""
    connection.autocommit = True


def _be_in_transaction(connection: Connection) -> None:
    """Have psycopg2 send BEGIN before the first query, as somebody has begun a transaction."""
    connection.connection.dbapi_connection.autocommit = False


def _rest(connection: Any, record: Any) -> None:
    """Note since when a connection rests. Its transaction is over; one that was lost is no connection any more."""
    if connection is not None and not connection.closed:
        connection.autocommit = True
    record.info["rests_since"] = time.monotonic()
