"""What a browser waits for is told by one question to the database: new messages, the bot at work, the end."""

from __future__ import annotations

import time
from typing import List, Tuple

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.turns import Turns
from lotsen.channels.web.bell import Bell
from lotsen.channels.web.conversations import Conversations
from lotsen.channels.web.news import News, Newsroom
from lotsen.channels.web.stores import CHANNEL, Stores
from lotsen.storage.database import open_engine


@pytest.fixture
def engine(database_url: str) -> Engine:
    """An empty database."""
    return open_engine(database_url)


@pytest.fixture
def newsroom(engine: Engine) -> Newsroom:
    """What tells browsers the news, with nobody waiting."""
    return Newsroom(Stores.on(engine, "key"), Bell())


def look(newsroom: Newsroom, last: int = 0, conversation: str = "a") -> Tuple[List[str], bool, bool]:
    """Return the texts after ``last``, whether the bot is at work, and whether the conversation is over."""
    news: News = newsroom._look(conversation, last)
    return [message.text for message in news.messages], news.busy, news.ended


def test_nothing_is_there(newsroom: Newsroom) -> None:
    """A conversation that nobody has begun has no news."""
    assert look(newsroom) == ([], False, False)


def test_messages_and_work(newsroom: Newsroom, engine: Engine) -> None:
    """Messages come in order, those after the last one that is known; other conversations are not mixed in."""
    log, turns = ChatLog(engine), Turns(engine, CHANNEL)
    for text in ("ett", "två", "tre"):
        log.add_bot("a", text)
    log.add_bot("b", "fyra")
    turns.begin("b", 1)
    assert look(newsroom) == (["ett", "två", "tre"], False, False)
    assert look(newsroom, 2) == (["tre"], False, False)
    assert look(newsroom, 3) == ([], False, False)
    assert look(newsroom, 1, "b") == ([], True, False)
    turns.begin("a", 3)
    turns.begin("a", 3)
    assert look(newsroom, 2) == (["tre"], True, False)


def test_a_turn_whose_process_has_died_is_no_work(newsroom: Newsroom, engine: Engine) -> None:
    """A browser is not told for ever that an answer is on its way."""
    Turns(engine, CHANNEL, clock=lambda: time.time() - 3600).begin("a", 1)
    assert look(newsroom) == ([], False, False)


def test_the_end(newsroom: Newsroom, engine: Engine) -> None:
    """It is told with or without messages."""
    conversations = Conversations(engine)
    conversations.begin("a")
    assert look(newsroom) == ([], False, False)
    conversations.end("a")
    assert look(newsroom) == ([], False, True)
    ChatLog(engine).add_bot("a", "ett")
    assert look(newsroom) == (["ett"], False, True)


def test_it_is_one_question(newsroom: Newsroom, engine: Engine) -> None:
    """Each stream asks again at each ring of the bell, and each question stops all others of its process."""
    asked: List[str] = []
    sa.event.listen(newsroom._log.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    ChatLog(engine).add_bot("a", "ett")
    before = len(asked)
    assert look(newsroom) == (["ett"], False, False)
    assert len(asked) == before + 1
