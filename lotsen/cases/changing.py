"""One change of a case by the desk: its row is held until the end of the transaction, and so are its duplicates'.

Whoever needs several rows takes the case that others are merged into before those, so that two never wait for each
other; the head of the audit log comes last of all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Dict, Iterable, List, Optional, Set, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.cases.case import NUMBER_FORMAT, OVER, Level, Status
from lotsen.cases.due import Due
from lotsen.cases.handling import Impossible
from lotsen.cases.history import REPLY, STATUS, History
from lotsen.cases.listed import placed
from lotsen.cases.store import fill
from lotsen.cases.table import cases
from lotsen.content.texts import TOLD

Listener = Tuple[int, int, str, str]
"""A case that hears what is said in another: its id, its version, and the conversation and channel of its user."""


class Gone(LookupError):
    """There is no such case."""


def hold(connection: Connection, ids: Iterable[int]) -> None:
    """Hold cases until the end of the transaction, in the order of their ids."""
    for id in sorted(set(ids)):
        connection.execute(cases.update().where(cases.c.id == id).values(version=cases.c.version))


def main_of(connection: Connection, case: int) -> Optional[int]:
    """Return the id of the case that this one is merged into."""
    return connection.execute(sa.select(cases.c.merged_into).where(cases.c.id == case)).scalar()


def read(connection: Connection, case: int, due: Due) -> Any:
    """Return the row of a case; one of an older Lotsen is filled in first.

    Raises:
        Gone: if there is none.
    """
    wanted = sa.select(cases).where(cases.c.id == case)
    row = connection.execute(wanted).first()
    if row is not None and not row.lane:
        fill(connection, row, due)
        row = connection.execute(wanted).first()
    if row is None:
        raise Gone(case)
    return row


def must_be_itself(held: Held) -> None:
    """Refuse what makes no sense for a duplicate."""
    if held.row.merged_into is not None:
        raise Impossible("case_merged")


def must_be_live(held: Held) -> None:
    """Refuse what makes no sense for a duplicate, or for a case that is over."""
    must_be_itself(held)
    if held.status in OVER:
        raise Impossible("case_over")


@dataclass
class Held:
    """A case whose row is held, with what is written of the change."""

    connection: Connection
    history: History
    due: Due
    row: Any
    now: datetime
    author: str
    version: Optional[int]
    """That which the change makes; none if it makes none."""
    detail: str = ""
    """What the audit log says beside the action."""
    also: List[Tuple[str, int, str]] = field(default_factory=list)
    """More entries for the audit log, of other cases: action, case, detail."""
    _duplicates: Optional[List[Listener]] = None

    @property
    def id(self) -> int:
        """Return the id of the case."""
        return int(self.row.id)

    @property
    def number(self) -> str:
        """Return its number."""
        return NUMBER_FORMAT.format(self.row.id)

    @property
    def status(self) -> Status:
        """Return how it stands."""
        return Status(self.row.status)

    def set(self, **values: Any) -> None:
        """Write columns."""
        self.connection.execute(cases.update().where(cases.c.id == self.id).values(**values))
        self.row = self.connection.execute(sa.select(cases).where(cases.c.id == self.id)).one()

    def add(self, kind: str, text: str = "", desk: str = "") -> None:
        """Note what happened, for the desk alone."""
        self.history.add(self.connection, self.id, kind, self.now, desk, text, author=self.author, version=self.version)

    def tell(self, kind: str, text: str) -> None:
        """Note what happened in the case and its duplicates, and have each of their users told once."""
        told: Set[str] = set()
        for id, version, conversation, channel in self.listeners():
            whom = (conversation, channel) if conversation and conversation not in told else None
            told.add(conversation)
            self.history.add(
                self.connection, id, kind, self.now, text=text, tell=whom, author=self.author, version=version
            )

    def note(self, kind: str, text: str) -> None:
        """Note the same in the case and its duplicates, without a word to their users."""
        for id, version, _, _ in self.listeners():
            self.history.add(self.connection, id, kind, self.now, text=text, author=self.author, version=version)

    def say(self, text: str) -> bool:
        """Answer the users; False, and nothing is written, if there are none."""
        if not any(conversation for _, _, conversation, _ in self.listeners()):
            return False
        self.tell(REPLY, text)
        return True

    def stand(self, status: Status, quietly: bool = False, **values: Any) -> None:
        """Set how the case stands, and its duplicates with it; unless quietly, the users hear of another status."""
        before = self.status
        self.set(status=status.value, **self.place(status), **values)
        if status is before:
            return
        self.listeners()
        self.connection.execute(cases.update().where(cases.c.merged_into == self.id).values(status=status.value))
        if status in TOLD and not quietly:
            self.tell(STATUS, status.value)
        else:
            self.note(STATUS, status.value)

    def place(self, status: Status) -> Dict[str, Any]:
        """Return the columns of its place in the queue when it has a status."""
        return placed(status, bool(self.row.assignee), self.row.merged_into is not None)

    def count_anew(self, since: datetime, level: Optional[Level] = None) -> Dict[str, Any]:
        """Return the columns that say when it is due, counted from a moment."""
        return {"due": self.due(level or Level(self.row.level), since), "due_from": since}

    def listeners(self) -> List[Listener]:
        """Return the case and its duplicates, which have a new version then, too."""
        if self._duplicates is None:
            merged = cases.c.merged_into == self.id
            new = {"version": cases.c.version + 1, "changed": self.now}
            self.connection.execute(cases.update().where(merged).values(**new))
            rows = self.connection.execute(
                sa.select(cases.c.id, cases.c.version, cases.c.conversation, cases.c.channel)
                .where(merged)
                .order_by(cases.c.id)
            )
            self._duplicates = [tuple(row) for row in rows]
        own = (self.id, self.row.version, self.row.conversation, self.row.channel)
        return [own, *self._duplicates]
