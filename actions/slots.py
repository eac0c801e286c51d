"""The slots' names, and reading what they hold. A run that cannot be read counts as none."""

from __future__ import annotations

import logging
from typing import Any, Dict, Iterator, List, Optional, Tuple

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from lotsen.guides.journey import Journey
from lotsen.guides.reading import Expectation
from lotsen.guides.run import GuideRun
from lotsen.guides.said import Said

GUIDE_RUN = "guide_run"
GUIDES_WAITING = "guides_waiting"
TRIED = "tried"
ERROR_TEXT = "error_text"
HANDOFF_ID = "handoff_id"
HANDOFF_AFFECTED = "handoff_affected"
HANDOFF_NOTE = "handoff_note"
HANDOFF_CONTACT = "handoff_contact"
CONTACT = "contact"
TOLD_EVENTS = "told_events"
TOLD_OVER = "told_over"
HANDOFF_CONFIRMED = "handoff_confirmed"

FACTS = (ERROR_TEXT, "browser", "program", "hsa_id", "place")
"""Slots that guides know as facts, and find out."""
_WAITS = "waits"
"""Read by the policy, too (``lotsen/dialogue/rules.py``)."""

logger = logging.getLogger(__name__)


def read_journey(tracker: Tracker) -> Journey:
    """Return the conversation's guides as they were left."""
    stored = [*(tracker.get_slot(GUIDES_WAITING) or []), tracker.get_slot(GUIDE_RUN)]
    runs = [_read(run) for run in stored]
    ended = [_read(run) for run in tracker.get_slot(TRIED) or []]
    return Journey(
        tuple(run for run in runs if run is not None and run.active),
        tuple(run for run in ended if run is not None),
    )


def write_journey(journey: Journey, waits: Optional[Expectation]) -> List[EventType]:
    """Return the events that keep the journey, and what the run being walked waits for (the policy reads it)."""
    run: Optional[Dict[str, Any]] = None
    if journey.run is not None and waits is not None:
        run = {**journey.run.to_json(), _WAITS: waits.to_json()}
    waiting = [other.to_json() for other in journey.open[:-1]]
    # Nobody goes back in a run that has ended, and where it was is the larger part of it.
    ended = [{**other.to_json(), "past": []} for other in journey.ended]
    return [SlotSet(GUIDE_RUN, run), SlotSet(GUIDES_WAITING, waiting or None), SlotSet(TRIED, ended or None)]


def known_facts(tracker: Tracker) -> Dict[str, str]:
    """Return what the conversation told, by fact. Where a message named several, Rasa keeps a list: that tells none."""
    found = {name: tracker.get_slot(name) for name in FACTS}
    return {name: value for name, value in found.items() if value and isinstance(value, str)}


def said(tracker: Tracker) -> Said:
    """Return the user's latest message, as it is understood while a guide is open."""
    message = tracker.latest_message
    entities: Dict[str, Tuple[str, ...]] = {}
    for entity in message.get("entities") or ():
        name = entity["entity"]
        entities[name] = (*entities.get(name, ()), str(entity["value"]))
    return Said.in_guide(message, message.get("text") or "", entities)


def said_intents(tracker: Tracker) -> Iterator[str]:
    """Yield the intents of the user's messages, the latest first."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            yield ((event.get("parse_data") or {}).get("intent") or {}).get("name") or ""


def latest_intent(tracker: Tracker) -> str:
    """Return the intent of the user's latest message."""
    return (tracker.latest_message.get("intent") or {}).get("name") or ""


def _read(stored: Any) -> Optional[GuideRun]:
    """Read a run; one that an older version wrote in another form is logged and dropped."""
    if not stored:
        return None
    try:
        return GuideRun.from_json(stored)
    except (KeyError, ValueError, TypeError, AttributeError):
        logger.exception("A guide run in the tracker could not be read; the conversation goes on without it.")
        return None
