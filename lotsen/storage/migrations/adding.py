"""What revisions do: add what is not there. As SQL for others to run, columns are taken to be missing."""

from __future__ import annotations

from typing import Collection

import sqlalchemy as sa
from alembic import op


def add_table(table: sa.Table) -> None:
    """Make a table with its indexes; one that is there gets the columns and indexes that it lacks.

    Only columns that may be empty or have a server default can come in this way.
    """
    op.execute(sa.schema.CreateTable(table, if_not_exists=True))
    if not op.get_context().as_sql:
        add_columns(table.name, table.columns)
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        op.execute(sa.schema.CreateIndex(index, if_not_exists=True))


def add_columns(table: str, columns: Collection[sa.Column]) -> None:
    """Add the columns that a table lacks."""
    context, there = op.get_context(), set()
    if not context.as_sql:
        there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in there:
            definition = sa.schema.CreateColumn(column).compile(dialect=context.dialect)
            op.execute(f"ALTER TABLE {table} ADD COLUMN {definition}")
