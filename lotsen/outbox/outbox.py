"""The outbox: one letter for each case and desk, and how far it has come.

A letter is claimed for a lease. While it runs nobody else sends the letter; if it runs out, the one who sent it was
killed or hung, and the letter is claimed again as doubtful: the desk may have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Callable, Iterable, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from lotsen.clock import utc_now
from lotsen.observability import turn_id
from lotsen.service_desks.base import Receipt
from lotsen.storage.database import UtcDateTime, create_tables

WAITING, SENDING, DELIVERED, DEAD = "waiting", "sending", "delivered", "dead"
AT_ONCE = 10
"""So many due letters are looked at to find one that nobody else takes at the same moment."""
FARTHEST = timedelta(minutes=70)
"""No letter is put off for longer (``Pace.longest``): one that is due later was put off while the clock was ahead."""

_metadata = sa.MetaData()
_letters = sa.Table(
    "outbox",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("case_id", sa.Integer, nullable=False),
    sa.Column("desk", sa.String(40), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("doubtful", sa.Boolean, nullable=False),
    sa.Column("due", UtcDateTime, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("ref", sa.String(255), nullable=False),
    sa.Column("number", sa.String(255), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("delivered", UtcDateTime),
    sa.Column("mark", sa.String(255), nullable=False),
    sa.Column("turn", sa.String(32)),
    sa.UniqueConstraint("case_id", "desk"),
    sa.Index("outbox_due", "desk", "state", "due"),
    sa.Index("outbox_ref", "desk", "ref"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class OutboxLetter:
    """One letter as it stands. ``due``: when it may be sent (waiting), or when its lease ends (sending)."""

    id: int
    case: int
    desk: str
    text: str
    state: str
    attempts: int
    doubtful: bool
    due: datetime
    error: str
    receipt: Optional[Receipt]
    delivered: Optional[datetime]
    mark: str
    turn: str = ""
    """The id of the turn that the case was sent in; empty if there was none, or an older Lotsen stored it."""


class Outbox:
    """All letters, in one SQL table."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine, self._clock = engine, clock
        create_tables(engine, _metadata)

    def add(self, connection: Connection, case: int, desks: Iterable[str], text: str) -> None:
        """Put a letter to each desk, in the caller's transaction."""
        for desk in desks:
            empty = {"error": "", "ref": "", "number": "", "url": "", "mark": "", "attempts": 0, "doubtful": False}
            values = {"case_id": case, "desk": desk, "text": text, "state": WAITING, "due": self._clock(), **empty}
            values["turn"] = turn_id.current() or None
            connection.execute(_letters.insert().values(**values))

    def claim(self, desk: str, lease: timedelta) -> Optional[OutboxLetter]:
        """Return the letter that has waited longest, and nobody else gets it while the lease runs; None if none is due.

        It comes as doubtful if an attempt before this one may have reached the desk.
        """
        now = self._clock()
        its_time = _letters.c.state.in_((WAITING, SENDING)) & (_letters.c.due <= now)
        by_a_wrong_clock = (_letters.c.state == WAITING) & (_letters.c.due > now + FARTHEST)
        due = (_letters.c.desk == desk) & (its_time | by_a_wrong_clock)
        with self._engine.connect() as connection:
            rows = connection.execute(
                sa.select(_letters).where(due).order_by(_letters.c.due, _letters.c.id).limit(AT_ONCE)
            ).all()
        for row in rows:
            doubtful = row.doubtful or row.state == SENDING
            same = self._unchanged(row.id, row.attempts) & (_letters.c.state == row.state)
            values = {
                "state": SENDING,
                "attempts": row.attempts + 1,
                "doubtful": doubtful,
                "due": now + lease,
            }
            with self._engine.begin() as connection:
                if connection.execute(_letters.update().where(same).values(**values)).rowcount:
                    return self._letter(connection, row.id)
        return None

    def delivered(self, connection: Connection, letter: OutboxLetter, receipt: Receipt) -> bool:
        """Note that the desk has it, in the caller's transaction; False if it was noted before."""
        values = {
            "state": DELIVERED,
            "doubtful": False,
            "error": "",
            "ref": receipt.ref,
            "number": receipt.number,
            "url": receipt.url,
            "delivered": self._clock(),
        }
        open_still = (_letters.c.id == letter.id) & (_letters.c.state != DELIVERED)
        return bool(connection.execute(_letters.update().where(open_still).values(**values)).rowcount)

    def failed(
        self, connection: Connection, letter: OutboxLetter, error: str, due: datetime, doubtful: bool, dead: bool
    ) -> bool:
        """Note a failed attempt, in the caller's transaction; False if somebody has claimed the letter since."""
        values = {
            "state": DEAD if dead else WAITING,
            "error": error,
            "due": due,
            "doubtful": letter.doubtful or doubtful,
        }
        same = self._unchanged(letter.id, letter.attempts) & (_letters.c.state == SENDING)
        return bool(connection.execute(_letters.update().where(same).values(**values)).rowcount)

    def put_off(self, letter: OutboxLetter, due: datetime) -> None:
        """Give a claimed letter back unsent, to be claimed again at ``due``; that was no attempt."""
        values = {"state": WAITING, "due": due, "attempts": letter.attempts - 1}
        same = self._unchanged(letter.id, letter.attempts) & (_letters.c.state == SENDING)
        with self._engine.begin() as connection:
            connection.execute(_letters.update().where(same).values(**values))

    def retry(self, connection: Connection, case: int) -> List[str]:
        """Let the undelivered letters of a case be sent now, counting anew; return their desks.

        One that is being sent is left alone: its end is near.
        """
        stuck = (_letters.c.case_id == case) & _letters.c.state.in_((WAITING, DEAD))
        desks = list(connection.execute(sa.select(_letters.c.desk).where(stuck)).scalars())
        connection.execute(_letters.update().where(stuck).values(state=WAITING, attempts=0, due=self._clock()))
        return desks

    def of(self, case: int) -> List[OutboxLetter]:
        """Return the letters of a case."""
        return self._read(_letters.c.case_id == case)

    def to_ask_about(self, desk: str, since: datetime) -> List[OutboxLetter]:
        """Return the letters that a desk got after ``since``."""
        fresh = (_letters.c.desk == desk) & (_letters.c.state == DELIVERED) & (_letters.c.delivered >= since)
        return self._read(fresh)

    def with_ref(self, desk: str, ref: str) -> List[OutboxLetter]:
        """Return the letters that became, or were added to, a desk's ticket."""
        return self._read((_letters.c.desk == desk) & (_letters.c.ref == ref))

    def set_mark(self, connection: Connection, letter: int, mark: str) -> None:
        """Keep the mark that a desk's news came with, in the caller's transaction."""
        connection.execute(_letters.update().where(_letters.c.id == letter).values(mark=mark))

    def waiting(self) -> List[OutboxLetter]:
        """Return all that is not delivered, oldest first."""
        return self._read(_letters.c.state != DELIVERED)

    @staticmethod
    def _unchanged(id: int, attempts: int) -> Any:
        return (_letters.c.id == id) & (_letters.c.attempts == attempts)

    @staticmethod
    def _letter(connection: Connection, id: int) -> OutboxLetter:
        return _read_row(connection.execute(sa.select(_letters).where(_letters.c.id == id)).one())

    def _read(self, condition: Any) -> List[OutboxLetter]:
        with self._engine.connect() as connection:
            rows: Sequence[Any] = connection.execute(sa.select(_letters).where(condition).order_by(_letters.c.id)).all()
        return [_read_row(row) for row in rows]


def _read_row(row: Any) -> OutboxLetter:
    """Turn a row into a letter."""
    receipt = Receipt(row.ref, row.number, row.url) if row.state == DELIVERED else None
    return OutboxLetter(
        id=row.id,
        case=row.case_id,
        desk=row.desk,
        text=row.text,
        state=row.state,
        attempts=row.attempts,
        doubtful=row.doubtful,
        due=row.due,
        error=row.error,
        receipt=receipt,
        delivered=row.delivered,
        mark=row.mark,
        turn=row.turn or "",
    )
