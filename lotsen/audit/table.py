"""The tables of the audit log, and the triggers that make the database itself refuse to change it."""

from __future__ import annotations

import contextlib
from typing import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.storage.database import UtcDateTime, create_tables, insert_if_new

NOTHING = "0" * 64
"""What stands before the first entry."""
REFUSAL = "the audit log is only appended to"
TRIES = 5
"""So often triggers are made again when another process makes them at the same moment."""

_metadata = sa.MetaData()
entries = sa.Table(
    "audit_log",
    _metadata,
    # Numbered by us, without gaps, so that a missing entry shows.
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("case_id", sa.Integer),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False, unique=True),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Index("audit_log_case", "case_id", "id"),
    sa.Index("audit_log_action", "action", "id"),
)
head = sa.Table(
    "audit_head",
    _metadata,
    # One row: whoever appends holds it until the end of the transaction, so the chain has no forks.
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

TRIGGERS = ("audit_log_no_update", "audit_log_no_delete", "audit_head_no_delete", "audit_head_only_grows")
SQLITE_TRIGGERS = (*TRIGGERS, "audit_log_no_replace", "audit_head_no_replace")
"""Where ``INSERT OR REPLACE`` takes a row away, no trigger for deleting it is run."""
_SQLITE = [
    f"""CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} {when}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
    for name, event, table, when in (
        ("audit_log_no_update", "UPDATE", "audit_log", ""),
        ("audit_log_no_delete", "DELETE", "audit_log", ""),
        ("audit_head_no_delete", "DELETE", "audit_head", ""),
        ("audit_head_only_grows", "UPDATE", "audit_head", "WHEN NEW.entry < OLD.entry"),
        (
            "audit_log_no_replace",
            "INSERT",
            "audit_log",
            "WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id OR previous = NEW.previous OR hash = NEW.hash)",
        ),
        ("audit_head_no_replace", "INSERT", "audit_head", "WHEN EXISTS (SELECT 1 FROM audit_head)"),
    )
]
_POSTGRESQL = [
    f"""CREATE OR REPLACE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$""",
    *(
        f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {table} {each} EXECUTE FUNCTION audit_log_refuse()"
        for name, event, table, each in (
            ("audit_log_no_update", "UPDATE", "audit_log", "FOR EACH STATEMENT"),
            ("audit_log_no_delete", "DELETE OR TRUNCATE", "audit_log", "FOR EACH STATEMENT"),
            ("audit_head_no_delete", "DELETE OR TRUNCATE", "audit_head", "FOR EACH STATEMENT"),
            ("audit_head_only_grows", "UPDATE", "audit_head", "FOR EACH ROW WHEN (NEW.entry < OLD.entry)"),
        )
    ),
]


def create(engine: Engine) -> None:
    """Make the tables, their triggers and the row of the head, whichever of them is not there.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if the triggers cannot be made: without them there is no log.
    """
    for attempt in range(1, TRIES + 1):
        try:
            create_tables(engine, _metadata)
            if _missing(engine) == 0:
                break
            with engine.begin() as connection:
                for statement in _SQLITE if engine.dialect.name == "sqlite" else _POSTGRESQL:
                    connection.execute(sa.text(statement))
        except sa.exc.DBAPIError:  # PostgreSQL refuses when another process makes the same at this moment.
            if attempt == TRIES:
                raise
    _begin(engine)


def _begin(engine: Engine) -> None:
    """Make the head of an empty chain. One that is gone while there are entries is not made anew: that must show."""
    with engine.connect() as connection:
        begun = [connection.execute(sa.select(one.c.id).limit(1)).first() for one in (head, entries)]
    if begun == [None, None]:
        # Another process may make it at the same moment: in SQLite a trigger refuses the second.
        with contextlib.suppress(sa.exc.IntegrityError), engine.begin() as connection:
            insert_if_new(connection, head, {"id": 1, "entry": 0, "hash": NOTHING})


def _missing(engine: Engine) -> int:
    """Return how many triggers are not there."""
    there = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgrelid IN (to_regclass('audit_log'), to_regclass('audit_head'))"
    )
    with engine.connect() as connection:
        known = set(connection.execute(sa.text(there)).scalars())
    return len(set(names(engine)) - known)


def names(engine: Engine) -> Sequence[str]:
    """Return the names of the triggers that a database has."""
    return SQLITE_TRIGGERS if engine.dialect.name == "sqlite" else TRIGGERS
