"""What was said in the web chat, kept in the database so that a reload shows it again and nothing is said twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Dict, List, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from lotsen.storage.database import UtcDateTime

_metadata = sa.MetaData()

_messages = sa.Table(
    "chat_messages",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("author", sa.String(10), nullable=False),
    sa.Column("client_id", sa.String(64)),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.UniqueConstraint("conversation", "client_id"),
    sa.Index("chat_messages_of", "conversation", "id"),
    sqlite_autoincrement=True,
)

USER, BOT = "user", "bot"

# Built once: putting a statement together takes SQLAlchemy longer than SQLite takes to run it.
_OF = _messages.c.conversation == sa.bindparam("of")
_INSERT = _messages.insert()
_AFTER = sa.select(_messages).where(_OF, _messages.c.id > sa.bindparam("last")).order_by(_messages.c.id)
_KNOWN = sa.select(_messages.c.id).where(_OF, _messages.c.client_id == sa.bindparam("client"))
_SPOKE = sa.select(sa.func.coalesce(sa.func.max(_messages.c.id), 0)).where(_OF, _messages.c.author == USER)
_SINCE_USER = sa.select(_messages).where(_OF, _messages.c.id > _SPOKE.scalar_subquery()).order_by(_messages.c.id)
_SPOKE_BEFORE = _SPOKE.where(_messages.c.id < sa.bindparam("until")).scalar_subquery()
_BEFORE = (
    sa.select(_messages)
    .where(_OF, _messages.c.id > _SPOKE_BEFORE, _messages.c.id < sa.bindparam("until"))
    .order_by(_messages.c.id)
)


@dataclass(frozen=True)
class Choice:
    """A button: what it says, and the payload that Rasa gets. The browser never sees the payload."""

    title: str
    payload: str


@dataclass(frozen=True)
class ChatMessage:
    """One message. ``id`` grows within a conversation; the browser asks for what came after one."""

    id: int
    author: str
    text: str
    created: datetime
    choices: Tuple[Choice, ...] = ()

    def to_browser(self) -> Dict[str, Any]:
        """Return the message as the page gets it; a choice is named by message and place."""
        return {
            "id": self.id,
            "author": self.author,
            "text": self.text,
            "time": self.created.isoformat(),
            "choices": [
                {"id": f"{self.id}.{index}", "title": choice.title} for index, choice in enumerate(self.choices)
            ],
        }


class ChatLog:
    """The messages of all web conversations."""

    def __init__(self, engine: Engine) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine = engine
        _metadata.create_all(engine)

    def add_user(self, conversation: str, text: str, client_id: str) -> Optional[int]:
        """Store what the user said; None if the same ``client_id`` was stored before (a retry by the browser)."""
        try:
            return self._add(conversation, USER, {"text": text}, client_id)
        except IntegrityError:
            return None

    def has(self, conversation: str, client_id: str) -> bool:
        """Tell whether this message of the user was stored before: the browser tries again when an answer is lost."""
        with self._engine.connect() as connection:
            return connection.execute(_KNOWN, {"of": conversation, "client": client_id}).first() is not None

    def add_bot(self, conversation: str, text: str, choices: Sequence[Choice] = ()) -> int:
        """Store what the bot said, with its buttons."""
        body = {"text": text, "choices": [[choice.title, choice.payload] for choice in choices]}
        return self._add(conversation, BOT, body, None)

    def after(self, conversation: str, last: int) -> List[ChatMessage]:
        """Return the messages of a conversation with an id over ``last``, in order."""
        return self._read(_AFTER, {"of": conversation, "last": last})

    def offered(self, conversation: str) -> Dict[str, Choice]:
        """Return the choices that count now, by id: those of the bot's messages since the user last spoke."""
        return _choices(self._read(_SINCE_USER, {"of": conversation}))

    def offered_before(self, conversation: str, message: int) -> List[Choice]:
        """Return the choices that counted when the user said ``message``."""
        return list(_choices(self._read(_BEFORE, {"of": conversation, "until": message})).values())

    def _read(self, statement: Any, values: Dict[str, Any]) -> List[ChatMessage]:
        """Return the messages that a statement finds."""
        with self._engine.connect() as connection:
            return [_message(row) for row in connection.execute(statement, values)]

    def _add(self, conversation: str, author: str, body: Dict[str, Any], client_id: Optional[str]) -> int:
        values = {
            "conversation": conversation,
            "author": author,
            "client_id": client_id,
            "created": datetime.now(timezone.utc),
            "body": json.dumps(body, ensure_ascii=False),
        }
        with self._engine.begin() as connection:
            return int(connection.execute(_INSERT, values).inserted_primary_key[0])


def _choices(messages: List[ChatMessage]) -> Dict[str, Choice]:
    """Return the choices of the bot's messages, each named by message and place."""
    return {f"{message.id}.{index}": choice for message in messages for index, choice in enumerate(message.choices)}


def _message(row: sa.engine.Row) -> ChatMessage:
    """Turn a row into a message."""
    body = json.loads(row.body)
    choices = tuple(Choice(*pair) for pair in body.get("choices", ()))
    return ChatMessage(row.id, row.author, body["text"], row.created, choices)
