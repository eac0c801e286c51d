"""What the bot says in the web chat: written to the chat log, and told to the browsers that wait for it."""

from __future__ import annotations

from typing import AbstractSet, Any, Dict, List, Mapping, Sequence

from rasa.core.channels.channel import OutputChannel

from lotsen.channels.web.bell import Bell
from lotsen.channels.web.chat_log import ChatLog, Choice

_ANSWER = "utter_"


class WebOutput(OutputChannel):
    """Writes what the bot says in one turn to the chat log, and wakes the browsers that wait for it."""

    def __init__(
        self,
        log: ChatLog,
        bell: Bell,
        texts: Mapping[str, str],
        answers: AbstractSet[str],
        conversation: str,
        heard: int,
    ) -> None:
        """Speak in ``conversation``, in answer to the user's message ``heard`` (0 if nothing was said yet).

        ``answers`` are the ids of the FAQ's answers: those can be rated.
        """
        self._log, self._bell, self._texts, self._answers = log, bell, texts, answers
        self._conversation, self._heard = conversation, heard
        self.answered = False

    @classmethod
    def name(cls) -> str:
        """Return the channel's name in trackers."""
        return "web"

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Say ``text``."""
        self._say(text, **kwargs)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: List[Dict[str, Any]], **kwargs: Any
    ) -> None:
        """Say ``text`` with buttons."""
        self._say(text, [Choice(button["title"], button["payload"]) for button in buttons], **kwargs)

    async def say_wait(self) -> None:
        """Say that the answer takes a while; it is still to come."""
        self._add(self._texts["wait"])

    async def say_failed(self) -> None:
        """Say that it failed, and offer again what could be chosen before."""
        self._say(self._texts["failed"], self._log.offered_before(self._conversation, self._heard))

    def _say(self, text: str, choices: Sequence[Choice] = (), **kwargs: Any) -> None:
        """Say something that answers the user; ``kwargs`` are what the action or the response said beside the text."""
        response = str(kwargs.get("utter_action") or "")
        answer = response[len(_ANSWER) :] if response.startswith(_ANSWER) else ""
        step = kwargs.get("step")
        self._add(text.strip(), choices, step if isinstance(step, dict) else None, answer)
        self.answered = True

    def _add(self, text: str, choices: Sequence[Choice] = (), step: Any = None, answer: str = "") -> None:
        self._log.add_bot(self._conversation, text, choices, step, answer if answer in self._answers else "")
        self._bell.ring(self._conversation)
