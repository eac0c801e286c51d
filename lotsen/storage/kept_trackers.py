"""The latest conversations, kept in memory exactly as they were stored.

Rasa changes the tracker that it was given while a turn goes on, and a turn may be given up. So a tracker that is handed
out counts as gone until it has been saved; asked for in between, the conversation is read from the database.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import NamedTuple, Optional

from rasa.shared.core.trackers import DialogueStateTracker


class Mark(NamedTuple):
    """What a conversation looked like in the database: another process's writing or deleting changes it."""

    events: int
    last_id: int


@dataclass(frozen=True)
class KeptTracker:
    """A tracker, how many of its events are stored, and the conversation's mark with them."""

    tracker: DialogueStateTracker
    stored: int
    mark: Mark
    out: bool = False
    """Whether somebody may be changing it now."""


class KeptTrackers:
    """The conversations that were used last; the oldest go first when there are too many."""

    def __init__(self, limit: int) -> None:
        """Keep at most ``limit``."""
        self._limit = limit
        self._kept: OrderedDict[str, KeptTracker] = OrderedDict()

    def take(self, sender_id: str, mark: Mark) -> Optional[DialogueStateTracker]:
        """Hand out the tracker as it was stored; None if it is not here, out, or not what the database has."""
        kept = self._kept.pop(sender_id, None)
        if kept is None or kept.out or kept.mark != mark or len(kept.tracker.events) != kept.stored:
            return None
        self.hand_out(sender_id, kept)
        return kept.tracker

    def hand_out(self, sender_id: str, kept: KeptTracker) -> None:
        """Remember what is stored of a tracker that somebody will change now."""
        self.keep(sender_id, replace(kept, out=True))

    def handed_out(self, tracker: DialogueStateTracker) -> Optional[KeptTracker]:
        """Return what is stored of this very tracker; None if another one was handed out later."""
        kept = self._kept.get(tracker.sender_id)
        return kept if kept is not None and kept.tracker is tracker else None

    def keep(self, sender_id: str, kept: KeptTracker) -> None:
        """Keep a tracker that has just been stored."""
        self._kept[sender_id] = kept
        self._kept.move_to_end(sender_id)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def forget(self, sender_id: str) -> None:
        """Let go of a conversation; it is read from the database next time."""
        self._kept.pop(sender_id, None)

    def clear(self) -> None:
        """Let go of all."""
        self._kept.clear()
