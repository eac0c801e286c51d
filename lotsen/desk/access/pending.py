"""Sign-ins that have begun: sent to the identity provider, not yet back. Each ends once, in the browser it began in."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Callable, Optional

import sqlalchemy as sa
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy.engine import Engine

from lotsen.clock import utc_now
from lotsen.storage.database import UtcDateTime, create_tables

LASTS = timedelta(minutes=10)

_metadata = sa.MetaData()
_sign_ins = sa.Table(
    "desk_sign_ins",
    _metadata,
    sa.Column("state", sa.String(64), primary_key=True),
    sa.Column("browser", sa.String(64), nullable=False),
    sa.Column("verifier", sa.String(64), nullable=False),
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("next", sa.Text, nullable=False),
    sa.Column("expires", UtcDateTime, nullable=False, index=True),
)


@dataclass(frozen=True)
class Begun:
    """A sign-in under way. ``state`` comes back with the code; ``verifier`` proves that we began it."""

    state: str
    verifier: str
    nonce: str
    next: str
    """The page to go to afterwards."""

    @property
    def challenge(self) -> str:
        """Return what the provider is told of the verifier (PKCE, S256)."""
        return str(create_s256_code_challenge(self.verifier))


class SignIns:
    """All sign-ins under way, for every process of the desk. Of states and browsers only hashes are kept."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine, self._clock = engine, clock
        create_tables(engine, _metadata)

    def begin(self, browser: str, next: str) -> Begun:
        """Begin one in the browser that has this cookie."""
        state, verifier, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        begun, now = Begun(state, verifier, nonce, next), self._clock()
        with self._engine.begin() as connection:
            connection.execute(_sign_ins.delete().where(_sign_ins.c.expires <= now))
            connection.execute(
                _sign_ins.insert().values(
                    state=_hash(begun.state),
                    browser=_hash(browser),
                    verifier=begun.verifier,
                    nonce=begun.nonce,
                    next=next,
                    expires=now + LASTS,
                )
            )
        return begun

    def take(self, state: str, browser: str) -> Optional[Begun]:
        """Return the sign-in with a state, and end it; None if this browser has none, or it is over.

        A state that was seen elsewhere ends nothing: whoever began it can still come back.
        """
        mine = (_sign_ins.c.state == _hash(state)) & (_sign_ins.c.browser == _hash(browser))
        with self._engine.begin() as connection:
            row = connection.execute(sa.select(_sign_ins).where(mine & (_sign_ins.c.expires > self._clock()))).first()
        if row is None:
            return None
        with self._engine.begin() as connection:
            if connection.execute(_sign_ins.delete().where(mine)).rowcount != 1:
                return None  # The same answer came twice at the same moment.
        return Begun(state, row.verifier, row.nonce, row.next)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
