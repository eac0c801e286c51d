"""The identity provider over HTTP: where it has what (discovery), its keys, and codes traded for tokens.

Nothing is fetched before somebody signs in. Time, size and the number of calls at once are limited, redirects are not
followed, and after a failure nothing is asked for some seconds: a provider that is down must not hold up the desk.
Proxies of the environment are used, and the certificates that the machine trusts.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional
from urllib.parse import quote_plus, urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from lotsen.desk.access.config import OidcConfig, safe_address

TIMEOUT_SECONDS, CONNECT_SECONDS = 10.0, 4.0
MAX_BYTES = 300_000
AT_ONCE = 6
"""Calls at the same time; each keeps one of the desk's threads."""
ROOM_SECONDS = 3.0
"""So long a call waits for the others."""
FRESH_SECONDS = 3600.0
OLDEST_SECONDS = 24 * 3600.0
"""So long what was fetched is used if it cannot be fetched anew."""
AGAIN_SECONDS = 60.0
"""For a key that is not there, new ones are asked for at most so often: bad tokens must not become requests."""
AFTER_FAILURE_SECONDS = 5.0
MIN_RSA_BITS = 2048
_OPTIONAL = ("userinfo_endpoint", "end_session_endpoint")
ALGORITHMS: Mapping[str, str] = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
"""What a token may be signed with, and the kind of key for it."""
Clock = Callable[[], float]


class Unreachable(Exception):
    """The provider does not answer, or not as it should. The reason holds nothing of what was sent."""


class NotTraded(Exception):
    """The provider answered, and gives no tokens for this code."""


@dataclass(frozen=True)
class Places:
    """Where the provider has what."""

    authorize: str
    token: str
    keys: str
    userinfo: Optional[str]
    end_session: Optional[str]
    by_form: bool
    """The client's secret goes into the form: it is not taken as HTTP Basic."""
    says_issuer: bool
    """It puts ``iss`` beside each code (RFC 9207)."""


@dataclass(frozen=True)
class Key:
    """A public key, and what it may be used for."""

    id: Optional[str]
    kind: str
    algorithm: Optional[str]
    key: Any


