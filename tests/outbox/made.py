"""What the outbox's tests are made of: a clock that is moved by hand, a store with cases, a desk that does as told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence, Union

from sqlalchemy.engine import Engine

from lotsen.cases.case import CaseDraft
from lotsen.cases.store import Case, CaseStore, NewCase
from lotsen.outbox.outbox import OutboxLetter
from lotsen.service_desks.base import Letter, News, Receipt, Sent
from lotsen.storage.database import open_engine

DESK, OTHER = "request_tracker", "email"
START = datetime(2026, 11, 26, 8, 0, tzinfo=timezone.utc)


class Clock:
    """The time, which stands still but for ``wait``."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class ToldDesk:
    """A desk in memory. ``does``: what it does with the next letters; a receipt when it is empty."""

    polls: bool = True
    does: List[Union[Exception, Callable[[], object]]] = field(default_factory=list)
    letters: List[Letter] = field(default_factory=list)
    """All that were sent to it, in order."""
    asked: List[List[Sent]] = field(default_factory=list)
    says: List[News] = field(default_factory=list)
    """The answer to the next question; an error if ``fails`` is set."""
    fails: Optional[Exception] = None
    closed: bool = False
    refs: Dict[str, str] = field(default_factory=dict)
    """The ticket of each key."""

    async def deliver(self, letter: Letter) -> Receipt:
        self.letters.append(letter)
        if self.does:
            thing = self.does.pop(0)
            if isinstance(thing, Exception):
                raise thing
            await thing()  # type: ignore[misc]
        ref = self.refs.setdefault(letter.key, letter.parent or str(len(self.refs) + 1))
        return Receipt(ref, f"#{ref}", f"https://desk.example.se/{ref}")

    async def news(self, sent: Sequence[Sent]) -> List[News]:
        self.asked.append(list(sent))
        if self.fails is not None:
            raise self.fails
        return self.says

    async def check(self) -> str:
        return "told"

    async def close(self) -> None:
        self.closed = True


def engine_in(folder: Path) -> Engine:
    """Return an engine for a new SQLite file."""
    return open_engine(f"sqlite:///{folder / 'lotsen.db'}")


def confirm(store: CaseStore, key: str, parent: Optional[int] = None, desks: Sequence[str] = (DESK,)) -> Case:
    """Store a case; ``key`` is made as long as keys are."""
    draft = CaseDraft(f"Sidan {key} är vit")
    return store.create(NewCase(key * 32, draft, f"web-{key}", "web", desks, f"Ärende {key}", parent))


def letter_of(store: CaseStore, case: Case, desk: str = DESK) -> OutboxLetter:
    """Return the case's letter to a desk as it stands now."""
    (found,) = [letter for letter in store.outbox.of(case.id) if letter.desk == desk]
    return found
