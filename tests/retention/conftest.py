"""One database of each kind with every table, emptied for each test: to make them takes longer than most tests."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Iterator

import pytest

from tests.retention.made import World
from tests.support.running import RunningLotsen, environment


@pytest.fixture(scope="session")
def worlds() -> Iterator[Dict[str, World]]:
    """Those that were made, by kind."""
    made: Dict[str, World] = {}
    yield made
    for world in made.values():
        world.engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def world(
    request: pytest.FixtureRequest, worlds: Dict[str, World], tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> World:
    """Everything that Lotsen keeps, and nothing in it: on SQLite and on PostgreSQL."""
    kind = str(request.param)
    if kind not in worlds:
        folder = tmp_path_factory.mktemp("world")
        server = request.getfixturevalue("postgres_server") if kind == "postgres" else None
        url = server.new_database() if server is not None else f"sqlite:///{folder / 'lotsen.db'}"
        worlds[kind] = World(url, folder)
    worlds[kind].empty(tmp_path)
    return worlds[kind]


@pytest.fixture(scope="session")
def own_lotsen(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLotsen]:
    """A running Lotsen that is purged while people talk to it."""
    settings = {"LOTSEN_PURGE_AT": "never", "LOTSEN_KEEP_CONVERSATIONS": "30"}
    running = RunningLotsen(environment(tmp_path_factory.mktemp("purged"), **settings))
    yield running
    assert running.stop() == 0, "".join(running.output)
