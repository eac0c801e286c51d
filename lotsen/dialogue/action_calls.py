"""Calling the action server over connections that stay open, with only what actions read, and with our secret."""

from __future__ import annotations

import logging
import os
from typing import Any, Dict, List, Mapping, Optional

import aiohttp
from rasa.core.actions.constants import DEFAULT_SELECTIVE_DOMAIN
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from lotsen.observability import turn_id
from lotsen.runtime.sockets import CALLER_IDLE_SECONDS
from lotsen.settings import Settings

AT_ONCE = 16
"""Calls under way at once; others wait here. When hundreds write in the same second, hundreds of connections are slower
than these, and on a busy machine one that waited to be written to was closed by the action server meanwhile."""
_RANKING = "intent_ranking"

logger = logging.getLogger(__name__)


class ActionServer(EndpointConfig):
    """The ``action_endpoint`` of ``endpoints.yml``; Rasa's own opens a session and a connection for each call."""

    _open: Optional[aiohttp.ClientSession] = None

    @classmethod
    def like(cls, endpoint: EndpointConfig, environment: Optional[Mapping[str, str]] = None) -> ActionServer:
        """Return one for the same address, with the secret of the environment: it stands in no file.

        Raises:
            SettingError: if a variable of the environment cannot be used.
        """
        secret = Settings.read(os.environ if environment is None else environment).actions_secret
        kwargs = {"selective_domain": DEFAULT_SELECTIVE_DOMAIN, **endpoint.kwargs}
        return cls(
            endpoint.url,
            endpoint.params,
            {**(endpoint.headers or {}), **({"Authorization": f"Bearer {secret}"} if secret else {})},
            endpoint.basic_auth,
            endpoint.token,
            endpoint.token_name,
            endpoint.cafile,
            **kwargs,
        )

    async def request(
        self,
        method: str = "post",
        subpath: Optional[str] = None,
        content_type: Optional[str] = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Call the action server, and return its answer.

        Nothing is packed, whatever ``compress`` says: the action server unpacks nothing.

        Raises:
            ClientResponseError: if it answers with an error; an action that rejects its execution does (400).
            aiohttp.ClientError: if it cannot be reached.
        """
        if subpath or self.cafile or method != "post":
            return await super().request(method, subpath, content_type, False, **kwargs)
        if self._open is None or self._open.closed:
            self._open = self._new_session()
        body, timeout = kwargs["json"], aiohttp.ClientTimeout(kwargs.get("timeout"))
        turn = turn_id.current()
        async with self._open.post(
            self.url,
            json=lean(body),
            params=self.combine_parameters({}),
            headers={turn_id.HEADER: turn} if turn else {},
            timeout=timeout,
            allow_redirects=False,
        ) as answer:
            if answer.status == 401:
                logger.error("The action server wants another secret: LOTSEN_ACTIONS_SECRET must be the same for both.")
            if answer.status >= 300:
                raise ClientResponseError(answer.status, answer.reason, await answer.content.read())
            return await answer.json()

    async def close(self) -> None:
        """Close what is open."""
        if self._open is not None:
            await self._open.close()

    def _new_session(self) -> aiohttp.ClientSession:
        """Return a session as Rasa would make one, but for how long its connections live."""
        auth = aiohttp.BasicAuth(self.basic_auth["username"], self.basic_auth["password"]) if self.basic_auth else None
        connector = aiohttp.TCPConnector(keepalive_timeout=CALLER_IDLE_SECONDS, limit=AT_ONCE)
        return aiohttp.ClientSession(headers=self.headers, auth=auth, connector=connector)


def lean(body: Dict[str, Any]) -> Dict[str, Any]:
    """Return the call without the ranking of all intents that each message of the user carries.

    No action reads them, and they are nine tenths of what is sent. Rasa's tracker still holds them, so this makes new
    dictionaries.
    """
    tracker = body["tracker"]
    events: List[Dict[str, Any]] = [
        {**event, "parse_data": _without_ranking(event["parse_data"])} if event.get("parse_data") else event
        for event in tracker["events"]
    ]
    latest = _without_ranking(tracker["latest_message"]) if tracker.get("latest_message") else None
    return {**body, "tracker": {**tracker, "events": events, "latest_message": latest}}


def _without_ranking(parsed: Dict[str, Any]) -> Dict[str, Any]:
    """Return what was understood of a message, but for the ranking."""
    return {key: value for key, value in parsed.items() if key != _RANKING}
