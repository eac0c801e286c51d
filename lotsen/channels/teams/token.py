"""The bot's own token, which it shows to Teams: fetched once for all who wait, and renewed in good time."""

from __future__ import annotations

import asyncio
import os
import re
import time
from typing import Any, Callable, Dict, Mapping
from urllib.parse import urlencode

from lotsen.channels.teams.config import TeamsConfig
from lotsen.channels.teams.http import Answer, Http, Unreachable

MARGIN_SECONDS = 300.0
"""So long before its end a token is replaced; half its life if that is shorter."""
AFTER_FAILURE_SECONDS = 5.0
MACHINE_URL = "http://169.254.169.254/metadata/identity/oauth2/token"
"""Azure's own machines ask here (IMDS)."""
_CODE = re.compile(r"AADSTS\d+")


class NoToken(Exception):
    """There is no token; the message says what Microsoft calls the reason, and holds no secret."""


class BotToken:
    """The token of one bot."""

    def __init__(
        self,
        config: TeamsConfig,
        http: Http,
        environment: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask as ``config`` says; an Azure app finds its token service in ``environment``."""
        self._config, self._http, self._environment, self._clock = config, http, environment, clock
        self._machine = Http(proxies=False)
        self._lock = asyncio.Lock()
        self._token, self._until, self._ends = "", float("-inf"), float("-inf")
        self._failed = ""
        self._again = float("-inf")

    async def get(self) -> str:
        """Return a token that will last, or the one before it until it ends if there is no new one.

        Raises:
            NoToken: if there is none now.
        """
        if self._clock() < self._until:
            return self._token
        async with self._lock:
            if self._clock() < self._until:  # Somebody else has just fetched it.
                return self._token
            if self._clock() >= self._again:
                try:
                    self._take(await self._ask())
                    return self._token
                except (Unreachable, NoToken) as error:
                    self._failed, self._again = str(error), self._clock() + AFTER_FAILURE_SECONDS
            if self._clock() < self._ends:
                return self._token
            raise NoToken(self._failed)

    def drop(self, token: str) -> None:
        """Do not use a token again that Teams has refused."""
        if token == self._token:
            self._until = self._ends = float("-inf")

    async def close(self) -> None:
        """Let go of connections."""
        await self._machine.close()

    async def _ask(self) -> Answer:
        """Ask for a token, in the way that is set."""
        config = self._config
        if not config.secret and config.certificate is None:
            return await self._ask_machine()
        form: Dict[str, str] = {
            "grant_type": "client_credentials",
            "client_id": config.app_id,
            "scope": f"{config.resource}/.default",
        }
        if config.certificate is not None:
            form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            form["client_assertion"] = config.certificate.assertion(config.app_id, config.token_url)
        else:
            form["client_secret"] = config.secret
        return await self._http.call("POST", config.token_url, form=form)

    async def _ask_machine(self) -> Answer:
        """Ask the token service of the Azure machine or app that we run in."""
        asked = {"resource": self._config.resource, "client_id": self._config.app_id}
        place, header = (self._environment.get(name, "") for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"))
        if place and header:
            query = urlencode({**asked, "api-version": "2019-08-01"})
            return await self._machine.call("GET", f"{place}?{query}", headers={"X-IDENTITY-HEADER": header})
        query = urlencode({**asked, "api-version": "2018-02-01"})
        return await self._machine.call("GET", f"{MACHINE_URL}?{query}", headers={"Metadata": "true"})

    def _take(self, answer: Answer) -> None:
        """Keep the token of an answer."""
        said: Any = answer.body if isinstance(answer.body, dict) else {}
        token = said.get("access_token")
        if not answer.ok or not isinstance(token, str) or not token:
            code = _CODE.search(str(said.get("error_description", "")))
            raise NoToken(f"{answer.status} {said.get('error', '')} {code[0] if code else ''}".strip())
        try:
            lifetime = float(said.get("expires_in", 0))
        except (TypeError, ValueError):
            lifetime = 0.0
        self._token, self._ends = token, self._clock() + lifetime
        self._until = self._ends - min(MARGIN_SECONDS, lifetime / 2)
