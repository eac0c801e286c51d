"""Fixtures for every room: the content, the trained model, one running Lotsen for the whole test run."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Iterator, List

import pytest

from lotsen.content.catalogue import Content, load_content
from lotsen.settings import ROOT
from tests.support.microsoft import Microsoft
from tests.support.request_tracker import RealRT, missing
from tests.support.running import RunningLotsen, environment


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
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """One event loop for the tests that share a loaded model."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: List[pytest.Item]) -> None:
    """With two workers (``make test``) a file stays on one of them, so that what it sets up is set up once.

    All tests with a running Lotsen are on one: they share it, and users who wait are no load. Other files that share
    something costly name a group of their own.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            end_to_end = "e2e" in item.path.parts
            item.add_marker(pytest.mark.xdist_group("e2e" if end_to_end else str(item.path)))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failure: what it needs should have been installed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if os.environ.get("CI") == "true" and skipped and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
