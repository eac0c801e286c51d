"""The way in for a service desk that calls us: signed webhooks with the status of a case or an answer to its user.

A Rasa input channel only because Rasa's server is the one that listens; nobody can chat here. It is there when
``LOTSEN_DESKS`` names ``webhook``. What an update must look like: ``lotsen/service_desks/webhook_updates.py``.
"""

from __future__ import annotations

import logging
import os
from typing import Any, Awaitable, Callable, Dict, Optional

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Engine

from lotsen.cases.access import number_in
from lotsen.cases.news import record_news
from lotsen.cases.store import Case, CaseStore
from lotsen.clock import utc_now
from lotsen.service_desks.config import read_routes
from lotsen.service_desks.options import Options
from lotsen.service_desks.webhook import SECRET
from lotsen.service_desks.webhook import SETTINGS as WEBHOOK_SETTINGS
from lotsen.service_desks.webhook_updates import (
    NotSigned,
    OtherEvent,
    UpdateError,
    WrongSignature,
    WrongTime,
    read_update,
)
from lotsen.settings import Settings
from lotsen.storage.database import open_engine

DESK = "webhook"
MAX_BYTES = 100_000
_STRANGERS = (NotSigned, WrongTime, WrongSignature)

logger = logging.getLogger(__name__)


class DeskUpdates(InputChannel):
    """The channel ``lotsen.channels.desk_updates.DeskUpdates`` of ``credentials.yml``."""

    def __init__(self, engine: Engine, secret: str) -> None:
        """Keep news in ``engine``'s database; without a ``secret`` every update is refused."""
        self._engine, self._secret, self._store = engine, secret, CaseStore(engine)

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "desk"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "DeskUpdates":
        """Build the channel from the settings; ``credentials.yml`` has nothing more to say."""
        settings = Settings.read()
        on = DESK in {route.desk for route in read_routes(settings.desks)}
        secret = Options(WEBHOOK_SETTINGS, os.environ).needed(SECRET) if on else ""
        return cls(open_engine(settings.database_url), secret)

    def url_prefix(self) -> str:
        """Serve below ``/desk``."""
        return "/desk"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the one route."""
        routes = Blueprint("lotsen_desk_updates")

        @routes.post("/updates")
        async def updates(request: Request) -> HTTPResponse:
            status, said = self._take(dict(request.headers), request.body)
            return response.json({"said": said}, status=status)

        return routes

    def _take(self, headers: Dict[str, str], body: bytes) -> tuple[int, str]:
        """Keep what an update says; return the HTTP status and a word for the desk's own log."""
        if not self._secret:
            return 404, "off"
        if len(body) > MAX_BYTES:
            return 413, "too long"
        try:
            update = read_update(headers, body, self._secret, utc_now())
        except _STRANGERS as error:
            logger.warning("An update was refused: %s", error)
            return 401, "not signed"
        except OtherEvent:
            return 202, "ignored"
        except UpdateError as error:
            logger.warning("An update could not be read: %s", error)
            return 400, str(error)
        case = self._case(update.case)
        letter = next((one for one in self._store.outbox.of(case.id) if one.desk == DESK), None) if case else None
        if letter is None:
            return 404, "no such case"
        return 200, "kept" if record_news(self._engine, self._store, letter, update) else "known"

    def _case(self, named: str) -> Optional[Case]:
        """Return the case that a number or a key names."""
        number = number_in(named)
        return self._store.get(number) if number is not None else self._store.with_key(named)
