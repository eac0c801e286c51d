"""Notices of disturbances: what many have trouble with now, since when and until when, as an operator or Lotsen says.

A kind of trouble (a guide's id) has at most one notice at a time, however many processes write.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from itertools import count
from typing import Any, Callable, Dict, List, Mapping, Optional
from uuid import NAMESPACE_OID, uuid5

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from lotsen.clock import utc_now
from lotsen.privacy.masking import mask
from lotsen.storage.database import UtcDateTime, create_tables, insert_if_new

_TRIES = 5
"""So often a write is begun again when another process has taken the place; once is enough unless it is lifted too."""

_metadata = sa.MetaData()
_notices = sa.Table(
    "notices",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(80), nullable=False, index=True),
    sa.Column("source", sa.String(20), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("ends", UtcDateTime, nullable=False),
    sa.Column("lifted", UtcDateTime),
    sa.Column("lead", sa.Integer),
    # The kind again while the notice is its latest and not lifted: unique, so that there is one, and empty otherwise.
    sa.Column("current", sa.String(80), unique=True),
    sqlite_autoincrement=True,
)


class Source(str, Enum):
    """Who says that there is a disturbance."""

    AUTO = "auto"
    """Lotsen has counted."""
    OPERATOR = "operator"


@dataclass(frozen=True)
class Notice:
    """A notice as it stands. Times are UTC; ``ends`` is when it is over by itself."""

    id: int
    kind: str
    source: Source
    text: str
    """The operator's own words; empty means the usual ones."""
    created: datetime
    ends: datetime
    lifted: Optional[datetime] = None
    lead: Optional[int] = None
    """The id of the case that the others about it are added to."""

    @property
    def key(self) -> str:
        """Return the key under which its lead is stored (``NewCase.key``), the same in every process."""
        return uuid5(NAMESPACE_OID, f"lotsen notice {self.id} {self.kind}").hex

    @property
    def version(self) -> str:
        """Return what a page hands back, so that nobody overwrites what they have not seen: id, source, words, end.

        The end of an automatic notice is left out: it moves with each user who has the trouble.
        """
        words = sha256(self.text.encode()).hexdigest()[:12]
        ends = f"{self.ends.timestamp():.0f}" if self.source is Source.OPERATOR else ""
        return f"{self.id}.{self.source.value}.{words}.{ends}"

    def active(self, now: datetime) -> bool:
        """Tell whether the disturbance goes on."""
        return self.lifted is None and self.ends > now


