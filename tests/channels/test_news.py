"""What the browser's request for news gets, and when: a turn in one piece if it is quick, its parts if it is not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Awaitable, Callable, List

import pytest

from lotsen.channels.web import news as news_module
from lotsen.channels.web.bell import Bell
from lotsen.channels.web.news import News, Newsroom, hear_others
from lotsen.channels.web.output import web_speaker
from lotsen.channels.web.stores import Stores
from lotsen.storage.database import open_engine

TEXTS = {"wait": "vänta", "failed": "fel"}


class Chat:
    """A process of the web channel, without its server."""

    def __init__(self, url: str) -> None:
        """Use the database at ``url``."""
        self.stores = Stores.on(open_engine(url), "k" * 64)
        self.bell = Bell()
        self.speaker = web_speaker(self.stores, self.bell, TEXTS, frozenset())
        self.newsroom = Newsroom(self.stores, self.bell)

    async def news(self, after: int = 0, busy: bool = False) -> List[str]:
        """Ask for news as a polling browser does."""
        return [message.text for message in (await self.newsroom.poll("a", after, busy)).messages]

    def begin(self, *parts: Callable[[], Awaitable[None]]) -> None:
        """Begin a turn that does one thing after the other, each said by its number."""

        async def handle(message: Any) -> None:
            for number, wait in enumerate(parts):
                await wait()
                await message.output_channel.send_text_message("a", str(number))

        self.speaker.answer(handle, "hej", self.stores.turns.begin("a", 0))


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'lotsen.db'}"


@pytest.fixture
def chat(url: str) -> Chat:
    """A process on an empty database."""
    return Chat(url)


async def soon() -> None:
    """Wait for less than a turn's parts are kept together."""
    await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_a_quick_turn_comes_in_one_piece(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a quick turn says is in one answer, given when it is over."""
    monkeypatch.setattr(news_module, "TOGETHER_SECONDS", 20.0)
    chat.begin(soon, soon, soon)
    assert await chat.news() == ["0", "1", "2"]
    assert chat.stores.turns.waiting("a") == 0


@pytest.mark.asyncio
async def test_a_slow_turn_is_heard_in_parts(chat: Chat) -> None:
    """What has been said is not kept back when the rest takes long."""
    rest = asyncio.Event()

    async def later() -> None:
        await rest.wait()

    chat.begin(soon, later)
    assert await chat.news() == ["0"]
    assert chat.stores.turns.waiting("a") == 1
    rest.set()
    assert await chat.news(after=1, busy=True) == ["1"]


@pytest.mark.asyncio
async def test_a_browser_learns_that_the_turn_is_over(chat: Chat) -> None:
    """Thinking that the bot is at work, with nothing new, is answered at once when it is not."""
    chat.stores.log.add_bot("a", "hej")
    assert await chat.news(after=1, busy=True) == []


@pytest.mark.asyncio
async def test_a_stream_learns_that_the_bot_is_at_work(chat: Chat) -> None:
    """A stream is told when a turn begins, and when it is over though nothing was said."""
    rest = asyncio.Event()

    async def later() -> None:
        await rest.wait()

    chat.begin(later)
    with chat.newsroom.stream("a") as ear:
        assert ear is not None
        began = await chat.newsroom.next(ear, 0, False)
        assert began is not None and began.busy and began.messages == []
        rest.set()
        over = await chat.newsroom.next(ear, 0, True)
    assert over is not None and not over.busy and [message.text for message in over.messages] == ["0"]


@pytest.mark.asyncio
async def test_what_another_process_writes_is_heard(chat: Chat, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that waits at one process hears what another one says, long before it would look by itself."""
    monkeypatch.setattr(news_module, "LOOK_AGAIN_SECONDS", 3600.0)
    other = Chat(url)
    chat.stores.log.add_bot("b", "något annat")
    hearing = asyncio.ensure_future(hear_others(chat.stores.log, chat.bell))
    waiting = asyncio.ensure_future(chat.news())
    while not chat.bell.awaited:
        await asyncio.sleep(0)
    await asyncio.sleep(2 * news_module.OTHERS_SECONDS)
    other.stores.log.add_bot("a", "från en annan")
    assert await asyncio.wait_for(waiting, 20) == ["från en annan"]
    hearing.cancel()


@pytest.mark.asyncio
async def test_who_has_seen_it_does_not_look_again(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process finds its own messages among those of all; its streams have told them, and leave the database alone."""
    looks: List[str] = []
    look = chat.newsroom._look

    def count(conversation: str, last: int) -> News:
        looks.append(conversation)
        return look(conversation, last)

    monkeypatch.setattr(chat.newsroom, "_look", count)
    hearing = asyncio.ensure_future(hear_others(chat.stores.log, chat.bell))
    with chat.newsroom.stream("a") as ear, chat.newsroom.stream("b") as other:
        assert ear is not None and other is not None
        chat.begin(soon, soon)
        last, busy = 0, False
        while last < 2 or busy:
            news = await asyncio.wait_for(chat.newsroom.next(ear, last, busy), 20)
            assert news is not None
            last, busy = (news.messages[-1].id if news.messages else last), news.busy
        waiting = asyncio.ensure_future(chat.newsroom.next(ear, last, busy))
        seen = looks.count("a")
        for number in (1, 2):  # When the second is heard, what "a" wrote has been found, too.
            chat.stores.log.add_bot("b", str(number))
            await asyncio.wait_for(chat.newsroom.next(other, number - 1, False), 20)
        assert looks.count("a") == seen
        waiting.cancel()
    hearing.cancel()


@pytest.mark.asyncio
async def test_only_so_many_streams(chat: Chat) -> None:
    """A conversation has room for some tabs; the next is told so, and finds room when one is closed."""
    opened = [chat.newsroom.stream("a") for _ in range(news_module.STREAMS_EACH)]
    assert all(stream.__enter__() for stream in opened)
    with chat.newsroom.stream("a") as ear:
        assert ear is None
    with chat.newsroom.stream("b") as ear:
        assert ear is not None
    opened[0].__exit__(None, None, None)
    with chat.newsroom.stream("a") as ear:
        assert ear is not None


@pytest.mark.asyncio
async def test_nobody_waits_for_a_server_that_stops(chat: Chat) -> None:
    """Who waits for news is let go."""
    waiting = asyncio.ensure_future(chat.news())
    while not chat.bell.awaited:
        await asyncio.sleep(0)
    chat.newsroom.close()
    assert await asyncio.wait_for(waiting, 20) == []


@pytest.mark.asyncio
async def test_nothing_is_left_of_an_ended_conversation(chat: Chat) -> None:
    """What a turn says after its user has ended the conversation is deleted."""
    rest = asyncio.Event()

    async def later() -> None:
        await rest.wait()

    chat.begin(soon, later)
    await chat.news()
    chat.stores.end("a")
    rest.set()
    await chat.speaker.close()
    while chat.stores.log.after("a", 0):
        await asyncio.sleep(0)
    assert chat.stores.conversations.ended("a")
