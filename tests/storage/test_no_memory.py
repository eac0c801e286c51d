"""Rasa's agent over a database that fails: nothing is forgotten, nothing goes to memory."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered

from lotsen.storage.no_memory import forbid_memory
from lotsen.storage.tracker_store import LotsenTrackerStore
from tests.support.ports import free_port


@pytest.mark.asyncio
async def test_a_database_that_fails_is_no_empty_conversation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read, written or counted: the agent gets the error (trap 22), and what was stored is there when it is over."""
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LOTSEN_DATABASE_URL", "")
    forbid_memory()
    store = LotsenTrackerStore(Domain.empty())
    kept = Agent(domain=Domain.empty(), tracker_store=store).tracker_store
    assert isinstance(kept, FailSafeTrackerStore), "Rasa wraps it, as it does in the server"
    tracker = await kept.get_or_create_tracker("a")
    tracker.update(UserUttered("hej"))
    await kept.save(tracker)
    with store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE events RENAME TO away"))
    tracker.update(UserUttered("igen"))
    for attempt in (kept.retrieve("a"), kept.retrieve_full_tracker("a"), kept.save(tracker), kept.keys()):
        with pytest.raises(sa.exc.OperationalError):
            await attempt
    assert kept._fallback_tracker_store is None
    with store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO events"))
    again = await kept.retrieve("a")
    assert again is not None
    assert again.latest_message is not None and again.latest_message.text == "hej"


def test_a_database_that_is_not_there_is_an_error_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa's own store would try again each five seconds without end (trap 20); ``lotsen up`` says what is wrong."""
    monkeypatch.setenv("LOTSEN_DATABASE_URL", f"postgresql://lotsen:hush@127.0.0.1:{free_port()}/lotsen")
    with pytest.raises(sa.exc.OperationalError) as error:
        LotsenTrackerStore(Domain.empty())
    assert "hush" not in str(error.value)
