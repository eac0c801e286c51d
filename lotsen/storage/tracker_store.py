"""Rasa's SQL tracker store on Lotsen's database, with personal identity numbers masked on the way in.

Named in ``endpoints.yml``. Rasa falls back to memory without a word when it cannot load a store; ``lotsen up`` checks
that it can before it starts anything.
"""

from __future__ import annotations

import json
from typing import Any, Iterator, Optional

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session

from lotsen.privacy.masking import mask_all
from lotsen.settings import Settings
from lotsen.storage.database import open_engine


class LotsenTrackerStore(SQLTrackerStore):
    """Conversations in the table ``events`` of the database that ``LOTSEN_DATABASE_URL`` names."""

    def __init__(
        self,
        domain: Optional[Domain] = None,
        host: Optional[str] = None,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,
    ) -> None:
        """Open the database; ``host`` and further keys of ``endpoints.yml`` are not used."""
        # Rasa's own constructor builds a URL from parts and retries for ever; ours takes one URL and fails at once.
        super(SQLTrackerStore, self).__init__(domain, event_broker, **kwargs)
        self.engine = open_engine(Settings.read().database_url)
        self.Base.metadata.create_all(self.engine)
        self.sessionmaker = sa.orm.session.sessionmaker(bind=self.engine)

    def _additional_events(self, session: Session, tracker: DialogueStateTracker) -> Iterator[Event]:
        """Return the events to store, masked."""
        for event in super()._additional_events(session, tracker):
            stored = event.as_dict()
            masked = mask_all(stored)
            changed = json.dumps(masked, default=str) != json.dumps(stored, default=str)
            yield Event.from_parameters(masked) if changed else event
