"""Rasa's locks in Redis: one holder at a time, whatever happens to the holder or to Redis."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
import time
from contextlib import AsyncExitStack, closing
from typing import AsyncIterator, Iterator, List

import pytest
import pytest_asyncio
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from lotsen.channels.chat.turns import ALIVE_SECONDS, LEASE_SECONDS
from lotsen.settings import ROOT
from lotsen.storage import redis_locks
from lotsen.storage.redis_locks import LotsenRedisLockStore, NoRedis, check_redis, key_of
from tests.support.ports import free_port
from tests.support.redis import Redis

OF = "a conversation of åäö"


@pytest_asyncio.fixture
async def two(redis_server: Redis) -> AsyncIterator[List[LotsenRedisLockStore]]:
    """The stores of two servers on one Redis, which is empty."""
    with redis_server.client() as client:
        client.flushall()
    stores = [LotsenRedisLockStore(url=redis_server.url) for _ in range(2)]
    yield stores
    for store in stores:
        await store.close()


def keys(redis_server: Redis) -> List[str]:
    """What Redis holds."""
    with redis_server.client() as client:
        return [str(key) for key in client.scan_iter()]


def test_rasa_makes_it_from_endpoints(redis_server: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Rasa reads ``endpoints.yml``: by its class path, with nothing but the settings."""
    monkeypatch.setenv("LOTSEN_REDIS_URL", redis_server.url)
    made = LockStore.create(EndpointConfig(type="lotsen.storage.redis_locks.LotsenRedisLockStore"))
    assert isinstance(made, LotsenRedisLockStore)


@pytest.mark.asyncio
async def test_one_at_a_time(redis_server: Redis, two: List[LotsenRedisLockStore]) -> None:
    """Twenty turns of two servers in one conversation: never two at once, and Redis is empty afterwards (trap 17)."""
    inside, most, done = 0, 0, 0

    async def turn(store: LotsenRedisLockStore) -> None:
        nonlocal inside, most, done
        async with store.lock(OF):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.002)
            inside -= 1
            done += 1

    await asyncio.gather(*(turn(two[number % 2]) for number in range(20)))
    assert (most, done) == (1, 20)
    assert keys(redis_server) == []


@pytest.mark.asyncio
async def test_other_conversations_do_not_wait(two: List[LotsenRedisLockStore]) -> None:
    """Each has a lock of its own."""
    async with two[0].lock("a"), two[1].lock("b", wait_time_in_seconds=0):
        pass


@pytest.mark.asyncio
async def test_what_redis_holds(redis_server: Redis, two: List[LotsenRedisLockStore]) -> None:
    """A hash under our prefix, with the lease of a turn (trap 14); no name of a conversation.

    When a turn counts as lost, its lock has to be free: its user is told to go on.
    """
    async with two[0].lock(OF):
        assert keys(redis_server) == [key_of(OF)]
        assert "conversation" not in key_of(OF)
        with redis_server.client() as client:
            assert 1000 * (LEASE_SECONDS - ALIVE_SECONDS) < client.pttl(key_of(OF)) <= 1000 * LEASE_SECONDS


