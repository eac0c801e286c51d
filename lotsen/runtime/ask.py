"""Asking the trained model without a server, with the very agent, rules and actions that the running bot has.

Each line is a conversation of its own. Only the transport differs from ``lotsen up``: actions run in this process, and
conversations are kept in memory.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from rasa.core.agent import Agent, load_agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa.utils.log_utils import configure_structlog
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from lotsen.channels.typed import typed_text
from lotsen.content.catalogue import Content
from lotsen.runtime import masked_agent
from lotsen.runtime.naming import named, offered_by
from lotsen.runtime.quick_rasa import install
from lotsen.understanding.decision_classifier import BOTH, SUGGESTIONS


@dataclass(frozen=True)
class Answer:
    """What the bot made of one text."""

    decision: str
    """``answer``, ``guide``, ``suggest``, ``refuse``, ``handoff``, ``smalltalk`` or ``clarify``."""
    intent: Optional[str]
    """The id answered; None when it asked or refused."""
    suggestions: List[str]
    """The questions offered, best first; both, when two that were asked at once are answered."""
    reply: str
    """All that a user would read, buttons' titles not among it."""


class InProcessActions(EndpointConfig):
    """Stands in for the action server's address: Rasa's calls go to the same actions in this process."""

    def __init__(self) -> None:
        """Load the package ``actions``."""
        super().__init__(url="in-process")
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, *args: Any, json: Optional[Dict[str, Any]] = None, **kwargs: Any) -> Any:
        """Run the action that the call names, and answer as the action server would."""
        try:
            return await self._executor.run(json)
        except ActionExecutionRejection as error:
            text = f'{{"error": "{error.message}", "action_name": "{error.action_name}"}}'
            raise ClientResponseError(400, "", text) from error


class Asker:
    """A loaded model that can be asked."""

    def __init__(self, agent: Agent, content: Content) -> None:
        """Use ``agent``; ``content`` tells answers from guides."""
        self._agent, self._content = agent, content
        self._asked = 0

    @classmethod
    async def load(cls, model: Path, content: Content) -> Asker:
        """Load the model; takes some seconds."""
        configure_structlog(logging.ERROR)
        install()
        masked_agent.install()
        agent = await load_agent(model_path=str(model), endpoints=AvailableEndpoints(action=InProcessActions()))
        return cls(agent, content)

    async def ask(self, text: str) -> Answer:
        """Say ``text`` as the first line of a new conversation."""
        self._asked += 1
        sender = f"ask-{self._asked}"
        output = CollectingOutputChannel()
        await self._agent.handle_message(UserMessage(typed_text(text), output, sender))
        tracker = await self._agent.tracker_store.retrieve(sender)
        assert tracker is not None, "the message was just handled"
        replies = "\n\n".join(message["text"] for message in output.messages if "text" in message)
        return self._answer(tracker, output.messages, replies)

    def _answer(self, tracker: DialogueStateTracker, said: Sequence[Dict[str, Any]], reply: str) -> Answer:
        """Name what happened, from the intent acted on and the buttons offered."""
        latest = tracker.latest_message
        intent = (latest.intent or {}).get("name") if latest else None
        parsed = (latest.parse_data if latest else None) or {}
        payloads = [button["payload"] for message in said for button in message.get("buttons") or ()]
        suggested = [question["id"] for question in parsed.get(SUGGESTIONS) or ()]
        offered = offered_by(self._content, payloads)
        found = named(self._content, intent, suggested, bool(parsed.get(BOTH)), offered)
        return Answer(found.decision, found.intent, found.suggestions, reply)


def ask_all(model: Path, content: Content, texts: Sequence[str]) -> List[Answer]:
    """Ask every text in turn, and return the answers in the same order."""

    async def run() -> List[Answer]:
        asker = await Asker.load(model, content)
        return [await asker.ask(text) for text in texts]

    return asyncio.run(run())
