"""The reserve account: one account of the desk's own, for the day when nobody can sign in otherwise.

Its password is made here, shown once and kept as a hash (argon2id). It has every role. What is done with it stands in
the audit log under its own name. Whether it is on cannot be told from outside: the answer and its time are the same.
"""

from __future__ import annotations

import secrets
import threading
from datetime import datetime
from typing import Callable, Optional

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.engine import Engine

from lotsen.channels.resume import ALPHABET
from lotsen.clock import utc_now
from lotsen.desk.access.guesses import Guesses
from lotsen.desk.who import Role, Who
from lotsen.storage.database import UtcDateTime, create_tables, insert_if_new

RESERVE = Who("local:reserve", "Reservkonto", frozenset(Role))
GROUPS, LETTERS = 4, 5
"""Twenty letters of an alphabet of thirty: 98 bits."""
MAX_WRITTEN = 200
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$6tUEN78zuTczTJpvKdsPUA$r3L6KcXHgIWoiMcj6LO9nzwbXXeH0I43d9Cxxruu9bU"
"""The hash of a password that was thrown away: looked at where there is none, so that it takes as long."""

_metadata = sa.MetaData()
_accounts = sa.Table(
    "desk_local",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("made", UtcDateTime, nullable=False),
)
_ID = 1


class Reserve:
    """The account as a way into the desk."""

    way = "local"

    def __init__(self, engine: Engine, on: bool, guesses: Guesses, hasher: Optional[PasswordHasher] = None) -> None:
        """Use ``engine``; makes the table if it is not there. With ``on`` false no password is right."""
        self._engine, self._on, self._guesses = engine, on, guesses
        self._hasher, self._one = hasher or PasswordHasher(), threading.Lock()
        create_tables(engine, _metadata)

    def attempt(self, written: str, address: str) -> Optional[str]:
        """Return a mark of the password if what somebody at an address wrote is it; None if not.

        Raises:
            MustWait: if there were too many wrong attempts just now; nothing is looked at then.
        """
        self._guesses.attempt(address)
        kept = self._kept()
        with self._one:  # It takes much memory on purpose; many at once would take all.
            right = self._is_right(kept or NOBODY, written) and kept is not None and self._on
        if right:
            self._guesses.right(address)
        return kept if right else None

    def holds(self, mark: str) -> bool:
        """Tell whether the password with a mark is still the account's; a new one may have been made meanwhile."""
        return self._kept() == mark

    def _kept(self) -> Optional[str]:
        with self._engine.connect() as connection:
            return connection.execute(sa.select(_accounts.c.hash).where(_accounts.c.id == _ID)).scalar()

    def _is_right(self, kept: str, written: str) -> bool:
        try:
            return self._hasher.verify(kept, plain(written[:MAX_WRITTEN]))
        except (VerificationError, InvalidHashError):
            return False


def ensure_password(engine: Engine, clock: Callable[[], datetime] = utc_now) -> Optional[str]:
    """Make the account if it is not there, and return its password; None if there is one already.

    Nobody can be told the password again: ``lotsen triage password`` makes a new one.
    """
    create_tables(engine, _metadata)
    with engine.connect() as connection:
        if connection.execute(sa.select(_accounts.c.id).where(_accounts.c.id == _ID)).first() is not None:
            return None
    password = make_password()
    values = {"id": _ID, "hash": PasswordHasher().hash(plain(password)), "made": clock()}
    with engine.begin() as connection:
        return password if insert_if_new(connection, _accounts, values) is not None else None


def new_password(engine: Engine, clock: Callable[[], datetime] = utc_now) -> str:
    """Give the account a new password, and return it. The old one opens nothing from now on.

    Who calls ends the account's sessions afterwards.
    """
    create_tables(engine, _metadata)
    password = make_password()
    values = {"hash": PasswordHasher().hash(plain(password)), "made": clock()}
    with engine.begin() as connection:
        if insert_if_new(connection, _accounts, {"id": _ID, **values}) is None:
            connection.execute(_accounts.update().where(_accounts.c.id == _ID).values(**values))
    return password


def make_password() -> str:
    """Return a new password: groups of letters and digits that are not mistaken for each other."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))


def plain(written: str) -> str:
    """Return a password as it is hashed: without hyphens, spaces and case, which people type in many ways.

    >>> plain(" k7qmx-2xpdr ")
    'K7QMX2XPDR'
    """
    return "".join(letter for letter in written.upper() if letter.isalnum())
