"""Where cases are kept. Writing one twice under the same key gives the same case.

A case, the user's word on it and its letters in the outbox are written in one transaction: either all of it is there
or nothing is, whenever the process ends.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from lotsen.cases.case import NUMBER_FORMAT, OVER, CaseDraft, Level, Status
from lotsen.cases.due import Due
from lotsen.cases.history import CONFIRMED, History
from lotsen.cases.listed import Lane, listed
from lotsen.cases.table import CHOSEN, metadata
from lotsen.cases.table import cases as _cases
from lotsen.cases.table import choices as _choices
from lotsen.cases.table import words as _words
from lotsen.cases.words import words_of
from lotsen.clock import utc_now
from lotsen.outbox.outbox import Outbox
from lotsen.privacy.masking import mask_all
from lotsen.storage.database import create_tables

AT_ONCE = 200
"""So many cases of an older Lotsen are filled in at a time."""


@dataclass(frozen=True)
class Case:
    """A stored case."""

    id: int
    number: str
    key: str
    created: datetime
    status: Status
    conversation: str
    """The pseudonym of the conversation that it was made in; empty for one that Lotsen made itself."""
    channel: str
    draft: CaseDraft
    parent: Optional[int] = None
    """The id of the case about the same disturbance that this one is added to."""


@dataclass(frozen=True)
class NewCase:
    """What is to be stored. ``key`` is 32 hexadecimal digits that the caller made once for this hand-off."""

    key: str
    draft: CaseDraft
    conversation: str
    channel: str
    desks: Sequence[str] = ()
    """The desks that it is sent to."""
    letter: str = ""
    """The case in words, as desks get it."""
    parent: Optional[int] = None
    due: Optional[datetime] = None
    """When somebody should have looked; without, the usual minutes for its level are counted."""
    notice: Optional[int] = None
    """The id of the disturbance that it is part of."""


class CaseStore:
    """Cases in one SQL table. Personal identity numbers are masked on the way in, wherever they stand."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        """Use ``engine``; makes the tables if they are not there."""
        self._engine, self._clock = engine, clock
        create_tables(engine, metadata)
        self.outbox, self.history = Outbox(engine, clock), History(engine)

    def create(self, new: NewCase) -> Case:
        """Store a case, the user's word on it, and its letters; with a key used before, return that case unchanged.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written. Nothing is stored then.
        """
        try:
            with self._engine.begin() as connection:
                return self.write(connection, new)[0]
        except IntegrityError:  # Another process stored the same key between our look and our write.
            stored = self.with_key(new.key)
            assert stored is not None, "the row was just written"
            return stored

    def write(self, connection: Connection, new: NewCase, author: str = "") -> Tuple[Case, bool]:
        """Store a case as ``create`` does, in the caller's transaction; tell whether it is a new one.

        ``author``: who at the triage desk makes it, if it is not its user.

        Raises:
            sqlalchemy.exc.IntegrityError: if another process stores the same key at this moment.
        """
        known = self._first(connection, _cases.c.key == new.key)
        if known is not None:
            return known, False
        now = self._clock()
        values, draft = row_of(new, now)
        case = int(connection.execute(_cases.insert().values(**values)).inserted_primary_key[0])
        connection.execute(_words.insert(), [{"word": word, "case_id": case} for word in sorted(words_of(case, draft))])
        keep_choices(connection, [values])
        self.history.add(connection, case, CONFIRMED, now, author=author, version=1)
        self.outbox.add(connection, case, new.desks, mask_all(new.letter))
        stored = self._first(connection, _cases.c.id == case)
        assert stored is not None, "the row was just written"
        return stored, True

    def set_status(self, connection: Connection, case: int, status: Status) -> bool:
        """Set the status of a case, in the caller's transaction; tell whether it was another one before.

        This is for what others than the triage desk say. Whoever works with the case there sees that it has changed.
        Its duplicates stand as it does.
        """
        of = (_cases.c.id == case) & (_cases.c.status != status.value)
        now = self._clock()
        changed = {
            "status": status.value,
            "lane": _lane_of(status),
            "live": _live_of(status),
            "version": _cases.c.version + 1,
            "changed": now,
            **({} if status in OVER else {"resolution": ""}),
        }
        if not connection.execute(_cases.update().where(of).values(**changed)).rowcount:
            return False
        duplicates = _cases.c.merged_into == case
        connection.execute(
            _cases.update().where(duplicates).values(status=status.value, version=_cases.c.version + 1, changed=now)
        )
        return True

    def listeners(self, connection: Connection, case: int) -> List[Tuple[int, Optional[Tuple[str, str]]]]:
        """Return a case and its duplicates, each with the conversation and channel of its user, if it has one."""
        either = (_cases.c.id == case) | (_cases.c.merged_into == case)
        wanted = sa.select(_cases.c.id, _cases.c.conversation, _cases.c.channel).where(either).order_by(_cases.c.id)
        return [
            (row.id, (row.conversation, row.channel) if row.conversation else None)
            for row in connection.execute(wanted)
        ]

    def touch(self, connection: Connection, case: int) -> None:
        """Note that something has happened to a case, e.g. that a service desk has answered."""
        connection.execute(_cases.update().where(_cases.c.id == case).values(changed=self._clock()))

    def fill_in(self, due: Due, at_once: int = AT_ONCE) -> int:
        """Fill in how the desk has the cases of an older Lotsen; return how many there were.

        Each lot is a transaction of its own, so that others can write meanwhile, and it can be broken off at any time.
        """
        c = _cases.c
        lacking = sa.select(c.id, c.status, c.category, c.channel, c.created, c.body)
        lacking = lacking.where(_cases.c.lane == "").order_by(_cases.c.id).limit(at_once)
        filled = 0
        while True:
            with self._engine.connect() as connection:
                rows = connection.execute(lacking).all()
            if not rows:
                return filled
            latest = self.history.latest_of([row.id for row in rows])
            with self._engine.begin() as connection:
                filled += sum(fill(connection, row, due, latest.get(row.id)) for row in rows)

    def get(self, id: int) -> Optional[Case]:
        """Return a case by the number without its letters."""
        with self._engine.connect() as connection:
            return self._first(connection, _cases.c.id == id)

    def with_key(self, key: str) -> Optional[Case]:
        """Return the case that was stored under a key."""
        with self._engine.connect() as connection:
            return self._first(connection, _cases.c.key == key)

    def of_conversation(self, conversation: str) -> List[Case]:
        """Return a conversation's cases, the latest first."""
        return self._all(_cases.c.conversation == conversation)[::-1]

    def all(self) -> List[Case]:
        """Return every case, oldest first."""
        return self._all(sa.true())

    def conversations_about(self, category: str, since: datetime) -> List[str]:
        """Return the conversations that made a case about something at ``since`` or later, each once."""
        about = (_cases.c.category == category) & (_cases.c.created >= since) & (_cases.c.conversation != "")
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(_cases.c.conversation).where(about).distinct()).scalars())

    def over_for(self, age: timedelta) -> Set[int]:
        """Return the ids of the cases that were resolved or rejected longer ago than ``age``."""
        over = _cases.c.status.in_([status.value for status in OVER])
        with self._engine.connect() as connection:
            ids = set(connection.execute(sa.select(_cases.c.id).where(over)).scalars())
        return ids - self.history.with_new_status(self._clock() - age)

    def _all(self, condition: sa.sql.ColumnElement) -> List[Case]:
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_cases).where(condition).order_by(_cases.c.id))
            return [case_of(row) for row in rows]

    @staticmethod
    def _first(connection: Connection, condition: sa.sql.ColumnElement) -> Optional[Case]:
        row = connection.execute(sa.select(_cases).where(condition)).first()
        return case_of(row) if row is not None else None


