"""A chat client over the web channel's HTTP interface. It waits for the end of each turn, never for a time."""

from __future__ import annotations

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
            for message in news["messages"]:
                self._last = message["id"]
                if message["author"] == "user":
                    self._choices = {}
                    continue
                self._choices.update({choice["title"]: choice["id"] for choice in message["choices"]})
                said.append(Said(message["text"], tuple(choice["title"] for choice in message["choices"])))
        return said

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

    def _send(self, what: Dict[str, str]) -> List[Said]:
        answer = self.post("/messages", {**what, "client_id": uuid.uuid4().hex})
        assert answer.status_code == 202, f"{answer.status_code}: {answer.text}"
        return self.listen()

    def _signed(self) -> Dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
