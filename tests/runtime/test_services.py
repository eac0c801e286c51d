"""What Lotsen needs of others before it starts: a sentence if it is not there, patience if it comes a little later."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any, List

import pytest
import sqlalchemy as sa

from lotsen.runtime import services
from lotsen.runtime.checks import CannotStart
from lotsen.runtime.services import bring_database_up_to_date, reach_redis
from lotsen.settings import SettingError

PASSWORD = "hemligt-losenord"


@pytest.fixture
def nobody() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nobody."""
    monkeypatch.setattr(services, "WAIT_SECONDS", 0.0)


def test_no_redis(nobody: int, impatient: None) -> None:
    """Rasa would go on with locks in memory; Lotsen names the setting, and keeps the password to itself."""
    with pytest.raises(CannotStart, match="LOTSEN_REDIS_URL") as raised:
        reach_redis(f"redis://:{PASSWORD}@127.0.0.1:{nobody}/0", threading.Event())
    assert PASSWORD not in str(raised.value)
    reach_redis("", threading.Event())


def test_no_database(nobody: int, impatient: None) -> None:
    """The same for PostgreSQL."""
    with pytest.raises(CannotStart, match="LOTSEN_DATABASE_URL") as raised:
        bring_database_up_to_date(f"postgresql://lotsen:{PASSWORD}@127.0.0.1:{nobody}/lotsen", threading.Event())
    assert PASSWORD not in str(raised.value)


def test_url_that_is_none() -> None:
    """It is told by its setting."""
    with pytest.raises(SettingError, match="LOTSEN_DATABASE_URL"):
        bring_database_up_to_date("databas", threading.Event())


def test_database_that_comes_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is started at the same time is waited for."""
    monkeypatch.setattr(services, "_LOOK_SECONDS", 0.01)
    tries: List[str] = []

    def upgrade(url: str) -> None:
        tries.append(url)
        if len(tries) < 3:
            raise sa.exc.OperationalError("", {}, Exception("starting up"))

    monkeypatch.setattr(services, "upgrade", upgrade)
    bring_database_up_to_date(f"sqlite:///{tmp_path / 'lotsen.db'}", threading.Event())
    assert len(tries) == 3


def test_told_to_stop_while_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends it."""
    stop = threading.Event()

    def upgrade(url: str) -> Any:
        stop.set()
        raise sa.exc.OperationalError("", {}, Exception("starting up"))

    monkeypatch.setattr(services, "upgrade", upgrade)
    bring_database_up_to_date("sqlite://", stop)