class Provider:
    """One identity provider, asked as one client. May be used by several threads."""

    def __init__(self, config: OidcConfig, clock: Clock = time.monotonic) -> None:
        """Ask ``config.issuer``."""
        self._config, self._clock = config, clock
        self._client = httpx.Client(
            timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS),
            verify=ssl.create_default_context(),
            headers={"Accept": "application/json"},
        )
        self._room, self._fetching = threading.BoundedSemaphore(AT_ONCE), threading.Lock()
        self._places: Optional[Places] = None
        self._keys: List[Key] = []
        self._read_at = self._keys_at = self._failed_at = float("-inf")

    def places(self) -> Places:
        """Return where the provider has what; old knowledge if there is no new.

        Raises:
            Unreachable: if it cannot be known.
        """
        with self._alone():
            if self._places is None or self._clock() - self._read_at >= FRESH_SECONDS:
                try:
                    self._places = self._discover()
                    self._read_at = self._clock()
                except Unreachable:
                    if self._places is None or self._clock() - self._read_at >= OLDEST_SECONDS:
                        raise
            return self._places

    def key(self, id: Optional[str], algorithm: str) -> Optional[Key]:
        """Return the key that a token says it is signed with; None if the provider has none, or it is not clear which.

        Raises:
            Unreachable: if there are no keys to look in.
        """
        places = self.places()
        with self._alone():
            age = self._clock() - self._keys_at
            if age >= FRESH_SECONDS or (self._find(id, algorithm) is None and age >= AGAIN_SECONDS):
                try:
                    self._keys = read_keys(self._get(places.keys))
                    self._keys_at = self._clock()
                except Unreachable:
                    if age >= OLDEST_SECONDS or self._find(id, algorithm) is None:
                        raise
            return self._find(id, algorithm)

    def trade(self, code: str, verifier: str, back: str) -> Dict[str, Any]:
        """Return the tokens for a code.

        Raises:
            NotTraded: if the provider says no.
            Unreachable: if it says nothing, or nothing that can be read.
        """
        places = self.places()
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": back}
        auth: Optional[httpx.BasicAuth] = None
        if places.by_form:
            form.update(client_id=self._config.client_id, client_secret=self._config.client_secret)
        else:  # RFC 6749, 2.3.1: both are written as in a form first.
            auth = httpx.BasicAuth(quote_plus(self._config.client_id), quote_plus(self._config.client_secret))
        status, body = self._call("POST", places.token, data=form, auth=auth)
        if status in (400, 401, 403):
            said = body.get("error") if isinstance(body, dict) else None
            raise NotTraded(said if isinstance(said, str) and said.isascii() and len(said) < 60 else str(status))
        if status != 200 or not isinstance(body, dict):
            raise Unreachable(f"the token endpoint answered {status}")
        return body

    def userinfo(self, access_token: str) -> Dict[str, Any]:
        """Return what the provider says of the user whose token it is; nothing if it has no such place.

        Raises:
            Unreachable: if it does not answer as it should.
        """
        place = self.places().userinfo
        if place is None:
            return {}
        found = self._get(place, {"Authorization": f"Bearer {access_token}"})
        return found if isinstance(found, dict) else {}

    def _discover(self) -> Places:
        said = self._get(f"{self._config.issuer.rstrip('/')}/.well-known/openid-configuration")
        if not isinstance(said, dict) or said.get("issuer") != self._config.issuer:
            raise Unreachable("its metadata is of another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not safe_address(said.get(name)):
                raise Unreachable(f"its metadata has no https address as {name}")
        ways = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        optional = {name: said[name] for name in _OPTIONAL if safe_address(said.get(name))}
        return Places(
            said["authorization_endpoint"],
            said["token_endpoint"],
            said["jwks_uri"],
            optional.get("userinfo_endpoint"),
            optional.get("end_session_endpoint"),
            "client_secret_basic" not in ways and "client_secret_post" in ways,
            said.get("authorization_response_iss_parameter_supported") is True,
        )

    def _find(self, id: Optional[str], algorithm: str) -> Optional[Key]:
        fitting = [
            key
            for key in self._keys
            if key.kind == ALGORITHMS[algorithm] and key.algorithm in (None, algorithm) and (not id or key.id == id)
        ]
        return fitting[0] if len(fitting) == 1 else None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one thread fetch what all need; the others do not wait for ever."""
        if not self._fetching.acquire(timeout=TIMEOUT_SECONDS):
            raise Unreachable("it has been asked already, and is slow")
        try:
            yield
        finally:
            self._fetching.release()

    def _get(self, url: str, headers: Optional[Mapping[str, str]] = None) -> Any:
        status, body = self._call("GET", url, headers=headers)
        if status != 200 or body is None:
            raise Unreachable(f"{urlsplit(url).path} answered {status} without JSON" if body is None else f"{status}")
        return body

    def _call(self, method: str, url: str, **sent: Any) -> tuple[int, Any]:
        """Return status and JSON of an answer, whatever they are."""
        if self._clock() - self._failed_at < AFTER_FAILURE_SECONDS:
            raise Unreachable("it failed a moment ago")
        if not self._room.acquire(timeout=ROOM_SECONDS):
            raise Unreachable("too many sign-ins wait for it")
        try:
            return self._read(method, url, sent)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            self._failed_at = self._clock()
            raise Unreachable(f"{urlsplit(url).hostname}: {type(error).__name__}") from error
        finally:
            self._room.release()

    def _read(self, method: str, url: str, sent: Mapping[str, Any]) -> tuple[int, Any]:
        until, content = time.monotonic() + TIMEOUT_SECONDS, b""
        with self._client.stream(method, url, follow_redirects=False, **sent) as answer:
            for part in answer.iter_bytes():
                content += part
                if len(content) > MAX_BYTES or time.monotonic() > until:
                    raise Unreachable("too long an answer")
        try:
            return answer.status_code, json.loads(content)
        except (ValueError, RecursionError):
            return answer.status_code, None


def read_keys(written: Any) -> List[Key]:
    """Return the public keys of a JWKS that may sign; weak ones and those that cannot be read are passed over.

    Raises:
        Unreachable: if it is no JWKS.
    """
    listed = written.get("keys") if isinstance(written, dict) else None
    if not isinstance(listed, list):
        raise Unreachable("its list of keys cannot be read")
    keys: List[Key] = []
    for one in listed:
        if not isinstance(one, dict) or one.get("use", "sig") != "sig":
            continue
        kind, id, algorithm = one.get("kty"), one.get("kid"), one.get("alg")
        public = {name: one[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in one}
        with contextlib.suppress(JoseError, ValueError, TypeError, KeyError):
            key = RSAKey.import_key(public) if kind == "RSA" else ECKey.import_key(public) if kind == "EC" else None
            weak = isinstance(key, RSAKey) and key.public_key.key_size < MIN_RSA_BITS
            other_curve = isinstance(key, ECKey) and public.get("crv") != "P-256"
            if key is not None and not weak and not other_curve:
                keys.append(Key(id if isinstance(id, str) else None, str(kind), algorithm, key))
    return keys