def row_of(new: NewCase, now: datetime) -> Tuple[Dict[str, Any], Mapping[str, Any]]:
    """Return the row of a new case, and its masked JSON."""
    draft = mask_all(new.draft.to_json())
    values = {
        "key": new.key,
        "created": now,
        "status": Status.NEW.value,
        "conversation": new.conversation,
        "channel": new.channel,
        "category": draft["category"]["id"],
        "parent": new.parent,
        "body": json.dumps(draft, ensure_ascii=False),
        **listed(draft, now, due=new.due, notice=new.notice),
    }
    return values, draft


def fill(connection: Connection, row: Any, due: Due, changed: Optional[datetime] = None) -> bool:
    """Fill in how the desk has a case of an older Lotsen, in the caller's transaction; False if it was done meanwhile.

    ``row`` has its id, status, category, channel, time and body.
    """
    draft = CaseDraft.from_json(json.loads(row.body)).to_json()
    at = due(Level(draft["priority"]["level"]), row.created)
    values = listed(draft, row.created, Status(row.status), at, changed)
    same = (_cases.c.id == row.id) & (_cases.c.lane == "") & (_cases.c.status == row.status)
    if not connection.execute(_cases.update().where(same).values(**values)).rowcount:
        return False
    connection.execute(_words.insert(), [{"word": word, "case_id": row.id} for word in words_of(row.id, draft)])
    keep_choices(connection, [{**values, "category": row.category, "channel": row.channel}])
    return True


def keep_choices(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Note by which values cases can be filtered now, in the caller's transaction.

    In order, so that two of them never wait for each other.
    """
    found = sorted({(name, row[name]) for row in rows for name in CHOSEN if row.get(name)})
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    if found:
        values = [{"name": name, "value": value} for name, value in found]
        connection.execute(insert(_choices).values(values).on_conflict_do_nothing())


def _lane_of(status: Status) -> Any:
    """Return the lane of a case that gets a status, in SQL; a merged one stays merged, one not filled in stays so."""
    if status in OVER:
        lane: Any = Lane.OVER.value
    elif status is Status.WAITING:
        lane = Lane.WAITING.value
    elif status is Status.OPEN:
        lane = Lane.TAKEN.value
    else:
        lane = sa.case((_cases.c.assignee != "", Lane.TAKEN.value), else_=Lane.NEW.value)
    return sa.case((_cases.c.lane.in_((Lane.MERGED.value, "")), _cases.c.lane), else_=lane)


def _live_of(status: Status) -> Any:
    """Return whether a case that gets a status is live, in SQL."""
    return sa.case((_cases.c.lane.in_((Lane.MERGED.value, "")), _cases.c.live), else_=int(status not in OVER))


def case_of(row: sa.engine.Row) -> Case:
    """Turn a row into a case."""
    return Case(
        id=row.id,
        number=NUMBER_FORMAT.format(row.id),
        key=row.key,
        created=row.created,
        status=Status(row.status),
        conversation=row.conversation,
        channel=row.channel,
        draft=CaseDraft.from_json(json.loads(row.body)),
        parent=row.parent,
    )
