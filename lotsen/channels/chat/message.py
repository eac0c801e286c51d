"""One message of a conversation: what is said, its buttons, and how it is kept in a row of the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import sqlalchemy as sa

USER, BOT = "user", "bot"
ASIDE = "aside"
"""The author of what a user did that is no word of the conversation: a reaction, a file. Buttons go on counting."""
DESK = "desk"
"""The author of what somebody at the support desk says while they have the conversation."""


@dataclass(frozen=True)
class Choice:
    """A button: what it says, and the payload that Rasa gets. The browser never sees the payload."""

    title: str
    payload: str


@dataclass(frozen=True)
class ChatMessage:
    """One message. ``id`` is its number in the conversation: 1, 2, 3 ..., so a browser sees when one is missing."""

    id: int
    author: str
    text: str
    created: datetime
    choices: Tuple[Choice, ...] = ()
    step: Optional[Mapping[str, int]] = None
    """Where a guide stands: ``number`` and ``total``."""
    answer: str = ""
    """The id of the FAQ's answer that this is; such a message can be rated."""
    card: str = ""
    """What else the message is, for channels that show cards: ``preview`` or ``receipt`` of a case."""
    name: str = ""
    """Who at the support desk says it. Such a text is plain, not Markdown."""

    def to_browser(self, rated: str = "") -> Dict[str, Any]:
        """Return the message as the page gets it; a choice is named by message and place.

        What the desk says has a ``name``. Widgets of older pages do not know that, and must not show it as the user's.
        """
        told: Dict[str, Any] = {
            "id": self.id,
            "author": BOT if self.author == DESK else self.author,
            "text": self.text,
            "time": self.created.isoformat(),
            "choices": [
                {"id": f"{self.id}.{index}", "title": choice.title} for index, choice in enumerate(self.choices)
            ],
        }
        if self.step is not None:
            told["step"] = dict(self.step)
        if self.answer:
            told["ratable"] = True
        if rated:
            told["rated"] = rated
        if self.name:
            told["name"] = self.name
        return told


class Written(NamedTuple):
    """Where a message is: its row in the table of all, its conversation, and its number there."""

    row: int
    conversation: str
    number: int


def body_of(text: str, choices: Sequence[Choice]) -> Dict[str, Any]:
    """Return what is stored of a message of the bot."""
    return {"text": text, "choices": [[choice.title, choice.payload] for choice in choices]}


def choices_of(messages: List[ChatMessage]) -> Dict[str, Choice]:
    """Return the choices of the bot's messages, each named by message and place."""
    return {f"{message.id}.{index}": choice for message in messages for index, choice in enumerate(message.choices)}


def message_of(row: sa.engine.Row) -> ChatMessage:
    """Turn a row into a message."""
    body = json.loads(row.body)
    choices = tuple(Choice(*pair) for pair in body.get("choices", ()))
    about = (body.get("step"), body.get("answer", ""), body.get("card", ""), body.get("name", ""))
    return ChatMessage(row.number, row.author, body["text"], row.created, choices, *about)
