"""What the bot says in the web chat: kept in the log, where the browsers that wait for it are woken to read it."""

from __future__ import annotations

import logging
from typing import AbstractSet, Mapping

from lotsen.channels.chat.output import ChatOutput
from lotsen.channels.chat.speaker import Speaker
from lotsen.channels.chat.turns import Turn
from lotsen.channels.web.bell import Bell
from lotsen.channels.web.stores import CHANNEL, Stores

logger = logging.getLogger(__name__)


class WebOutput(ChatOutput):
    """Speaks in a web conversation."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name in trackers."""
        return CHANNEL


def web_speaker(stores: Stores, bell: Bell, texts: Mapping[str, str], answers: AbstractSet[str]) -> Speaker[WebOutput]:
    """Return what lets Rasa speak in web conversations, and rings for the browsers."""

    def output(turn: Turn) -> WebOutput:
        return WebOutput(stores.log, bell.ring, texts, answers, turn.conversation, turn.heard)

    def over(turn: Turn) -> None:
        """The browsers learn that the bot is silent again; nothing is left of what was said after the user had gone."""
        try:
            if stores.conversations.ended(turn.conversation):
                stores.log.forget(turn.conversation)
        except Exception:
            logger.exception("What was said in an ended conversation could not be deleted.")
        bell.ring(turn.conversation)

    return Speaker(CHANNEL, stores.turns, output, lambda turn: bell.ring(turn.conversation), over, stores.desk)
