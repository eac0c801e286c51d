"""A fresh conversation for each test, and a browser for those that need one."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest
from playwright.sync_api import Browser, Page

from lotsen.settings import Settings
from lotsen.storage.database import open_engine
from tests.bench.desk_stock import fill
from tests.support.browser import chromium, open_chat, visit
from tests.support.chat import ChatClient
from tests.support.microsoft import Microsoft
from tests.support.running import RunningLotsen, environment
from tests.support.teams import TeamsUser
from tests.support.triage import lotsen_with_provider

CASES = 60


@pytest.fixture
def chat(lotsen: RunningLotsen) -> ChatClient:
    """A new user in a new conversation."""
    return lotsen.chat()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module's tests; each has a profile of its own in it.

    Not for the whole run: while it is open, Playwright keeps an event loop running, and asyncio's own tests cannot.
    """
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, lotsen: RunningLotsen) -> Iterator[Page]:
    """The demo page with the chat open, at its greeting."""
    with visit(browser, lotsen.front) as page:
        open_chat(page)
        yield page


@pytest.fixture(scope="module")
def own_microsoft() -> Iterator[Microsoft]:
    """A Microsoft that a module's tests may break."""
    running = Microsoft()
    yield running
    running.close()


@pytest.fixture(scope="module")
def own(model: Path, own_microsoft: Microsoft, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLotsen]:
    """A Lotsen, on the web and in Teams, that a module's tests may kill parts of."""
    running = RunningLotsen(environment(tmp_path_factory.mktemp("own"), **own_microsoft.settings()))
    yield running
    assert running.stop() == 0, "".join(running.output)


@pytest.fixture(scope="session")
def triage(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLotsen]:
    """A Lotsen whose desk signs in at an identity provider, with cases of every kind.

    Who stops a part of it starts it again.
    """
    with lotsen_with_provider(tmp_path_factory.mktemp("triage")) as running:
        engine = open_engine(Settings.read(running.env).database_url)
        fill(engine, CASES)
        engine.dispose()
        yield running


@pytest.fixture
def user(lotsen: RunningLotsen, microsoft: Microsoft) -> TeamsUser:
    """A new user in Teams."""
    return TeamsUser(microsoft, lotsen)
