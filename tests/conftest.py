"""Fixtures for every room: the content, the trained model, one running Lotsen for the whole test run."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Iterator, List

import pytest

from lotsen.content.catalogue import Content, load_content
from lotsen.settings import ROOT
from tests.support import redis as redis_support
from tests.support.microsoft import Microsoft
from tests.support.postgres import INSTALL, Postgres, binaries
from tests.support.redis import Redis
from tests.support.request_tracker import RealRT, missing
from tests.support.running import RunningLotsen, environment

SHARED, OWN = "e2e", "e2e with its own"
LONGEST = (SHARED, OWN, "request_tracker")
"""The groups of tests that take minutes."""


@pytest.fixture(scope="session")
def content() -> Content:
    """The content of ``data/``."""
    return load_content(ROOT / "data")


@pytest.fixture(scope="session")
def model() -> Path:
    """The model that fits the present data, trained if there is none."""
    from lotsen.runtime.model import fitting

    subprocess.run([sys.executable, "-m", "lotsen.cli", "train"], cwd=ROOT, env=dict(os.environ), check=True)
    path = fitting(ROOT)
    assert path is not None
    return path


@pytest.fixture(scope="session")
def microsoft() -> Iterator[Microsoft]:
    """What the bot takes for Microsoft. Who changes how it behaves puts it right again."""
    running = Microsoft()
    yield running
    running.close()


@pytest.fixture(scope="session")
def lotsen(model: Path, microsoft: Microsoft, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLotsen]:
    """A running Lotsen that tests may talk to, on the web and in Teams, but not kill."""
    running = RunningLotsen(environment(tmp_path_factory.mktemp("lotsen"), **microsoft.settings()))
    yield running
    assert running.stop() == 0, "".join(running.output)


@pytest.fixture(scope="session")
def request_tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRT]:
    """A real Request Tracker 5; tests share it, so each looks only at its own tickets. Who stops it starts it again."""
    install = missing()
    if install:
        pytest.skip(f"Request Tracker 5 is not installed: {install}")
    running = RealRT(tmp_path_factory.mktemp("request_tracker"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL of our own, for as long as the tests run."""
    if binaries() is None:
        pytest.skip(f"PostgreSQL is not installed: {INSTALL}")
    with tempfile.TemporaryDirectory(prefix="lotsen-postgres-") as folder:  # Pytest clears its own while others run.
        running = Postgres(Path(folder))
        yield running
        running.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A Redis of our own, for as long as the tests run. Who stops it starts it again."""
    if redis_support.server() is None:
        pytest.skip(f"Redis is not installed: {redis_support.INSTALL}")
    with tempfile.TemporaryDirectory(prefix="lotsen-redis-") as folder:
        running = Redis(Path(folder))
        yield running
        running.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'lotsen.db'}"
    return str(request.getfixturevalue("postgres_server").new_database())


@pytest.fixture(scope="session")
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """One event loop for the tests that share a loaded model."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: List[pytest.Item]) -> None:
    """With several workers (``make test``) a file stays on one of them, so that what it sets up is set up once.

    All tests with the Lotsen that is running for the whole run are on one, those with Lotsens of their own on another:
    users who wait are no load. Other files that share something costly name a group. The longest groups come first.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: LONGEST.index(name) if (name := _group_of(item)) in LONGEST else len(LONGEST))


def _group(item: pytest.Item) -> str:
    """Return the group of a test that names none."""
    if "e2e" not in item.path.parts:
        return str(item.path)
    return SHARED if "lotsen" in getattr(item, "fixturenames", ()) else OWN


def _group_of(item: pytest.Item) -> str:
    """Return the group that a test is in."""
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker is not None else ""


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failure: what it needs should have been installed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if os.environ.get("CI") == "true" and skipped and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
