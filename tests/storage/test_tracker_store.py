"""The tracker store: what it keeps in memory is what the database has, whatever happens to a turn or elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

from lotsen.outcomes import asked
from lotsen.settings import ROOT
from lotsen.storage import tracker_store
from lotsen.storage.tracker_store import LotsenTrackerStore

SENDER = "web-1"
DOMAIN = Domain.from_yaml(
    """
version: "3.1"
slots:
  note:
    type: text
    influence_conversation: false
    mappings:
    - type: custom
  hsa_id:
    type: text
    influence_conversation: false
    mappings:
    - type: custom
  contact:
    type: any
    influence_conversation: false
    mappings:
    - type: custom
"""
)


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own."""
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("LOTSEN_DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def store(data_dir: Path) -> LotsenTrackerStore:
    """An empty store."""
    return LotsenTrackerStore(DOMAIN)


def begin() -> List[Event]:
    """Return a conversation's first events, as Rasa makes them."""
    return [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]


def turn(text: str) -> List[Event]:
    """Return the events of one turn."""
    intent = {"name": "ask", "confidence": 0.12345678}
    parsed: Dict[str, Any] = {"intent": intent, "entities": [], "text": text, "text_tokens": [(0, len(text))]}
    return [
        UserUttered(text, intent, [], parsed, message_id="a1234b5678"),
        SlotSet("note", text),
        ActionExecuted("utter_answer"),
        BotUttered(f"Svar på {text}"),
        ActionExecuted("action_listen"),
    ]


async def say(store: TrackerStore, *events: Event) -> DialogueStateTracker:
    """Take one turn, as Rasa's processor does: get the tracker, change it, save it."""
    tracker = await store.get_or_create_tracker(SENDER, append_action_listen=False)
    tracker.update_with_events(list(events), DOMAIN)
    await store.save(tracker)
    return tracker


async def seen(store: LotsenTrackerStore) -> Dict[str, Any]:
    """Return the conversation's state, without the tracker counting as changed."""
    tracker = await store.retrieve(SENDER)
    assert tracker is not None
    await store.save(tracker)
    return state(tracker)


def state(tracker: DialogueStateTracker) -> Dict[str, Any]:
    """Return all that a tracker knows."""
    return json.loads(json.dumps(tracker.current_state(EventVerbosity.ALL), default=str))


def stored(store: LotsenTrackerStore) -> List[str]:
    """Return the events in the database, in order."""
    with store.engine.connect() as connection:
        return [row.data for row in connection.execute(sa.select(store.SQLEvent.__table__))]


@pytest.mark.asyncio
async def test_what_is_kept_is_what_is_read(store: LotsenTrackerStore, data_dir: Path) -> None:
    """After every turn, the tracker from memory tells the same as one that another process reads."""
    for events in (begin(), turn("ett"), turn("två"), [*begin(), *turn("tre")], turn("fyra")):
        await say(store, *events)
        assert await seen(store) == await seen(LotsenTrackerStore(DOMAIN))


@pytest.mark.asyncio
async def test_the_tracker_comes_from_memory(store: LotsenTrackerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Rasa's agent uses it, from the first turn on, no conversation is read whose events are all known."""
    read: List[str] = []
    original = store._retrieve

    async def count(sender_id: str, fetch_events_from_all_sessions: bool) -> Any:
        read.append(sender_id)
        return await original(sender_id, fetch_events_from_all_sessions)

    monkeypatch.setattr(store, "_retrieve", count)
    agents = FailSafeTrackerStore(store)
    await say(agents, *begin(), *turn("ett"))
    second = await say(agents, *turn("två"))
    assert await say(agents, *turn("tre")) is second
    assert read == []


@pytest.mark.asyncio
async def test_each_event_is_stored_once(store: LotsenTrackerStore) -> None:
    """Every turn adds its own events, no more and no fewer."""
    await say(store, *begin())
    for text in ("ett", "två", "tre"):
        await say(store, *turn(text))
    said = [json.loads(data).get("text") for data in stored(store) if json.loads(data)["event"] == "user"]
    assert said == ["ett", "två", "tre"]
    assert len(stored(store)) == 3 + 3 * 5


@pytest.mark.asyncio
async def test_a_turn_given_up_leaves_nothing(store: LotsenTrackerStore) -> None:
    """A tracker that was changed and never saved is not what the next turn gets."""
    await say(store, *begin())
    await say(store, *turn("ett"))
    before = await seen(store)
    given_up = await store.get_or_create_tracker(SENDER)
    given_up.update_with_events(turn("två"), DOMAIN)
    assert await seen(store) == before
    await say(store, *turn("tre"))
    assert (await seen(store))["slots"]["note"] == "tre"
    assert not [data for data in stored(store) if json.loads(data).get("text") == "två"]


@pytest.mark.asyncio
async def test_a_save_that_fails_stores_nothing(store: LotsenTrackerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the database refuses, neither it nor the memory has half a turn."""
    await say(store, *begin())
    await say(store, *turn("ett"))
    before, rows = await seen(store), stored(store)

    def broken(*_: Any) -> None:
        raise sa.exc.OperationalError("insert", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(store, "_mark_of", broken)
        tracker = store._kept._kept[SENDER].tracker
        tracker.update_with_events(turn("två"), DOMAIN)
        with pytest.raises(sa.exc.OperationalError):
            await store.save(tracker)
    assert stored(store) == rows
    assert await seen(store) == before


@pytest.mark.asyncio
async def test_another_process_is_heard(store: LotsenTrackerStore) -> None:
    """What another process on the same database adds is in the next turn, here and there."""
    other = LotsenTrackerStore(DOMAIN)
    await say(store, *begin())
    for text in ("ett", "två", "tre", "fyra"):
        await say(store, *turn(text))
        await say(other, *turn(f"{text} till"))
    assert (await seen(store))["slots"]["note"] == "fyra till"
    assert len(stored(store)) == 3 + 8 * 5


@pytest.mark.asyncio
async def test_an_erased_conversation_is_forgotten(store: LotsenTrackerStore) -> None:
    """A conversation deleted from the database does not live on in memory."""
    await say(store, *begin())
    await say(store, *turn("ett"))
    await say(store, *turn("två"))
    with store.engine.begin() as connection:
        connection.execute(sa.delete(store.SQLEvent.__table__))
    assert await store.retrieve(SENDER) is None


@pytest.mark.asyncio
async def test_numbers_are_masked_in_both(store: LotsenTrackerStore) -> None:
    """A personal identity number is neither in the database nor in what the next turn gets."""
    await say(store, *begin())
    await say(store, *turn("ett"))
    await say(store, *turn("pat 19121212-1212 kommer inte in"))
    tracker = await store.retrieve(SENDER)
    assert tracker is not None
    assert tracker.get_slot("note") == "pat [personnummer] kommer inte in"
    assert "1212-1212" not in json.dumps(state(tracker)) + "".join(stored(store))


@pytest.mark.asyncio
async def test_a_case_keeps_what_the_transcript_hides(
    store: LotsenTrackerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HSA-ids, and telephones by setting, are in the slots of a case and in nothing else, here and for others."""
    monkeypatch.setenv("LOTSEN_MASK_ALSO", "phone,email")
    hsa_id, contact = "SE2321000040-AB12", {"phone": "070-174 06 35", "email": "moa@example.se"}
    text = f"{hsa_id}, ring {contact['phone']} eller {contact['email']}"
    await say(store, *begin())
    said, *rest = turn(text)
    answered = ActionExecuted("utter_ask")
    await say(store, said, SlotSet("hsa_id", hsa_id), SlotSet("contact", contact), answered, *rest)
    hidden = "[HSA-id], ring [telefonnummer] eller [e-postadress]"
    for one in (store, LotsenTrackerStore(DOMAIN)):
        told = await seen(one)
        assert told["slots"] == {**told["slots"], "hsa_id": hsa_id, "contact": contact, "note": hidden}
        assert told["latest_message"]["text"] == hidden
    kept = [json.loads(data) for data in stored(store) if hsa_id in data or contact["phone"] in data]
    assert [event["name"] for event in kept] == ["hsa_id", "contact"]
    assert questions(store)[-1].text == hidden


@pytest.mark.asyncio
async def test_case_slots_hold_no_patient(store: LotsenTrackerStore) -> None:
    """A patient's number is masked in the slots of a case, too, and those slots are the domain's."""
    await say(store, *begin())
    await say(store, *turn("ett"), SlotSet("contact", {"said": "ring om 19121212-1212"}))
    assert (await seen(store))["slots"]["contact"] == {"said": "ring om [personnummer]"}
    assert {slot.name for slot in Domain.load(str(ROOT / "domain.yml")).slots} >= tracker_store.CASE_SLOTS


@pytest.mark.asyncio
async def test_a_new_session_is_all_that_is_given(store: LotsenTrackerStore) -> None:
    """After a session restart the tracker holds the latest session, as Rasa's own store gives it."""
    await say(store, *begin())
    await say(store, *turn("ett"))
    await say(store, *begin(), *turn("två"))
    said = await seen(store)
    assert said == await seen(LotsenTrackerStore(DOMAIN))
    assert [event["text"] for event in said["events"] if event["event"] == "user"] == ["två"]


@pytest.mark.asyncio
async def test_memory_is_bounded(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many users there are, only so many conversations are kept; the others are read."""
    monkeypatch.setattr(tracker_store, "MAX_KEPT", 2)
    store = LotsenTrackerStore(DOMAIN)
    for number in range(5):
        for events in (begin(), turn("ett"), turn("två")):
            tracker = await store.get_or_create_tracker(str(number), append_action_listen=False)
            tracker.update_with_events(events, DOMAIN)
            await store.save(tracker)
    assert len(store._kept._kept) == 2
    first = await store.retrieve("0")
    assert first is not None and first.get_slot("note") == "två"


@pytest.mark.asyncio
async def test_a_new_domain_begins_anew(store: LotsenTrackerStore) -> None:
    """A newly loaded model's slots are in the trackers at once."""
    await say(store, *begin())
    await say(store, *turn("ett"))
    await say(store, *turn("två"))
    store.domain = Domain.from_yaml(DOMAIN.as_yaml().replace("note:", "other:"))
    tracker = await store.retrieve(SENDER)
    assert tracker is not None and "other" in tracker.slots


def questions(store: LotsenTrackerStore) -> List[Any]:
    """Return what is kept of what was asked."""
    with store.engine.connect() as connection:
        return list(connection.execute(sa.select(asked.table).order_by(asked.table.c.id)).all())


@pytest.mark.asyncio
async def test_what_was_asked_is_kept_once(store: LotsenTrackerStore) -> None:
    """Each typed message is in ``asked`` once, masked, with what it was taken for; a button is noted on it."""
    await say(store, *begin())
    for text in ("pat 19121212-1212 kommer inte in", "två"):
        said, noted, _, *rest = turn(text)
        await say(store, said, noted, ActionExecuted("utter_ask"), *rest)
    await say(store, UserUttered("/talk_to_human", {"name": "talk_to_human"}), ActionExecuted("action_begin_handoff"))
    first, second = questions(store)
    assert (first.conversation, first.text, first.kind) == (SENDER, "pat [personnummer] kommer inte in", "answered")
    assert (first.intent, first.pressed, second.pressed) == ("ask", None, "talk_to_human")


@pytest.mark.asyncio
async def test_what_was_asked_is_in_the_same_transaction(
    store: LotsenTrackerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn that cannot be stored leaves no question either."""
    await say(store, *begin())

    def broken(*_: Any) -> None:
        raise sa.exc.OperationalError("insert", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(asked, "add", broken)
        with pytest.raises(sa.exc.OperationalError):
            await say(store, *turn("ett"))
    assert questions(store) == []
    assert not [data for data in stored(store) if json.loads(data).get("text") == "ett"]


@pytest.mark.asyncio
async def test_a_message_that_cannot_be_read_is_no_obstacle(
    store: LotsenTrackerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If what was asked cannot be told, the turn is stored all the same."""

    def broken(*_: Any) -> None:
        raise ValueError("unknown")

    monkeypatch.setattr(tracker_store, "noted", broken)
    await say(store, *begin())
    await say(store, *turn("ett"))
    assert questions(store) == []
    assert [data for data in stored(store) if json.loads(data).get("text") == "ett"]
