"""Rasa's lock of a conversation, in Redis: taken and given back in one step each, with the lease of a turn.

Named in ``endpoints.yml`` when ``LOTSEN_REDIS_URL`` is set. The lock is the second belt. The first is the table of
turns (``lotsen/channels/chat/turns.py``), which keeps the order of a conversation over all processes in the database
that has to be there anyway. So when Redis cannot be asked, turns go on by that order alone, and the log says so: a
Redis that is down, slow or started anew costs no user an answer.

A lock whose process has died is free when its turn counts as lost: whoever is told that can go on at once.

Rasa's own Redis locks are read, changed and written back in three steps, polled each second, and hang with the network.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import secrets
import time
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Optional, Set

import redis
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import AuthenticationError, RedisError

from lotsen.channels.chat.turns import LEASE_SECONDS
from lotsen.channels.turn import LIMIT_SECONDS
from lotsen.observability import metrics
from lotsen.settings import Settings

PREFIX = "lotsen:lock:"
"""All keys begin so; what follows is a hash, so that Redis holds no name of a conversation."""
RENEW_PART = 1 / 3
"""After this part of its lease a lock is renewed while its holder lives; a full event loop may be late."""
WAIT_SECONDS = LIMIT_SECONDS + 10.0
"""Who has not got the lock after so long gives up: its holder lives, and is stuck."""
FIRST_LOOK_SECONDS, LONGEST_LOOK_SECONDS = 0.005, 0.05
"""How often one who waits looks whether the lock is free: at once, then less often."""
CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 1.0
"""How long Redis may take."""
PAUSE_SECONDS = 2.0
"""After a failure Redis is not asked for so long: else each turn would wait for a Redis that is out of reach."""
RELEASE_AGAIN_SECONDS = 0.5
"""How often it is tried again to give a lock back."""
HEALTH_SECONDS = 30
"""A connection that has rested for so long is tried before it is used."""
CONNECTIONS = 20
"""Connections of one process; each is needed for a thousandth of a second, once or twice in a turn."""

_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"
_RENEW = (
    "local there = redis.call('get', KEYS[1]) "
    "if there == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end "
    "if there then return 0 end "
    "redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1"
)
"""A lock that is gone, as Redis was started anew, is taken again unless somebody else has it."""
_FAULTS = (RedisError, OSError, asyncio.TimeoutError)

logger = logging.getLogger(__name__)


class NoRedis(Exception):
    """Redis cannot be used; the message says why and what to do, without the password."""


class LotsenRedisLockStore(LockStore):
    """One key for each conversation that is at work, with the token of who works in it."""

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, url: Optional[str] = None) -> None:
        """Use the Redis of ``LOTSEN_REDIS_URL``, or of ``url``; connects when the first lock is taken.

        Raises:
            NoRedis: if the URL cannot be read.
        """
        self._redis = _open(url if url is not None else Settings.read().redis_url)
        self._rests_until, self._down = 0.0, False
        self._giving_back: Set["asyncio.Task[None]"] = set()
        super().__init__()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LEASE_SECONDS,
        wait_time_in_seconds: float = WAIT_SECONDS,
    ) -> AsyncIterator[TicketLock]:
        """Have the conversation's lock, or go on without if Redis cannot be asked.

        ``lock_lifetime``: the lease; ``wait_time_in_seconds``: how long to wait for somebody else.

        Raises:
            LockError: if somebody else has it for too long.
        """
        key, token = key_of(conversation_id), secrets.token_hex(16)
        over, renewing = asyncio.Event(), None
        try:
            if await self._take(key, token, lock_lifetime, wait_time_in_seconds):
                renewing = asyncio.get_event_loop().create_task(self._renew(key, token, lock_lifetime, over))
            yield TicketLock(conversation_id)
        finally:
            over.set()
            if renewing is not None:  # Not cancelled: what it has just sent must not come after the release.
                await renewing
            # Also if it was not taken: Redis may have done what it was too slow to answer.
            if await self._ask(_RELEASE, key, token) is None:
                giving_back = asyncio.get_event_loop().create_task(self._release_later(key, token, lock_lifetime))
                self._giving_back.add(giving_back)
                giving_back.add_done_callback(self._giving_back.discard)

    async def close(self) -> None:
        """Let go of the connections."""
        for giving_back in self._giving_back:
            giving_back.cancel()
        await self._redis.close()
        await self._redis.connection_pool.disconnect()

    async def _release_later(self, key: str, token: str, lease: float) -> None:
        """Give the lock back when Redis can be asked: it may hold it, and the next turn would wait for its lease."""
        until = time.monotonic() + lease
        while time.monotonic() < until:
            await asyncio.sleep(RELEASE_AGAIN_SECONDS)
            if await self._ask(_RELEASE, key, token) is not None:
                return

    async def _take(self, key: str, token: str, lease: float, patience: float) -> bool:
        """Return when the lock is taken (True), or Redis cannot be asked (False)."""
        began, look = time.monotonic(), FIRST_LOOK_SECONDS
        while True:
            taken = await self._set(key, token, lease)
            if taken is not False:
                metrics.lock_waited(time.monotonic() - began)
                return taken is True
            if time.monotonic() >= began + patience:
                raise LockError(f"Somebody else has had the lock of a conversation for {patience:.0f} seconds.")
            await asyncio.sleep(look)
            look = min(2 * look, LONGEST_LOOK_SECONDS)

    async def _set(self, key: str, token: str, lease: float) -> Optional[bool]:
        """Take the lock if it is free; None if Redis cannot be asked."""
        if self._rests():
            return None
        try:
            done = await self._redis.set(key, token, nx=True, px=_milliseconds(lease))
        except _FAULTS as error:
            self._fail(error)
            return None
        self._well()
        return bool(done)

    async def _renew(self, key: str, token: str, lease: float, over: asyncio.Event) -> None:
        """Keep the lock until its holder's work is ``over``."""
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(over.wait(), lease * RENEW_PART)
            if over.is_set():
                return
            if await self._ask(_RENEW, key, token, _milliseconds(lease)) == 0:
                logger.error("The lock of a conversation was lost to another process; the table of turns keeps order.")

    async def _ask(self, script: str, key: str, *values: Any) -> Optional[int]:
        """Run a script on a key; None if Redis cannot be asked: the lease ends by itself."""
        if self._rests():
            return None
        try:
            return int(await self._redis.eval(script, 1, key, *values))
        except _FAULTS as error:
            self._fail(error)
            return None

    def _rests(self) -> bool:
        """Tell whether Redis has failed a moment ago."""
        return time.monotonic() < self._rests_until

    def _fail(self, error: BaseException) -> None:
        """Note that Redis could not be asked; logged once for each time that it is away."""
        self._rests_until = time.monotonic() + PAUSE_SECONDS
        metrics.redis_failed()
        if self._down:
            return
        self._down = True
        logger.error(
            "Redis cannot be asked (%s: %s). Turns go on without its locks, in the order that the database keeps.",
            type(error).__name__,
            error,
        )

    def _well(self) -> None:
        """Note that Redis answers."""
        if self._down:
            self._down = False
            logger.warning("Redis answers again.")


