"""Who a user is, if the page that embeds the chat shows it: a signed token of its own sign-in (OpenID Connect).

Only name and unit are taken from it, for the case. It opens nothing: whoever reaches the chat may chat without it.
"""

from __future__ import annotations

import concurrent.futures
import http.client
import json
import logging
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional
from urllib.parse import urlsplit

import jwt

from lotsen.channels.person import Person
from lotsen.settings import ROOT, SettingError, Settings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384")
"""Only signatures with a public key: with HS256 a forger could take the public key for the secret one."""
MAX_TOKEN = 8_000
"""Characters."""
MAX_KEYS = 100_000
"""Bytes of a list of keys."""
OLDEST_SECONDS = 24 * 3600
LEEWAY_SECONDS = 60
AGAIN_SECONDS = 60.0
"""Keys are asked for at most so often: a flood of bad tokens must not become a flood of requests."""
TIMEOUT_SECONDS = 5.0
"""For a list of keys as a whole, its name's look-up included."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

logger = logging.getLogger(__name__)


class BadIdentity(Exception):
    """The token does not show who the user is; the reason holds nothing of the token."""


class KeysUnavailable(Exception):
    """The keys could not be had; the token may be good."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """An address that leads elsewhere is not the one that the operator wrote."""

    def redirect_request(self, *args: Any) -> None:
        return None


class SignIn:
    """Verifies the tokens of one issuer."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        keys: str,
        name_claim: str = "name",
        unit_claim: str = "department",
        clock: Callable[[], float] = time.monotonic,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """Take tokens of ``issuer`` for ``audience``; ``keys`` is the address or the file of its JWKS."""
        self._issuer, self._audience, self._where = issuer, audience, keys
        self._claims = (name_claim, unit_claim)
        self._clock, self._timeout = clock, timeout
        self._keys: Dict[Optional[str], jwt.PyJWK] = {}
        self._asked = float("-inf")
        self._lock = threading.Lock()

    def person(self, token: str) -> Person:
        """Return who ``token`` shows. Blocks while keys are fetched: call it in a thread.

        Raises:
            BadIdentity: if the token does not hold.
            KeysUnavailable: if the keys cannot be fetched.
        """
        if not isinstance(token, str):
            raise BadIdentity("no text")
        if len(token) > MAX_TOKEN:
            raise BadIdentity("too long")
        try:
            head = jwt.get_unverified_header(token)
        except (jwt.InvalidTokenError, ValueError) as error:
            raise BadIdentity(type(error).__name__) from None
        if head.get("alg") not in ALGORITHMS:
            raise BadIdentity("algorithm")
        key = self._key(head.get("kid"))
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[head["alg"]],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:  # The latter: a key of another kind.
            raise BadIdentity(type(error).__name__) from None
        return self._read(claims)

    def _read(self, claims: Mapping[str, Any]) -> Person:
        """Return the person of verified claims."""
        if int(claims["iat"]) < time.time() - OLDEST_SECONDS:
            raise BadIdentity("too old")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._audience:
            raise BadIdentity("meant for somebody else")
        return Person.read(*(claims.get(claim) for claim in self._claims))

    def _key(self, id: Any) -> jwt.PyJWK:
        """Return the key with an id, fetched again if it is not known yet."""
        known = self._keys.get(id) if isinstance(id, str) else None
        if known is not None:  # Before the lock: who has a known key does not wait for those who have not.
            return known
        with self._lock:
            new = id is None or id not in self._keys  # No id: that the key is another one shows only in the list.
            if new and self._clock() - self._asked >= AGAIN_SECONDS:
                self._asked = self._clock()
                self._keys = _read_keys(_in_time(self._where, self._timeout))
            if not self._keys:
                raise KeysUnavailable("no keys yet")
            if id is None and len(self._keys) == 1:
                return next(iter(self._keys.values()))
            if not isinstance(id, str) or id not in self._keys:
                raise BadIdentity("unknown key")
            return self._keys[id]


