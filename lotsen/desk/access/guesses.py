"""Limits on guessing a password. Kept in the database, so they hold over restarts and for all processes together.

An attempt is counted before the password is looked at, and forgotten if it was right: many attempts at the same moment
are not more than one after another. After some wrong ones each must wait twice as long as the one before. What has to
wait is not looked at and not counted, so waiting always ends by itself.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Callable, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.clock import utc_now
from lotsen.storage.database import UtcDateTime, create_tables, insert_if_new

FORGOTTEN = timedelta(days=1)
"""After so long without an attempt wrong ones count no more."""


@dataclass(frozen=True)
class Limit:
    """So many wrong attempts are free; then the wait doubles from a second, up to ``longest``."""

    free: int
    longest: timedelta

    def wait(self, wrong: int) -> timedelta:
        """Return how long to wait after so many wrong attempts.

        >>> Limit(5, timedelta(minutes=15)).wait(7).total_seconds()
        2.0
        """
        over = wrong - self.free
        return timedelta() if over <= 0 else min(timedelta(seconds=2 ** min(over - 1, 20)), self.longest)


PER_ADDRESS = Limit(5, timedelta(minutes=15))
PER_ACCOUNT = Limit(20, timedelta(seconds=30))
"""Milder, as it stops everybody: a guesser elsewhere must not keep the account's owner out for long."""

_metadata = sa.MetaData()
_guesses = sa.Table(
    "desk_guesses",
    _metadata,
    sa.Column("who", sa.String(80), primary_key=True),
    sa.Column("wrong", sa.Integer, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
    sa.Column("last", UtcDateTime, nullable=False, index=True),
)


class MustWait(Exception):
    """An attempt comes too soon after wrong ones."""

    def __init__(self, seconds: int) -> None:
        """Keep for how long."""
        super().__init__(f"{seconds} s")
        self.seconds = seconds


class Guesses:
    """Wrong attempts at one account, by account and by address. Addresses are kept as hashes only."""

    def __init__(self, engine: Engine, account: str, key: str, clock: Callable[[], datetime] = utc_now) -> None:
        """Count attempts at ``account``; ``key`` is the server's secret. Makes the table if it is not there."""
        self._engine, self._account, self._key, self._clock = engine, f"account:{account}", key, clock
        create_tables(engine, _metadata)

    def attempt(self, address: str) -> None:
        """Count an attempt from an address as wrong until ``right`` says otherwise.

        Raises:
            MustWait: if it comes too soon; it is not counted then.
        """
        now = self._clock()
        with self._engine.begin() as connection:
            connection.execute(_guesses.delete().where(_guesses.c.last <= now - FORGOTTEN))
            for who, limit in self._limits(address):
                mine = _guesses.c.who == who
                insert_if_new(connection, _guesses, {"who": who, "wrong": 0, "until": now, "last": now})
                more = {"wrong": _guesses.c.wrong + 1, "last": now}
                counted = connection.execute(_guesses.update().where(mine & (_guesses.c.until <= now)).values(**more))
                row = connection.execute(sa.select(_guesses).where(mine)).one()
                if counted.rowcount != 1:
                    raise MustWait(max(1, math.ceil((row.until - now).total_seconds())))
                until = now + limit.wait(row.wrong)
                connection.execute(_guesses.update().where(mine).values(until=until))

    def right(self, address: str) -> None:
        """Forget what was wrong: the attempt that was just counted was right."""
        names = [who for who, _ in self._limits(address)]
        with self._engine.begin() as connection:
            connection.execute(_guesses.delete().where(_guesses.c.who.in_(names)))

    def forget(self) -> None:
        """Forget all wrong attempts, as there is a new password."""
        with self._engine.begin() as connection:
            connection.execute(_guesses.delete())

    def _limits(self, address: str) -> Tuple[Tuple[str, Limit], ...]:
        """Return what is counted for an address, in the order in which rows are locked."""
        hashed = hmac.new(self._key.encode(), f"address:{network_of(address)}".encode(), hashlib.sha256).hexdigest()
        return (self._account, PER_ACCOUNT), (f"address:{hashed[:32]}", PER_ADDRESS)


def network_of(address: str) -> str:
    """Return what counts as one address: with IPv6 the network that one customer has.

    >>> network_of("2001:db8::1:2:3:4")
    '2001:db8::/64'
    """
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(read, ipaddress.IPv6Address):
        mapped = read.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((read.packed[:8] + bytes(8), 64)))
    return str(read)
