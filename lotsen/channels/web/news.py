"""News of a conversation for the browsers that show it: what was said, and whether the bot is at work."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from sqlalchemy.exc import SQLAlchemyError

from lotsen.channels.chat.following import Following
from lotsen.channels.chat.log import ChatLog, looking
from lotsen.channels.chat.message import ChatMessage, Written
from lotsen.channels.chat.turns import WAITING, Turns
from lotsen.channels.web.bell import Bell, Ear
from lotsen.channels.web.conversations import ENDED, Conversations
from lotsen.channels.web.stores import Stores
from lotsen.observability import metrics
from lotsen.storage.off_loop import off_loop

POLL_SECONDS = 25.0
"""How long a request for news waits; below what proxies cut off."""
PING_SECONDS = 15.0
"""How often a stream says that it is alive."""
LOOK_AGAIN_SECONDS = 5.0
"""How often one who waits looks into the database, whatever the bell says."""
OTHERS_SECONDS = 0.1
"""How often a process looks for what other processes have written."""
SEEN_SECONDS = 15.0
"""How often it is written down which conversations browsers show."""
TOGETHER_SECONDS = 0.05
"""How long news of a turn waits for the rest of the turn: too short to be noticed, long enough for most turns."""
STREAMS_EACH = 6
"""Streams of one conversation: so many tabs may show it."""
STREAMS_IN_ALL = 5000
"""Both are counted in each server process: they protect its memory, and more servers have more."""

_LOOK = looking(waiting=WAITING, ended=ENDED)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class News:
    """What is new."""

    messages: List[ChatMessage]
    busy: bool
    ended: bool = False
    """Its user has ended the conversation."""


class Newsroom:
    """Waits for news of conversations."""

    def __init__(self, stores: Stores, bell: Bell) -> None:
        """Look into ``stores`` when ``bell`` rings."""
        self._log, self._feedback, self._bell = stores.log, stores.feedback, bell
        self._streams: Counter[str] = Counter()
        self._seen: Set[str] = set()
        self.closed = False

    def close(self) -> None:
        """Let everybody go who waits: the server stops."""
        self.closed = True
        self._bell.ring_all()

    async def poll(self, conversation: str, last: int, thought_busy: bool) -> News:
        """Return the messages after ``last``; waits for one for a while if there is none.

        A browser that thinks the bot is still at work is also told at once when that is no longer so.
        """
        with self._bell.ear(conversation) as ear:
            return await self._next(ear, last, thought_busy, POLL_SECONDS, tell_work=False)

    async def next(self, ear: Ear, last: int, thought_busy: bool) -> Optional[News]:
        """Return what is new for a stream, also that the bot has begun to work; None if it is time for a ping."""
        news = await self._next(ear, last, thought_busy, PING_SECONDS, tell_work=True)
        return news if news.messages or news.busy != thought_busy or news.ended else None

    def take_seen(self) -> Set[str]:
        """Return the conversations that browsers have shown since the last call."""
        seen, self._seen = self._seen | set(self._streams), set()
        return seen

    @contextmanager
    def stream(self, conversation: str) -> Iterator[Optional[Ear]]:
        """Count a stream while it is open, and listen for it; gives None if there are too many."""
        room = self._streams[conversation] < STREAMS_EACH and sum(self._streams.values()) < STREAMS_IN_ALL
        if not room:
            yield None
            return
        self._streams[conversation] += 1
        try:
            with metrics.listening("rasa"), self._bell.ear(conversation) as ear:
                yield ear
        finally:
            self._streams[conversation] -= 1
            if not self._streams[conversation]:
                del self._streams[conversation]

    def to_browser(self, conversation: str, news: News, token: Optional[str]) -> Dict[str, Any]:
        """Return news as a browser gets them, with a fresh ``token`` if it is time for one."""
        ratings = self._feedback.ratings(conversation) if any(message.answer for message in news.messages) else {}
        told: Dict[str, Any] = {
            "messages": [message.to_browser(ratings.get(message.id, "")) for message in news.messages],
            "busy": news.busy,
        }
        return {**told, "token": token} if token is not None else told

    async def _next(self, ear: Ear, last: int, thought_busy: bool, seconds: float, tell_work: bool) -> News:
        """Wait for news. Those of a turn that is nearly over wait for its end: one piece, not one for each message."""
        loop = asyncio.get_event_loop()
        until = loop.time() + seconds
        while True:
            await ear.rung(min(until - loop.time(), LOOK_AGAIN_SECONDS))
            self._seen.add(ear.conversation)
            news = await off_loop(self._log.engine, self._look, ear.conversation, last)
            found, busy = news.messages, news.busy
            ear.saw(found[-1].id if found else last, busy)
            turned = busy != thought_busy if tell_work else thought_busy and not busy
            over = loop.time() >= until or news.ended or self.closed
            if over or (found and not busy) or (turned and not found):
                return news
            if found:
                until = min(until, loop.time() + TOGETHER_SECONDS)

    def _look(self, conversation: str, last: int) -> News:
        """Return what there is after ``last`` now."""
        found, beside = self._log.look(_LOOK, {"of": conversation, "last": last, "now": time.time()})
        return News(found, beside.waiting > 0, beside.ended is not None)


async def hear_others(log: ChatLog, bell: Bell) -> None:
    """Ring for the conversations in which any process has written something, until cancelled.

    Also where the bot has begun to work, or has ended. Needed where several server processes share a database: a
    message may be taken in by one, be answered there, and be waited for in another. Who has seen it is not woken again.
    """
    following: Optional[Following] = None
    turns = Turns(log.engine, "")
    at_work: Set[str] = set()

    def look(since: Following) -> Tuple[List[Written], Set[str]]:
        return log.written_after(since.last, since.missing), turns.at_work()

    while True:
        await asyncio.sleep(OTHERS_SECONDS)
        if not bell.awaited:
            following = None
            continue
        try:
            following = following or Following(log.newest())
            written, now_at_work = await off_loop(log.engine, look, following)
        except SQLAlchemyError:
            continue  # Who waits looks again too, and its request says what is wrong.
        following.saw(message.row for message in written)
        newest = {message.conversation: message.number for message in written}
        for conversation in newest.keys() | (at_work ^ now_at_work):
            bell.tell(conversation, newest.get(conversation, 0), conversation in now_at_work)
        at_work = now_at_work


async def note_seen(newsroom: Newsroom, conversations: Conversations) -> None:
    """Write down which conversations browsers show, until cancelled: one transaction for all of them."""
    while True:
        await asyncio.sleep(SEEN_SECONDS)
        try:
            conversations.saw(newsroom.take_seen())
        except SQLAlchemyError:
            logger.exception("It could not be noted which conversations are shown.")


def as_event(told: Dict[str, Any]) -> str:
    """Return news as an event of a ``text/event-stream``."""
    messages = told["messages"]
    named = f"id: {messages[-1]['id']}\n" if messages else ""
    return f"event: news\n{named}data: {json.dumps(told, ensure_ascii=False)}\n\n"
