"""The bot in Teams: takes in, lets Rasa speak, shows that it works, and brings the answers; what runs beside it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from functools import partial
from typing import AbstractSet, Any, Dict, List, Mapping

from lotsen.channels.chat.message import Choice
from lotsen.channels.chat.speaker import STOP_SECONDS, Handler, Speaker
from lotsen.channels.chat.turns import Turn
from lotsen.channels.person import PERSON, Person
from lotsen.channels.teams import cards
from lotsen.channels.teams.activity import Activity
from lotsen.channels.teams.config import TeamsConfig
from lotsen.channels.teams.connector import Connector, Gone, Later, Wrong
from lotsen.channels.teams.courier import LOOK_SECONDS, Courier
from lotsen.channels.teams.http import Http
from lotsen.channels.teams.inbox import Inbox, Task
from lotsen.channels.teams.keys import KeyRing
from lotsen.channels.teams.output import TeamsOutput
from lotsen.channels.teams.stores import CHANNEL, TeamsStores
from lotsen.channels.teams.token import BotToken
from lotsen.channels.watchers import watchers
from lotsen.content.texts import Text
from lotsen.dialogue.watching import keep_looking
from lotsen.settings import Settings

TYPING_AFTER_SECONDS = 0.4
"""An answer that comes sooner needs no sign that the bot is at work."""
TYPING_EVERY_SECONDS = 3.0
"""Teams shows the sign for about so long."""

logger = logging.getLogger(__name__)


class Bot:
    """Lotsen in Teams, in one server process."""

    def __init__(
        self,
        config: TeamsConfig,
        stores: TeamsStores,
        texts: Mapping[str, Text],
        answers: AbstractSet[str],
        settings: Settings,
    ) -> None:
        """Keep all in ``stores``; ``answers`` are the ids of the FAQ's answers. Nothing is fetched here."""
        http = Http()
        self.keys = KeyRing(config.keys_url, config.issuer, http)
        self._stores, self._texts, self._answers = stores, texts, answers
        self._connector = Connector(
            BotToken(config, http), http, config.hosts, config.per_second, processes=settings.workers
        )
        self._courier = Courier(stores.references, stores.log, self._connector, self._cases)
        self._inbox = Inbox(stores, settings.messages_per_minute)
        self._speaker = Speaker(CHANNEL, stores.turns, self._output, self._begun, self._over, stores.desk)
        self._typing: Dict[str, "asyncio.Task[None]"] = {}
        self._watching: List["asyncio.Task[None]"] = []

    def hear(self, activity: Activity, on_new_message: Handler) -> None:
        """Begin to answer what happened in Teams; returns at once.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if it cannot be stored.
        """
        task = self._inbox.take(activity)
        if task is not None:
            self._speaker.start(task.turn, partial(self._do, task, on_new_message))

    def start(self, app: Any) -> None:
        """Begin what runs beside the requests."""
        store, run = self._stores, partial(self._speaker.run_action, app)
        beside = [
            *watchers(CHANNEL, store.timers, store.cases.history, store.audience, run, store.desk.lines, self._wake),
            keep_looking("Lost turns", store.turns.take_lost, self._speaker.say_lost, LOOK_SECONDS),
            keep_looking("Replies in Teams", store.references.due, self._wake, LOOK_SECONDS),
        ]
        self._watching = [asyncio.get_event_loop().create_task(one) for one in beside]

    async def stop(self) -> None:
        """End it: turns under way and answers may go on for some seconds; what is left is told after the next start."""
        for task in self._watching:
            task.cancel()
        await self._speaker.close()
        await self._courier.close(STOP_SECONDS)
        await self._connector.close()

    async def _do(self, task: Task, on_new_message: Handler) -> None:
        """Do a turn."""
        output = self._output(task.turn)
        texts = [self._texts[name] for name in task.replies]
        if task.said:
            for text in texts:
                output.tell(text.text)
            metadata = {PERSON: (await self._person(task.turn)).to_json()} if task.names_user else {}
            await self._speaker.hand_over(on_new_message, task.said, task.turn, metadata)
            return
        for text in texts:
            own = {button.payload: Choice(button.title, button.payload) for button in text.buttons}
            output.say(text.text, [*own.values(), *(offer for offer in task.offers if offer.payload not in own)])

    async def _person(self, turn: Turn) -> Person:
        """Return who the user is, as they have agreed that Teams tells us; nobody if it cannot now."""
        reference = self._stores.references.get(turn.conversation)
        try:
            return await self._connector.person(reference) if reference is not None else Person("")
        except (Later, Wrong, Gone) as error:
            logger.warning("Teams did not tell who a user is, who had agreed to it: %s", error)
            return Person("")

    def _output(self, turn: Turn) -> TeamsOutput:
        said = {"wait": self._texts["turn_wait"].text, "failed": self._texts["turn_failed"].text}
        return TeamsOutput(
            self._stores.references, self._stores.log, self._told, said, self._answers, turn.conversation, turn.heard
        )

    def _told(self, conversation: str) -> None:
        """Bring what the bot has just said; it no longer seems to be at work."""
        self._stop_typing(conversation)
        self._courier.wake(conversation)

    async def _wake(self, conversation: str) -> None:
        self._courier.wake(conversation)

    def _begun(self, turn: Turn) -> None:
        """Show in a while that the bot is at work, if it still is then."""
        self._stop_typing(turn.conversation)
        task = asyncio.get_event_loop().create_task(self._type(turn.conversation))
        self._typing[turn.conversation] = task

    def _over(self, turn: Turn) -> None:
        self._stop_typing(turn.conversation)

    def _stop_typing(self, conversation: str) -> None:
        task = self._typing.pop(conversation, None)
        if task is not None:
            task.cancel()

    async def _type(self, conversation: str) -> None:
        """Show that the bot is at work, again and again until cancelled."""
        await asyncio.sleep(TYPING_AFTER_SECONDS)
        reference = self._stores.references.get(conversation)
        with contextlib.suppress(Later, Wrong, Gone):
            while reference is not None:
                await self._connector.send(reference, cards.typing())
                await asyncio.sleep(TYPING_EVERY_SECONDS)

    def _cases(self, conversation: str) -> List[str]:
        return [case.number for case in self._stores.cases.of_conversation(conversation)]
