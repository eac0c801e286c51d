"""One conversation over the web channel, as the widget has it: a stream of events, or long polling in its place.

One listener for each conversation hears all news of it. It checks what every client must be able to rely on: messages
are numbered without a gap, the user's own words come back as they were sent, and none of somebody else's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections import Counter
from typing import Any, AsyncIterator, Dict, List, Optional, Tuple

import aiohttp

from lotsen.privacy.masking import mask_transcript
from tests.bench.load_people import Act

TURN_SECONDS = 60.0
"""A turn that has no answer after so long is an error."""
AGAIN_SECONDS = 0.5
"""The wait before a connection that was lost is opened again."""
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=45)


class TurnFailed(Exception):
    """A turn that was refused, or that nobody answered; the message is what to count it under."""


def session() -> aiohttp.ClientSession:
    """Return the HTTP client for all conversations; without a limit of connections."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    return aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())


class WebTalk:
    """A conversation."""

    def __init__(
        self, http: aiohttp.ClientSession, base: str, stream: bool = True, seen: Optional[Counter] = None
    ) -> None:
        """Talk to the chat at ``base`` (``http://host:port/chat``); ``seen`` counts what happens beside turns."""
        self._http, self._base, self.stream = http, base, stream
        self.seen: Counter = Counter() if seen is None else seen
        self.token = ""
        self.last = 0
        self.texts: List[Tuple[str, str]] = []
        """Author and text of every message, in order."""
        self.heard_at: List[float] = []
        """When each came, by the monotonic clock."""
        self._choices: Dict[str, str] = {}
        self._sent: Optional[str] = None
        self._own = self._answered = False
        self._over: Optional["asyncio.Future[None]"] = None
        self._listener: Optional["asyncio.Task[None]"] = None
        self._closed = False
        self.open = asyncio.Event()
        """Set when the stream is open, or the first poll has been answered."""

    @property
    def offered(self) -> List[str]:
        """Return the titles of the buttons that can be pressed now."""
        return list(self._choices)

    async def begin(self) -> float:
        """Begin the conversation and hear the greeting; return how long that took."""
        began = time.perf_counter()
        over = self._expect(None)
        async with self._http.post(f"{self._base}/session", json={}) as answer:
            if answer.status != 201:
                raise TurnFailed(f"session: {answer.status}")
            self.token = (await answer.json())["token"]
        self._listener = asyncio.ensure_future(self._listen())
        await self._wait(over)
        return time.perf_counter() - began

    async def act(self, act: Act) -> float:
        """Do something, and return how long it took until all that the bot says to it was there.

        Raises:
            TurnFailed: if it was refused, or not answered in time.
        """
        began = time.perf_counter()
        over = self._expect(act.text)
        body: Dict[str, str] = {"client_id": uuid.uuid4().hex}
        body.update({"choice": self._choices[act.text]} if act.press else {"text": act.text})
        try:
            async with self._http.post(f"{self._base}/messages", json=body, headers=self._signed()) as answer:
                if answer.status != 202:
                    raise TurnFailed(f"message: {answer.status}")
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise TurnFailed(f"message: {type(error).__name__}") from error
        await self._wait(over)
        return time.perf_counter() - began

    async def end(self) -> None:
        """End the conversation for good, as the button in the widget does."""
        async with self._http.delete(f"{self._base}/session", headers=self._signed()) as answer:
            self.seen[f"ended: {answer.status}"] += 1

    async def close(self) -> None:
        """Go away, as somebody does who closes the page."""
        self._closed = True
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener

    def _expect(self, text: Optional[str]) -> "asyncio.Future[None]":
        """Return what is set when the turn is over that ``text`` begins; None: the greeting."""
        self._sent, self._own, self._answered = text, text is None, False
        self._over = asyncio.get_running_loop().create_future()
        return self._over

    async def _wait(self, over: "asyncio.Future[None]") -> None:
        try:
            await asyncio.wait_for(over, TURN_SECONDS)
        except asyncio.TimeoutError as error:
            raise TurnFailed("no answer") from error
        finally:
            self._over = None

    async def _listen(self) -> None:
        """Hear all news until closed; a connection that is lost is opened again."""
        while not self._closed:
            try:
                if self.stream:
                    await self._stream()
                else:
                    await self._poll()
            except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
                self.seen[f"listening: {type(error).__name__}"] += 1
                await asyncio.sleep(AGAIN_SECONDS)

    async def _poll(self) -> None:
        """Ask once for news, and wait for them."""
        busy = int(self._over is not None)
        address = f"{self._base}/messages?after={self.last}&busy={busy}"
        async with self._http.get(address, headers=self._signed()) as answer:
            if answer.status != 200:
                self.seen[f"poll: {answer.status}"] += 1
                await asyncio.sleep(AGAIN_SECONDS)
                return
            self.open.set()
            self._take(json.loads(await answer.read()))

    async def _stream(self) -> None:
        """Open a stream, and hear it until it ends; a server that has no room for it is polled."""
        async with self._http.get(f"{self._base}/events?after={self.last}", headers=self._signed()) as answer:
            if answer.status != 200:
                self.seen[f"stream: {answer.status}"] += 1
                self.stream = answer.status != 503
                await asyncio.sleep(AGAIN_SECONDS)
                return
            self.open.set()
            async for news in _events(answer):
                self._take(news)
        self.seen["stream: ended"] += 1

    def _take(self, news: Dict[str, Any]) -> None:
        """Take in news: note what can be pressed, check the numbers, and see whether the turn is over."""
        self.token = news.get("token") or self.token
        for message in news["messages"]:
            number, author, text = message["id"], message["author"], message["text"]
            if number <= self.last:
                self.seen["told twice"] += 1
                continue
            if number != self.last + 1:
                self.seen["number missing"] += 1
            self.last = number
            self.texts.append((author, text))
            self.heard_at.append(time.monotonic())
            if author == "user":
                self._choices = {}
                self._own = True
                if text != mask_transcript(self._sent or ""):
                    self.seen["words of somebody else"] += 1
            else:
                self._answered = self._answered or self._own
                self._choices.update({choice["title"]: choice["id"] for choice in message["choices"]})
        if self._over is not None and self._own and self._answered and not news["busy"] and not self._over.done():
            self._over.set_result(None)

    def _signed(self) -> Dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class RestTalk:
    """A conversation over the ``rest`` channel of stock Rasa, which offers no buttons that we press."""

    def __init__(self, http: aiohttp.ClientSession, base: str, seen: Optional[Counter] = None) -> None:
        """Talk to the bot at ``base`` (``http://host:port``)."""
        self._http, self._address = http, f"{base}/webhooks/rest/webhook"
        self._sender = uuid.uuid4().hex
        self.seen: Counter = Counter() if seen is None else seen
        self.offered: List[str] = []

    async def begin(self) -> float:
        """Nothing: the first message begins it."""
        return 0.0

    async def act(self, act: Act) -> float:
        """Say something; the answer holds all that the bot says. Raises as ``WebTalk.act`` does."""
        began = time.perf_counter()
        body = {"sender": self._sender, "message": act.text}
        limit = aiohttp.ClientTimeout(total=TURN_SECONDS)
        try:
            async with self._http.post(self._address, json=body, timeout=limit) as answer:
                if answer.status != 200:
                    raise TurnFailed(f"message: {answer.status}")
                if not json.loads(await answer.read()):
                    self.seen["turns without an answer"] += 1
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise TurnFailed(f"message: {type(error).__name__}") from error
        return time.perf_counter() - began

    async def end(self) -> None:
        """Nothing: the channel knows no end."""

    async def close(self) -> None:
        """Nothing is open."""


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[Dict[str, Any]]:
    """Yield the news of a stream."""
    name = ""
    async for line in answer.content:
        if line.startswith(b"event: "):
            name = line[7:].strip().decode()
        elif line.startswith(b"data: ") and name == "news":
            yield json.loads(line[6:])
