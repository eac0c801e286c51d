"""Codes to go on with: a guide tells people to close the browser, restart the computer, try another one.

The chat is kept by a token in the browser's tab, as hospital computers are shared, so it is gone then. A short code,
written into a new chat, leads back to the conversation. Only a hash of it is stored, and it does not last.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from typing import Callable, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.storage.database import create_tables, insert_if_new
from lotsen.storage.limits import MINUTE, Counted, Limit, Limits

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what is mistaken for something else: 0 and O, 1, I and L, U and V."""
HALF = 4
DASHES = r"\-\u2010-\u2015\u2212"
"""A hyphen, and what keyboards and word processors make of one; to stand between the brackets of a pattern."""
LIFETIME_SECONDS = 3 * 24 * 3600
WRONG_PER_MINUTE = 30
"""So many wrong codes from everybody together in a minute, and no code is looked at in that minute: 30 to the power of
eight codes cannot be tried one by one at that pace."""
_WRONG: Counted = (Limit("resume-codes", WRONG_PER_MINUTE, MINUTE), "")

_CODE = re.compile(rf"[\s/]*([{ALPHABET}]{{{HALF}}})\s*[{DASHES}]\s*([{ALPHABET}]{{{HALF}}})\s*[.!]?\s*", re.IGNORECASE)
_metadata = sa.MetaData()
_codes = sa.Table(
    "resume_codes",
    _metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False, index=True),
    sa.Column("expires", sa.Float, nullable=False),
)


class ResumeCodes:
    """At most one code for each conversation; a new one replaces it."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        """Use ``engine``; makes the table if it is not there."""
        self._engine, self._clock = engine, clock
        self._limits = Limits(engine, clock)
        create_tables(engine, _metadata)

    def make(self, conversation: str) -> str:
        """Return a new code for the conversation.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: if it cannot be stored.
        """
        code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(HALF)) for _ in range(2))
        values = {"hash": _hash(code), "expires": self._clock() + LIFETIME_SECONDS}
        mine = _codes.c.conversation == conversation
        with self._engine.begin() as connection:
            connection.execute(_codes.delete().where(_codes.c.expires < self._clock()))
            if insert_if_new(connection, _codes, {"conversation": conversation, **values}) is None:
                connection.execute(_codes.update().where(mine).values(**values))
        return code

    def forget(self, conversation: str) -> None:
        """Delete the conversation's code, if it has one."""
        with self._engine.begin() as connection:
            connection.execute(_codes.delete().where(_codes.c.conversation == conversation))

    def conversation(self, code: str) -> Optional[str]:
        """Return the conversation that a code (see ``code_in``) leads to; None if there is none, or too many guess."""
        if not self._limits.room([_WRONG]):
            return None
        fits = (_codes.c.hash == _hash(code)) & (_codes.c.expires >= self._clock())
        with self._engine.connect() as connection:
            found = connection.execute(sa.select(_codes.c.conversation).where(fits)).scalar()
        if found is None:
            self._limits.count([_WRONG])
        return str(found) if found is not None else None


def code_in(text: str) -> Optional[str]:
    """Return the code that a message is, as it was made; None if it is anything else.

    >>> code_in(" k7qm-2xpd ")
    'K7QM-2XPD'
    """
    match = _CODE.fullmatch(text)
    return f"{match[1]}-{match[2]}".upper() if match is not None else None


def _hash(code: str) -> str:
    """Return what is stored of a code."""
    return hashlib.sha256(code.encode()).hexdigest()
