"""What users typed and what it was taken for: one row for each message that was no reply to a guide or a form.

Written by the tracker store in the transaction that stores the message (``lotsen/outcomes/heard.py`` reads the events).
Buttons are no rows: the first one pressed after a question is noted on the question's row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lotsen.storage.database import UtcDateTime
from lotsen.understanding.text import normalise

ENDED = "ended-"
"""What the name of a conversation begins with that its user has ended: nothing else knows that name."""
MAX_WORDS = 200
"""Characters of the words that tell one wording from another."""


class Kind(str, Enum):
    """What the bot did with a message."""

    ANSWERED = "answered"
    GUIDE = "guide"
    """Began a guide."""
    SUGGESTED = "suggested"
    """Asked "Menade du ...?"."""
    CLARIFIED = "clarified"
    """Asked a short question of its own."""
    REFUSED = "refused"
    HANDOFF = "handoff"
    """Began a hand-off, because the user asked for a person."""
    SMALL_TALK = "small_talk"
    """Greetings, thanks, the menu, words for a guide where none is open."""


metadata = sa.MetaData()
table = sa.Table(
    "asked",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("words", sa.String(MAX_WORDS), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("intent", sa.String(100), nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("suggestions", sa.Text, nullable=False),
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("pressed", sa.String(100)),
    # What became of it, written when the user ends the conversation and with it all ties to other tables.
    sa.Column("sign", sa.String(20)),
    sa.Column("outcome", sa.String(20)),
    sa.Column("handled", UtcDateTime),
    sa.Index("asked_of", "conversation", "id"),
    sa.Index("asked_at", "at", "id"),
    sa.Index("asked_words", "words"),
    sqlite_autoincrement=True,
)
_INSERT = table.insert()
_LATEST = (
    sa.select(sa.func.max(table.c.id))
    .where(table.c.conversation == sa.bindparam("of"))
    .correlate(None)
    .scalar_subquery()
)
_PRESS = table.update().where((table.c.id == _LATEST) & table.c.pressed.is_(None)).values(pressed=sa.bindparam("what"))


@dataclass(frozen=True)
class Asked:
    """One message. Personal identity numbers are masked in ``text``."""

    conversation: str
    channel: str
    at: datetime
    text: str
    kind: Kind
    intent: str = ""
    """The intent acted on: the question answered, the kind of refusal, ``nlu_fallback`` when the bot asked."""
    confidence: float = 0.0
    suggestions: Tuple[str, ...] = ()
    """The questions offered, best first; both, where two were answered."""
    model: str = ""
    """Rasa's id of the model; empty if it said none."""
    pressed: Optional[str] = None
    """The intent of the button that the user pressed right after; None if they pressed none."""
    sign: Optional[str] = None
    """What the user did next (``lotsen.outcomes.signs.Sign``), kept when the conversation was ended."""
    outcome: Optional[str] = None
    """How the conversation ended (``lotsen.outcomes.deflection``), kept when its user ended it."""
    handled: Optional[datetime] = None
    """When a content owner made an example of it, or put it aside."""
    id: int = 0
    words: str = ""
    """The text without case and punctuation: messages with the same words are one question."""


def add(connection: Connection, asked: Asked) -> None:
    """Keep one message, in the caller's transaction."""
    connection.execute(
        _INSERT,
        {
            "conversation": asked.conversation,
            "channel": asked.channel,
            "at": asked.at,
            "text": asked.text,
            "words": asked.words or words_of(asked.text),
            "kind": asked.kind.value,
            "intent": asked.intent,
            "confidence": asked.confidence,
            "suggestions": " ".join(asked.suggestions),
            "model": asked.model,
        },
    )


def press(connection: Connection, conversation: str, intent: str) -> None:
    """Note the button pressed after the latest message, in the caller's transaction; only the first one counts."""
    connection.execute(_PRESS, {"of": conversation, "what": intent})


def words_of(text: str) -> str:
    """Return what tells one wording from another."""
    return normalise(text)[:MAX_WORDS]


def read(row: Any) -> Asked:
    """Turn a row into a message."""
    return Asked(
        row.conversation,
        row.channel,
        row.at,
        row.text,
        Kind(row.kind),
        row.intent,
        row.confidence,
        tuple(row.suggestions.split()),
        row.model,
        row.pressed,
        row.sign,
        row.outcome,
        row.handled,
        row.id,
        row.words,
    )
