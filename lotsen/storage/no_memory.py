"""No falling back to memory: a database that fails is a turn that fails, and not a conversation that is forgotten.

Rasa wraps every tracker store in one that is "fail safe". When a conversation cannot be read it goes on with an empty
one, and stores that over the user's guide; when it cannot be written it is kept in the memory of one process, from
where nobody reads it again. With this the turn fails, its user is told so, and is still at the same step.
"""

from __future__ import annotations

from typing import NoReturn

from rasa.core.tracker_store import FailSafeTrackerStore


def forbid_memory() -> None:
    """Let errors of the tracker store through, in all of Rasa; a second time does nothing more."""
    FailSafeTrackerStore.on_tracker_store_error = _raise
    FailSafeTrackerStore.on_tracker_store_retrieve_error = _raise


def _raise(store: FailSafeTrackerStore, error: Exception) -> NoReturn:
    """Raise what the store has raised; Rasa calls this before it turns to memory."""
    raise error
