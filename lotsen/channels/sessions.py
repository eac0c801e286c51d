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
from pathlib import Path

import jwt

LIFETIME_SECONDS = 7 * 24 * 3600
ALGORITHM = "HS256"
KEY_LENGTH = 48


class InvalidToken(Exception):
    """The token is not ours, or is too old."""


class Sessions:
    """Makes and reads session tokens (JSON Web Tokens) under one key."""

    def __init__(self, key: str) -> None:
        """Sign with ``key``, a long random text."""
        self._key = key

    def issue(self) -> str:
        """Return a token for a new conversation."""
        now = int(time.time())
        claims = {"sid": secrets.token_urlsafe(24), "iat": now, "exp": now + LIFETIME_SECONDS}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def conversation(self, token: str) -> str:
        """Return the sender id that belongs to ``token``.

        Raises:
            InvalidToken: if it was not signed with our key, or has expired.
        """
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM], options={"require": ["exp", "sid"]})
        except (jwt.InvalidTokenError, ValueError) as error:  # ValueError: bytes that are no text at all.
            raise InvalidToken(type(error).__name__) from error
        digest = hmac.new(self._key.encode(), f"conversation:{claims['sid']}".encode(), hashlib.sha256)
        return f"web-{digest.hexdigest()[:32]}"


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
