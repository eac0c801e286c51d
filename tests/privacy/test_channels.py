"""Where text comes in and goes out: Rasa and the desk get HSA-ids, what is shown again has their token."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from lotsen.cases.history import SAID
from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.message import BOT, USER
from lotsen.channels.chat.output import PREVIEW, ChatOutput
from lotsen.storage.database import open_engine
from tests.channels.test_desk_line import Meeting
from tests.channels.test_teams_inbox import Process, somebody

HSA_ID = "SE2321000040-AB12"
WRITTEN, SHOWN = f"jag är {HSA_ID}", "jag är [HSA-id]"


def test_web(tmp_path: Path) -> None:
    """Rasa hears the id, the log does not; the desk that asks for it is told."""
    meeting = Meeting(f"sqlite:///{tmp_path / 'lotsen.db'}")
    heard = meeting.inbox.receive(meeting.conversation, {"text": WRITTEN, "client_id": "a"})
    assert heard is not None and heard.said == WRITTEN
    meeting.answer(heard.turn, "Tack")
    meeting.take()
    meeting.type(WRITTEN)
    assert [text for author, text in meeting.log() if author == USER] == [SHOWN, SHOWN]
    assert [text for _, text, _ in meeting.events(SAID)] == [WRITTEN]


def test_teams(tmp_path: Path) -> None:
    """The same in the other channel."""
    process, user = Process(tmp_path / "lotsen.db", lambda: 0.0), somebody()
    assert process.said(user.activity(text=WRITTEN))[0] == WRITTEN
    assert process.logged(user) == [(USER, SHOWN)]


def test_what_the_bot_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It repeats no id, and no telephone but the support's own; the preview of a case shows what will be sent."""
    monkeypatch.setenv("LOTSEN_MASK_ALSO", "phone")
    log, told = ChatLog(open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}")), list[str]()
    output = ChatOutput(log, told.append, {}, frozenset(), "web-1", 0)
    text = f"{HSA_ID} nås på 070-174 06 35. Ring 0770-72 00 00."
    output.say(text)
    output.say(text, card=PREVIEW)
    shown: List[str] = [one.text for one in log.after("web-1", 0) if one.author == BOT]
    assert shown == ["[HSA-id] nås på [telefonnummer]. Ring 0770-72 00 00.", text]
