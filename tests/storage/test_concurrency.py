"""Several processes on one PostgreSQL: ids are given out before their rows are seen, and nothing is missed by that."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Iterator, List, Tuple

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from lotsen.channels.chat.following import LOOKS, Following
from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.turns import Turns
from lotsen.channels.web import news
from lotsen.channels.web.bell import Bell
from lotsen.channels.web.news import hear_others
from lotsen.dialogue.timers import Timers
from lotsen.storage.database import open_engine
from tests.support.postgres import Postgres


@given(st.lists(st.tuples(st.integers(0, LOOKS - 1), st.booleans()), max_size=60), st.integers(0, 200))
def test_no_row_is_passed_over(writers: List[Tuple[int, bool]], newest: int) -> None:
    """Rows get ids in one order and are seen in another, or never: each that is seen at all is found."""
    following = Following(newest)
    seen_at = {newest + 1 + number: delay for number, (delay, undone) in enumerate(writers) if not undone}
    found = set()
    for look in range(2 * LOOKS):
        asked = {
            row for row, at in seen_at.items() if at <= look and (row > following.last or row in following.missing)
        }
        found |= asked
        following.saw(asked)
    assert found == set(seen_at)
    assert following.missing == []


@pytest.fixture
def engines(postgres_server: Postgres) -> Iterator[List[Engine]]:
    """Two processes' engines on one new database."""
    url = postgres_server.new_database()
    opened = [open_engine(url) for _ in range(2)]
    yield opened
    for engine in opened:
        engine.dispose()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is open until the test is over."""
    with ExitStack() as stack:
        yield stack


async def listen(bell: Bell, stack: ExitStack, conversation: str, busy: bool = False) -> "asyncio.Task[None]":
    """Return what is done when the bell rings for somebody who has seen no message, and the bot at work or not."""
    ear = stack.enter_context(bell.ear(conversation))
    await ear.rung(0)
    ear.saw(0, busy)
    waiting = asyncio.ensure_future(ear.rung(3600))
    await asyncio.sleep(0)
    return waiting


@pytest.mark.asyncio
async def test_a_message_that_is_seen_late_is_heard(
    engines: List[Engine], stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process has its id first and commits last; who listens in another hears both."""
    monkeypatch.setattr(news, "OTHERS_SECONDS", 0.01)
    log, other, bell = ChatLog(engines[0]), ChatLog(engines[1]), Bell()
    hearing = asyncio.ensure_future(hear_others(log, bell))
    late_rung, early_rung = await listen(bell, stack, "late"), await listen(bell, stack, "early")
    commit, written = threading.Event(), threading.Event()

    def wait(connection: Connection, number: int) -> None:
        written.set()
        assert commit.wait(20)

    loop = asyncio.get_event_loop()
    with ThreadPoolExecutor(1) as pool:
        late = loop.run_in_executor(pool, other.add_user, "late", "hej", "1", wait)
        await loop.run_in_executor(None, written.wait, 20)
        other.add_bot("early", "hej")
        await asyncio.wait_for(early_rung, 20)
        assert not late_rung.done()
        commit.set()
        await late
        await asyncio.wait_for(late_rung, 20)
    hearing.cancel()


@pytest.mark.asyncio
async def test_a_turn_that_ends_elsewhere_is_heard(
    engines: List[Engine], stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser at one process sees that the bot is no longer at work, though nothing more was said."""
    monkeypatch.setattr(news, "OTHERS_SECONDS", 0.01)
    here, there, bell = ChatLog(engines[0]), Turns(engines[1], "web"), Bell()
    hearing = asyncio.ensure_future(hear_others(here, bell))
    began = await listen(bell, stack, "a")
    turn = there.begin("a", 0)
    await asyncio.wait_for(began, 20)
    ended = await listen(bell, stack, "a", busy=True)

    async def nothing() -> None:
        """Say nothing."""

    await there.run(turn, nothing)
    await asyncio.wait_for(ended, 20)
    hearing.cancel()


def test_a_turn_waits_for_one_before_it_that_is_not_seen_yet(engines: List[Engine]) -> None:
    """A message's turn has its id and is not committed: the turn of a timer gets in behind it, and sees it."""
    log, turns, others = ChatLog(engines[0]), Turns(engines[0], "web"), Turns(engines[1], "web")
    written, commit = threading.Event(), threading.Event()

    def take_in(connection: Connection, heard: int) -> int:
        turn = turns.begin_in(connection, "a", heard)
        written.set()
        assert commit.wait(20)
        return turn.id

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(log.add_user, "a", "hej", "1", take_in)
        assert written.wait(20)
        second = pool.submit(others.begin_unless, "a", 0, lambda connection, conversation: False)
        with engines[0].connect() as connection:
            until = time.monotonic() + 20
            while not connection.execute(sa.text("SELECT 1 FROM pg_locks WHERE NOT granted")).first():
                assert time.monotonic() < until, "the second does not wait for the first"
        commit.set()
        earlier, later = first.result(20), second.result(20)
    assert earlier is not None and later is not None
    assert earlier < later.id
    assert others.waiting("a") == 2


def test_messages_are_numbered_without_a_gap(engines: List[Engine]) -> None:
    """Two processes write into one conversation at once: 1, 2, 3 ..., and later ids have higher numbers."""
    logs = [ChatLog(engine) for engine in engines]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: logs[number % 2].add_bot("a", str(number)), range(100)))
    assert [message.id for message in logs[0].after("a", 0)] == list(range(1, 101))
    with engines[0].connect() as connection:
        in_order = sa.text("SELECT number FROM chat_messages WHERE conversation = 'a' ORDER BY id")
        assert list(connection.execute(in_order).scalars()) == list(range(1, 101))


def test_a_timer_is_set_by_several_at_once(engines: List[Engine]) -> None:
    """Each replaces the other's; none fails."""
    timers = [Timers(engine) for engine in engines]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: timers[number % 2].set(f"{number // 8}", "web", 1.0), range(80)))
    assert len(timers[0].take_due("web", 2.0)) == 10


def test_no_query_waits_without_end(postgres_server: Postgres) -> None:
    """A server's event loop waits with its query, so each has a limit; what the URL says goes before."""
    url = postgres_server.new_database()
    shown = {}
    for name, opened in (("ours", url), ("theirs", f"{url}&options=-c%20statement_timeout%3D7s")):
        with open_engine(opened).connect() as connection:
            shown[name] = [
                connection.execute(sa.text(f"SHOW {setting}")).scalar()
                for setting in ("statement_timeout", "idle_in_transaction_session_timeout", "application_name")
            ]
    assert shown == {"ours": ["30s", "1min", "lotsen"], "theirs": ["7s", "0", "lotsen"]}
