"""The slots' names, and reading guide runs from them. A run that cannot be read counts as none."""

from __future__ import annotations

import logging
from typing import Any, List, Optional

from rasa_sdk import Tracker

from lotsen.guides.model import GuideRun

GUIDE_RUN = "guide_run"
TRIED = "tried"
ERROR_TEXT = "error_text"
HANDOFF_ID = "handoff_id"
HANDOFF_AFFECTED = "handoff_affected"
HANDOFF_NOTE = "handoff_note"
HANDOFF_CONFIRMED = "handoff_confirmed"

logger = logging.getLogger(__name__)


def active_run(tracker: Tracker) -> Optional[GuideRun]:
    """Return the run that waits for a reply, or None."""
    run = _read(tracker.get_slot(GUIDE_RUN))
    return run if run is not None and run.active else None


def tried_runs(tracker: Tracker) -> List[GuideRun]:
    """Return the ended runs that no case has told of yet."""
    runs = [_read(stored) for stored in tracker.get_slot(TRIED) or []]
    return [run for run in runs if run is not None]


def latest_intent(tracker: Tracker) -> str:
    """Return the intent of the user's latest message."""
    return (tracker.latest_message.get("intent") or {}).get("name") or ""


def _read(stored: Any) -> Optional[GuideRun]:
    """Read a run; one that an older version wrote in another form is logged and dropped."""
    if not stored:
        return None
    try:
        return GuideRun.from_json(stored)
    except (KeyError, ValueError, TypeError):
        logger.exception("A guide run in the tracker could not be read; the conversation goes on without it.")
        return None
