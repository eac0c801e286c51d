"""Writes the pictures of the cards for Teams in ``docs/img``, drawn by Microsoft's Web Chat: ``make screenshots``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, Tuple

from lotsen.settings import ROOT
from tests.support.browser import chromium
from tests.support.handoff import CHAT
from tests.support.microsoft import Microsoft
from tests.support.running import RunningLotsen, environment
from tests.support.teams import TeamsUser
from tests.support.webchat import PHONE, WIDE, WebChat, web_chat

FOLDER = ROOT / "docs" / "img"
QUESTION = "Det står ”Webbsidan kan inte visas” när jag försöker logga in"
VAGUE = "utbildning film"


class Talk:
    """A user's conversation, of which a chat shows what is said through this."""

    def __init__(self, user: TeamsUser, chat: WebChat) -> None:
        """Show what ``user`` says and hears in ``chat``."""
        self.user, self._chat = user, chat

    def install(self) -> None:
        """Add the app."""
        self._hear(self.user.install)

    def say(self, text: str) -> None:
        """Write something."""
        self._chat.tell({"type": "message", "text": text}, "user")
        self._hear(lambda: self.user.write(text))

    def press(self, title: str) -> None:
        """Press the newest button with this title; Teams shows what was chosen."""
        self._chat.tell({"type": "message", "text": title}, "user")
        self._hear(lambda: self.user.push(title))

    def _hear(self, act: Callable[[], Any]) -> None:
        before = len(self.user.calls())
        act()
        self.user.hear()
        for call in self.user.calls()[before:]:
            self._chat.tell(call.body)


def _guide(talk: Talk) -> None:
    talk.say(QUESTION)
    talk.press("Klart")


def _preview(talk: Talk) -> None:
    talk.user.say("jag vill prata med en människa")
    talk.user.say("Det började efter uppdateringen i morse")
    talk.press(CHAT)


def _phone(talk: Talk) -> None:
    talk.press("Fortsätt")
    talk.press("Klart")


STATES: Dict[str, Tuple[Callable[[Talk], None], Dict[str, Any]]] = {
    "teams-greeting": (Talk.install, WIDE),
    "teams-suggest": (lambda talk: talk.say(VAGUE), WIDE),
    "teams-guide": (_guide, WIDE),
    "teams-preview": (_preview, WIDE),
    "teams-receipt": (lambda talk: talk.press("Ja, skicka"), WIDE),
    "teams-phone": (_phone, PHONE),
}
"""One conversation: each picture shows what came after the one before."""


def main() -> int:
    """Write every picture."""
    microsoft = Microsoft()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        lotsen = RunningLotsen(environment(Path(folder), **microsoft.settings()))
        try:
            TeamsUser(microsoft, lotsen).say(VAGUE)  # The first answer after a start takes a while, and says so.
            user = TeamsUser(microsoft, lotsen)
            for name, (state, look) in STATES.items():
                with web_chat(browser, **look) as chat:
                    state(Talk(user, chat))
                    chat.fit()
                    chat.page.mouse.move(1, 1)
                    chat.page.screenshot(path=FOLDER / f"{name}.png")
        finally:
            lotsen.stop()
            microsoft.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
