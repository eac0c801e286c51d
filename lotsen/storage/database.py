"""One SQLAlchemy engine for a database URL, with the settings that SQLite needs when several processes share it."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url

from lotsen.storage.postgresql import open_postgresql
from lotsen.storage.revision import SchemaTooOld, current, fits

BUSY_MS = 5000
_ANOTHER_DID = (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.IntegrityError)
"""What databases say when another process has just made the same table, column or index."""
POOL_SIZE = 5
"""Connections that are kept open for the next query; one is enough for a process without threads."""


class UtcDateTime(sa.types.TypeDecorator):
    """A time in UTC. SQLite forgets time zones; this puts UTC back when reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Optional[datetime], dialect: Any) -> Optional[datetime]:
        """Write a time as UTC."""
        return value.astimezone(timezone.utc) if value is not None else None

    def process_result_value(self, value: Optional[datetime], dialect: Any) -> Optional[datetime]:
        """Read a time as UTC."""
        return value.replace(tzinfo=timezone.utc) if value is not None and value.tzinfo is None else value


def open_engine(url: str) -> Engine:
    """Return an engine for ``url``; makes the folder of an SQLite file.

    Raises:
        sqlalchemy.exc.ArgumentError: if the URL cannot be read.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return open_postgresql(parsed)
    pool: Dict[str, Any] = {}
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        # Without this, SQLAlchemy opens the file and sets it up again for each query, which took a sixth of a turn.
        pool = {"poolclass": sa.pool.QueuePool, "pool_size": POOL_SIZE}
    engine = sa.create_engine(parsed, connect_args={"check_same_thread": False}, **pool)
    sa.event.listen(engine, "connect", prepare_sqlite)
    return engine


def create_tables(engine: Engine, metadata: sa.MetaData) -> None:
    """Make sure that a store's tables are there: make them in a database that has none, which tests and commands meet.

    An older Lotsen's database is brought to this version by ``lotsen up`` and ``lotsen migrate`` alone.

    Raises:
        SchemaTooOld: if that has not been done.
        SchemaTooNew: if the database belongs to a newer Lotsen.
    """
    with engine.connect() as connection:
        revision = current(connection)
    if revision is not None and fits(revision):
        return
    if revision is not None:
        raise SchemaTooOld
    try:
        metadata.create_all(engine)
    except _ANOTHER_DID:
        metadata.create_all(engine)
    known = sa.inspect(engine)
    for table in metadata.sorted_tables:
        there = {column["name"] for column in known.get_columns(table.name)}
        if not there.issuperset(table.columns.keys()):
            raise SchemaTooOld


def insert_if_new(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> Optional[Any]:
    """Insert a row, in the caller's transaction; return its first key, or None if a unique constraint has one like it.

    Looking before writing is not enough: another process may write the same row between the two.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    done = connection.execute(insert(table).values(**values).on_conflict_do_nothing())
    return done.inserted_primary_key[0] if done.rowcount == 1 else None


def prepare_sqlite(connection: Any, _record: Any) -> None:
    """Let readers and one writer work side by side, and wait for a lock rather than fail."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # On by default in Debian's SQLite only.
    cursor.close()
