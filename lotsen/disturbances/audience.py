"""Who has heard of a disturbance, and which of them must still be told that it is over.

Only a lift is told: when a notice ends by its time, nobody has said that anything is mended. A lift is no news any more
after ``NEWS_FOR``, and none at all while the same trouble is back.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import datetime, timedelta
from typing import Callable, List, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from lotsen.clock import utc_now
from lotsen.disturbances.notices import Notice, Notices
from lotsen.storage.database import UtcDateTime, create_tables

NEWS_FOR = timedelta(hours=24)
LEASE = timedelta(seconds=30)
"""Who was handed out to be told, and was not said to have heard, is handed out again after this."""
MAX_TRIES = 20
AT_ONCE = 50
"""So many are handed out at a time: a lift may have thousands to tell, and users who write must not wait for that."""

_metadata = sa.MetaData()
_told = sa.Table(
    "notice_told",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("notice", sa.Integer, nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("told", UtcDateTime, nullable=False),
    # From when on it may be told that the disturbance is over; empty once that is heard or given up.
    sa.Column("over_at", UtcDateTime),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.UniqueConstraint("notice", "conversation"),
    sa.Index("notice_told_over", "channel", "over_at"),
    sqlite_autoincrement=True,
)

logger = logging.getLogger(__name__)


class Audience:
    """The conversations that were told of each notice, in one SQL table. Each write is a transaction of its own."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        """Use ``engine``; makes the tables if they are not there."""
        self._engine, self._clock = engine, clock
        self._notices = Notices(engine, clock)
        create_tables(engine, _metadata)

    def told(self, notice: int, conversation: str, channel: str) -> None:
        """Note that a conversation has heard of a notice. The first time counts, however often it is told.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if the database cannot be written.
        """
        now = self._clock()
        values = {"notice": notice, "conversation": conversation, "channel": channel, "told": now, "over_at": now}
        same = (_told.c.notice == notice) & (_told.c.conversation == conversation)
        # Another process may note the same one between our look and our write.
        with contextlib.suppress(IntegrityError), self._engine.begin() as connection:
            if connection.execute(sa.select(_told.c.id).where(same)).first() is None:
                connection.execute(_told.insert().values(**values))

    def take_over(self, channel: str, now: datetime) -> List[str]:
        """Return conversations to be told that something is over, each to one caller only for the length of a lease.

        Who has waited longest comes first. Who could not be told after many tries is given up, and logged.
        """
        lifted = [notice.id for notice in self._notices.lifted_since(now - NEWS_FOR)]
        if not lifted:
            return []
        due = _told.c.notice.in_(lifted) & (_told.c.channel == channel) & (_told.c.over_at <= now)
        first = sa.select(_told).where(due).order_by(_told.c.over_at, _told.c.id).limit(AT_ONCE)
        taken: List[str] = []
        with self._engine.connect() as connection:
            rows = connection.execute(first).all()
        for row in rows:
            later = now + LEASE if row.tries < MAX_TRIES else None
            same = (_told.c.id == row.id) & (_told.c.over_at == row.over_at)
            with self._engine.begin() as connection:
                changed = connection.execute(
                    _told.update().where(same).values(over_at=later, tries=row.tries + 1)
                ).rowcount
            if not changed:
                continue
            if later is None:
                logger.error("A user could not be told that disturbance %d is over.", row.notice)
            elif row.conversation not in taken:
                taken.append(row.conversation)
        return taken

    def over(self, conversation: str) -> List[Notice]:
        """Return the lifted notices that a conversation was told of, and has not heard the end of, oldest first."""
        waits = (_told.c.conversation == conversation) & _told.c.over_at.is_not(None)
        with self._engine.connect() as connection:
            known = set(connection.execute(sa.select(_told.c.notice).where(waits)).scalars())
        if not known:
            return []
        return [notice for notice in self._notices.lifted_since(self._clock() - NEWS_FOR) if notice.id in known]

    def heard(self, conversation: str, notices: Sequence[int]) -> None:
        """Note that a conversation has heard that these notices are over."""
        those = (_told.c.conversation == conversation) & _told.c.notice.in_(notices)
        with self._engine.begin() as connection:
            connection.execute(_told.update().where(those).values(over_at=None))

    def forget(self, conversation: str) -> None:
        """Forget a conversation, which hears nothing more."""
        with self._engine.begin() as connection:
            connection.execute(_told.delete().where(_told.c.conversation == conversation))
