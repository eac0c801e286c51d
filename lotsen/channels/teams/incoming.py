"""Who may speak to us as Teams: the token of a request, held against the request itself. What is not shown is refused.

After "Authenticate requests with the Bot Connector API" (Microsoft), step 4, and the tenants of the settings. There is
no way to turn it off.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, Mapping
from urllib.parse import urlsplit

import jwt

from lotsen.channels.teams.config import LOOPBACK, TeamsConfig
from lotsen.channels.teams.keys import KeyRing, SigningKey

CHANNEL_ID = "msteams"
ALGORITHM = "RS256"
LEEWAY_SECONDS = 300
"""Clocks may differ by so much, as Microsoft says."""
MAX_TOKEN = 6_000
"""Characters; Microsoft's have about 1,500, and the server takes no head of more than 8 kB."""


class NotTeams(Exception):
    """A request is not shown to come from Teams, for us. The reason is for the log and holds nothing of the token."""

    def __init__(self, status: int, reason: str) -> None:
        """Answer with ``status``: 401 for the token, 403 for what it is used for."""
        super().__init__(reason)
        self.status = status


class Gate:
    """Lets in what Teams sends."""

    def __init__(self, config: TeamsConfig, keys: KeyRing) -> None:
        """Believe tokens that are signed with ``keys``."""
        self._config, self._keys = config, keys

    async def claims(self, authorization: str) -> Mapping[str, Any]:
        """Return what the token of an ``Authorization`` header says, once its signature, sender and time are right.

        Raises:
            NotTeams: if they are not.
            KeysUnavailable: if that cannot be known now.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotTeams(401, "no bearer token")
        key = await self._key(token)
        try:
            claims: Dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=[ALGORITHM],
                audience=self._config.app_id,
                issuer=self._config.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "serviceurl"], "strict_aud": True},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise NotTeams(401, type(error).__name__) from None
        if not isinstance(claims["exp"], (int, float)):  # PyJWT reads numbers in quotes, too.
            raise NotTeams(401, "expiry")
        return claims

    def check(self, claims: Mapping[str, Any], activity: Mapping[str, Any]) -> None:
        """Make sure that an activity is what its token was given for: this place, this bot, a tenant of ours.

        Raises:
            NotTeams: if it is not.
        """
        if activity.get("channelId") != CHANNEL_ID:
            raise NotTeams(403, "another channel")
        service = activity.get("serviceUrl")
        if not isinstance(service, str) or claims.get("serviceurl") != service:
            raise NotTeams(403, "serviceUrl is not the token's")
        if not allowed(service, self._config.hosts):
            raise NotTeams(403, "serviceUrl is not in LOTSEN_TEAMS_HOSTS")
        if _part(activity, "recipient", "id") != f"28:{self._config.app_id}":
            raise NotTeams(403, "meant for another bot")
        named = {_part(activity, "conversation", "tenantId"), _part(activity, "channelData", "tenant", "id")} - {None}
        if not named or not named <= self._config.tenants:
            raise NotTeams(403, "a tenant that is not in LOTSEN_TEAMS_TENANTS")

    async def _key(self, token: str) -> SigningKey:
        """Return the key that the token says it is signed with, if that may speak for Teams."""
        if len(token) > MAX_TOKEN:
            raise NotTeams(401, "too long a token")
        try:
            head = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise NotTeams(401, type(error).__name__) from None
        if head.get("alg") != ALGORITHM:
            raise NotTeams(401, "algorithm")
        if "crit" in head or not isinstance(head.get("kid"), str):
            raise NotTeams(401, "header")
        key = await self._keys.find(head["kid"])
        if key is None:
            raise NotTeams(401, "unknown key")
        if CHANNEL_ID not in key.endorsements:
            raise NotTeams(403, "the key may not speak for Teams")
        return key


def allowed(url: str, hosts: FrozenSet[str]) -> bool:
    """Tell whether our own token may be sent to an address: https, a host of the list, nothing odd about it."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or ""), parts.port
    except ValueError:
        return False
    loopback = parts.scheme == "http" and host in LOOPBACK
    plain = parts.username is None and parts.password is None and url.isprintable() and not set("?#") & set(url)
    return plain and host in hosts and (loopback or (parts.scheme == "https" and port in (None, 443)))


def _part(activity: Mapping[str, Any], *names: str) -> Any:
    """Return what is at a path of an activity; None if it is not there, or no text."""
    found: Any = activity
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) or found is None else ""
