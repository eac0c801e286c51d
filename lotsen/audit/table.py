"""The tables of the audit log, and the triggers that make the database itself refuse to change it.

Only the oldest entries can be deleted, and only up to an anchor (``lotsen/audit/purge.py``).
"""

from __future__ import annotations

import contextlib
from typing import Sequence, Union

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

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

anchors = sa.Table(
    "audit_anchors",
    _metadata,
    # Where the chain begins after a purge: the number, hash and time of the last entry that went, when, and how many.
    sa.Column("entry", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("purged", UtcDateTime, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
)

ONLY_FORWARD = "audit_anchor_only_forward"
TRIGGERS = (
    "audit_log_no_update",
    "audit_log_only_purged",
    "audit_head_no_delete",
    "audit_head_only_grows",
    ONLY_FORWARD,
    "audit_anchor_no_change",
)
SQLITE_TRIGGERS = (*TRIGGERS, "audit_log_no_replace", "audit_head_no_replace", "audit_anchor_no_delete")
"""Where ``INSERT OR REPLACE`` takes a row away, no trigger for deleting it is run."""
POSTGRESQL_TRIGGERS = (*TRIGGERS, "audit_log_no_truncate")
BEFORE_PURGES = ("audit_log_no_delete",)
"""Triggers of an older Lotsen, which let no entry go at all."""
_LATEST = "coalesce((SELECT max(entry) FROM audit_anchors), 0)"
_KNOWN = "EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.entry AND hash = NEW.hash)"
_SQLITE = [
    f"""CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} {when}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
    for name, event, table, when in (
        ("audit_log_no_update", "UPDATE", "audit_log", ""),
        ("audit_log_only_purged", "DELETE", "audit_log", f"WHEN OLD.id > {_LATEST}"),
        ("audit_head_no_delete", "DELETE", "audit_head", ""),
        ("audit_head_only_grows", "UPDATE", "audit_head", "WHEN NEW.entry < OLD.entry"),
        (
            "audit_log_no_replace",
            "INSERT",
            "audit_log",
            "WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id OR previous = NEW.previous OR hash = NEW.hash)",
        ),
        ("audit_head_no_replace", "INSERT", "audit_head", "WHEN EXISTS (SELECT 1 FROM audit_head)"),
        (ONLY_FORWARD, "INSERT", "audit_anchors", f"WHEN NEW.entry <= {_LATEST} OR NOT {_KNOWN}"),
        ("audit_anchor_no_change", "UPDATE", "audit_anchors", ""),
        ("audit_anchor_no_delete", "DELETE", "audit_anchors", ""),
    )
]
_POSTGRESQL = [
    f"""CREATE OR REPLACE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$""",
    f"""CREATE OR REPLACE FUNCTION audit_log_purged() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF OLD.id > {_LATEST} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN OLD; END $$""",
    f"""CREATE OR REPLACE FUNCTION audit_anchor_forward() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.entry <= {_LATEST} OR NOT {_KNOWN} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN NEW; END $$""",
    *(
        f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {table} {each} EXECUTE FUNCTION {function}()"
        for name, event, table, each, function in (
            ("audit_log_no_update", "UPDATE", "audit_log", "FOR EACH STATEMENT", "audit_log_refuse"),
            ("audit_log_only_purged", "DELETE", "audit_log", "FOR EACH ROW", "audit_log_purged"),
            ("audit_log_no_truncate", "TRUNCATE", "audit_log", "FOR EACH STATEMENT", "audit_log_refuse"),
            ("audit_head_no_delete", "DELETE OR TRUNCATE", "audit_head", "FOR EACH STATEMENT", "audit_log_refuse"),
            (
                *("audit_head_only_grows", "UPDATE", "audit_head"),
                *("FOR EACH ROW WHEN (NEW.entry < OLD.entry)", "audit_log_refuse"),
            ),
            (ONLY_FORWARD, "INSERT", "audit_anchors", "FOR EACH ROW", "audit_anchor_forward"),
            (
                *("audit_anchor_no_change", "UPDATE OR DELETE OR TRUNCATE", "audit_anchors"),
                *("FOR EACH STATEMENT", "audit_log_refuse"),
            ),
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
            with engine.connect() as connection:
                complete = _complete(connection)
            if complete:
                break
            with engine.begin() as connection:
                renew_triggers(connection)
        except sa.exc.DBAPIError:  # PostgreSQL refuses when another process makes the same at this moment.
            if attempt == TRIES:
                raise
    _begin(engine)


def renew_triggers(connection: Connection) -> None:
    """Make the triggers that are not there, in the caller's transaction, and drop those of an older Lotsen.

    The tables must be there. Done again it changes nothing.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if the database does not let us.
    """
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:  # In the order in which writers take them; else we and one of them could wait for each other.
        connection.execute(sa.text("LOCK TABLE audit_head, audit_log, audit_anchors IN SHARE ROW EXCLUSIVE MODE"))
    for statement in _SQLITE if sqlite else _POSTGRESQL:
        connection.execute(sa.text(statement))
    for name in BEFORE_PURGES:
        connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {name}{'' if sqlite else ' ON audit_log'}"))


def _begin(engine: Engine) -> None:
    """Make the head of an empty chain. One that is gone while there are entries is not made anew: that must show."""
    with engine.connect() as connection:
        begun = [connection.execute(sa.select(one).limit(1)).first() for one in (head, entries, anchors)]
    if begun == [None, None, None]:
        # Another process may make it at the same moment: in SQLite a trigger refuses the second.
        with contextlib.suppress(sa.exc.IntegrityError), engine.begin() as connection:
            insert_if_new(connection, head, {"id": 1, "entry": 0, "hash": NOTHING})


def _complete(connection: Connection) -> bool:
    """Tell whether the triggers are there, and no older ones."""
    there = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgrelid IN "
        "(to_regclass('audit_log'), to_regclass('audit_head'), to_regclass('audit_anchors'))"
    )
    known = set(connection.execute(sa.text(there)).scalars())
    return set(names(connection)) <= known and not known & set(BEFORE_PURGES)


def names(bind: Union[Engine, Connection]) -> Sequence[str]:
    """Return the names of the triggers that a database has."""
    return SQLITE_TRIGGERS if bind.dialect.name == "sqlite" else POSTGRESQL_TRIGGERS
