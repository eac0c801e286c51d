"""Teams conversations: where answers go (conversation references), and how far each has been told.

A reply is a message of the chat log that is not told yet, so it outlives a restart. One process at a time tells a
conversation, in order. No name, address or text of a user is kept here.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from dataclasses import dataclass
from typing import Any, Callable, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from lotsen.channels.teams.activity import Account, sender_key
from lotsen.storage.database import create_tables

LEASE_SECONDS = 60.0
"""A process that tells a conversation and has died is followed by another after so long."""
AT_ONCE = 0.0
"""When what is stored is due: before all else, and at no time that a lease ends at."""

_metadata = sa.MetaData()
_references = sa.Table(
    "teams_conversations",
    _metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("tenant", sa.String(40), nullable=False),
    sa.Column("service", sa.String(500), nullable=False),
    sa.Column("teams_conversation", sa.String(500), nullable=False),
    sa.Column("user", sa.String(500), nullable=False),
    sa.Column("bot", sa.String(500), nullable=False),
    sa.Column("gone", sa.Boolean, nullable=False),
    sa.Column("told", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("due", sa.Float, index=True),
    sa.Column("leased", sa.Float, nullable=False),
    sa.Column("holder", sa.String(32)),
)
_MINE = _references.c.conversation == sa.bindparam("of")


@dataclass(frozen=True)
class Reference:
    """A conversation in Teams, and the number of the last message of the log that it has been told."""

    conversation: str
    tenant: str
    service: str
    teams_conversation: str
    user: str
    bot: str
    gone: bool
    """The user has taken the app away: nothing can be told."""
    told: int
    tries: int
    holder: Optional[str] = None
    """Who tells it now: a name that each lease has of its own."""


class References:
    """All Teams conversations."""

    def __init__(self, engine: Engine, keys: Sequence[str], clock: Callable[[], float] = time.time) -> None:
        """Use ``engine``; conversations are named with the first of ``keys``, and known by those before it too."""
        self._engine, self._keys, self._clock = engine, keys, clock
        create_tables(engine, _metadata)

    def name(self, account: Account) -> str:
        """Return the Rasa sender id of a conversation: an HMAC of tenant, conversation and user.

        With a new key, who has written before keeps the name that an older key gave.
        """
        names = [_name(key, account) for key in self._keys]
        return next((name for name in names[1:] if self.get(name) is not None), names[0])

    def met(self, conversation: str, account: Account) -> bool:
        """Note where a conversation is held now; tell whether it is new, or back after the app was taken away."""
        values = {
            "tenant": account.tenant,
            "service": account.service,
            "teams_conversation": account.conversation,
            "user": account.user,
            "bot": account.bot,
            "gone": False,
        }
        known = self.get(conversation)
        if known is not None and all(getattr(known, name) == value for name, value in values.items()):
            return False
        first = {"conversation": conversation, "told": 0, "tries": 0, "leased": 0.0}
        try:
            with self._engine.begin() as connection:
                if known is None:
                    connection.execute(_references.insert().values(**first, **values))
                    return True
                same = _MINE & (_references.c.gone == known.gone)  # Of two processes that see them back, one says so.
                update = _references.update().where(same).values(**values)
                return bool(connection.execute(update, {"of": conversation}).rowcount) and known.gone
        except IntegrityError:
            return False  # Another process has just met them.

    def left(self, conversation: str) -> None:
        """Note that the user has taken the app away, or that Teams does not let us write."""
        self._change(_MINE, conversation, gone=True, due=None)

    def get(self, conversation: str) -> Optional[Reference]:
        """Return a conversation; None if it is not known."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(_references).where(_MINE), {"of": conversation}).first()
        return _reference(row) if row is not None else None

    def pending(self, connection: Connection, conversation: str) -> None:
        """Note in the transaction that stores a message that there is something to be told."""
        mark_due(connection, conversation)

    def due(self) -> List[str]:
        """Return the conversations that are to be told something now, and that nobody tells."""
        now = self._clock()
        free = (_references.c.due <= now) & (_references.c.leased <= now)
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(_references.c.conversation).where(free)).scalars())

    def take(self, conversation: str) -> Optional[Reference]:
        """Return a conversation to be told by the caller alone, for the length of a lease.

        None if nothing is due in it, or somebody else tells it. It is due again when the lease ends, unless it is
        released; what is stored meanwhile makes it due at once.
        """
        now = self._clock()
        free = _MINE & (_references.c.leased <= now) & (_references.c.due <= now)
        until, holder = now + LEASE_SECONDS, uuid.uuid4().hex
        with self._engine.begin() as connection:
            update = _references.update().where(free).values(leased=until, due=until, holder=holder)
            if not connection.execute(update, {"of": conversation}).rowcount:
                return None
            row = connection.execute(sa.select(_references).where(_MINE), {"of": conversation}).one()
        return _reference(row)

    def keep(self, taken: Reference) -> bool:
        """Prolong the lease; False if it ran out and somebody else has taken the conversation."""
        until = self._clock() + LEASE_SECONDS
        marks = sa.case((_references.c.due == _references.c.leased, until), else_=_references.c.due)
        return self._change(_held(taken), taken.conversation, leased=until, due=marks)

    def told(self, conversation: str, number: int) -> None:
        """Note that the messages up to ``number`` have been told, or are given up."""
        self._change(_MINE & (_references.c.told < number), conversation, told=number, tries=0)

    def release(self, taken: Reference) -> None:
        """Let go of a conversation that has been told all; it stays due if something was stored meanwhile."""
        nothing = sa.case((_references.c.due == _references.c.leased, sa.null()), else_=_references.c.due)
        self._change(_held(taken), taken.conversation, leased=0.0, due=nothing, holder=None)

    def put_off(self, taken: Reference, tries: int, seconds: float) -> None:
        """Let go of a conversation that cannot be told now, until so many seconds have passed."""
        due = self._clock() + seconds
        self._change(_held(taken), taken.conversation, leased=0.0, tries=tries, due=due, holder=None)

    def _change(self, where: Any, conversation: str, **values: Any) -> bool:
        """Change a conversation; tell whether it was as it should be for that."""
        with self._engine.begin() as connection:
            update = _references.update().where(where).values(**values)
            return bool(connection.execute(update, {"of": conversation}).rowcount)


def mark_due(connection: Connection, conversation: str) -> None:
    """Note in the transaction that stores a message that there is something to be told; also for other processes.

    A time that a failure has put the telling off to is kept.
    """
    waits = _MINE & (_references.c.due.is_(None) | (_references.c.due == _references.c.leased))
    connection.execute(_references.update().where(waits).values(due=AT_ONCE), {"of": conversation})


def _held(taken: Reference) -> Any:
    """Return what is true of a conversation while its lease is the caller's."""
    return _MINE & (_references.c.holder == taken.holder)


def _name(key: str, account: Account) -> str:
    """Return a conversation's name under one key. The parts' lengths are in it: no two conversations read alike."""
    parts = sender_key(account)
    written = "teams:" + "".join(f"{len(part)}:{part}" for part in parts)
    return f"teams-{hmac.new(key.encode(), written.encode(), hashlib.sha256).hexdigest()[:32]}"


def _reference(row: Any) -> Reference:
    return Reference(
        row.conversation, row.tenant, row.service, row.teams_conversation, row.user, row.bot, row.gone,
        row.told, row.tries, row.holder,
    )  # fmt: skip
