"""The keys that sign what comes from Teams, and the channels that each may speak for (OpenID metadata, JWKS).

Fetched when first needed, so a server starts without the internet. Kept for a day, and used for some more if new ones
cannot be had; after that nothing is believed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, Optional
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lotsen.channels.teams.config import LOOPBACK
from lotsen.channels.teams.http import Http, Unreachable

FRESH_SECONDS = 24 * 3600.0
"""As Microsoft asks for."""
OLDEST_SECONDS = 5 * FRESH_SECONDS
AGAIN_SECONDS = 60.0
"""For a key that is not there, new ones are asked for at most so often: bad tokens must not become requests."""
AFTER_FAILURE_SECONDS = 5.0
MIN_BITS = 2048

logger = logging.getLogger(__name__)


class KeysUnavailable(Exception):
    """The keys could not be had; the token may be good."""


@dataclass(frozen=True)
class SigningKey:
    """A public key, and the channels that it is endorsed for."""

    key: RSAPublicKey
    endorsements: FrozenSet[str]


class KeyRing:
    """The keys of one signer."""

    def __init__(self, url: str, issuer: str, http: Http, clock: Callable[[], float] = time.monotonic) -> None:
        """Ask the OpenID metadata at ``url``, which must be that of ``issuer``."""
        self._url, self._issuer, self._http, self._clock = url, issuer, http, clock
        self._keys: Dict[str, SigningKey] = {}
        self._fetched = self._tried = float("-inf")
        self._wait, self._failed = 0.0, False
        self._flight: Optional["asyncio.Task[None]"] = None

    async def find(self, id: str) -> Optional[SigningKey]:
        """Return the key with an id; None if the signer has none. Who has a fresh key waits for nobody.

        Raises:
            KeysUnavailable: if it cannot be known now: there are none that are young enough, or no new ones to be had.
        """
        known, age = id in self._keys, self._clock() - self._fetched
        if (not known or age >= FRESH_SECONDS) and self._clock() - self._tried >= self._wait:
            self._refresh()
        if self._flight is not None and (not known or age >= OLDEST_SECONDS):
            await asyncio.shield(self._flight)
        if self._clock() - self._fetched >= OLDEST_SECONDS:
            raise KeysUnavailable("no keys of Teams' signer")
        if id not in self._keys and self._failed:
            raise KeysUnavailable("it may be a new key, and new keys cannot be had")
        return self._keys.get(id)

    def _refresh(self) -> None:
        """Begin to fetch the keys, once for all who wait."""
        if self._flight is None:
            self._flight = asyncio.ensure_future(self._fetch())
            self._flight.add_done_callback(self._landed)

    def _landed(self, flight: "asyncio.Task[None]") -> None:
        self._flight = None

    async def _fetch(self) -> None:
        """Take new keys in place of the old ones, all together; keep the old ones if there are none."""
        self._tried, self._wait, self._failed = self._clock(), AGAIN_SECONDS, False
        try:
            metadata = await self._get(self._url)
            if not isinstance(metadata, dict) or metadata.get("issuer") != self._issuer:
                raise Unreachable("the metadata is of another issuer")
            keys = _read_keys(await self._get(_checked(metadata.get("jwks_uri"))))
        except Unreachable as error:
            self._wait, self._failed = AFTER_FAILURE_SECONDS, True
            logger.error("The keys that sign Teams' requests could not be fetched: %s", error)
            return
        self._keys, self._fetched = keys, self._clock()

    async def _get(self, url: str) -> Any:
        answer = await self._http.call("GET", url)
        if not answer.ok:
            raise Unreachable(f"{urlsplit(url).hostname} answered {answer.status}")
        return answer.body


def _checked(url: Any) -> str:
    """Return the address of the keys, if they may be fetched from there."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Unreachable("the metadata names no https address for the keys")
    return str(url)


def _read_keys(written: Any) -> Dict[str, SigningKey]:
    """Return the RSA keys of a JWKS, by id; others, short ones and those without an id are passed over."""
    listed = written.get("keys") if isinstance(written, dict) else None
    if not isinstance(listed, list):
        raise Unreachable("the list of keys cannot be read")
    keys: Dict[str, SigningKey] = {}
    for one in listed:
        if not isinstance(one, dict) or one.get("kty") != "RSA" or one.get("use", "sig") != "sig":
            continue
        id, endorsed = one.get("kid"), one.get("endorsements")
        try:
            key = jwt.PyJWK(one, algorithm="RS256").key
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            logger.warning("A key of Teams' signer cannot be read and is passed over.")
            continue
        if isinstance(id, str) and isinstance(key, RSAPublicKey) and key.key_size >= MIN_BITS:
            names = endorsed if isinstance(endorsed, list) else []
            keys[id] = SigningKey(key, frozenset(name for name in names if isinstance(name, str)))
    if not keys:
        raise Unreachable("the list of keys has none that can be used")
    return keys
