"""A transcript reads what was said before Rasa began a new session."""

from __future__ import annotations

from typing import List

import pytest
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SessionStarted, UserUttered

from lotsen.cases.transcript import MAX_LINES, transcript
from lotsen.storage.database import open_engine
from lotsen.storage.earlier import whole
from lotsen.storage.tracker_store import LotsenTrackerStore


def session(*said: str) -> List[Event]:
    """Return a session's events."""
    begins = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    return [*begins, *(event for text in said for event in (UserUttered(text), BotUttered(f"Svar på {text}")))]


async def keep(store: TrackerStore, conversation: str, events: List[Event]) -> None:
    """Take a turn."""
    tracker = await store.get_or_create_tracker(conversation, append_action_listen=False)
    tracker.update_with_events(events, Domain.empty())
    await store.save(tracker)


@pytest.mark.asyncio
async def test_a_transcript_goes_over_sessions(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa gives the latest session only (trap 21); with what came before, each is there once and in order."""
    monkeypatch.setenv("LOTSEN_DATABASE_URL", database_url)
    store = LotsenTrackerStore(Domain.empty())
    for said in (("ett",), ("två", "tre"), ("fyra",)):
        await keep(store, "a", session(*said))
    await keep(store, "b", session("annat"))
    tracker = await LotsenTrackerStore(Domain.empty()).retrieve("a")
    assert tracker is not None
    latest = [event.as_dict() for event in tracker.events]
    assert [line.text for line in transcript(latest)] == ["fyra", "Svar på fyra"]
    events = whole(open_engine(database_url), "a", latest, MAX_LINES)
    said_all = [text for word in ("ett", "två", "tre", "fyra") for text in (word, f"Svar på {word}")]
    assert [line.text for line in transcript(events)] == said_all
    assert [line.text for line in transcript(whole(open_engine(database_url), "a", latest, 1))][:2] == [
        "Svar på tre",
        "fyra",
    ]
    assert whole(open_engine(database_url), "a", [], MAX_LINES) == []
