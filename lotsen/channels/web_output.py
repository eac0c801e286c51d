"""What the bot says in the web chat: written to the chat log, and told to the browsers that wait for it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any, Dict, List, Sequence, Set

from rasa.core.channels.channel import OutputChannel

from lotsen.channels.chat_log import ChatLog, Choice


class Bell:
    """Wakes the requests that wait for news in a conversation."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._waiting: Dict[str, Set["asyncio.Future[None]"]] = defaultdict(set)

    def ring(self, conversation: str) -> None:
        """Wake all that wait for ``conversation``."""
        for waiting in self._waiting.get(conversation, ()):
            _wake(waiting)

    async def wait(self, conversation: str, seconds: float) -> None:
        """Return when the bell rings, or after ``seconds``."""
        loop = asyncio.get_event_loop()
        waiting: "asyncio.Future[None]" = loop.create_future()
        timer = loop.call_later(seconds, _wake, waiting)
        self._waiting[conversation].add(waiting)
        try:
            await waiting
        finally:
            timer.cancel()
            self._waiting[conversation].discard(waiting)
            if not self._waiting[conversation]:
                del self._waiting[conversation]


def _wake(waiting: "asyncio.Future[None]") -> None:
    """Let go of one that waits, unless something else has."""
    if not waiting.done():
        waiting.set_result(None)


class WebOutput(OutputChannel):
    """Writes what the bot says in one turn to the chat log, and wakes the browsers that wait for it."""

    def __init__(self, log: ChatLog, bell: Bell, texts: Dict[str, str], conversation: str, heard: int) -> None:
        """Speak in ``conversation``, in answer to the user's message ``heard`` (0 if nothing was said yet)."""
        self._log, self._bell, self._texts, self._conversation = log, bell, texts, conversation
        self._heard = heard
        self.answered = False

    @classmethod
    def name(cls) -> str:
        """Return the channel's name in trackers."""
        return "web"

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Say ``text``."""
        self._say(text)

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: List[Dict[str, Any]], **kwargs: Any
    ) -> None:
        """Say ``text`` with buttons."""
        self._say(text, [Choice(button["title"], button["payload"]) for button in buttons])

    async def say_wait(self) -> None:
        """Say that the answer takes a while; it is still to come."""
        self._say(self._texts["wait"], answer=False)

    async def say_failed(self) -> None:
        """Say that it failed, and offer again what could be chosen before."""
        self._say(self._texts["failed"], self._log.offered_before(self._conversation, self._heard))

    def _say(self, text: str, choices: Sequence[Choice] = (), answer: bool = True) -> None:
        self._log.add_bot(self._conversation, text.strip(), choices)
        self.answered = self.answered or answer
        self._bell.ring(self._conversation)
