"""Runs the turns of web conversations: a message handed to Rasa, or an action that no message began."""

from __future__ import annotations

import asyncio
import logging
from typing import AbstractSet, Any, Awaitable, Callable, Dict, Mapping, Optional, Set

from rasa.core.channels.channel import UserMessage

from lotsen.channels.sign_in import PERSON
from lotsen.channels.turn import run_turn
from lotsen.channels.web.bell import Bell
from lotsen.channels.web.output import WebOutput
from lotsen.channels.web.stores import Stores
from lotsen.channels.web.turns import Turn

CHANNEL = "web"
STOP_SECONDS = 5.0
"""How long turns under way may go on when the server stops."""

Handler = Callable[[UserMessage], Awaitable[Any]]

logger = logging.getLogger(__name__)


class Speaker:
    """Lets Rasa speak in web conversations, one turn after the other in each."""

    def __init__(self, stores: Stores, bell: Bell, texts: Mapping[str, str], answers: AbstractSet[str]) -> None:
        """Write to ``stores``; ``texts`` are the sentences for a turn that takes long or fails."""
        self._stores, self._bell, self._texts, self._answers = stores, bell, texts, answers
        self._tasks: Set["asyncio.Task[None]"] = set()

    def answer(self, on_new_message: Handler, said: str, turn: Turn) -> None:
        """Hand ``said`` to Rasa, in ``turn``; returns at once."""
        output = self._output(turn)
        person = self._stores.conversations.person(turn.conversation)
        metadata = {PERSON: person.to_json()} if person is not None else {}
        message = UserMessage(said, output, turn.conversation, input_channel=CHANNEL, metadata=metadata)
        self._start(turn, lambda: run_turn(on_new_message(message), output))

    async def run_action(self, app: Any, action: str, conversation: str) -> None:
        """Run an action that no message of the user began: a guide's time is over, or a desk has answered."""
        agent: Any = getattr(app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return  # It comes again.
        turn = self._stores.turns.begin(conversation, 0)
        output = self._output(turn)

        async def work() -> None:
            async with agent.lock_store.lock(conversation):
                await agent.execute_action(conversation, action, output, None, None)

        self._start(turn, work)

    async def say_lost(self, turn: Turn) -> None:
        """Tell a user whose turn was lost with its process that it failed, and offer the same choices again."""
        logger.error("A turn was lost with its process.")
        await self._output(turn).say_failed()

    async def close(self) -> None:
        """Return when the turns under way are over, or have had their time."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)

    def _output(self, turn: Turn) -> WebOutput:
        return WebOutput(self._stores.log, self._bell, self._texts, self._answers, turn.conversation, turn.heard)

    def _start(self, turn: Turn, work: Callable[[], Awaitable[None]]) -> None:
        """Run ``work`` when it is the turn's turn."""
        self._bell.ring(turn.conversation)
        task = asyncio.get_event_loop().create_task(self._stores.turns.run(turn, work))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._over(turn, done))

    def _over(self, turn: Turn, task: "asyncio.Task[None]") -> None:
        """The browsers learn that the bot is silent again; nothing is left of what was said after the user had gone."""
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("A turn ended badly.", exc_info=task.exception())
        try:
            if self._stores.conversations.ended(turn.conversation):
                self._stores.log.forget(turn.conversation)
        except Exception:
            logger.exception("What was said in an ended conversation could not be deleted.")
        self._bell.ring(turn.conversation)


def sentence(texts: Mapping[str, str], code: str, values: Dict[str, Any]) -> Optional[str]:
    """Return the widget's Swedish sentence for the code of a refusal; None if it has none."""
    text = texts.get(f"error_{code}")
    return text.format(**values) if text is not None else None
