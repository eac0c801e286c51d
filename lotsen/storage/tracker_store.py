"""Rasa's SQL tracker store on Lotsen's database, masked on the way in: a transcript, but for the slots of a case.

Named in ``endpoints.yml``. Rasa falls back to memory without a word when it cannot load a store; ``lotsen up`` checks
that it can before it starts anything.

Rasa's own store reads and replays a whole conversation at each message, and counts it again to find out what is new.
This one keeps the latest conversations as they were stored (``lotsen/storage/kept_trackers.py``), and only asks the
database whether somebody else has written to them.

What a user asked, and what it was taken for, is kept in ``asked`` in the same transaction.
"""

from __future__ import annotations

import copy
import itertools
import json
import logging
from collections import deque
from typing import Any, Dict, Iterator, List, Optional, Tuple, Union

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Connection

from lotsen.observability import metrics
from lotsen.outcomes import asked
from lotsen.outcomes.heard import noted
from lotsen.privacy.layers import Layer, mask_at, mask_transcript_at
from lotsen.privacy.masking import mask_transcript
from lotsen.runtime.masked_agent import install
from lotsen.settings import Settings
from lotsen.storage.database import create_tables, open_engine
from lotsen.storage.kept_trackers import KeptTracker, KeptTrackers, Mark
from lotsen.storage.no_memory import forbid_memory

logger = logging.getLogger(__name__)

MAX_KEPT = 128
"""Conversations kept in memory; one of ten turns takes about 0.2 MB."""
CASE_SLOTS = frozenset(
    {
        *("hsa_id", "error_text", "place", "contact", "handoff_contact", "handoff_note"),
        *("guide_run", "guides_waiting", "tried"),
    }
)
"""Slots that become a case's own fields: HSA-ids, and ways to reach the user, are kept in them."""


