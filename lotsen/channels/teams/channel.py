"""Microsoft Teams as a Rasa input channel: one address that Azure's bot service calls, answered at once.

Nothing that a user types can fire an intent: text is never a command, and a card's button names a choice whose payload
stays here. How it is set up: ``docs/teams-administrator.md``; how it works: ``docs/teams-channel.md``.
"""

from __future__ import annotations

import json
import logging
import os
from typing import Any, Dict, Optional

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from lotsen.channels.chat.speaker import Handler
from lotsen.channels.teams.activity import read
from lotsen.channels.teams.bot import Bot
from lotsen.channels.teams.config import read_teams
from lotsen.channels.teams.incoming import Gate, NotTeams
from lotsen.channels.teams.keys import KeysUnavailable
from lotsen.channels.teams.stores import CHANNEL, TeamsStores
from lotsen.content.catalogue import load_questions
from lotsen.content.texts import load_texts
from lotsen.settings import CONTENT, Settings
from lotsen.storage.database import open_engine
from lotsen.storage.secret import read_or_make_key

logger = logging.getLogger(__name__)


class TeamsInput(InputChannel):
    """The channel ``lotsen.channels.teams.channel.TeamsInput`` of ``credentials.yml``."""

    def __init__(self, bot: Optional[Bot], gate: Optional[Gate]) -> None:
        """Let ``bot`` answer what ``gate`` lets in; without them Lotsen is not in Teams, and nothing is let in."""
        self._bot, self._gate = bot, gate

    @classmethod
    def name(cls) -> str:
        """Return the channel's name in trackers."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "TeamsInput":
        """Build the channel from the settings; ``credentials.yml`` has nothing more to say. Nothing is fetched."""
        config = read_teams(os.environ)
        if config is None:
            return cls(None, None)
        settings = Settings.read()
        key = read_or_make_key(settings.secret, settings.data_dir)
        engine = open_engine(settings.database_url)
        stores = TeamsStores.on(engine, key, settings.secret_before, settings.takeover_minutes)
        bot = Bot(config, stores, load_texts(CONTENT / "texts.yml"), load_questions(CONTENT).keys(), settings)
        return cls(bot, Gate(config, bot.keys))

    def url_prefix(self) -> str:
        """Serve below ``/teams``."""
        return "/teams"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the one route."""
        routes = Blueprint("lotsen_teams")

        @routes.post("/messages")
        async def messages(request: Request) -> HTTPResponse:
            if self._bot is None or self._gate is None:
                return response.json({}, status=404)
            status = await self._take(self._bot, self._gate, request, on_new_message)
            return response.json({}, status=status)

        @routes.listener("after_server_start")
        async def start(app: Any, loop: Any) -> None:
            if self._bot is not None:
                self._bot.start(app)

        @routes.listener("before_server_stop")
        async def stop(app: Any, loop: Any) -> None:
            if self._bot is not None:
                await self._bot.stop()

        return routes

    async def _take(self, bot: Bot, gate: Gate, request: Request, on_new_message: Handler) -> int:
        """Begin to answer a request; return the HTTP status. Teams tries again what is answered with 5xx."""
        try:
            claims = await gate.claims(request.headers.get("authorization", ""))
            written = _json(request.body)
            if written is None:
                return 400
            gate.check(claims, written)
            bot.hear(read(written), on_new_message)
        except NotTeams as error:
            logger.warning("A request to /teams/messages was refused: %s", error)
            return error.status
        except KeysUnavailable:
            return 503
        except SQLAlchemyError:
            logger.exception("A message from Teams could not be stored; Teams will send it again.")
            return 503
        return 200


def _json(body: bytes) -> Optional[Dict[str, Any]]:
    """Return the object that a body is; None if it is anything else."""
    try:
        written = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return written if isinstance(written, dict) else None
