"""Bringing a database to this version of Lotsen with Alembic: the revisions are in ``lotsen/storage/migrations``.

All that is to be done is one transaction, in SQLite too: whoever is killed in it leaves the old schema.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Optional

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from lotsen.storage.database import open_engine
from lotsen.storage.revision import HEAD, VERSION_TABLE, SchemaError, SchemaTooNew, SchemaTooOld, current, fits

__all__ = ["SchemaError", "SchemaTooNew", "SchemaTooOld", "check", "revision_of", "script", "statements", "upgrade"]

WAIT_SECONDS = 600
"""So long one process waits while another upgrades."""
LOCK_MS = 5000
"""So long a table may be waited for in PostgreSQL: who waits for it after us waits as long."""
TRIES = 12
_ADVISORY = 0x4C4F5453454E
"""The number of our advisory lock in PostgreSQL: "LOTSEN"."""
_LOCK_NOT_AVAILABLE = "55P03"


def upgrade(url: str) -> bool:
    """Bring the database to the newest revision; tell whether anything had to be done.

    Several processes may call it at the same time: one does it, the others wait. A database of a later revision that
    only adds is left as it is.

    Raises:
        SchemaTooNew: if only a newer Lotsen can use the database. Nothing is written then.
        sqlalchemy.exc.SQLAlchemyError: if the database cannot be changed. It is as it was then.
    """
    engine = _engine(url)
    try:
        if fits(revision_of(engine)):
            return False
        for attempt in range(1, TRIES + 1):
            try:
                return _upgrade_once(engine)
            except sa.exc.OperationalError as error:
                if getattr(error.orig, "pgcode", None) != _LOCK_NOT_AVAILABLE or attempt == TRIES:
                    raise
        raise AssertionError("the last attempt returns or raises")
    finally:
        engine.dispose()


def check(engine: Engine) -> None:
    """Make sure that the database is at a revision that this version can use.

    Raises:
        SchemaTooOld: if it has to be upgraded first.
        SchemaTooNew: if it belongs to a newer version; a process must not write to tables that it does not know.
    """
    if not fits(revision_of(engine)):
        raise SchemaTooOld


def revision_of(engine: Engine) -> Optional[str]:
    """Return the database's revision; None if it is empty, or of Lotsen 0.8 or older."""
    with engine.connect() as connection:
        return current(connection)


def statements(dialect: str, since: Optional[str], until: str = HEAD) -> str:
    """Return the SQL of an upgrade, for people who run it themselves.

    ``dialect`` is ``sqlite`` or ``postgresql``. ``since`` None: an empty database, or one of Lotsen 0.8.
    """
    written = io.StringIO()
    options = {"as_sql": True, "starting_rev": since, "destination_rev": until}
    _run(until, options, dialect_name=dialect, output_buffer=written, literal_binds=True, transactional_ddl=True)
    return written.getvalue()


def script() -> ScriptDirectory:
    """Return the revisions."""
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def _engine(url: str) -> Engine:
    """Open the database so that changes of the schema are in the transaction, which pysqlite does not do by itself."""
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _leave_transactions_to_us)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    """Begin nothing unasked, and wait until another process has upgraded."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={WAIT_SECONDS * 1000}")


def _upgrade_once(engine: Engine) -> bool:
    """Upgrade in one transaction, unless another process has done it meanwhile."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # A large table may take its time.
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY})")
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_MS}ms'")
        if fits(current(connection)):
            return False
        run(connection)
        return True


def run(connection: Connection, until: str = HEAD) -> None:
    """Upgrade within the connection's transaction, up to a revision."""
    _run(until, {}, connection=connection)


def _run(until: str, options: Any, **context: Any) -> None:
    """Let Alembic run the revisions."""
    revisions = script()
    steps = lambda revision, _context: revisions._upgrade_revs(until, revision)  # noqa: E731, SLF001 - as its commands do
    with EnvironmentContext(Config(), revisions, fn=steps, **options) as environment:
        environment.configure(version_table=VERSION_TABLE, **context)
        with environment.begin_transaction():
            environment.run_migrations()
