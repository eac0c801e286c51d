"""A clock that stands still until it is told to go, and the stores of one database, for the tests of disturbances."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import List

from sqlalchemy.engine import Engine

from lotsen.cases.case import CaseDraft, Category
from lotsen.cases.store import Case, CaseStore, NewCase
from lotsen.disturbances.detection import Watch
from lotsen.disturbances.notices import Notice
from lotsen.guides.replies import Reply
from lotsen.outcomes.records import RunRecords
from tests.outcomes.made import FAILED, walk

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=timezone.utc)
KIND = "two"
COUNT, MINUTES = 3, 30


class Clock:
    """The time, which goes on when ``tick`` is called."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def tick(self, minutes: float) -> datetime:
        """Go on; return the time then."""
        self.now += timedelta(minutes=minutes)
        return self.now


class World:
    """What users do, and what a watch makes of it."""

    def __init__(self, engine: Engine, count: int = COUNT, minutes: float = MINUTES) -> None:
        self.clock = Clock()
        self.store, self.records = CaseStore(engine, self.clock), RunRecords(engine)
        self.watch = Watch(engine, count, minutes, self.clock)
        self.notices = self.watch.notices
        self.counts: List[int] = []
        """How many users each lead was made for."""

    def case(self, conversation: str, kind: str = KIND) -> Notice | None:
        """Store a case of a conversation, and let the watch notice."""
        self.store_case(f"{conversation} {len(self.store.all())}", conversation, kind)
        return self.watch.noticed(kind, self.lead)

    def store_case(self, key: str, conversation: str, kind: str = KIND) -> Case:
        """Store a case."""
        draft = CaseDraft("Problem", category=Category(kind, "Två sätt"))
        return self.store.create(NewCase(key, draft, conversation, "web"))

    def run(self, conversation: str, *replies: Reply) -> Notice | None:
        """Record a run of the guide whose last reply is now, and let the watch notice."""
        run = walk(KIND, replies, run_id=f"{conversation} {self.clock.now}")
        moved = self.clock.now.timestamp() - run.touched
        self.records.write(replace(run, began=run.began + moved, touched=run.touched + moved), conversation, "web")
        return self.watch.noticed(KIND, self.lead)

    def failed_run(self, conversation: str) -> Notice | None:
        """Record a run of the guide that has just ended in a hand-off."""
        return self.run(conversation, FAILED, FAILED, FAILED)

    def lead(self, notice: Notice, count: int) -> int:
        """Make the case that leads, as the actions do."""
        self.counts.append(count)
        return self.store_case(notice.key, "", notice.kind).id

    def leads(self) -> List[Case]:
        """Return the cases that Lotsen made itself."""
        return [case for case in self.store.all() if not case.conversation]
