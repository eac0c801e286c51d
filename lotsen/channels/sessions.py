"""Chat sessions: a signed token that the server makes, and the conversation that belongs to it.

The browser cannot choose its conversation: the Rasa sender id is derived from the token's random part with the
server's key, so neither can be guessed from the other.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
import time
from collections import OrderedDict
from pathlib import Path
from typing import Tuple

import jwt

LIFETIME_SECONDS = 7 * 24 * 3600
ALGORITHM = "HS256"
KEY_LENGTH = 48
MAX_READ = 1000
"""Tokens whose signature was found good and need not be checked at each request; only good ones are remembered."""


class InvalidToken(Exception):
    """The token is not ours, or is too old."""


class Sessions:
    """Makes and reads session tokens (JSON Web Tokens) under one key."""

    def __init__(self, key: str) -> None:
        """Sign with ``key``, a long random text."""
        self._key = key
        self._read: OrderedDict[str, Tuple[str, float]] = OrderedDict()

    def issue(self, conversation: str = "") -> str:
        """Return a token for a new conversation, or for one that its user has shown to be theirs."""
        now = int(time.time())
        claims = {"sid": secrets.token_urlsafe(24), "iat": now, "exp": now + LIFETIME_SECONDS}
        return jwt.encode({**claims, "of": conversation} if conversation else claims, self._key, algorithm=ALGORITHM)

    def conversation(self, token: str) -> str:
        """Return the sender id that belongs to ``token``.

        Raises:
            InvalidToken: if it was not signed with our key, or has expired.
        """
        known = self._read.get(token)
        if known is None:
            known = self._read[token] = self._decode(token)
            if len(self._read) > MAX_READ:
                self._read.popitem(last=False)
        conversation, expires = known
        if expires <= time.time():
            raise InvalidToken("ExpiredSignatureError")
        return conversation

    def _decode(self, token: str) -> Tuple[str, float]:
        """Check the signature; return the sender id and when the token expires."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM], options={"require": ["exp", "sid"]})
        except (jwt.InvalidTokenError, ValueError) as error:  # ValueError: bytes that are no text at all.
            raise InvalidToken(type(error).__name__) from error
        if "of" in claims:
            return str(claims["of"]), float(claims["exp"])
        digest = hmac.new(self._key.encode(), f"conversation:{claims['sid']}".encode(), hashlib.sha256)
        return f"web-{digest.hexdigest()[:32]}", float(claims["exp"])


def read_or_make_key(configured: str, data_dir: Path) -> str:
    """Return the configured key, or the one kept in ``data_dir``, made on first use and readable by the owner only."""
    if configured:
        return configured
    path = data_dir / "secret"
    data_dir.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size < KEY_LENGTH:
        path.unlink()  # Not written to its end, because the disk was full.
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=data_dir, encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(KEY_LENGTH))
            file.flush()
            with contextlib.suppress(FileExistsError):  # Another process made one meanwhile; that one counts.
                os.link(file.name, path)
    return path.read_text(encoding="utf-8")
