"""The schema of Lotsen 0.8: made in an empty database, and completed in one of 0.8 or older."""

from __future__ import annotations

from alembic import op

from lotsen.storage.migrations.adding import add_table
from lotsen.storage.migrations.release_0_8 import BEGIN_CHAIN, METADATA, POSTGRESQL, SQLITE

revision = "a0001"
down_revision = None


def upgrade() -> None:
    """Add what is missing."""
    for table in METADATA.sorted_tables:
        add_table(table)
    for statement in SQLITE if op.get_context().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    op.execute(BEGIN_CHAIN)
