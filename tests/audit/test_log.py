"""The audit log: appended to by many at once, read by the auditor, and kept by the database from being changed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import List

import pytest
from sqlalchemy.exc import DBAPIError

from lotsen.audit.log import Actor, AuditLog, Entry
from lotsen.audit.table import NOTHING
from lotsen.audit.verify import verify
from lotsen.privacy.masking import TOKEN
from lotsen.storage.database import open_engine
from tests.cases.made import NOW, NUMBER, Clock

AASA, OMAR = Actor("id-aasa", "Åsa Lind"), Actor("id-omar", "Omar Haddad")


@pytest.fixture
def log(database_url: str) -> AuditLog:
    """An empty log."""
    return AuditLog(open_engine(database_url), Clock())


def test_an_entry(log: AuditLog) -> None:
    """What it says, its own hash and that of the one before."""
    log.add(AASA, "view", 12)
    log.add(OMAR, "sign_in", detail=f"oidc {NUMBER}\x00")
    second, first = log.read()
    assert first == Entry(1, NOW, AASA, "view", 12, "", NOTHING, first.hash)
    assert second == Entry(2, NOW, OMAR, "sign_in", None, f"oidc {TOKEN}", first.hash, second.hash)
    assert [first.seal(), second.seal()] == [first.hash, second.hash]
    assert len({first.hash, second.hash, NOTHING}) == 3


def test_reading(log: AuditLog) -> None:
    """The latest first, in pages; by whom, by what, by case."""
    for number in range(1, 8):
        log.add(AASA if number % 2 else OMAR, "view" if number < 6 else "reply", number % 3)
    assert [entry.id for entry in log.read(limit=3)] == [7, 6, 5]
    assert [entry.id for entry in log.read(before=5, limit=3)] == [4, 3, 2]
    assert [entry.id for entry in log.read(actor="id-omar")] == [6, 4, 2]
    assert [entry.id for entry in log.read(actor="åsa", action="reply")] == [7]
    assert [entry.id for entry in log.read(actor="HADD", case=1)] == [4]
    assert log.read(actor="id_omar") == log.read(actor="%") == log.read(before=1) == log.read(case=9) == []


def test_part_of_a_transaction(log: AuditLog, database_url: str) -> None:
    """What is rolled back leaves no entry and no gap."""
    log.add(AASA, "view", 1)
    engine = open_engine(database_url)
    with pytest.raises(RuntimeError), engine.begin() as connection:
        log.add(AASA, "reply", 1, connection=connection)
        raise RuntimeError
    with engine.begin() as connection:
        log.add(AASA, "note", 1, connection=connection)
        log.add(AASA, "take", 1, connection=connection)
    assert [(entry.id, entry.action) for entry in log.read()] == [(3, "take"), (2, "note"), (1, "view")]
    assert verify(engine).whole


REPLACE = "INSERT OR REPLACE INTO"


@pytest.mark.parametrize(
    "statement",
    [
        f"{REPLACE} audit_log SELECT id, at, actor, actor_name, action, case_id, 'x', previous, hash FROM audit_log",
        f"{REPLACE} audit_head VALUES (1, 0, '')",
        f"{REPLACE} audit_head VALUES (2, 0, '')",
        "UPDATE audit_log SET detail = 'x'",
        "UPDATE audit_log SET actor_name = 'x' WHERE id = 1",
        "DELETE FROM audit_log",
        "DELETE FROM audit_log WHERE id = 2",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET entry = 1",
    ],
)
def test_the_database_refuses(statement: str, log: AuditLog, database_url: str) -> None:
    """Whoever reaches it as Lotsen does cannot change or shorten the log by one statement."""
    if statement.startswith(REPLACE) and not database_url.startswith("sqlite"):
        statement = "UPDATE audit_log SET case_id = NULL"  # There is no such statement.
    log.add(AASA, "view", 1)
    log.add(AASA, "view", 2)
    before = log.read()
    with pytest.raises(DBAPIError, match="only appended to"), open_engine(database_url).begin() as connection:
        connection.execute(statement)
    assert log.read() == before


def test_truncating_is_refused(postgres_server: object, database_url: str) -> None:
    """In PostgreSQL that is a way of its own."""
    if not database_url.startswith("postgresql"):
        database_url = postgres_server.new_database()  # type: ignore[attr-defined]
    log = AuditLog(open_engine(database_url))
    log.add(AASA, "view", 1)
    with pytest.raises(DBAPIError, match="only appended to"), open_engine(database_url).begin() as connection:
        connection.execute("TRUNCATE audit_log")
    assert len(log.read()) == 1


def test_many_at_once(database_url: str) -> None:
    """Each makes the tables, and writes: every entry is there, in one chain without forks."""
    writers, each = 6, 10
    together = threading.Barrier(writers)

    def write(number: int) -> List[int]:
        engine = open_engine(database_url)
        together.wait(60)
        log = AuditLog(engine)
        for count in range(each):
            log.add(Actor(f"id-{number}", "x"), "view", count)
        engine.dispose()
        return [number] * each

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    engine = open_engine(database_url)
    entries = AuditLog(engine).read()
    assert sorted((entry.actor.id, entry.case) for entry in entries) == sorted(
        (f"id-{number}", count) for number in range(writers) for count in range(each)
    )
    assert verify(engine, batch=7).entries == writers * each
