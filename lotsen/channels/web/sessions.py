"""Chat sessions: a signed token that the server makes, and the conversation that belongs to it.

The browser cannot choose its conversation: the Rasa sender id is derived from the token's random part with the
server's key, so neither can be guessed from the other. A token lives for a day and is replaced by a fresh one while it
is used, so that one that got lost soon opens nothing. A day is more than the 20 hours from which WCAG 2.2.1 asks for
no warning.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Dict, Optional, Sequence, Tuple

import jwt

TOKEN_SECONDS = 24 * 3600
"""How long one token counts."""
RENEW_SECONDS = 3600
"""A token older than this is replaced when it is used."""
SESSION_SECONDS = 7 * 24 * 3600
"""How long a session can be kept up with fresh tokens: a guide may wait for some days."""
ALGORITHM = "HS256"
_OPTIONS: Any = {"require": ["exp", "iat", "sid"], "verify_iat": False}
"""A token made by a server whose clock is a little ahead counts: its age only says when to renew it."""
MAX_READ = 1000
"""Tokens whose signature was found good and need not be checked at each request; only good ones are remembered."""


class InvalidToken(Exception):
    """The token is not ours, or is too old."""


@dataclass(frozen=True)
class Session:
    """What a token says. Times are seconds since 1970."""

    conversation: str
    issued: float
    began: float
    expires: float


class Sessions:
    """Makes and reads session tokens (JSON Web Tokens)."""

    def __init__(self, key: str, before: Sequence[str] = ()) -> None:
        """Sign with ``key``, a long random text; tokens signed with a key that was in use ``before`` are still read."""
        self._keys = (key, *before)
        self._read: OrderedDict[str, Session] = OrderedDict()

    def issue(self, conversation: str = "", began: Optional[float] = None) -> str:
        """Return a token for a new conversation, or for one that its user has shown to be theirs.

        ``began``: when the session began, if it goes on.
        """
        now = int(time.time())
        start = now if began is None else int(began)
        claims: Dict[str, Any] = {
            "sid": secrets.token_urlsafe(24),
            "iat": now,
            "began": start,
            "exp": min(now + TOKEN_SECONDS, start + SESSION_SECONDS),
        }
        return jwt.encode(
            {**claims, "of": conversation} if conversation else claims, self._keys[0], algorithm=ALGORITHM
        )

    def read(self, token: str) -> Session:
        """Return what ``token`` says.

        Raises:
            InvalidToken: if it was not signed with a key of ours, or has expired.
        """
        session = self._read.get(token)
        if session is None:
            session = self._read[token] = self._decode(token)
            if len(self._read) > MAX_READ:
                self._read.popitem(last=False)
        if session.expires <= time.time():
            raise InvalidToken("ExpiredSignatureError")
        return session

    def renewed(self, session: Session) -> Optional[str]:
        """Return a fresh token in place of one that has been used for a while; None if that is not needed yet."""
        if time.time() - session.issued < RENEW_SECONDS:
            return None
        return self.issue(session.conversation, session.began)

    def _decode(self, token: str) -> Session:
        """Check the signature."""
        claims, key = self._verified(token)
        issued, expires = float(claims["iat"]), float(claims["exp"])
        conversation = str(claims["of"]) if "of" in claims else _sender_id(key, str(claims["sid"]))
        return Session(conversation, issued, float(claims.get("began", issued)), expires)

    def _verified(self, token: str) -> Tuple[Dict[str, Any], str]:
        """Return the claims, and the key that signed them."""
        reason: Exception = InvalidToken("no key")
        for key in self._keys:
            try:
                claims = jwt.decode(token, key, algorithms=[ALGORITHM], options=_OPTIONS)
                return claims, key
            except (jwt.InvalidTokenError, ValueError) as error:  # ValueError: bytes that are no text at all.
                reason = error
        raise InvalidToken(type(reason).__name__) from reason


def _sender_id(key: str, random_part: str) -> str:
    """Return the conversation of a token that begins one."""
    digest = hmac.new(key.encode(), f"conversation:{random_part}".encode(), hashlib.sha256)
    return f"web-{digest.hexdigest()[:32]}"
