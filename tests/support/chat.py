"""A chat client over the web channel's HTTP interface. It waits for the end of each turn, never for a time."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

import requests

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Said:
    """One message of the bot, with the titles of its buttons."""

    text: str
    buttons: Tuple[str, ...]


class ChatClient:
    """One user in one conversation."""

    def __init__(self, base: str, token: Optional[str] = None) -> None:
        """Begin a conversation at ``base`` (``http://host:port/chat``), or go on with the one of ``token``."""
        self.base = base
        self._last = 0
        self._choices: Dict[str, str] = {}
        self.greeting: List[Said] = []
        if token is None:
            token = self.post("/session", {}, signed=False).json()["token"]
            self.token = token
            self.greeting = self.listen()
        self.token = token

    def say(self, text: str) -> List[Said]:
        """Type ``text``; return what the bot says to it."""
        return self._send({"text": text})

    def press(self, title: str) -> List[Said]:
        """Press the button that says ``title``; return what the bot says to it."""
        assert title in self._choices, f"no button '{title}' among {sorted(self._choices)}"
        return self._send({"choice": self._choices[title]})

    def resume(self, code: str) -> List[Said]:
        """Write a code, and go on with the conversation that it leads to, as the page does; return what it holds."""
        answer = self.post("/messages", {"text": code, "client_id": uuid.uuid4().hex})
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
        self.token, self._last = answer.json()["token"], 0
        return self.listen()

    def choice_id(self, title: str) -> str:
        """Return the id of an offered button."""
        return self._choices[title]

    def listen(self) -> List[Said]:
        """Return what the bot says until its turn is over."""
        said: List[Said] = []
        busy = True
        while busy:
            news = self.get(f"/messages?after={self._last}&busy=1").json()
            busy = news["busy"]
            said += self._take(news["messages"])
        return said

    def listen_for(self, part: str, seconds: float = 120) -> List[Said]:
        """Return what the bot says by itself, until a message holds ``part``.

        Raises:
            AssertionError: if it has not been said after ``seconds``.
        """
        said: List[Said] = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            said += self._take(self.get(f"/messages?after={self._last}&busy=0").json()["messages"])
            if any(part in one.text for one in said):
                return said
        raise AssertionError(f"'{part}' never came: {said}")

    def history(self) -> List[Dict[str, Any]]:
        """Return the whole conversation, as a reloaded page gets it."""
        return list(self.get("/messages?after=0&busy=1").json()["messages"])

    def post(self, path: str, body: Any, signed: bool = True, **options: Any) -> requests.Response:
        """Send a raw request."""
        headers = {**(self._signed() if signed else {}), **options.pop("headers", {})}
        return requests.post(self.base + path, json=body, headers=headers, timeout=TIMEOUT_SECONDS, **options)

    def get(self, path: str) -> requests.Response:
        """Ask for something."""
        return requests.get(self.base + path, headers=self._signed(), timeout=TIMEOUT_SECONDS)

    def _take(self, messages: List[Dict[str, Any]]) -> List[Said]:
        """Note what can be pressed now; return what the bot said."""
        said: List[Said] = []
        for message in messages:
            self._last = message["id"]
            if message["author"] == "user":
                self._choices = {}
                continue
            self._choices.update({choice["title"]: choice["id"] for choice in message["choices"]})
            said.append(Said(message["text"], tuple(choice["title"] for choice in message["choices"])))
        return said

    def _send(self, what: Dict[str, str]) -> List[Said]:
        answer = self.post("/messages", {**what, "client_id": uuid.uuid4().hex})
        assert answer.status_code == 202, f"{answer.status_code}: {answer.text}"
        return self.listen()

    def _signed(self) -> Dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
