"""The revisions: they give the tables that the code knows, all or nothing, once, and add only."""

from __future__ import annotations

import multiprocessing
import re
import signal
import sqlite3
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from lotsen.audit import table as audit
from lotsen.storage import revision, schema
from lotsen.storage.database import create_tables, open_engine
from lotsen.storage.revision import HEAD, REVISIONS, SchemaTooNew, SchemaTooOld
from tests.storage.beside import upgrade_into, upgrade_until_killed
from tests.storage.every_table import every_table
from tests.support.postgres import Postgres

DUMP = Path(__file__).parent / "releases" / "0.8.sql"
HARMLESS = re.compile(r"DROP TRIGGER IF EXISTS \w+( ON \w+)?")
"""A trigger may be replaced: within a transaction there is no time without it."""
NARROWING = re.compile(
    r"\b(DROP|RENAME|TRUNCATE|DELETE|ALTER COLUMN|ADD CONSTRAINT)\b|ADD COLUMN .*NOT NULL(?! DEFAULT)"
)


def tables(engine: sa.engine.Engine) -> List[str]:
    """Return the names of the tables that a database has."""
    return sorted(set(sa.inspect(engine).get_table_names()) - {"sqlite_sequence"})


def test_the_revisions_give_the_tables_that_the_code_knows(database_url: str) -> None:
    """Tables, columns, types, indexes and triggers of a new database are what the stores describe."""
    assert schema.upgrade(database_url)
    engine = open_engine(database_url)
    known = every_table()
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": revision.VERSION_TABLE,
                "compare_server_default": engine.dialect.name == "postgresql",  # Alembic misreads '' in SQLite.
                "include_name": lambda name, kind, parents: name != "sqlite_sequence",  # SQLite's own.
            },
        )
        assert compare_metadata(context, known) == []
    assert set(tables(engine)) == {*known.tables, revision.VERSION_TABLE}
    schema.check(engine)


def test_the_triggers_are_those_of_the_audit_log(database_url: str) -> None:
    """They say what the audit log's own say, word for word, and the chain has its beginning."""
    schema.upgrade(database_url)
    engine = open_engine(database_url)
    with engine.begin() as connection:
        ours = triggers(connection)
        for name, (table, _) in ours.items():
            where = "" if engine.dialect.name == "sqlite" else f" ON {table}"
            connection.exec_driver_sql(f"DROP TRIGGER {name}{where}")
        assert connection.exec_driver_sql("SELECT entry FROM audit_head").scalar() == 0
    audit.create(engine)
    with engine.connect() as connection:
        assert triggers(connection) == ours


def triggers(connection: sa.engine.Connection) -> Dict[str, Tuple[str, str]]:
    """Return each trigger's table and text."""
    question = (
        "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname, relname, pg_get_triggerdef(t.oid) || prosrc FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = tgrelid JOIN pg_proc p ON p.oid = tgfoid WHERE NOT tgisinternal"
    )
    return {name: (table, " ".join(text.split())) for name, table, text in connection.exec_driver_sql(question)}


def test_the_first_revision_is_the_schema_of_0_8(tmp_path: Path) -> None:
    """It gives, word for word, what Lotsen 0.8 made itself; some tables it made when they were first needed."""
    with sqlite3.connect(tmp_path / "made.db") as made:
        made.executescript(DUMP.read_text(encoding="utf-8"))
        theirs = _words(made)
    engine = schema._engine(f"sqlite:///{tmp_path / 'ours.db'}")  # noqa: SLF001
    with engine.begin() as connection:
        schema.run(connection, "a0001")
    with sqlite3.connect(tmp_path / "ours.db") as ours:
        found = _words(ours)
    assert {name: found.get(name) for name in theirs} == theirs


def _words(database: sqlite3.Connection) -> dict:
    """Return each table, index and trigger as SQLite keeps it, with single spaces."""
    kept = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    return {name: " ".join(sql.split()) for name, sql in kept}


def test_what_is_done_is_not_done_again(database_url: str) -> None:
    """The second upgrade finds nothing to do, and stores open without writing."""
    assert schema.upgrade(database_url)
    assert not schema.upgrade(database_url)
    engine = open_engine(database_url)
    before = tables(engine)
    create_tables(engine, sa.MetaData())
    assert tables(engine) == before


