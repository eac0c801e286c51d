"""A triage desk's stores for the tests: a clock that stands still, two agents, and cases."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Tuple

from lotsen.audit.log import Actor, AuditLog
from lotsen.cases.case import CaseDraft, Category, Contact, Level, Priority, Status
from lotsen.cases.history import STATUS
from lotsen.cases.hours import read_hours
from lotsen.cases.queue import Filter, Queue, View
from lotsen.cases.store import Case, CaseStore, NewCase
from lotsen.cases.work import Handling, Work
from lotsen.settings import Settings
from lotsen.storage.database import open_engine
from tests.cases.made import Clock

AASA, OMAR = Actor("id-aasa", "Åsa Lind"), Actor("id-omar", "Omar Haddad")
MINUTES = {Level.URGENT: 15, Level.HIGH: 120, Level.NORMAL: 480}


class Stores:
    """All stores on one database."""

    def __init__(self, url: str, hours: str = "", clock: Optional[Clock] = None) -> None:
        """Open them; ``hours`` as in ``LOTSEN_DESK_HOURS``."""
        self.clock = clock or Clock()
        self.engine = open_engine(url)
        self.cases = CaseStore(self.engine, self.clock)
        self.audit = AuditLog(self.engine, self.clock)
        desk_hours = read_hours(Settings.read({"LOTSEN_DESK_HOURS": hours}))
        self.work = Work(self.engine, self.cases, self.audit, desk_hours, MINUTES, self.clock)
        self.queue = Queue(self.engine)
        self._made = 0

    def case(
        self,
        problem: str = "Sidan kan inte visas",
        level: Level = Level.NORMAL,
        conversation: str = "",
        channel: str = "web",
        category: str = "",
        unit: str = "",
        **parts: object,
    ) -> Case:
        """Store a case whose user has a conversation of their own."""
        self._made += 1
        draft = CaseDraft(
            problem,
            category=Category(category, category.capitalize(), ""),
            contact=Contact(unit=unit),
            priority=Priority(level),
        )
        new = NewCase(
            f"{self._made:032x}",
            replace(draft, **parts),
            conversation or f"{channel}-{self._made}",
            channel,  # type: ignore[arg-type]
        )
        return self.cases.create(new)

    def get(self, case: int) -> Handling:
        """Return how the desk has a case that there is."""
        found = self.work.get(case)
        assert found is not None
        return found

    def version(self, case: int) -> int:
        """Return its present version."""
        return self.get(case).version

    def heard(self, case: int, text: str = "Det fungerar inte.") -> None:
        """Let its user answer."""
        with self.engine.begin() as connection:
            self.work.heard(connection, case, text)

    def status(self, case: int, status: Status) -> None:
        """Let a service desk say how it stands."""
        with self.engine.begin() as connection:
            if self.cases.set_status(connection, case, status):
                self.cases.history.add(connection, case, STATUS, self.clock(), "zammad", status.value)

    def events(self, case: int) -> List[Tuple[str, str]]:
        """Return what has happened to a case, kind and text."""
        return [(event.kind, event.text) for event in self.cases.history.of(case)]

    def told(self, conversation: str) -> List[Tuple[str, str]]:
        """Return what a conversation is to be told, kind and text."""
        return [(event.kind, event.text) for event in self.cases.history.untold(conversation)]

    def listed(self, view: View = View.NEW, **parts: str) -> List[int]:
        """Return the ids that a list shows."""
        return [row.id for row in self.queue.page(Filter(view=view, **parts)).rows]
