"""Web conversations as such: when they began, whether they were ended, and whose they are, if the host page says.

No address of a browser is kept, here or anywhere.
"""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any, Callable, Collection, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.channels.person import Person
from lotsen.storage.database import create_tables, insert_if_new

_metadata = sa.MetaData()
_conversations = sa.Table(
    "chat_conversations",
    _metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("began", sa.Float, nullable=False, index=True),
    sa.Column("ended", sa.Float),
    sa.Column("name", sa.String(100), nullable=False, server_default=""),
    sa.Column("unit", sa.String(100), nullable=False, server_default=""),
    sa.Column("seen", sa.Float),
)
_MINE = _conversations.c.conversation == sa.bindparam("of")
_ROW = sa.select(_conversations).where(_MINE)
ENDED = sa.select(_conversations.c.ended).where(_MINE)
"""When the conversation ``of`` was ended by its user; NULL if it was not, or is not known."""
_SEEN = _conversations.update().where(_MINE).values(seen=sa.bindparam("now"))
_BEGUN = sa.select(sa.func.count()).where(_conversations.c.began > sa.bindparam("since"))


class Conversations:
    """All web conversations."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine, self._clock = engine, clock
        create_tables(engine, _metadata)

    def begin(self, conversation: str, person: Optional[Person] = None) -> None:
        """Note a new conversation, and who its user is, if that was shown."""
        values = {"conversation": conversation, "began": self._clock(), "seen": self._clock()}
        if person is not None:
            values.update(name=person.name, unit=person.unit)
        with self._engine.begin() as connection:
            connection.execute(_conversations.insert(), values)

    def end(self, conversation: str) -> None:
        """Note that its user has ended it: no token opens it any more. Name and unit are forgotten."""
        values = {"ended": self._clock(), "name": "", "unit": ""}
        mine = _conversations.c.conversation == conversation
        with self._engine.begin() as connection:
            first = {"conversation": conversation, "began": self._clock(), **values}
            if insert_if_new(connection, _conversations, first) is None:
                connection.execute(_conversations.update().where(mine).values(**values))

    def ended(self, conversation: str) -> bool:
        """Tell whether its user has ended it."""
        row = self._row(conversation)
        return row is not None and row.ended is not None

    def saw(self, conversations: Collection[str]) -> None:
        """Note that browsers show these conversations now."""
        if not conversations:
            return
        now = self._clock()
        with self._engine.begin() as connection:
            connection.execute(_SEEN, [{"of": conversation, "now": now} for conversation in sorted(conversations)])

    def seen(self, conversation: str) -> Optional[datetime]:
        """Return when a browser last showed the conversation; None if that is not known."""
        row = self._row(conversation)
        return datetime.fromtimestamp(row.seen, timezone.utc) if row is not None and row.seen is not None else None

    def person(self, conversation: str) -> Optional[Person]:
        """Return who the user is; None if no sign-in has said it."""
        row = self._row(conversation)
        return Person(row.name, row.unit) if row is not None and (row.name or row.unit) else None

    def begun_within(self, seconds: float) -> int:
        """Return how many conversations have begun in the last ``seconds``."""
        with self._engine.connect() as connection:
            return int(connection.execute(_BEGUN, {"since": self._clock() - seconds}).scalar())

    def _row(self, conversation: str) -> Any:
        """Return what is kept of a conversation; None if that is nothing."""
        with self._engine.connect() as connection:
            return connection.execute(_ROW, {"of": conversation}).first()
