"""What the browser's request for news gets, and when: a turn in one piece if it is quick, its parts if it is not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Awaitable, Callable, List

import pytest

from lotsen.cases.access import Guesses
from lotsen.cases.store import CaseStore
from lotsen.channels import web
from lotsen.channels.chat_log import ChatLog
from lotsen.channels.opened import CaseDoor
from lotsen.channels.resume import ResumeCodes
from lotsen.channels.sessions import Sessions
from lotsen.channels.web import WebInput
from lotsen.dialogue.timers import Timers
from lotsen.storage.database import open_engine


@pytest.fixture
def channel(tmp_path: Path) -> WebInput:
    """A channel on an empty log."""
    engine = open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}")
    store = CaseStore(engine)
    door = CaseDoor(store, "s", Guesses())
    return WebInput(Sessions("k" * 64), ChatLog(engine), Timers(engine), ResumeCodes(engine), door, store.history)


async def news(channel: WebInput, after: int = 0, busy: bool = False) -> List[str]:
    """Ask for news as the browser does."""
    return [message.text for message in await channel._news("a", after, busy)]


def begin(channel: WebInput, *parts: Callable[[], Awaitable[None]]) -> None:
    """Begin a turn that does one thing after the other, each said by its number."""

    async def turn(message: object) -> None:
        for number, wait in enumerate(parts):
            await wait()
            await message.output_channel.send_text_message("a", str(number))  # type: ignore[attr-defined]

    channel._begin_turn(turn, "a", "hej", 0)


async def soon() -> None:
    """Wait for less than a turn's parts are kept together."""
    await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_a_quick_turn_comes_in_one_piece(channel: WebInput, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a quick turn says is in one answer, given when it is over."""
    monkeypatch.setattr(web, "TOGETHER_SECONDS", 20.0)
    begin(channel, soon, soon, soon)
    assert await news(channel) == ["0", "1", "2"]
    assert channel._pending["a"] == 0


@pytest.mark.asyncio
async def test_a_slow_turn_is_heard_in_parts(channel: WebInput) -> None:
    """What has been said is not kept back when the rest takes long."""
    rest = asyncio.Event()

    async def later() -> None:
        await rest.wait()

    begin(channel, soon, later)
    assert await news(channel) == ["0"]
    assert channel._pending["a"] == 1
    rest.set()
    assert await news(channel, after=1, busy=True) == ["1"]


@pytest.mark.asyncio
async def test_a_browser_learns_that_the_turn_is_over(channel: WebInput) -> None:
    """Thinking that the bot is at work, with nothing new, is answered at once when it is not."""
    channel._log.add_bot("a", "hej")
    assert await news(channel, after=1, busy=True) == []
