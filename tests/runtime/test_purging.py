"""The daily purge beside the servers: run when due, told when it fails, and no reason to stop for anything."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, Callable, List

import pytest

from lotsen.runtime import purging as purging_module
from lotsen.runtime.processes import Process
from lotsen.runtime.purging import Purging
from lotsen.settings import Settings
from lotsen.storage.database import open_engine

SECONDS = 30.0
Made = Callable[[str], "tuple[Purging, List[Process], List[str]]"]


@pytest.fixture
def purging(tmp_path: Path) -> Made:
    """Return a maker of purgings that run a program."""
    engine = open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}")

    def make(code: str) -> "tuple[Purging, List[Process], List[str]]":
        begun: List[Process] = []
        said: List[str] = []

        def run(process: Process) -> None:
            begun.append(process)
            process.start(tmp_path)

        def describe() -> Process:
            return Process("purge", (sys.executable, "-c", code), None, tmp_path / "purge.log", {})

        return Purging(Settings.read({}), engine, describe, run, said.append), begun, said

    return make


def look_to_the_end(purging: Purging, begun: List[Process]) -> None:
    """Look until what was begun is over, and once more."""
    until = time.monotonic() + SECONDS
    while begun[-1].running:
        assert time.monotonic() < until
        purging.look()
    purging.look()


def test_runs_once_a_minute_at_most(purging: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is due is not asked again and again, nor while it runs."""
    asked: List[Any] = []
    monkeypatch.setattr(purging_module, "due", lambda *about: asked.append(about) or True)
    made, begun, said = purging("pass")
    made.look()
    look_to_the_end(made, begun)
    assert (len(asked), len(begun), said) == (1, 1, [])
    monkeypatch.setattr(purging_module, "ASK_SECONDS", 0.0)
    made.look()
    assert (len(asked), len(begun)) == (2, 2)
    look_to_the_end(made, begun)


def test_failure_is_told(purging: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its log; Lotsen goes on."""
    monkeypatch.setattr(purging_module, "due", lambda *about: True)
    made, begun, said = purging("raise SystemExit(3)")
    made.look()
    look_to_the_end(made, begun)
    assert len(said) == 1
    assert "slutkod 3" in said[0]
    assert "purge.log" in said[0]


def test_database_that_cannot_be_asked(purging: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked again later."""

    def due(*about: Any) -> bool:
        raise OSError("no database")

    monkeypatch.setattr(purging_module, "due", due)
    made, begun, _ = purging("pass")
    made.look()
    assert begun == []
