"""The database: connections are opened once, and several processes may share an SQLite file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import sqlalchemy as sa

from lotsen.storage.database import open_engine


def test_connections_are_used_again(tmp_path: Path) -> None:
    """Query after query goes through one connection, which was set up once."""
    engine = open_engine(f"sqlite:///{tmp_path / 'new' / 'lotsen.db'}")
    opened: List[Any] = []
    sa.event.listen(engine, "connect", lambda connection, record: opened.append(connection))
    for _ in range(5):
        with engine.connect() as connection:
            assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
            assert connection.execute(sa.text("PRAGMA foreign_keys")).scalar() == 1
    assert len(opened) == 1


def test_a_reader_sees_what_another_process_wrote(tmp_path: Path) -> None:
    """A connection that is kept open does not keep an old view of the data."""
    url = f"sqlite:///{tmp_path / 'lotsen.db'}"
    here, there = open_engine(url), open_engine(url)
    count = sa.text("SELECT count(*) FROM t")
    with there.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (a INTEGER)"))
    for expected in range(3):
        with here.connect() as connection:
            assert connection.execute(count).scalar() == expected
        with there.begin() as connection:
            connection.execute(sa.text("INSERT INTO t VALUES (1)"))