def key_of(conversation: str) -> str:
    """Return the key of a conversation's lock.

    >>> key_of("a")
    'lotsen:lock:27c35e6e9373877f29e562464e46497e'
    """
    return PREFIX + hashlib.blake2b(conversation.encode(), digest_size=16).hexdigest()


def check_redis(url: str) -> None:
    """Make sure that locks can be held in the Redis at ``url`` before anything starts.

    Raises:
        NoRedis: if it cannot be read, reached or written to.
    """
    key = PREFIX + "check-" + secrets.token_hex(8)
    try:
        client = redis.Redis.from_url(url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=CONNECT_SECONDS)
    except (ValueError, TypeError):
        raise _unreadable() from None
    with contextlib.closing(client):
        try:
            if not client.set(key, "token", nx=True, px=10_000) or client.eval(_RELEASE, 1, key, "token") != 1:
                raise NoRedis("LOTSEN_REDIS_URL: this Redis did not keep a lock. Is it a replica that is only read?")
        except AuthenticationError as error:
            raise NoRedis(f"LOTSEN_REDIS_URL: Redis does not accept the user or the password ({error}).") from error
        except (RedisError, OSError) as error:
            raise NoRedis(
                f"LOTSEN_REDIS_URL: Redis cannot be used ({error}). Is it running, and may we call it?"
            ) from error
        except (ValueError, TypeError):  # What the query of the URL says is read at the first connection.
            raise _unreadable() from None


def _open(url: str) -> "Redis[Any]":
    """Return a client that is not connected yet.

    Raises:
        NoRedis: if the URL cannot be read.
    """
    if not url:
        raise NoRedis("endpoints.yml names locks in Redis, but LOTSEN_REDIS_URL is empty.")
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=ANSWER_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_keepalive=True,
            health_check_interval=HEALTH_SECONDS,
        )
    except (ValueError, TypeError):
        raise _unreadable() from None
    return Redis(connection_pool=pool)


def _unreadable() -> NoRedis:
    """Return the error for a URL. What Python says of it may hold a part of the password, so that is not told."""
    return NoRedis(
        "LOTSEN_REDIS_URL cannot be read. Write redis://:password@host:6379/0, or rediss:// for TLS, "
        "with special characters of the password as %2F for / and so on."
    )


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
