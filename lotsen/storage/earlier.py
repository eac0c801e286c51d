"""What was said in a conversation before its latest session.

Rasa's SQL store gives back the latest session only, and a new one begins with the first message after an hour. A user
who goes on with a guide after lunch has said half of it before: that belongs in the transcript of their case.
"""

from __future__ import annotations

import json
from typing import Any, List, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine

_SAID = ("user", "bot")
_events = sa.table(
    "events",
    sa.column("id", sa.Integer),
    sa.column("sender_id", sa.String),
    sa.column("type_name", sa.String),
    sa.column("timestamp", sa.Float),
    sa.column("data", sa.Text),
)


def whole(
    engine: Engine, conversation: str, latest: Sequence[Mapping[str, Any]], limit: int
) -> List[Mapping[str, Any]]:
    """Return the messages of earlier sessions, oldest first and at most ``limit``, and then the ``latest`` events.

    They come as they are stored: masked.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: if they cannot be read.
    """
    began = min((float(event["timestamp"]) for event in latest if event.get("timestamp")), default=None)
    if began is None:
        return list(latest)
    of, said = _events.c.sender_id == conversation, _events.c.type_name.in_(_SAID)
    rows = sa.select(_events.c.data).where(of, said, _events.c.timestamp < began)
    with engine.connect() as connection:
        found = connection.execute(rows.order_by(_events.c.id.desc()).limit(limit)).scalars().all()
    return [*map(json.loads, reversed(found)), *latest]
