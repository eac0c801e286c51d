"""What a user sends: checked, limited and stored once, with the turn that answers it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Dict, Optional

from sqlalchemy.engine import Connection

from lotsen.channels.chat.turns import MAX_WAITING, Turn
from lotsen.channels.resume import code_in
from lotsen.channels.typed import storable
from lotsen.channels.web.requests import RATINGS, Refused, client_id, number, typed
from lotsen.channels.web.stores import Stores
from lotsen.feedback.store import MAX_COMMENT
from lotsen.privacy.layers import Layer, mask_transcript_at

MINUTE = 60.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much is taken in: messages of one conversation and new conversations of everybody, in a minute."""

    messages: int
    conversations: int


@dataclass(frozen=True)
class Heard:
    """A message taken in: what Rasa hears, and the turn that answers it."""

    said: str
    turn: Turn


@dataclass(frozen=True)
class _Wanted:
    """What the log shows of a message, what Rasa and the desk hear, and the payload if it is a button."""

    shown: str
    told: str
    said: str
    payload: str = ""


class Inbox:
    """Takes in messages and ratings."""

    def __init__(self, stores: Stores, limits: Limits) -> None:
        """Store them in ``stores``, at most as many as ``limits`` says."""
        self._stores, self._limits = stores, limits

    def check_room(self) -> None:
        """Make sure that a new conversation can be begun.

        Raises:
            Refused: if too many have begun in the last minute.
        """
        if self._stores.conversations.begun_within(MINUTE) >= self._limits.conversations:
            logger.error("New conversations are refused: %d in a minute.", self._limits.conversations)
            raise Refused(503, "full", retry_after=30)

    def resumed(self, body: Dict[str, Any]) -> Optional[str]:
        """Return the conversation that a message leads back to; None if it is no code. Codes stay out of every log.

        Raises:
            Refused: if the code leads nowhere.
        """
        code = code_in(body["text"]) if isinstance(body.get("text"), str) else None
        if code is None:
            return None
        conversation = self._stores.codes.conversation(code)
        if conversation is None or self._stores.conversations.ended(conversation):
            raise Refused(404, "no_such_code")
        return conversation

    def receive(self, conversation: str, body: Dict[str, Any]) -> Optional[Heard]:
        """Take in what the user wrote or chose; None if it was taken in before, or is the support desk's to answer.

        Raises:
            Refused: if there are too many, the choice is no longer offered, or the text is none.
        """
        id = client_id(body)
        try:
            wanted = self._wanted(conversation, body)
        except Refused:
            if self._stores.log.has(conversation, id):
                return None  # Tried again because our answer got lost: nothing is wrong with it.
            raise

        def take_in(connection: Connection, heard: int) -> Optional[Turn]:
            for_desk = self._stores.desk.take_in(connection, conversation, heard, wanted.told, wanted.payload)
            return None if for_desk else self._stores.turns.begin_in(connection, conversation, heard)

        turn = self._stores.log.add_user(conversation, wanted.shown, id, take_in)
        return Heard(wanted.said, turn) if turn is not None else None

    def rate(self, conversation: str, body: Dict[str, Any]) -> None:
        """Take in how an answer was rated.

        Raises:
            Refused: if the message is no answer of this conversation, or the rating is none.
        """
        rating, comment = body.get("rating"), body.get("comment") or ""
        if rating not in RATINGS or not isinstance(comment, str):
            raise Refused(400, "bad_request")
        if len(comment) > MAX_COMMENT:
            raise Refused(422, "too_long", limit=MAX_COMMENT)
        message = self._stores.log.get(conversation, number(body.get("message")))
        if message is None or not message.answer:
            raise Refused(404, "not_found")
        self._stores.feedback.record(conversation, message.id, message.answer, rating, storable(comment))

    def _wanted(self, conversation: str, body: Dict[str, Any]) -> _Wanted:
        """Return what is to be taken in of a message."""
        if self._stores.turns.waiting(conversation) >= MAX_WAITING:
            raise Refused(429, "too_many", retry_after=2)
        if self._stores.log.said_within(conversation, MINUTE) >= self._limits.messages:
            raise Refused(429, "too_fast", retry_after=20)
        if "choice" not in body:
            text = typed(body.get("text"))
            opened = self._stores.door.open(conversation, text)
            told, said = (opened.shown, opened.payload) if opened is not None else (text, text)
            return _Wanted(mask_transcript_at(Layer.CHANNEL, told), told, said)
        choice = self._stores.log.offered(conversation).get(str(body["choice"]))
        if choice is None:
            raise Refused(409, "old_choice")
        return _Wanted(choice.title, choice.title, choice.payload, choice.payload)
