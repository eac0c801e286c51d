"""When the daily purge is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.retention.deletions import LEASE, purges
from lotsen.settings import Settings


def due(settings: Settings, engine: Engine, now: datetime) -> bool:
    """Tell whether today's purge has not been done by anybody, and its time has come. ``now`` is in UTC.

    A purge whose time came while Lotsen was off is due at the next start. One query: call it about once a minute, and
    start ``lotsen purge --scheduled`` when it says so. Of several machines that do, one deletes.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if the database cannot be read.
    """
    day = day_of(settings, now)
    if day is None:
        return False
    left = purges.c.ended.is_(None) & (purges.c.claimed < now - LEASE)
    try:
        with engine.connect() as connection:
            row = connection.execute(sa.select(left.label("left")).where(purges.c.day == day)).first()
    except sa.exc.DBAPIError:
        if sa.inspect(engine).has_table(purges.name):
            raise
        return True  # Nobody has ever purged.
    return row is None or bool(row.left)


def day_of(settings: Settings, now: datetime) -> "str | None":
    """Return the day (ISO 8601) whose purge is the latest that should have begun; None if none ever should.

    >>> from datetime import timezone
    >>> night = Settings.read({"LOTSEN_PURGE_AT": "03:15"})
    >>> day_of(night, datetime(2026, 11, 27, 2, 14, tzinfo=timezone.utc))  # 03:14 in Stockholm
    '2026-11-26'
    >>> day_of(night, datetime(2026, 11, 27, 2, 15, tzinfo=timezone.utc))
    '2026-11-27'
    """
    if settings.purge_at is None:
        return None
    here = now.astimezone(ZoneInfo(settings.time_zone))
    day = here.date() if here.time() >= settings.purge_at else here.date() - timedelta(days=1)
    return day.isoformat()
