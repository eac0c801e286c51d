"""What was said in all channels, kept in the database: a reload shows it again, and nothing is heard or said twice."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Collection, Dict, List, Mapping, Optional, Sequence, Tuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from lotsen.channels.chat.message import BOT, DESK, USER, ChatMessage, Choice, Written, body_of, choices_of, message_of
from lotsen.channels.chat.turns import lock
from lotsen.storage.database import UtcDateTime, create_tables

CLIENT_ID_LENGTH = 64
"""Characters of the id under which a channel hands in a message."""
TRIES = 20
"""So many writers at once in one conversation can each find a number of their own."""

_metadata = sa.MetaData()

_messages = sa.Table(
    "chat_messages",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("number", sa.Integer),
    sa.Column("author", sa.String(10), nullable=False),
    sa.Column("client_id", sa.String(CLIENT_ID_LENGTH)),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.UniqueConstraint("conversation", "client_id"),
    sa.Index("chat_messages_in_order", "conversation", "number", unique=True),
    sqlite_autoincrement=True,
)

# Built once: putting a statement together takes SQLAlchemy longer than SQLite takes to run it.
_NUMBER = _messages.c.number
_OF = _messages.c.conversation == sa.bindparam("of")
_NEXT = sa.select(sa.func.coalesce(sa.func.max(_NUMBER), 0) + 1).where(_OF).scalar_subquery()
_INSERT = _messages.insert().values(
    conversation=sa.bindparam("of"),
    number=_NEXT,
    author=sa.bindparam("by"),
    client_id=sa.bindparam("client"),
    created=sa.bindparam("now"),
    body=sa.bindparam("what"),
)
_INSERT_AND_TELL = _INSERT.returning(_NUMBER)
_NUMBER_OF = sa.select(_NUMBER).where(_messages.c.id == sa.bindparam("row"))
_AFTER = sa.select(_messages).where(_OF, sa.bindparam("last") < _NUMBER).order_by(_NUMBER)
_KNOWN = sa.select(_messages.c.id).where(_OF, _messages.c.client_id == sa.bindparam("client"))
_SPOKE = sa.select(sa.func.coalesce(sa.func.max(_NUMBER), 0)).where(_OF, _messages.c.author == USER)
_SINCE_USER = sa.select(_messages).where(_OF, _SPOKE.scalar_subquery() < _NUMBER).order_by(_NUMBER)
_LAST_SAID = sa.select(_messages).where(_OF, _messages.c.author == USER).order_by(_NUMBER.desc()).limit(1)
_SPOKE_BEFORE = _SPOKE.where(sa.bindparam("until") > _NUMBER).scalar_subquery()
_BEFORE = sa.select(_messages).where(_OF, _NUMBER > _SPOKE_BEFORE, sa.bindparam("until") > _NUMBER).order_by(_NUMBER)
_SAID_SINCE = (
    sa.select(sa.func.count())
    .select_from(_messages)
    .where(_OF, _messages.c.author == USER, _messages.c.created > sa.bindparam("since"))
)
_WITH = sa.select(_messages).where(_OF, _messages.c.client_id == sa.bindparam("client"))
_NAME = _messages.update().where(_OF, sa.bindparam("of_number") == _NUMBER).values(client_id=sa.bindparam("client"))
_LATER = (_messages.c.id > sa.bindparam("last")) | _messages.c.id.in_(sa.bindparam("missing", expanding=True))
_WRITTEN = sa.select(_messages.c.id, _messages.c.conversation, _NUMBER).where(_LATER).order_by(_messages.c.id)
_NEWEST = sa.select(sa.func.coalesce(sa.func.max(_messages.c.id), 0))
_earlier = _messages.alias()
_NUMBER_THE_OLD = (
    _messages.update()
    .where(_NUMBER.is_(None))
    .values(
        number=sa.select(sa.func.count())
        .where(_earlier.c.conversation == _messages.c.conversation, _earlier.c.id <= _messages.c.id)
        .scalar_subquery()
    )
)

Told = TypeVar("Told")


class ChatLog:
    """The messages of all conversations."""

    def __init__(self, engine: Engine) -> None:
        """Use ``engine``; makes the table if it is not there, and numbers the messages of an older Lotsen."""
        self.engine = engine
        create_tables(engine, _metadata)
        with engine.begin() as connection:
            connection.execute(_NUMBER_THE_OLD)

    def add_user(
        self,
        conversation: str,
        text: str,
        client_id: str,
        also: Callable[[Connection, int], Told],
        author: str = USER,
    ) -> Optional[Told]:
        """Store what the user said, and do ``also`` with its number in the same transaction; return what that gives.

        None if the same ``client_id`` was stored before: the browser, or Teams, has tried again.
        """
        try:
            return self._write(conversation, author, {"text": text}, client_id, also)
        except IntegrityError:
            if self.has(conversation, client_id):
                return None
            raise

    def has(self, conversation: str, client_id: str) -> bool:
        """Tell whether this message of the user was stored before: the browser tries again when an answer is lost."""
        with self.engine.connect() as connection:
            return connection.execute(_KNOWN, {"of": conversation, "client": client_id}).first() is not None

    def add_bot(
        self,
        conversation: str,
        text: str,
        choices: Sequence[Choice] = (),
        step: Optional[Mapping[str, int]] = None,
        answer: str = "",
        card: str = "",
        also: Callable[[Connection], None] = lambda connection: None,
    ) -> int:
        """Store what the bot said, with its buttons, and do ``also`` in the same transaction; return its number."""
        body = body_of(text, choices)
        if step is not None:
            body["step"] = dict(step)
        if answer:
            body["answer"] = answer
        if card:
            body["card"] = card

        def number_of(connection: Connection, number: int) -> int:
            also(connection)
            return number

        return self._write(conversation, BOT, body, None, number_of)

    def add_desk(
        self, conversation: str, name: str, text: str, client_id: Optional[str], also: Callable[[Connection, int], Told]
    ) -> Told:
        """Store what ``name`` at the support desk says, and do ``also`` with its number in the same transaction.

        Raises:
            IntegrityError: if the ``client_id`` was stored before.
        """
        return self._write(conversation, DESK, {"text": text, "name": name}, client_id, also)

    def add_notice(
        self, conversation: str, text: str, choices: Sequence[Choice], also: Callable[[Connection, int], Told]
    ) -> Told:
        """Store what the bot says of itself, and do ``also`` with its number in the same transaction."""
        return self._write(conversation, BOT, body_of(text, choices), None, also)

    def follow(self, connection: Connection, conversation: str, text: str, choices: Sequence[Choice] = ()) -> int:
        """Store what the bot says right after a message, in the transaction that stores that; return its number."""
        return _add(connection, conversation, BOT, body_of(text, choices), None)

    def name(self, conversation: str, number: int, client_id: str) -> None:
        """Note what a channel's own service calls a message of the bot."""
        with self.engine.begin() as connection:
            connection.execute(_NAME, {"of": conversation, "of_number": number, "client": client_id})

    def named(self, conversation: str, client_id: str) -> Optional[ChatMessage]:
        """Return the message that the channel's service calls so; None if there is none."""
        return next(iter(self._read(_WITH, {"of": conversation, "client": client_id})), None)

    def after(self, conversation: str, last: int) -> List[ChatMessage]:
        """Return the messages of a conversation with an id over ``last``, in order."""
        return self._read(_AFTER, {"of": conversation, "last": last})

    def look(self, statement: Any, values: Mapping[str, Any]) -> Tuple[List[ChatMessage], sa.engine.Row]:
        """Return what ``after`` does, with a row of what a statement made by ``looking`` finds beside."""
        with self.engine.connect() as connection:
            rows = connection.execute(statement, values).all()
        return [message_of(row) for row in rows if row.number is not None], rows[0]

    def get(self, conversation: str, id: int) -> Optional[ChatMessage]:
        """Return one message; None if the conversation has none with this id."""
        found = self._read(_AFTER.limit(1), {"of": conversation, "last": id - 1})
        return found[0] if found and found[0].id == id else None

    def said_within(self, conversation: str, seconds: float) -> int:
        """Return how many messages the user has sent in the last ``seconds``."""
        since = datetime.now(timezone.utc) - timedelta(seconds=seconds)
        with self.engine.connect() as connection:
            return int(connection.execute(_SAID_SINCE, {"of": conversation, "since": since}).scalar())

    def forget(self, conversation: str) -> None:
        """Delete the messages of a conversation."""
        with self.engine.begin() as connection:
            connection.execute(_messages.delete().where(_messages.c.conversation == conversation))

    def newest(self) -> int:
        """Return the row written last, in any conversation."""
        with self.engine.connect() as connection:
            return int(connection.execute(_NEWEST).scalar())

    def written_after(self, row: int, missing: Collection[int] = ()) -> List[Written]:
        """Return what any process has written after ``row``, and those of ``missing`` that are there by now.

        In the order of their rows; some become visible late: see ``Following``.
        """
        with self.engine.connect() as connection:
            written = connection.execute(_WRITTEN, {"last": row, "missing": sorted(missing)})
            return [Written(found.id, found.conversation, found.number) for found in written]

    def choice(self, conversation: str, id: str) -> Optional[Choice]:
        """Return a choice that was offered some time, by its id; None if there never was one."""
        message, _, place = id.partition(".")
        if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (message, place)):
            return None
        offered = self.get(conversation, int(message))
        return choices_of([offered]).get(id) if offered is not None else None

    def last_said(self, conversation: str) -> Optional[ChatMessage]:
        """Return what the user said last."""
        return next(iter(self._read(_LAST_SAID, {"of": conversation})), None)

    def offered(self, conversation: str) -> Dict[str, Choice]:
        """Return the choices that count now, by id: those of the bot's messages since the user last spoke."""
        return choices_of(self._read(_SINCE_USER, {"of": conversation}))

    def offered_before(self, conversation: str, message: int) -> List[Choice]:
        """Return the choices that counted when the user said ``message``."""
        return list(choices_of(self._read(_BEFORE, {"of": conversation, "until": message})).values())

    def _write(
        self,
        conversation: str,
        author: str,
        body: Dict[str, Any],
        client_id: Optional[str],
        also: Callable[[Connection, int], Told],
    ) -> Told:
        """Write a message under a number of its own, and do ``also`` with that in the same transaction.

        Raises:
            IntegrityError: if the ``client_id`` is there already, or too many write at once.
        """
        for left in reversed(range(TRIES)):
            try:
                with self.engine.begin() as connection:
                    lock(connection, conversation)
                    return also(connection, _add(connection, conversation, author, body, client_id))
            except IntegrityError:  # Another process wrote at the same moment, and got this number.
                if not left or (client_id is not None and self.has(conversation, client_id)):
                    raise
        raise AssertionError("unreachable")

    def _read(self, statement: Any, values: Dict[str, Any]) -> List[ChatMessage]:
        """Return the messages that a statement finds."""
        with self.engine.connect() as connection:
            return [message_of(row) for row in connection.execute(statement, values)]


def looking(**beside: sa.sql.Select) -> sa.sql.Select:
    """Return a statement for ``ChatLog.look``: the messages after ``last`` of the conversation ``of``, and what else.

    Each of ``beside`` is a query for one value, which is in every row under its name. A single row, with no message in
    it, says that there is none: one question to the database tells a browser all that it waits for.
    """
    one = sa.select(sa.literal(1)).subquery()
    there = one.outerjoin(_messages, _OF & (sa.bindparam("last") < _NUMBER))
    also = [query.scalar_subquery().label(name) for name, query in beside.items()]
    return sa.select(_messages, *also).select_from(there).order_by(_NUMBER)


def _add(connection: Connection, conversation: str, author: str, body: Dict[str, Any], client_id: Optional[str]) -> int:
    """Write a message under the conversation's next number; return that."""
    values = {
        "of": conversation,
        "by": author,
        "client": client_id,
        "now": datetime.now(timezone.utc),
        "what": json.dumps(body, ensure_ascii=False),
    }
    if connection.dialect.name == "postgresql":
        return int(connection.execute(_INSERT_AND_TELL, values).scalar())
    row = connection.execute(_INSERT, values).inserted_primary_key[0]
    return int(connection.execute(_NUMBER_OF, {"row": row}).scalar())