def sign_in_from(settings: Settings) -> Optional[SignIn]:
    """Return what verifies sign-ins, as the settings say; None if there is none.

    Raises:
        SettingError: if only a part is set, or keys cannot be where it says.
    """
    needed = {
        "LOTSEN_SIGN_IN_ISSUER": settings.sign_in_issuer,
        "LOTSEN_SIGN_IN_AUDIENCE": settings.sign_in_audience,
        "LOTSEN_SIGN_IN_KEYS": settings.sign_in_keys,
    }
    if not any(needed.values()):
        return None
    for name, value in needed.items():
        if not value:
            raise SettingError(f"{name} is not set; a sign-in needs {', '.join(needed)}.")
    where = _place(settings.sign_in_keys)
    return SignIn(
        settings.sign_in_issuer, settings.sign_in_audience, where, settings.sign_in_name, settings.sign_in_unit
    )


def _place(keys: str) -> str:
    """Return the address or the whole path of the keys. Plain http is for this machine only."""
    try:
        address = urlsplit(keys)
        host, _ = address.hostname, address.port
    except ValueError as error:
        raise SettingError(f"LOTSEN_SIGN_IN_KEYS is '{keys}'; write an https address or a file.") from error
    if address.scheme not in ("http", "https"):
        path = ROOT / keys
        if not path.is_file():
            raise SettingError(f"LOTSEN_SIGN_IN_KEYS is '{keys}'; write an https address or a file.")
        return str(path)
    if address.username is not None or address.password is not None:
        raise SettingError("LOTSEN_SIGN_IN_KEYS has a user name or password; write an address without.")
    if not host:
        raise SettingError(f"LOTSEN_SIGN_IN_KEYS is '{keys}'; write https://host/path.")
    if address.scheme == "http" and host not in _LOOPBACK:
        raise SettingError("LOTSEN_SIGN_IN_KEYS is an http address; write an https one.")
    return keys


def _in_time(where: str, timeout: float) -> bytes:
    """Return what is at an address or in a file, or raise ``KeysUnavailable`` after so many seconds.

    A socket's own time-out begins again with each byte, and does not hold for the look-up of a name.
    """
    done: concurrent.futures.Future[bytes] = concurrent.futures.Future()

    def run() -> None:
        try:
            done.set_result(_fetch(where, timeout))
        except Exception as error:
            done.set_exception(error)

    threading.Thread(target=run, name="sign-in-keys", daemon=True).start()
    try:
        return done.result(timeout)
    except concurrent.futures.TimeoutError as error:
        raise KeysUnavailable(f"{where}: no answer in {timeout:g} s") from error


def _fetch(where: str, timeout: float) -> bytes:
    """Return what is at an address or in a file. Proxies of the environment are not asked."""
    end = time.monotonic() + timeout
    body = b""
    try:
        if urlsplit(where).scheme not in ("http", "https"):
            with Path(where).open("rb") as file:
                body = file.read(MAX_KEYS + 1)
        else:
            opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
            with opener.open(where, timeout=timeout) as answer:
                while len(body) <= MAX_KEYS and time.monotonic() < end:
                    part = answer.read1(MAX_KEYS + 1 - len(body))
                    if not part:
                        break
                    body += part
    except urllib.error.HTTPError as error:
        error.close()
        raise KeysUnavailable(f"{where}: {error.code}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = error if isinstance(error, OSError) else type(error).__name__
        raise KeysUnavailable(f"{where}: {reason}") from error
    if len(body) > MAX_KEYS:
        raise KeysUnavailable(f"{where}: more than {MAX_KEYS} bytes")
    return body


def _read_keys(body: bytes) -> Dict[Optional[str], jwt.PyJWK]:
    """Return the keys for signatures in a JWKS, by id; those of an unknown kind are passed over."""
    try:
        written = json.loads(body)["keys"]
        keys: Dict[Optional[str], jwt.PyJWK] = {}
        for one in written:
            if one.get("kty") not in ("RSA", "EC") or one.get("use", "sig") != "sig":
                continue
            try:
                keys[one.get("kid")] = jwt.PyJWK(one)
            except (jwt.PyJWTError, ValueError, TypeError, KeyError):
                logger.warning("A key of the sign-in cannot be read and is passed over.")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KeysUnavailable("the list of keys cannot be read") from error
    return keys
