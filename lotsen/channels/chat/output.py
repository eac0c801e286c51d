"""What the bot says in a channel: written to the chat log, and told to what brings it to the user."""

from __future__ import annotations

from typing import AbstractSet, Any, Callable, Dict, List, Mapping, Sequence

from rasa.core.channels.channel import OutputChannel
from sqlalchemy.engine import Connection

from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.message import Choice
from lotsen.privacy.layers import Layer, mask_transcript_at

_ANSWER = "utter_"
PREVIEW = "preview"
"""The card of a case that its user is to confirm: it shows the case's own fields as they will be sent."""


class ChatOutput(OutputChannel):
    """Writes what the bot says in one turn to the chat log; a channel's own class says what comes of it."""

    def __init__(
        self,
        log: ChatLog,
        told: Callable[[str], None],
        texts: Mapping[str, str],
        answers: AbstractSet[str],
        conversation: str,
        heard: int,
    ) -> None:
        """Speak in ``conversation``, in answer to the user's message ``heard`` (0 if nothing was said yet).

        ``told`` hears of each message, ``texts`` has ``wait`` and ``failed``, and ``answers`` are the ids of the FAQ's
        answers: those can be rated.
        """
        self._log, self._told, self._texts, self._answers = log, told, texts, answers
        self._conversation, self._heard = conversation, heard
        self.answered = False

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Say ``text``."""
        self.say(text, **kwargs)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: List[Dict[str, Any]], **kwargs: Any
    ) -> None:
        """Say ``text`` with buttons."""
        self.say(text, [Choice(button["title"], button["payload"]) for button in buttons], **kwargs)

    async def say_wait(self) -> None:
        """Say that the answer takes a while; it is still to come."""
        self.tell(self._texts["wait"])

    async def say_failed(self) -> None:
        """Say that it failed, and offer again what could be chosen before."""
        self.say(self._texts["failed"], self._log.offered_before(self._conversation, self._heard))

    def say(self, text: str, choices: Sequence[Choice] = (), **kwargs: Any) -> None:
        """Say something that answers the user; ``kwargs`` are what the action or the response said beside the text."""
        response = str(kwargs.get("utter_action") or "")
        answer = response[len(_ANSWER) :] if response.startswith(_ANSWER) else ""
        step = kwargs.get("step")
        self._add(
            text.strip(),
            choices,
            step if isinstance(step, dict) else None,
            answer if answer in self._answers else "",
            str(kwargs.get("card") or ""),
        )
        self.answered = True

    def tell(self, text: str) -> None:
        """Say something beside the answer, which is still to come."""
        self._add(text)

    def also(self, connection: Connection) -> None:
        """Do something in the transaction that stores a message."""

    def _add(
        self, text: str, choices: Sequence[Choice] = (), step: Any = None, answer: str = "", card: str = ""
    ) -> None:
        if card != PREVIEW:
            text = mask_transcript_at(Layer.CHANNEL, text)
        self._log.add_bot(self._conversation, text, choices, step, answer, card, self.also)
        self._told(self._conversation)
