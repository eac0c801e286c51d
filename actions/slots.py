"""The slots' names, and reading guide runs from them. A run that cannot be read counts as none."""

from __future__ import annotations

import logging
from typing import Any, Iterator, List, Optional

from rasa_sdk import Tracker

from actions.services import content
from lotsen.guides.model import GuideRun, Place

GUIDE_RUN = "guide_run"
TRIED = "tried"
ERROR_TEXT = "error_text"
HANDOFF_ID = "handoff_id"
HANDOFF_AFFECTED = "handoff_affected"
HANDOFF_NOTE = "handoff_note"
HANDOFF_CONFIRMED = "handoff_confirmed"

logger = logging.getLogger(__name__)


def active_run(tracker: Tracker) -> Optional[GuideRun]:
    """Return the run that waits for a reply, or None. A run at a step that the guide no longer has counts as none."""
    run = _read(tracker.get_slot(GUIDE_RUN))
    if run is None or not run.active:
        return None
    if not all(_exists(place) for place in run.path):
        logger.warning("A guide was changed under a user: its step %s is gone.", run.place)
        return None
    return run


def tried_runs(tracker: Tracker) -> List[GuideRun]:
    """Return the ended runs that no case has told of yet."""
    runs = [_read(stored) for stored in tracker.get_slot(TRIED) or []]
    return [run for run in runs if run is not None]


def said_intents(tracker: Tracker) -> Iterator[str]:
    """Yield the intents of the user's messages, the latest first."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            yield ((event.get("parse_data") or {}).get("intent") or {}).get("name") or ""


def latest_intent(tracker: Tracker) -> str:
    """Return the intent of the user's latest message."""
    return (tracker.latest_message.get("intent") or {}).get("name") or ""


def _exists(place: Place) -> bool:
    """Tell whether the guide still has the step."""
    guide = content().guides.get(place.guide)
    return guide is not None and any(step.id == place.step for step in guide.steps)


def _read(stored: Any) -> Optional[GuideRun]:
    """Read a run; one that an older version wrote in another form is logged and dropped."""
    if not stored:
        return None
    try:
        return GuideRun.from_json(stored)
    except (KeyError, ValueError, TypeError):
        logger.exception("A guide run in the tracker could not be read; the conversation goes on without it.")
        return None
