"""A real PostgreSQL is asked no more than it must, and a connection that it has closed costs no turn."""

from __future__ import annotations

from typing import Iterator, List

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lotsen.storage import postgresql
from lotsen.storage.database import open_engine
from tests.support.postgres import Postgres

OWN = sa.text("SELECT pg_backend_pid()")
STATE = sa.text("SELECT state FROM pg_stat_activity WHERE pid = :pid")


@pytest.fixture
def url(postgres_server: Postgres) -> str:
    """The URL of an empty database."""
    return str(postgres_server.new_database())


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Lotsen's engine."""
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def other(url: str) -> Iterator[Engine]:
    """An engine of somebody who looks at what the first one does."""
    engine = open_engine(url)
    yield engine
    engine.dispose()


def state(other: Engine, pid: int) -> str:
    """Return what PostgreSQL says that a connection is at."""
    with other.connect() as connection:
        return str(connection.execute(STATE, {"pid": pid}).scalar())


def test_a_query_alone_is_in_no_transaction(engine: Engine, other: Engine) -> None:
    """It needs no BEGIN, and nothing is to be rolled back when it is over; also after a transaction."""
    for _ in range(2):
        with engine.connect() as connection:
            assert state(other, connection.execute(OWN).scalar()) == "idle"
        with engine.begin() as connection:
            assert state(other, connection.execute(OWN).scalar()) == "idle in transaction"


def test_a_query_alone_after_a_transaction_that_failed(engine: Engine, other: Engine) -> None:
    """What a transaction wrote is undone, and the next query is in none."""
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (a INTEGER PRIMARY KEY)"))
    for problem in (KeyError, DBAPIError):
        with pytest.raises(problem), engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO t VALUES (1)"))
            if problem is KeyError:
                raise KeyError
            connection.execute(sa.text("INSERT INTO t VALUES (1)"))
        with engine.connect() as connection:
            assert connection.execute(sa.text("SELECT count(*) FROM t")).scalar() == 0
            assert state(other, connection.execute(OWN).scalar()) == "idle"


def test_a_session_is_a_transaction(engine: Engine, other: Engine) -> None:
    """Rasa's own code writes through sessions: all of it or nothing."""
    with Session(engine) as session:
        pid = session.execute(OWN).scalar()
        session.execute(sa.text("CREATE TABLE s (a INTEGER)"))
        assert state(other, pid) == "idle in transaction"
        session.rollback()
    assert not sa.inspect(other).has_table("s")


@pytest.mark.parametrize("rested", [postgresql.RESTED_SECONDS, -1.0], ids=["just used", "rested"])
def test_connections_that_were_closed(
    engine: Engine, other: Engine, rested: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL was started anew: no query fails, and none of the old connections is used again."""
    monkeypatch.setattr(postgresql, "RESTED_SECONDS", rested)
    both = [engine.connect(), engine.connect()]
    closed = [connection.execute(OWN).scalar() for connection in both]
    for connection in both:
        connection.close()
    for pid in closed:
        close(other, pid)
    with engine.connect() as one, engine.begin() as another:
        answers = {connection.execute(OWN).scalar() for connection in (one, another)}
    assert len(answers) == 2
    assert not answers & set(closed)


def test_a_connection_that_is_closed_under_work(engine: Engine, other: Engine) -> None:
    """What was under way fails, all of it; the next query is all right."""
    with pytest.raises(DBAPIError) as failed, engine.begin() as connection:
        closed = connection.execute(OWN).scalar()
        connection.execute(sa.text("CREATE TABLE w (a INTEGER)"))
        close(other, closed)
        connection.execute(OWN)
    assert failed.value.connection_invalidated
    with engine.connect() as connection:
        assert connection.execute(OWN).scalar() != closed
        assert not sa.inspect(connection).has_table("w")


def test_a_connection_that_has_just_been_used_is_not_tried(
    engine: Engine, other: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question before each question would double what a turn waits; one that has rested is tried."""
    tried: List[object] = []

    def ping(connection: object) -> bool:
        tried.append(connection)
        return True

    monkeypatch.setattr(engine.dialect, "do_ping", ping)
    for _ in range(3):
        with engine.connect() as connection:
            connection.execute(OWN)
    assert tried == []
    monkeypatch.setattr(postgresql, "RESTED_SECONDS", -1.0)
    with engine.connect() as connection:
        connection.execute(OWN)
    assert len(tried) == 1


def close(other: Engine, pid: int) -> None:
    """Let PostgreSQL close a connection, and return when it has."""
    with other.connect() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
