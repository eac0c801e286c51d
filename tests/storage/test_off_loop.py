"""What the database is asked does not hold up other conversations where the answer takes time."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from pathlib import Path

import pytest
import sqlalchemy as sa

from lotsen.storage.database import open_engine
from lotsen.storage.off_loop import off_loop
from tests.support.postgres import Postgres

NAME: ContextVar[str] = ContextVar("NAME")


@pytest.mark.asyncio
async def test_others_go_on_while_postgresql_thinks(postgres_server: Postgres) -> None:
    """Two questions, of which neither ends before the other has begun, are both answered."""
    engine = open_engine(postgres_server.new_database())
    both = threading.Barrier(2, timeout=20)

    def ask(number: int) -> int:
        with engine.connect() as connection:
            both.wait()
            return int(connection.execute(sa.select(sa.literal(number))).scalar())

    assert await asyncio.gather(off_loop(engine, ask, 1), off_loop(engine, ask, 2)) == [1, 2]
    engine.dispose()


@pytest.mark.asyncio
async def test_sqlite_is_asked_here_and_now(tmp_path: Path) -> None:
    """Its answer is there before a thread would be."""
    engine = open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}")
    assert await off_loop(engine, threading.get_ident) == threading.get_ident()


@pytest.mark.asyncio
async def test_a_thread_knows_the_turn_and_errors_come_back(postgres_server: Postgres) -> None:
    """What is logged there has the turn's id; what goes wrong is the caller's to handle."""
    engine = open_engine(postgres_server.new_database())
    NAME.set("turn")
    assert await off_loop(engine, NAME.get) == "turn"
    assert await off_loop(engine, threading.get_ident) != threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        await off_loop(engine, lambda: 1 // 0)
    engine.dispose()
