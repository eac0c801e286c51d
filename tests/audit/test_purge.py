"""The audit log's oldest part goes, and what is left can still be checked; nothing goes in any other way unnoticed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import List

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from lotsen.audit import table
from lotsen.audit.log import AuditLog
from lotsen.audit.purge import PURGED, count_old, detail_of, purge_old
from lotsen.audit.table import anchors, entries, head
from lotsen.audit.verify import Wrong, verify
from lotsen.storage.database import open_engine
from tests.audit.test_verify import AASA, COUNT, fill, seal_again, unlock
from tests.cases.made import NOW, Clock

LATER = NOW + timedelta(days=800)


@pytest.fixture
def engine(database_url: str) -> Engine:
    """A log with ten entries, a minute apart."""
    engine = open_engine(database_url)
    fill(engine)
    return engine


def purge(engine: Engine, minutes: int, at_once: int = 5000) -> int:
    """Delete what is older than so many minutes after the first entry; return how much went."""
    gone = 0
    while True:
        with engine.begin() as connection:
            some = purge_old(connection, NOW + timedelta(minutes=minutes), LATER, at_once)
        gone += some
        if not some:
            return gone


def test_what_is_left_is_whole(engine: Engine) -> None:
    """The chain goes on from where it was cut; the purge is an entry of it; more can be added and purged."""
    hashes = [entry.hash for entry in AuditLog(engine).read()][::-1]
    with engine.connect() as connection:
        assert count_old(connection, NOW + timedelta(minutes=4)) == (4, NOW)
    assert purge(engine, 4) == 4
    report = verify(engine)
    assert (report.whole, report.purged, report.entries) == (True, 4, COUNT + 1)
    last = AuditLog(engine).read(limit=1)[0]
    assert (last.action, last.detail, last.at) == (PURGED, detail_of(4, hashes[3]), LATER)
    with engine.connect() as connection:
        kept = connection.execute(sa.select(anchors)).one()
    assert tuple(kept) == (4, hashes[3], NOW + timedelta(minutes=3), LATER, 4)
    assert verify(engine, hashes[3]).whole
    assert verify(engine, hashes[8]).whole
    assert verify(engine, hashes[1]).wrong is Wrong.OTHER
    AuditLog(engine).add(AASA, "view")
    assert purge(engine, 4) == 0
    assert purge(engine, 7) == 3
    assert (verify(engine).whole, verify(engine).purged) == (True, 7)


def test_in_parts_and_to_the_end(engine: Engine) -> None:
    """A long log goes in several transactions, each of which leaves a whole one."""
    assert purge(engine, COUNT, at_once=3) == COUNT
    assert [entry.detail.split()[0] for entry in AuditLog(engine).read()] == ["10", "9", "6", "3"]
    assert verify(engine).whole
    table.create(engine)
    AuditLog(engine).add(AASA, "view")
    assert verify(engine).whole


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_log WHERE id = 5",
        "DELETE FROM audit_log",
        "DELETE FROM audit_anchors",
        "UPDATE audit_anchors SET entry = 9",
        "INSERT INTO audit_anchors SELECT 9, 'made up', at, at, 5 FROM audit_log WHERE id = 9",
        "INSERT INTO audit_anchors SELECT 99, hash, at, at, 95 FROM audit_log WHERE id = 9",
        "INSERT INTO audit_anchors SELECT 3, hash, at, at, 95 FROM audit_log WHERE id = 9",
    ],
)
def test_the_database_refuses_everything_else(statement: str, engine: Engine) -> None:
    """Only what is before an anchor goes, and an anchor is of an entry that is there."""
    purge(engine, 4)
    with pytest.raises(DBAPIError, match="only appended to"), engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert verify(engine).whole


def _anchor(connection: Connection, entry: int) -> None:
    row = connection.execute(sa.select(entries).where(entries.c.id == entry)).one()
    connection.execute(anchors.insert().values(entry=entry, hash=row.hash, at=row.at, purged=row.at, count=entry))
    connection.execute(entries.delete().where(entries.c.id <= entry))


def test_who_makes_an_anchor_by_hand_is_found_out(engine: Engine) -> None:
    """The chain does not tell of it, so its entries are missing."""
    with engine.begin() as connection:
        _anchor(connection, 6)
    report = verify(engine)
    assert (report.wrong, report.entry) == (Wrong.MISSING, 1)


@pytest.mark.parametrize(
    ("statement", "wrong", "entry"),
    [
        ("DELETE FROM audit_log WHERE id = 5", Wrong.MISSING, 5),
        ("DELETE FROM audit_log WHERE id = 7", Wrong.MISSING, 7),
        ("DELETE FROM audit_log WHERE id = 11", Wrong.CUT, 11),
        ("DELETE FROM audit_anchors", Wrong.MISSING, 1),
        ("UPDATE audit_anchors SET entry = 6", Wrong.ADDED, 5),
        ("UPDATE audit_anchors SET hash = 'x'", Wrong.MOVED, 5),
        ("UPDATE audit_log SET id = 2 WHERE id = 5", Wrong.ADDED, 2),
    ],
)
def test_tampered_with_after_a_purge(statement: str, wrong: Wrong, entry: int, engine: Engine) -> None:
    """As in a log that never was purged."""
    purge(engine, 4)
    unlock(engine)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    report = verify(engine)
    assert (report.wrong, report.entry) == (wrong, entry)


def test_a_chain_made_anew_after_a_purge(engine: Engine) -> None:
    """Shows by a hash that was written down, as ever."""
    purge(engine, 4)
    kept = AuditLog(engine).read(limit=1)[0].hash
    unlock(engine)
    with engine.begin() as connection:
        connection.execute(entries.update().where(entries.c.id == 8).values(detail="x"))
        previous = connection.execute(sa.select(entries.c.hash).where(entries.c.id == 7)).scalar()
        assert previous
        seal_again(connection, 8)
    assert verify(engine).whole
    assert verify(engine, kept).wrong is Wrong.OTHER


def test_the_log_of_an_older_lotsen(engine: Engine) -> None:
    """Its triggers let nothing go; opening the log puts the new ones in their place, once and for all."""
    sqlite = engine.dialect.name == "sqlite"
    unlock(engine)
    old = (
        "CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'never'); END"
        if sqlite
        else "CREATE TRIGGER audit_log_no_delete BEFORE DELETE OR TRUNCATE ON audit_log FOR EACH STATEMENT "
        "EXECUTE FUNCTION audit_log_refuse()"
    )
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE audit_anchors"))
        connection.execute(sa.text(old))
    assert verify(engine).whole
    AuditLog(engine)
    with engine.begin() as connection:
        table.renew_triggers(connection)
        table.renew_triggers(connection)
    assert purge(engine, 4) == 4
    assert verify(engine).whole
    with pytest.raises(DBAPIError, match="only appended to"), engine.begin() as connection:
        connection.execute(entries.delete())


def test_a_lost_head_stops_the_purge(engine: Engine) -> None:
    """What could not be written down is not done."""
    unlock(engine)
    with engine.begin() as connection:
        connection.execute(head.delete())
    with pytest.raises(sa.exc.SQLAlchemyError):
        purge(engine, 4)
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(entries)).scalar() == COUNT


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.integers(0, 30), max_size=12),
    limits=st.lists(st.integers(0, 31), min_size=1, max_size=4),
    at_once=st.integers(1, 4),
)
def test_whatever_is_purged_when(days: List[int], limits: List[int], at_once: int) -> None:
    """Nothing young goes, all that is old before the first young one goes, and the log is always whole."""
    engine = open_engine("sqlite://")
    clock = Clock()
    log = AuditLog(engine, clock)
    for day in days:
        clock.now = NOW + timedelta(days=day)
        log.add(AASA, "view", day)
    for place, limit in enumerate(limits):
        before: datetime = NOW + timedelta(days=limit)
        while True:
            with engine.begin() as connection:
                if not purge_old(connection, before, LATER, at_once):
                    break
        left = [entry.at for entry in log.read()][::-1]
        young = [NOW + timedelta(days=day) for day in days if day >= max(limits[: place + 1])]
        assert all(at in left for at in young)
        assert not left or left[0] >= before
        assert verify(engine).whole