def test_what_an_older_lotsen_made_is_completed(database_url: str) -> None:
    """A table lacks an index, another columns that came later: both get them, and rows are kept."""
    engine, known = open_engine(database_url), every_table()
    old = sa.Table(
        "chat_conversations", sa.MetaData(), *(sa.Column(name, sa.String(255)) for name in ("conversation",))
    )
    known.tables["cases"].create(engine)
    old.create(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX cases_lane")
        connection.exec_driver_sql("ALTER TABLE chat_conversations ADD COLUMN began FLOAT")
        connection.exec_driver_sql("INSERT INTO chat_conversations VALUES ('web-1', 1.5)")
    assert schema.upgrade(database_url)
    with engine.connect() as connection:
        assert "cases_lane" in {index["name"] for index in sa.inspect(connection).get_indexes("cases")}
        row = connection.execute(sa.select(known.tables["chat_conversations"])).one()
    assert tuple(row) == ("web-1", 1.5, None, "", "", None)


@pytest.mark.parametrize("known", ["zz", "b0001", "9999"])
def test_a_newer_database_is_refused(known: str, database_url: str) -> None:
    """Nothing is written to it: neither by an upgrade nor by a store."""
    engine = stamped(database_url, known)
    for refused in (
        lambda: schema.upgrade(database_url),
        lambda: schema.check(engine),
        lambda: create_tables(engine, every_table()),
    ):
        with pytest.raises(SchemaTooNew, match=f"newer Lotsen.*{known}"):
            refused()
    assert tables(engine) == [revision.VERSION_TABLE]


def test_a_later_revision_that_only_adds_is_used(database_url: str) -> None:
    """In a rolling update an old process that starts again goes on beside the new ones."""
    engine = stamped(database_url, f"{HEAD[0]}9999")
    schema.check(engine)
    assert not schema.upgrade(database_url)
    create_tables(engine, every_table())
    assert tables(engine) == [revision.VERSION_TABLE]


def test_an_older_database_is_upgraded_by_nobody_else(database_url: str) -> None:
    """A store says what to do instead of changing it, with a revision and without."""
    engine = stamped(database_url, REVISIONS[0])
    for _ in range(2):
        with pytest.raises(SchemaTooOld, match="lotsen migrate"):
            schema.check(engine)
        with pytest.raises(SchemaTooOld, match="lotsen migrate"):
            create_tables(engine, every_table())
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {revision.VERSION_TABLE}")
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, due FLOAT)")


def stamped(url: str, name: str) -> sa.engine.Engine:
    """Return a database that has a revision, and nothing else."""
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {revision.VERSION_TABLE} (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql(f"INSERT INTO {revision.VERSION_TABLE} VALUES ('{name}')")
    return engine


def test_of_many_one_upgrades(database_url: str) -> None:
    """Four processes start at once, as four machines do: one does it, and all find it done."""
    ways = multiprocessing.get_context("spawn")
    done = ways.Queue()
    several = [ways.Process(target=upgrade_into, args=(database_url, done)) for _ in range(4)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert [one.exitcode for one in several] == [0, 0, 0, 0]
    assert sorted(done.get() for _ in several) == [False, False, False, True]
    schema.check(open_engine(database_url))


@pytest.mark.parametrize("statement", [10, 60, 0])
def test_killed_in_the_middle_it_leaves_the_old_schema(statement: int, database_url: str) -> None:
    """After ``kill -9`` the database has what it had, and the next start upgrades it; with 0 nobody is killed."""
    one = multiprocessing.get_context("spawn").Process(target=upgrade_until_killed, args=(database_url, statement))
    one.start()
    one.join()
    engine = open_engine(database_url)
    assert one.exitcode == (-signal.SIGKILL if statement else 0)
    assert (tables(engine) == []) is bool(statement)
    assert schema.upgrade(database_url) is bool(statement)
    schema.check(engine)


def test_a_table_in_use_is_waited_for_in_turns(postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """In PostgreSQL a long look at a table does not stop everybody behind our change; when it ends we get our turn."""
    url = postgres_server.new_database()
    engine = open_engine(url)
    with engine.begin() as connection:
        schema.run(connection, REVISIONS[0])
    monkeypatch.setattr(schema, "LOCK_MS", 50)
    real, attempts = schema._upgrade_once, []  # noqa: SLF001

    def once(one: sa.engine.Engine) -> bool:
        attempts.append(one)
        if len(attempts) == 3:
            looking.rollback()
        return real(one)

    monkeypatch.setattr(schema, "_upgrade_once", once)
    with engine.connect() as reader:
        looking = reader.begin()
        reader.exec_driver_sql("SELECT * FROM outbox")
        assert schema.upgrade(url)
    assert len(attempts) == 3
    schema.check(engine)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize("since", [None, *REVISIONS[:-1]])
def test_revisions_only_add(since: Optional[str], dialect: str) -> None:
    """Within a generation old processes go on beside new ones: nothing is dropped, renamed or made compulsory."""
    assert all(name[0] == HEAD[0] for name in REVISIONS)
    written = HARMLESS.sub("", schema.statements(dialect, since))
    assert HEAD in written
    statements = [one for one in written.split(";") if not re.search(r"CREATE (OR REPLACE )?(TRIGGER|FUNCTION)", one)]
    assert [one for one in statements if NARROWING.search(one)] == []


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE a DROP COLUMN b", "ALTER TABLE a RENAME TO b", "ALTER TABLE a ADD COLUMN b TEXT NOT NULL"],
)
def test_a_revision_that_takes_away_would_be_seen(statement: str) -> None:
    """The test before this one can fail."""
    assert NARROWING.search(statement)
    assert not NARROWING.search("ALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT ''")


def test_the_names_are_those_of_the_files() -> None:
    """What is known without Alembic is what Alembic finds: one line of revisions, and the first comes first."""
    found = [step.revision for step in schema.script().walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS


def test_sql_for_others_to_run(tmp_path: Path) -> None:
    """What ``--sql`` prints gives the same database as the upgrade."""
    with sqlite3.connect(tmp_path / "by-hand.db") as by_hand:
        by_hand.executescript(schema.statements("sqlite", None))
        words = _words(by_hand)
    schema.upgrade(f"sqlite:///{tmp_path / 'lotsen.db'}")
    with sqlite3.connect(tmp_path / "lotsen.db") as upgraded:
        assert words == _words(upgraded)
    assert not schema.upgrade(f"sqlite:///{tmp_path / 'by-hand.db'}")
