"""What Lotsen 0.9 adds: a deletion log, an audit log that can be purged, what several machines share, a letter's turn.

The audit log's oldest entries can be deleted now, up to an anchor that says where the chain begins.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lotsen.storage.migrations.adding import add_columns, add_table

revision = "a0002"
down_revision = "a0001"

_metadata = sa.MetaData()
_TIME = sa.DateTime(timezone=True)

sa.Table(
    "limit_counts",
    _metadata,
    sa.Column("counted", sa.String(100), primary_key=True),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Index("ix_limit_counts_expires", "expires"),
)
sa.Table(
    "widget_versions",
    _metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("script", sa.Text, nullable=False),
)
sa.Table(
    "deletions",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("before", _TIME),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("by", sa.String(20), nullable=False),
    sa.Column("version", sa.String(40), nullable=False),
    sqlite_autoincrement=True,
)
sa.Table(
    "purges",
    _metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("claimed", _TIME, nullable=False),
    sa.Column("ended", _TIME),
)
sa.Table(
    "audit_anchors",
    _metadata,
    sa.Column("entry", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("purged", _TIME, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
)

_REFUSAL = "the audit log is only appended to"
_LATEST = "coalesce((SELECT max(entry) FROM audit_anchors), 0)"
_KNOWN = "EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.entry AND hash = NEW.hash)"
_SQLITE = [
    *(
        f"""CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} {when}
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"""
        for name, event, table, when in (
            ("audit_log_only_purged", "DELETE", "audit_log", f"WHEN OLD.id > {_LATEST}"),
            ("audit_anchor_only_forward", "INSERT", "audit_anchors", f"WHEN NEW.entry <= {_LATEST} OR NOT {_KNOWN}"),
            ("audit_anchor_no_change", "UPDATE", "audit_anchors", ""),
            ("audit_anchor_no_delete", "DELETE", "audit_anchors", ""),
        )
    ),
    "DROP TRIGGER IF EXISTS audit_log_no_delete",
]
_POSTGRESQL = [
    f"""CREATE OR REPLACE FUNCTION audit_log_purged() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF OLD.id > {_LATEST} THEN RAISE EXCEPTION '{_REFUSAL}'; END IF; RETURN OLD; END $$""",
    f"""CREATE OR REPLACE FUNCTION audit_anchor_forward() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.entry <= {_LATEST} OR NOT {_KNOWN} THEN RAISE EXCEPTION '{_REFUSAL}'; END IF; RETURN NEW; END $$""",
    *(
        f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
        for name, event, table, each, function in (
            ("audit_log_only_purged", "DELETE", "audit_log", "ROW", "audit_log_purged"),
            ("audit_log_no_truncate", "TRUNCATE", "audit_log", "STATEMENT", "audit_log_refuse"),
            ("audit_anchor_only_forward", "INSERT", "audit_anchors", "ROW", "audit_anchor_forward"),
            (
                *("audit_anchor_no_change", "UPDATE OR DELETE OR TRUNCATE", "audit_anchors"),
                *("STATEMENT", "audit_log_refuse"),
            ),
        )
    ),
    "DROP TRIGGER IF EXISTS audit_log_no_delete ON audit_log",
]


def upgrade() -> None:
    """Add what is missing."""
    for table in _metadata.sorted_tables:
        add_table(table)
    add_columns("outbox", [sa.Column("turn", sa.String(32))])
    for statement in _SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
