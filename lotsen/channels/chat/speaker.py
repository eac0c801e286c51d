"""Runs a channel's turns: a message handed to Rasa, a fixed reply, or an action that no message began."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any, Awaitable, Callable, Dict, Generic, Optional, Set, TypeVar

from rasa.core.channels.channel import UserMessage

from lotsen.channels.chat.listening import Listening
from lotsen.channels.chat.output import ChatOutput
from lotsen.channels.chat.turns import Turn, Turns
from lotsen.channels.turn import LIMIT_SECONDS, run_turn
from lotsen.observability import metrics
from lotsen.observability.turns import observed

STOP_SECONDS = 5.0
"""How long what has been said may take to reach its users when the server stops."""

Handler = Callable[[UserMessage], Awaitable[Any]]
Output = TypeVar("Output", bound=ChatOutput)

logger = logging.getLogger(__name__)


class Speaker(Generic[Output]):
    """Lets Rasa speak in the conversations of a channel, one turn after the other in each."""

    def __init__(
        self,
        channel: str,
        turns: Turns,
        output: Callable[[Turn], Output],
        begun: Callable[[Turn], None] = lambda turn: None,
        over: Callable[[Turn], None] = lambda turn: None,
        desk: Optional[Listening] = None,
    ) -> None:
        """Speak through what ``output`` makes for a turn; ``begun`` and ``over`` hear of its beginning and end.

        Where ``desk`` says that the support desk has a conversation, nothing is said there that no user asked for.
        """
        self._channel, self._turns, self._output, self._begun, self._over = channel, turns, output, begun, over
        self._desk = desk
        self._tasks: Set["asyncio.Task[None]"] = set()

    def answer(self, on_new_message: Handler, said: str, turn: Turn, metadata: Optional[Dict[str, Any]] = None) -> None:
        """Hand ``said`` to Rasa when it is the turn's turn; returns at once."""
        self.start(turn, partial(self.hand_over, on_new_message, said, turn, metadata))

    async def hand_over(
        self, on_new_message: Handler, said: str, turn: Turn, metadata: Optional[Dict[str, Any]] = None
    ) -> None:
        """Hand ``said`` to Rasa now, and return when it has been answered."""
        output = self._output(turn)
        message = UserMessage(said, output, turn.conversation, input_channel=self._channel, metadata=metadata or {})
        await run_turn(on_new_message(message), output)

    async def run_action(self, app: Any, action: str, conversation: str) -> None:
        """Run an action that no message of the user began: a guide's time is over, or a desk has answered.

        It comes again later if the support desk has the conversation.
        """
        agent: Any = getattr(app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return  # It comes again.
        turn = self._begin(conversation)
        if turn is None:
            return
        output = self._output(turn)

        async def work() -> None:
            async with agent.lock_store.lock(conversation):
                await agent.execute_action(conversation, action, output, None, None)

        self.start(turn, work)

    async def say_lost(self, turn: Turn) -> None:
        """Tell a user whose turn was lost with its process that it failed, and offer the same choices again.

        If the support desk has the conversation by now, it is told what the user had said.
        """
        logger.error("A turn was lost with its process.")
        metrics.turn_lost(self._channel)
        if self._desk is not None and self._desk.keep_lost(turn.conversation, turn.heard):
            return
        await self._output(turn).say_failed()

    def start(self, turn: Turn, work: Callable[[], Awaitable[None]]) -> None:
        """Run ``work`` when it is the turn's turn; returns at once."""
        self._begun(turn)
        task = asyncio.get_event_loop().create_task(observed(self._channel, self._turns.run(turn, work)))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(turn, done))

    async def close(self) -> None:
        """Return when the turns under way are over, those too that begin meanwhile, or have had their time."""
        loop = asyncio.get_event_loop()
        until = loop.time() + LIMIT_SECONDS
        while self._tasks and loop.time() < until:
            await asyncio.wait(self._tasks, timeout=until - loop.time(), return_when=asyncio.FIRST_COMPLETED)

    def _begin(self, conversation: str) -> Optional[Turn]:
        """Begin a turn that no message began; None if the desk has the conversation."""
        if self._desk is None:
            return self._turns.begin(conversation, 0)
        turn = self._turns.begin_unless(conversation, 0, self._desk.held)
        if turn is None:
            self._desk.rest(conversation)
        return turn

    def _ended(self, turn: Turn, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("A turn ended badly.", exc_info=task.exception())
        self._over(turn)
