"""A process that is killed while it stores a case leaves all of it or nothing; the user's next yes makes it once."""

from __future__ import annotations

import multiprocessing
import signal
from pathlib import Path

import pytest

from lotsen.cases.history import CONFIRMED
from lotsen.cases.store import CaseStore, NewCase
from lotsen.storage.database import open_engine
from tests.cases.made import FULL, KEY
from tests.outbox.killing import COMMITTED, CREATE, OPENED, WRITTEN, Killer

NEW = NewCase(KEY, FULL, "web-1", "web", ("email", "webhook"), "Problem: Sidan")
FORK = multiprocessing.get_context("fork")


def _store(url: str, stage: str, count: int) -> None:
    """Store the case in this process, which dies at a moment."""
    engine = open_engine(url)
    store = CaseStore(engine)
    Killer(f"{CREATE['create']}: {stage}", count).watch(engine)
    store.create(NEW)


def killed_at(url: str, stage: str, count: int) -> bool:
    """Store the case in a process of its own; tell whether it was killed."""
    process = FORK.Process(target=_store, args=(url, stage, count))
    process.start()
    process.join(30)
    return process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("stage", "count", "there"),
    [
        pytest.param(OPENED, 1, False, id="nothing written"),
        pytest.param(WRITTEN, 1, False, id="case written"),
        pytest.param(WRITTEN, 2, False, id="case and yes written"),
        pytest.param(WRITTEN, 3, False, id="first letter written"),
        pytest.param(WRITTEN, 4, False, id="all written"),
        pytest.param(COMMITTED, 1, True, id="committed, number not told"),
    ],
)
def test_killed(stage: str, count: int, there: bool, tmp_path: Path) -> None:
    """Before the commit there is neither case nor history nor letter; after it there is all."""
    url = f"sqlite:///{tmp_path / 'lotsen.db'}"
    assert killed_at(url, stage, count)
    store = CaseStore(open_engine(url))
    assert [case.number for case in store.all()] == (["LOT-000001"] if there else [])
    assert [event.kind for event in store.history.of(1)] == ([CONFIRMED] if there else [])
    assert [letter.desk for letter in store.outbox.waiting()] == (["email", "webhook"] if there else [])

    case = store.create(NEW)
    assert (case.number, case.draft) == ("LOT-000001", FULL)
    assert store.all() == [case]
    assert [event.kind for event in store.history.of(1)] == [CONFIRMED]
    assert [letter.desk for letter in store.outbox.waiting()] == ["email", "webhook"]
