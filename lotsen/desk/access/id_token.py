"""The token in which an identity provider says who has signed in: believed only if everything about it is right."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Callable, Dict, Optional

from joserfc import jwt
from joserfc.errors import JoseError

from lotsen.desk.access.provider import ALGORITHMS, Provider

LEEWAY_SECONDS = 60
"""Clocks may differ by so much."""
MAX_TOKEN = 20_000
"""Characters; somebody in hundreds of groups has one of a few thousand."""
MAX_SUBJECT = 255


class BadToken(Exception):
    """The token is not believed; the reason says what about it is wrong, and nothing that is in it."""


def verify(
    token: Any,
    access_token: Optional[str],
    provider: Provider,
    issuer: str,
    client_id: str,
    nonce: str,
    clock: Callable[[], float] = time.time,
) -> Dict[str, Any]:
    """Return the claims of an ID token (OpenID Connect Core 3.1.3.7).

    Raises:
        BadToken: if it is not for us, not for this sign-in, not of this time, or not signed by the provider.
        Unreachable: if the provider's keys cannot be had.
    """
    if not isinstance(token, str) or len(token) > MAX_TOKEN:
        raise BadToken("there is none, or it is too long")
    claims = _signed_claims(token, provider)
    if claims.get("iss") != issuer:
        raise BadToken("iss")
    _check_audience(claims, client_id)
    _check_times(claims, clock())
    said, subject = claims.get("nonce"), claims.get("sub")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise BadToken("nonce")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise BadToken("sub")
    if "at_hash" in claims and not _is_hash_of(claims["at_hash"], access_token):
        raise BadToken("at_hash")
    return claims


def _signed_claims(token: str, provider: Provider) -> Dict[str, Any]:
    """Return what is signed with a key of the provider's."""
    header = _header(token)
    algorithm, id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise BadToken("alg")
    if (id is not None and not isinstance(id, str)) or "crit" in header:
        raise BadToken("header")
    key = provider.key(id, algorithm)
    if key is None:
        raise BadToken("no key of the provider's fits")
    try:
        read = jwt.decode(token, key.key, algorithms=[algorithm])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadToken("signature") from error
    if not isinstance(read.claims, dict):
        raise BadToken("no claims")
    return read.claims


def _header(token: str) -> Dict[str, Any]:
    """Return what a token says of itself. It is only used to find a key, and an algorithm of ours."""
    first = token.partition(".")[0]
    try:
        header = json.loads(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (ValueError, RecursionError) as error:
        raise BadToken("it cannot be read") from error
    if not isinstance(header, dict):
        raise BadToken("it cannot be read")
    return header


def _check_audience(claims: Dict[str, Any], client_id: str) -> None:
    """Make sure that the token is for us, and that nobody else asked for it."""
    audience, party = claims.get("aud"), claims.get("azp")
    several = audience if isinstance(audience, list) else [audience]
    if client_id not in several:
        raise BadToken("aud")
    if (party is not None or len(several) > 1) and party != client_id:
        raise BadToken("azp")


def _check_times(claims: Dict[str, Any], now: float) -> None:
    """Make sure that the token counts now."""
    times = {name: claims.get(name) for name in ("exp", "iat", "nbf")}
    for name, value in times.items():
        there = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not there and not (name == "nbf" and value is None):
            raise BadToken(name)
    if now >= times["exp"] + LEEWAY_SECONDS:  # type: ignore[operator]  # Numbers, as was just looked at.
        raise BadToken("exp")
    if any(times[name] is not None and times[name] > now + LEEWAY_SECONDS for name in ("iat", "nbf")):  # type: ignore[operator]
        raise BadToken("iat or nbf")


def _is_hash_of(said: Any, access_token: Optional[str]) -> bool:
    """Tell whether ``at_hash`` is that of the access token. All algorithms of ours have SHA-256."""
    if not isinstance(said, str) or access_token is None:
        return False
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return hmac.compare_digest(said.encode(), urlsafe_b64encode(half).rstrip(b"="))