class LotsenTrackerStore(SQLTrackerStore):
    """Conversations in the table ``events`` of the database that ``LOTSEN_DATABASE_URL`` names."""

    def __init__(
        self,
        domain: Optional[Domain] = None,
        host: Optional[str] = None,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,
    ) -> None:
        """Open the database; ``host`` and further keys of ``endpoints.yml`` are not used.

        From now on messages are masked on their way into Rasa, too, and a database that fails is a turn that fails:
        ``rasa run`` and ``rasa shell`` come by here.
        """
        install()
        forbid_memory()
        # Rasa's own constructor builds a URL from parts and retries for ever; ours takes one URL and fails at once.
        self._kept = KeptTrackers(MAX_KEPT)
        super(SQLTrackerStore, self).__init__(domain, event_broker, **kwargs)
        self.engine = open_engine(Settings.read().database_url)
        create_tables(self.engine, self.Base.metadata)
        create_tables(self.engine, asked.metadata)
        self.sessionmaker = sa.orm.session.sessionmaker(bind=self.engine)
        self._rows = self.SQLEvent.__table__
        columns = self._rows.c
        self._mark = sa.select(sa.func.count(columns.id), sa.func.max(columns.id)).where(
            columns.sender_id == sa.bindparam("sender")
        )

    @property
    def domain(self) -> Domain:
        """Return the model's domain."""
        return self._domain

    @domain.setter
    def domain(self, domain: Optional[Domain]) -> None:
        """Take a new model's domain; trackers kept so far have the old one's slots."""
        self._domain = domain or Domain.empty()
        self._kept.clear()

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Return the latest session: the tracker that was last saved if nobody wrote since, or read anew."""
        with self.engine.connect() as connection:
            mark = self._mark_of(connection, sender_id)
        if mark.events == 0:
            return None
        tracker = self._kept.take(sender_id, mark)
        if tracker is None:
            tracker = await super().retrieve(sender_id)
            if tracker is not None:
                self._kept.hand_out(sender_id, KeptTracker(tracker, len(tracker.events), mark))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store what is new, all of it or nothing."""
        if not tracker.events:  # A new conversation, saved before anything is said.
            self._kept.hand_out(tracker.sender_id, KeptTracker(tracker, 0, Mark(0, 0)))
            return
        await self.stream_events(tracker)
        known = self._kept.handed_out(tracker)
        new = self._new_events(tracker, known)
        rows, as_said = self._rows_of(tracker.sender_id, new)
        mark = known.mark if known is not None else None
        if rows:
            notes = list(_notes(tracker, new))
            with self.engine.begin() as connection:
                connection.execute(self._rows.insert(), rows)
                for note in notes:
                    if isinstance(note, asked.Asked):
                        asked.add(connection, note)
                        metrics.decided(note.kind.value)
                    else:
                        asked.press(connection, tracker.sender_id, note)
                mark = self._mark_of(connection, tracker.sender_id)
        alone = known is not None and mark is not None and mark.events == known.mark.events + len(rows)
        if as_said and alone and mark is not None:
            tracker = _latest_session(tracker) if _begins_session(new) else tracker
            self._kept.keep(tracker.sender_id, KeptTracker(tracker, len(tracker.events), mark))
        else:  # Read again next time: what was masked, and what others wrote, is not in this tracker.
            self._kept.forget(tracker.sender_id)

    def _new_events(self, tracker: DialogueStateTracker, known: Optional[KeptTracker]) -> List[Event]:
        """Return the events to store; for a tracker that did not come from ``retrieve``, Rasa counts what is stored."""
        if known is not None:
            return list(itertools.islice(tracker.events, known.stored, None))
        with self.session_scope() as session:
            return list(self._additional_events(session, tracker))

    def _mark_of(self, connection: Connection, sender_id: str) -> Mark:
        """Return how many events a conversation has, and the last one's id."""
        count, last = connection.execute(self._mark, {"sender": sender_id}).one()
        return Mark(count, last or 0)

    @staticmethod
    def _rows_of(sender_id: str, events: List[Event]) -> Tuple[List[Dict[str, Any]], bool]:
        """Return the events as rows, masked, and whether nothing had to be."""
        rows, as_said = [], True
        for event in events:
            said = event.as_dict()
            kept = isinstance(event, SlotSet) and event.key in CASE_SLOTS
            stored = (mask_at if kept else mask_transcript_at)(Layer.TRACKER, said)
            as_said = as_said and stored is said
            rows.append(
                {
                    "sender_id": sender_id,
                    "type_name": event.type_name,
                    "timestamp": stored.get("timestamp"),
                    "intent_name": stored.get("parse_data", {}).get("intent", {}).get("name"),
                    "action_name": stored.get("name"),
                    "data": json.dumps(stored),
                }
            )
        return rows, as_said


def _notes(tracker: DialogueStateTracker, new: List[Event]) -> Iterator[Union[asked.Asked, str]]:
    """Yield what is to be kept of the user's new messages beside the events; ``new`` are the tracker's last events.

    A message that cannot be read is logged: the conversation counts for more than what is learnt from it.
    """
    for index, event in enumerate(new):
        if isinstance(event, UserUttered):
            before = itertools.islice(reversed(tracker.events), len(new) - index, None)
            try:
                note = noted(tracker.sender_id, new[index:], mask_transcript(event.text or ""), before)
            except Exception:
                logger.exception("What a user asked could not be noted.")
                continue
            if note is not None:
                yield note


def _begins_session(events: List[Event]) -> bool:
    """Tell whether a session begins with one of these."""
    return any(isinstance(event, SessionStarted) for event in events)


def _latest_session(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """Return the tracker as the store gives it back: without what was said before the latest session."""
    latest: List[Event] = []
    for event in reversed(tracker.events):
        latest.insert(0, event)
        if isinstance(event, SessionStarted):
            break
    short: DialogueStateTracker = copy.copy(tracker)
    short.events = deque(latest, tracker.events.maxlen)
    return short
