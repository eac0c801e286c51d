"""Databases of earlier releases. ``README.md`` tells how they are made; here they are loaded."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict

import sqlalchemy as sa

from lotsen.storage.database import open_engine
from lotsen.storage.migrations.release_0_8 import METADATA, POSTGRESQL

HERE = Path(__file__).parent
RELEASES = sorted(path.stem for path in HERE.glob("*.sql"))


def known(release: str) -> Dict[str, Any]:
    """Return the release's key, and what its users have in hand."""
    found: Dict[str, Any] = json.loads((HERE / f"{release}.json").read_text(encoding="utf-8"))
    return found


def load(release: str, url: str) -> None:
    """Make the release's database in an empty one; in PostgreSQL from the same rows."""
    script = (HERE / f"{release}.sql").read_text(encoding="utf-8")
    parsed = sa.engine.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with sqlite3.connect(str(parsed.database)) as database:
            database.executescript(script)
        database.close()
        return
    source = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    source.raw_connection().executescript(script)
    there, engine = set(sa.inspect(source).get_table_names()), open_engine(url)
    METADATA.create_all(engine)
    with source.connect() as rows, engine.begin() as target:
        for table in METADATA.sorted_tables:
            found = rows.execute(sa.select(table)).mappings().all() if table.name in there else []
            if found:
                target.execute(table.insert(), [{name: _utc(value) for name, value in row.items()} for row in found])
            if found and "id" in table.c and isinstance(table.c.id.type, sa.Integer) and table.c.id.autoincrement:
                counter = f"pg_get_serial_sequence('{table.name}', 'id')"
                highest = f"(SELECT max(id) FROM {table.name})"
                target.exec_driver_sql(f"SELECT setval({counter}, {highest}) WHERE {counter} IS NOT NULL")
        for statement in POSTGRESQL:
            target.exec_driver_sql(statement)
    engine.dispose()


def _utc(value: Any) -> Any:
    """SQLite forgets the time zone."""
    return value.replace(tzinfo=timezone.utc) if isinstance(value, datetime) else value