class Notices:
    """All notices, in one SQL table. Each method is a transaction of its own."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine, self._clock = engine, clock
        create_tables(engine, _metadata)

    def set(self, kind: str, text: str, ends: datetime) -> Notice:
        """Keep an operator's notice. An active one of the kind becomes it, whoever's it was, and keeps its lead.

        Personal identity numbers in ``text`` are masked.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        values = {"source": Source.OPERATOR.value, "text": mask(text.strip()), "ends": ends}
        return self._put(kind, values, sa.true())

    def mark(self, kind: str, ends: datetime, lead: Optional[int] = None) -> Notice:
        """Keep an automatic notice, and return the active one: this one, or the one that was there before.

        One that was there is prolonged if it is automatic, and an operator's is left alone.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        return self._put(kind, {"source": Source.AUTO.value, "text": "", "ends": ends}, _shorter(ends), lead)

    def prolong(self, kind: str, ends: datetime) -> Optional[Notice]:
        """Let an active automatic notice go on until ``ends``; it is never shortened, and an operator's is left alone.

        Returns the active notice of the kind, or None.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        active = _active(kind, self._clock())
        with self._engine.begin() as connection:
            connection.execute(_notices.update().where(active & _shorter(ends)).values(ends=ends))
            return _first(connection, active)

    def set_lead(self, id: int, lead: int) -> Notice:
        """Note which case leads, unless one does already; return the notice as it stands then.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written, or has no such notice.
        """
        same = _notices.c.id == id
        with self._engine.begin() as connection:
            connection.execute(_notices.update().where(same & _notices.c.lead.is_(None)).values(lead=lead))
            return _notice(connection.execute(sa.select(_notices).where(same)).one())

    def lift(self, kind: str) -> bool:
        """End the active notice of the kind now; tell whether there was one.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        now = self._clock()
        lifted = _notices.update().where(_active(kind, now)).values(lifted=now, current=None)
        with self._engine.begin() as connection:
            return bool(connection.execute(lifted).rowcount)

    def set_seen(
        self, connection: Connection, seen: Optional[Notice], kind: str, text: str, ends: datetime
    ) -> Optional[Notice]:
        """Keep an operator's notice as ``set`` does, in the caller's transaction, if nothing came between.

        Args:
            connection: the transaction.
            seen: the active notice of the kind as it was read; None if there was none.
            kind: what it is about.
            text: the words, or nothing for the usual ones. Personal identity numbers are masked.
            ends: when it is over by itself.

        Returns:
            The notice, or None if the active one is not as ``seen`` any more: then nothing is written.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        now = self._clock()
        values = {"source": Source.OPERATOR.value, "text": mask(text.strip()), "ends": ends}
        if seen is not None:
            changed = _notices.update().where(_still(seen, now)).values(**values)
            if not connection.execute(changed).rowcount:
                return None
            return _first(connection, _notices.c.id == seen.id)
        over = (_notices.c.current == kind) & (_notices.c.ends <= now)
        connection.execute(_notices.update().where(over).values(current=None))
        id = insert_if_new(connection, _notices, {"kind": kind, "current": kind, "created": now, **values})
        return None if id is None else _first(connection, _notices.c.id == id)

    def lift_seen(self, connection: Connection, seen: Notice) -> bool:
        """End a notice now, in the caller's transaction, if it is still as it was read; tell whether it was.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        now = self._clock()
        lifted = _notices.update().where(_still(seen, now)).values(lifted=now, current=None)
        return bool(connection.execute(lifted).rowcount)

    def active(self, kind: str, now: datetime) -> Optional[Notice]:
        """Return the notice of the kind that is active at ``now``."""
        with self._engine.connect() as connection:
            return _first(connection, _active(kind, now))

    def last_lift(self, kind: str) -> Optional[datetime]:
        """Return when a notice of the kind was last lifted."""
        latest = sa.select(_notices.c.lifted).where((_notices.c.kind == kind) & _notices.c.lifted.is_not(None))
        with self._engine.connect() as connection:
            return connection.execute(latest.order_by(_notices.c.lifted.desc()).limit(1)).scalar()

    def lifted_since(self, since: datetime) -> List[Notice]:
        """Return the notices lifted later than ``since``, oldest first.

        Left out are those whose trouble came back: the kind has a later notice that is on, or ended without a lift.
        """
        later = _notices.alias()
        back = (later.c.kind == _notices.c.kind) & (later.c.id > _notices.c.id) & later.c.lifted.is_(None)
        over = (_notices.c.lifted > since) & ~sa.select(later.c.id).where(back).exists()
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_notices).where(over).order_by(_notices.c.id))
            return [_notice(row) for row in rows]

    def last_lifts(self) -> Dict[str, datetime]:
        """Return when a notice was last lifted, for each kind that had one lifted."""
        latest = sa.select(_notices.c.kind, sa.func.max(_notices.c.lifted)).where(_notices.c.lifted.is_not(None))
        with self._engine.connect() as connection:
            return dict(connection.execute(latest.group_by(_notices.c.kind)).all())

    def ended(self, limit: int) -> List[Notice]:
        """Return notices that are over, those that began last first."""
        now = self._clock()
        over = _notices.c.lifted.is_not(None) | (_notices.c.ends <= now)
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_notices).where(over).order_by(_notices.c.id.desc()).limit(limit))
            return [_notice(row) for row in rows]

    def all(self, active_only: bool = False) -> List[Notice]:
        """Return every notice, or those that are active now, oldest first."""
        wanted = _notices.c.current.is_not(None) & (_notices.c.ends > self._clock()) if active_only else sa.true()
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_notices).where(wanted).order_by(_notices.c.id))
            return [_notice(row) for row in rows]

    def _put(self, kind: str, values: Mapping[str, Any], changes: Any, lead: Optional[int] = None) -> Notice:
        """Write ``values`` to the active notice of the kind, where ``changes`` is true of it, or to a new one."""
        for attempt in count(1):
            now = self._clock()
            over = (_notices.c.current == kind) & (_notices.c.ends <= now)
            new = {"kind": kind, "current": kind, "created": now, "lead": lead, **values}
            try:
                with self._engine.begin() as connection:
                    connection.execute(_notices.update().where(over).values(current=None))
                    active = _active(kind, now)
                    if _first(connection, active) is None:
                        connection.execute(_notices.insert().values(**new))
                    else:
                        connection.execute(_notices.update().where(active & changes).values(**values))
                    if (stored := _first(connection, _notices.c.current == kind)) is not None:
                        return stored
            except IntegrityError:  # Another process stored one between our look and our write.
                if attempt == _TRIES:
                    raise
        raise AssertionError("counting has no end")


def _active(kind: str, now: datetime) -> Any:
    """Return the condition for the notice of a kind that is active."""
    return (_notices.c.current == kind) & (_notices.c.ends > now)


def _still(seen: Notice, now: datetime) -> Any:
    """Return the condition for a notice that is active and as it was read, but for an automatic one's end."""
    same = (_notices.c.id == seen.id) & (_notices.c.source == seen.source.value) & (_notices.c.text == seen.text)
    if seen.source is Source.OPERATOR:
        same &= _notices.c.ends == seen.ends
    return same & _active(seen.kind, now)


def _shorter(ends: datetime) -> Any:
    """Return the condition for an automatic notice that ends before."""
    return (_notices.c.source == Source.AUTO.value) & (_notices.c.ends < ends)


def _first(connection: Connection, condition: Any) -> Optional[Notice]:
    """Return the notice that a condition is true of."""
    row = connection.execute(sa.select(_notices).where(condition)).first()
    return _notice(row) if row is not None else None


def _notice(row: Any) -> Notice:
    """Turn a row into a notice."""
    return Notice(row.id, row.kind, Source(row.source), row.text, row.created, row.ends, row.lifted, row.lead)
