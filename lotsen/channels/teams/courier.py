"""Brings what the bot and the desk say to Teams: each message of the log once, in order, again if Teams cannot take it.

A message that was taken while its answer got lost comes twice: the connector has no key that would tell them apart.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import partial
from typing import Callable, Dict, List, Set

from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.message import BOT, DESK, ChatMessage
from lotsen.channels.teams import cards
from lotsen.channels.teams.activity import short_id
from lotsen.channels.teams.connector import Connector, Gone, Later, Lost, Wrong
from lotsen.channels.teams.references import Reference, References
from lotsen.outbox.pace import Pace

PACE = Pace(first=1.0, longest=300.0)
MAX_TRIES = 12
"""With that pace about 20 minutes; an answer to a guide's step is no use after that."""
LOOK_SECONDS = 1.0
"""How often conversations are looked for that another process, or a failure, has left untold."""

logger = logging.getLogger(__name__)


class Courier:
    """Tells conversations what they have not been told."""

    def __init__(
        self,
        references: References,
        log: ChatLog,
        connector: Connector,
        cases: Callable[[str], List[str]],
        pace: Pace = PACE,
    ) -> None:
        """Read ``log``, call ``connector``; ``cases`` gives the numbers of a conversation's cases, for our own log."""
        self._references, self._log, self._connector = references, log, connector
        self._cases, self._pace = cases, pace
        self._tasks: Dict[str, "asyncio.Task[None]"] = {}
        self._again: Set[str] = set()

    def wake(self, conversation: str) -> None:
        """Tell a conversation what is due; returns at once."""
        if conversation in self._tasks:
            self._again.add(conversation)
            return
        task = asyncio.get_event_loop().create_task(self._work(conversation))
        self._tasks[conversation] = task
        task.add_done_callback(lambda done: self._ended(conversation, done))

    async def close(self, seconds: float) -> None:
        """Return when all under way is told, or after so many seconds; the rest is told after the next start."""
        if self._tasks:
            await asyncio.wait(set(self._tasks.values()), timeout=seconds)
        for task in list(self._tasks.values()):
            task.cancel()

    def _ended(self, conversation: str, task: "asyncio.Task[None]") -> None:
        del self._tasks[conversation]
        if task.cancelled():
            return
        if task.exception() is not None:
            logger.error("A conversation could not be told.", exc_info=task.exception())
        if conversation in self._again:  # Woken after the task's last look.
            self.wake(conversation)

    async def _work(self, conversation: str) -> None:
        """Tell a conversation, again if something was added meanwhile."""
        while True:
            self._again.discard(conversation)
            reference = self._references.take(conversation)
            if reference is not None:
                await self._tell(reference)
            if conversation not in self._again:
                return

    async def _tell(self, reference: Reference) -> None:
        """Tell what is not told, and let go of the conversation, or put it off."""
        conversation, told, tries = reference.conversation, reference.told, reference.tries
        while new := [one for one in self._log.after(conversation, told) if one.author in (BOT, DESK)]:
            for message in new:
                try:
                    await self._bring(reference, message)
                    told, tries = message.id, 0
                except Wrong as error:
                    told, tries = self._give_up(conversation, message.id, error), 0
                except Lost:
                    return  # The lease ran out: another process goes on.
                except Gone as error:
                    if not reference.gone:
                        self._references.left(conversation)
                        reference = replace(reference, gone=True)
                    told = self._give_up(conversation, new[-1].id, error)
                    break
                except Later as error:
                    tries += 1
                    if tries < MAX_TRIES:
                        wait = max(error.seconds, self._pace.back_off(tries))
                        self._references.put_off(reference, tries, wait)
                        logger.warning("A reply in Teams is put off for %.0f s: %s", wait, error)
                        return
                    told, tries = self._give_up(conversation, new[-1].id, error), 0
                    break
        self._references.release(reference)

    async def _bring(self, reference: Reference, message: ChatMessage) -> None:
        """Post a message; one whose card is not taken is posted as text."""
        if reference.gone:
            raise Gone("the user has taken the app away")
        still = partial(self._references.keep, reference)
        try:
            id = await self._connector.send(reference, cards.activity(message), still)
        except Wrong as error:
            logger.error("Teams does not take a message (%s); it is sent as plain text.", error)
            id = await self._connector.send(reference, cards.text_activity(message), still)
        self._references.told(reference.conversation, message.id)
        if id:
            self._log.name(reference.conversation, message.id, short_id(id))

    def _give_up(self, conversation: str, number: int, error: Exception) -> int:
        """Count the messages up to ``number`` as told, and say in the log whose they are; return the number."""
        self._references.told(conversation, number)
        numbers = ", ".join(self._cases(conversation)) or "none"
        logger.error("Replies in %s could not be delivered (%s). Its cases: %s.", conversation, error, numbers)
        return number
