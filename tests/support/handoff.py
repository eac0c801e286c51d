"""Handing off a case in a chat, as a user does."""

from __future__ import annotations

import re
import time
from typing import Callable, Tuple, TypeVar, Union

from tests.support.chat import ChatClient, Said
from tests.support.expected import text
from tests.support.teams import TeamsUser

CHAT = "Svara här i chatten"
SECONDS = 60.0
PAUSE = 0.1
Found = TypeVar("Found")

_GIVEN = re.compile(r"(LOT-\d{6}).*? kod \*\*([2-9A-Z]{4}-[2-9A-Z]{4})\*\*", re.DOTALL)


def asked_how_to_be_reached(name: str = "handoff_ask_contact", **values: str) -> str:
    """Return how the bot asks for it, where the desk can answer in the chat."""
    return f"{text(name, **values)} {text('handoff_contact_chat')}"


def send_case(
    chat: Union[ChatClient, TeamsUser], problem: str, affected: str = "Jag eller en kollega"
) -> Tuple[str, str]:
    """Ask for a person, answer the three questions and say yes; return the case's number and code."""
    chat.say("jag vill prata med en människa")
    chat.press(affected)
    chat.say(problem)
    chat.press(CHAT)
    return number_and_code(chat.press("Ja, skicka")[0])


def number_and_code(receipt: Said) -> Tuple[str, str]:
    """Return what the user has just been given."""
    found = _GIVEN.search(receipt.text)
    assert found is not None, receipt.text
    return found[1], found[2]


def eventually(look: Callable[[], Found], seconds: float = SECONDS) -> Found:
    """Look until there is something to be seen, and return it.

    Raises:
        AssertionError: if there still is not after ``seconds``.
    """
    until = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < until, f"nothing after {seconds:.0f} s"
        time.sleep(PAUSE)
