"""Users who chat with a running bot: conversations of ten turns, over our web channel or Rasa's own REST channel.

A turn is measured as a user feels it: from sending a message until all that the bot says to it is there.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Protocol, Sequence

import aiohttp

TURNS = 10
"""Messages in one conversation."""
TIMEOUT = aiohttp.ClientTimeout(total=120)


class Chat(Protocol):
    """One conversation."""

    async def begin(self) -> None:
        """Start it; not measured."""

    async def say(self, text: str) -> int:
        """Say something, and return how many messages the bot answered with once it has fallen silent."""


class WebChat:
    """A conversation as the widget (``widget/connection.js``) has it where streams do not get through."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        """Chat with the bot at ``base`` (``http://host:port``)."""
        self._http, self._base = http, f"{base}/chat"
        self._headers: Dict[str, str] = {}
        self._last = 0

    async def begin(self) -> None:
        """Get a session, and hear the greeting."""
        async with self._http.post(f"{self._base}/session", json={}) as answer:
            answer.raise_for_status()
            self._headers = {"Authorization": f"Bearer {(await answer.json())['token']}"}
        await self._listen()

    async def say(self, text: str) -> int:
        """Send the text, and listen until the turn is over."""
        body = {"text": text, "client_id": uuid.uuid4().hex}
        async with self._http.post(f"{self._base}/messages", json=body, headers=self._headers) as answer:
            answer.raise_for_status()
        return await self._listen()

    async def _listen(self) -> int:
        """Return how many messages of the bot came until it was no longer at work."""
        heard, busy = 0, True
        while busy:
            address = f"{self._base}/messages?after={self._last}&busy=1"
            async with self._http.get(address, headers=self._headers) as answer:
                answer.raise_for_status()
                news: Dict[str, Any] = await answer.json()
            busy = news["busy"]
            for message in news["messages"]:
                self._last = message["id"]
                heard += message["author"] == "bot"
        return heard


class RestChat:
    """A conversation over Rasa's ``rest`` channel."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        """Chat with the bot at ``base`` (``http://host:port``)."""
        self._http, self._address = http, f"{base}/webhooks/rest/webhook"
        self._sender = uuid.uuid4().hex

    async def begin(self) -> None:
        """Nothing: the first message begins the conversation."""

    async def say(self, text: str) -> int:
        """Send the text; the answer holds all that the bot says."""
        async with self._http.post(self._address, json={"sender": self._sender, "message": text}) as answer:
            answer.raise_for_status()
            return len(await answer.json())


Kind = Callable[[aiohttp.ClientSession, str], Chat]


@dataclass
class Load:
    """What so many users at once went through."""

    clients: int
    seconds: float = 0.0
    turns: List[float] = field(default_factory=list)
    """How long each turn took, in seconds."""
    silent: int = 0
    """Turns to which the bot said nothing."""

    @property
    def per_second(self) -> float:
        """Return how many messages were answered each second."""
        return len(self.turns) / self.seconds if self.seconds else 0.0


async def put_load(kind: Kind, base: str, questions: Sequence[str], clients: int, conversations: int) -> Load:
    """Let ``clients`` users at once have ``conversations`` each; user n asks the same whichever bot it is.

    Raises:
        aiohttp.ClientError: if the bot cannot be reached or refuses a message.
    """
    load = Load(clients)

    async def user(number: int, http: aiohttp.ClientSession) -> None:
        chance = random.Random(number)
        for _ in range(conversations):
            chat = kind(http, base)
            await chat.begin()
            for _ in range(TURNS):
                began = time.perf_counter()
                heard = await chat.say(chance.choice(questions))
                load.turns.append(time.perf_counter() - began)
                load.silent += heard == 0

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=TIMEOUT) as http:
        began = time.perf_counter()
        await asyncio.gather(*(user(number, http) for number in range(clients)))
        load.seconds = time.perf_counter() - began
    return load
