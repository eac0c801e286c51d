"""The synthetic cases: as the desk's own, the same for the same seed."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from lotsen.cases.queue import Filter, Queue, View
from lotsen.cases.store import CaseStore, NewCase
from lotsen.storage.database import open_engine
from tests.bench.desk_cases import main
from tests.bench.desk_stock import AGENTS, fill
from tests.cases.made import FULL

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=timezone.utc)


def test_filled(database_url: str) -> None:
    """Each case can be read and found, every list has some, and the next case has the next number."""
    engine = open_engine(database_url)
    fill(engine, 120, seed=3, now=NOW)
    store, queue = CaseStore(engine), Queue(engine)
    assert [case.id for case in store.all()] == list(range(1, 121))
    assert all(queue.page(Filter(view=view, me=AGENTS[0][0])).rows for view in (View.NEW, View.OPEN, View.OVER))
    assert [row.id for row in queue.page(Filter(view=View.OPEN, text="LOT-000120")).rows] in ([120], [])
    assert store.create(NewCase("a" * 32, FULL, "web-1", "web")).number == "LOT-000121"


def test_the_same_seed() -> None:
    """Makes the same cases."""
    made = []
    for _ in range(2):
        engine = open_engine("sqlite://")
        fill(engine, 30, seed=5, now=NOW)
        made.append(CaseStore(engine).all())
    assert made[0] == made[1]


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """The measuring runs through with few cases, and prints a row for each request."""
    main(["--cases", "60", "--rounds", "1"])
    out = capsys.readouterr().out
    assert "| new: first page |" in out
    assert "| one change written |" in out