@pytest.mark.asyncio
async def test_who_waits_is_let_in_at_once(two: List[LotsenRedisLockStore], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa looks once a second, so that a double click costs one (trap 16): here nobody sleeps longer than 0.05 s."""
    slept: List[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(seconds)

    async def wait() -> None:
        async with two[1].lock(OF):
            pass

    async with two[0].lock(OF):
        with monkeypatch.context() as patch:
            patch.setattr(asyncio, "sleep", noted)
            waiting = asyncio.create_task(wait())
            while len(slept) < 6:
                await sleep(0.01)
    await waiting
    assert max(slept) <= redis_locks.LONGEST_LOOK_SECONDS <= 0.05


@pytest.mark.asyncio
async def test_who_is_stuck_is_not_waited_for_without_end(two: List[LotsenRedisLockStore]) -> None:
    """The turn that waits fails, and its user is told."""
    async with two[0].lock(OF):
        with pytest.raises(LockError):
            async with two[1].lock(OF, wait_time_in_seconds=0.1):
                pass
        assert not await two[1]._set(key_of(OF), "another", 1), "giving up has not freed the holder's lock"


@pytest.mark.asyncio
async def test_a_holder_that_dies_frees_it(two: List[LotsenRedisLockStore]) -> None:
    """After its lease, and not before."""
    assert await two[0]._set(key_of(OF), "dead", 0.2)
    began = time.monotonic()
    async with two[1].lock(OF):
        assert time.monotonic() - began >= 0.15


@pytest.mark.asyncio
async def test_a_holder_that_lives_keeps_it(redis_server: Redis, two: List[LotsenRedisLockStore]) -> None:
    """Far beyond its lease, also when Redis was started anew and has forgotten it."""
    async with two[0].lock(OF, lock_lifetime=0.3):
        for _ in range(2):
            with pytest.raises(LockError):
                async with two[1].lock(OF, wait_time_in_seconds=0.6):
                    pass
            with redis_server.client() as client:
                client.flushall()
                while not client.exists(key_of(OF)):
                    await asyncio.sleep(0.01)
    assert keys(redis_server) == []


@pytest.mark.asyncio
async def test_a_turn_that_is_given_up_frees_it(redis_server: Redis, two: List[LotsenRedisLockStore]) -> None:
    """Cancelled while it holds the lock, and while it waits for it."""

    async def hold(store: LotsenRedisLockStore) -> None:
        async with store.lock(OF):
            await asyncio.Event().wait()

    holding = asyncio.create_task(hold(two[0]))
    while not keys(redis_server):
        await asyncio.sleep(0.01)
    waiting = asyncio.create_task(hold(two[1]))
    await asyncio.sleep(0)
    for task in (waiting, holding):
        task.cancel()
        await asyncio.wait({task})
    assert keys(redis_server) == []


@pytest.mark.asyncio
async def test_redis_is_down(
    redis_server: Redis, two: List[LotsenRedisLockStore], caplog: pytest.LogCaptureFixture
) -> None:
    """Turns go on by the database's order, the log says so without the password, and locks are back with Redis."""
    redis_server.stop()
    try:
        with caplog.at_level(logging.WARNING):
            async with two[0].lock(OF), two[0].lock("another"), two[1].lock(OF):
                pass
        said = [record.getMessage() for record in caplog.records if record.name == redis_locks.__name__]
        assert len(said) == 2, "once for each server, not for each turn"
        assert "Redis cannot be asked" in said[0]
        assert redis_server.password not in caplog.text
    finally:
        redis_server.start()
    two[0]._rests_until = time.monotonic()  # The pause after a failure is over.
    async with two[0].lock(OF):
        assert keys(redis_server) == [key_of(OF)]


@pytest.mark.asyncio
async def test_a_lock_that_could_not_be_given_back_is_given_back_later(
    redis_server: Redis, two: List[LotsenRedisLockStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure as Redis came back stops asking for a moment: the next turn must not wait for the lease."""
    monkeypatch.setattr(redis_locks, "RELEASE_AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(redis_locks, "PAUSE_SECONDS", 0.1)
    async with two[0].lock(OF):
        two[0]._fail(ConnectionError("an old connection"))
    assert keys(redis_server) == [key_of(OF)]
    async with two[1].lock(OF, wait_time_in_seconds=20):
        assert len(keys(redis_server)) == 1
    assert keys(redis_server) == []


@pytest.mark.asyncio
async def test_redis_goes_down_meanwhile(redis_server: Redis, two: List[LotsenRedisLockStore]) -> None:
    """The turn that has the lock ends as if nothing was wrong."""
    async with AsyncExitStack() as turn:
        await turn.enter_async_context(two[0].lock(OF))
        redis_server.stop()
    redis_server.start()
    async with two[1].lock(OF):
        assert keys(redis_server) == [key_of(OF)]


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of something that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        taken: List[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"redis://:hush@127.0.0.1:{server.getsockname()[1]}/0"
        for one in taken:
            one.close()


@pytest.mark.asyncio
async def test_redis_that_never_answers(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up, where Rasa's own would hang (trap 18)."""
    monkeypatch.setattr(redis_locks, "ANSWER_SECONDS", 0.2)
    store = LotsenRedisLockStore(url=silent)
    async with store.lock(OF):
        assert store._rests()
    await store.close()
    with pytest.raises(NoRedis) as error:
        check_redis(silent)
    assert "hush" not in str(error.value)


def test_a_start_is_checked(redis_server: Redis) -> None:
    """A Redis that answers and keeps a lock is fine; the check leaves nothing."""
    with redis_server.client() as client:
        client.flushall()
    check_redis(redis_server.url)
    assert keys(redis_server) == []


@pytest.mark.asyncio
async def test_a_user_who_may_do_little_is_enough(redis_server: Redis) -> None:
    """What ``docs/outgrowing.md`` says that Redis' user needs, and in another of its databases."""
    page = (ROOT / "docs" / "outgrowing.md").read_text(encoding="utf-8")
    rights = re.search(r"`(\+set [^`]+)`", page)
    assert rights is not None
    with redis_server.client() as client:
        client.execute_command("ACL", "SETUSER", "lotsen", "reset", "on", ">little", *rights[1].split())
    url = redis_server.url.replace(f":{redis_server.password}@", "lotsen:little@").replace("/0", "/1")
    check_redis(url)
    store = LotsenRedisLockStore(url=url)
    async with store.lock(OF, lock_lifetime=0.1):
        await asyncio.sleep(0.2)
    assert not store._rests()
    await store.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://:pass/word@127.0.0.1:6379/0", "cannot be read"),
        ("redis://:pa#ss@127.0.0.1:6379/0", "cannot be read"),
        ("http://127.0.0.1:6379", "cannot be read"),
        ("redis://127.0.0.1:6379/0?socket_timeout=soon", "cannot be read"),
        ("redis://127.0.0.1:{free}/0", "Is it running"),
        ("redis://:wrong@127.0.0.1:{port}/0", "the password"),
        ("redis://127.0.0.1:{port}/0", "the password"),
        ("rediss://:{password}@127.0.0.1:{port}/0", "cannot be used"),
    ],
)
def test_what_is_wrong_with_a_url(redis_server: Redis, url: str, said: str) -> None:
    """It is said in a sentence that names the setting, without any part of the password."""
    port = redis_server.url.rsplit(":", 1)[1].split("/")[0]
    with pytest.raises(NoRedis, match="LOTSEN_REDIS_URL") as error:
        check_redis(url.format(port=port, free=free_port(), password=redis_server.password))
    assert said in str(error.value)
    for secret in ("word", "ss@", "wrong@", "'pa'", redis_server.password):
        assert secret not in str(error.value).replace("password", "")


def test_without_a_url() -> None:
    """``endpoints.yml`` names it, and the setting is empty."""
    with pytest.raises(NoRedis, match="LOTSEN_REDIS_URL is empty"):
        LotsenRedisLockStore(url="")
