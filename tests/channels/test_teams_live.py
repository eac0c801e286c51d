"""The support desk in a Teams conversation: what the inbox hands it, what it leaves alone, and what Teams is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import List

import pytest

from lotsen.audit.log import Actor, AuditLog
from lotsen.cases.due import DEFAULT_MINUTES
from lotsen.cases.history import HANDED_BACK, SAID
from lotsen.cases.hours import read_hours
from lotsen.cases.store import NewCase
from lotsen.cases.work import Work
from lotsen.channels.chat.message import DESK, ChatMessage
from lotsen.channels.live import Presence, open_desk_line
from lotsen.channels.teams import cards
from lotsen.channels.teams.stores import CHANNEL
from lotsen.channels.typed import MAX_TEXT
from lotsen.settings import Settings
from lotsen.storage.database import open_engine
from tests.cases.made import FULL, KEY
from tests.channels.test_teams_inbox import FILE, PER_MINUTE, PICTURE, WEB_CODE, YES, Process, press, react, somebody
from tests.channels.test_teams_inbox import text as writes
from tests.support.clock import Clock
from tests.support.expected import text
from tests.support.teams import TeamsUser

KARIN = Actor("k1", "Karin Ek")


class Taken:
    """A user in Teams whose conversation the desk has."""

    def __init__(self, database: Path) -> None:
        """Let them write something, make a case of it, and take the conversation over."""
        self.user: TeamsUser = somebody()
        self.process = Process(database, Clock())
        self.process.said(writes(self.user, "Sidan är tom"))
        self.old = self.process.ask(self.user, YES)
        self.name = self.process.name(self.user)
        engine = open_engine(f"sqlite:///{database}")
        self.cases = self.process.stores.cases
        self.case = self.cases.create(NewCase(KEY, replace(FULL, target_name="IT kundservice"), self.name, CHANNEL)).id
        work = Work(engine, self.cases, AuditLog(engine), read_hours(Settings.read({})), DEFAULT_MINUTES)
        self.desk = open_desk_line(engine, self.cases, work, 10.0)
        self.desk.open(self.name, CHANNEL, self.case, KARIN)
        self.presence = Presence(engine)

    def heard(self, kind: str = SAID) -> List[str]:
        """Return what the case has of one kind of events."""
        return [one.text for one in self.cases.history.of(self.case) if one.kind == kind]


@pytest.fixture
def taken(tmp_path: Path) -> Taken:
    """A conversation that the desk has."""
    return Taken(tmp_path / "lotsen.db")


def test_all_words_are_for_the_desk(taken: Taken) -> None:
    """A text of any length, a button's title, and an old button's: kept once, and nothing answers."""
    long = "å" * (MAX_TEXT + 1)
    activities = [
        writes(taken.user, "Hej"),
        writes(taken.user, long),
        press(taken.user, f"{taken.old}.0"),
        press(taken.user, f"{taken.old}.0"),
    ]
    assert taken.process.take(*activities, *activities) == [None] * 8
    assert taken.heard() == ["Hej", long, "Ja", "Ja"]
    assert taken.process.take(press(taken.user, "1.7")) == [None]
    assert len(taken.heard()) == 4


def test_what_is_no_word(taken: Taken) -> None:
    """The desk reads that there was a file or a picture; a reaction is passed over, and a code is not handed on."""
    taken.process.take(
        writes(taken.user, "", attachments=[FILE]),
        writes(taken.user, "Så här ser det ut", attachments=[PICTURE]),
        react(taken.user, "1", "like"),
        writes(taken.user, WEB_CODE),
        taken.user.activity("installationUpdate", action="add"),
    )
    assert taken.heard() == [text("live_file"), "Så här ser det ut", text("live_picture"), "[kod]"]
    assert WEB_CODE not in str(taken.process.logged(taken.user))


def test_too_many(taken: Taken) -> None:
    """What is too much is not kept, so the user is told."""
    for number in range(PER_MINUTE):
        taken.process.take(writes(taken.user, f"m{number}"))
    (task,) = taken.process.take(writes(taken.user, "Är du där?"))
    assert task is not None and task.replies == ("teams_too_fast",)
    assert "Är du där?" not in taken.heard()


def test_the_app_is_taken_away(taken: Taken) -> None:
    """The line is gone with the user, and the case says so."""
    assert not taken.presence.gone(taken.name, CHANNEL)
    taken.process.take(taken.user.activity("installationUpdate", action="remove"))
    assert taken.desk.of(taken.name) is None
    assert taken.heard(HANDED_BACK) == ["user_left"]
    assert taken.presence.gone(taken.name, CHANNEL)


def test_what_the_desk_says_is_due(taken: Taken) -> None:
    """What is said from another process is marked for the courier in the same transaction."""
    references = taken.process.stores.references
    assert references.due() == [taken.name]
    held = references.take(taken.name)
    assert held is not None
    references.release(held)
    assert references.due() == []
    taken.desk.say(taken.name, KARIN, "Hej")
    assert references.due() == [taken.name]


def test_presence_is_when_the_user_last_wrote(taken: Taken) -> None:
    """Teams does not tell who looks."""
    before = taken.presence.seen(taken.name, CHANNEL)
    taken.process.take(writes(taken.user, "Hej"))
    after = taken.presence.seen(taken.name, CHANNEL)
    assert before is not None and after is not None and before < after
    assert taken.presence.seen("nobody", CHANNEL) is None


def test_a_persons_words_are_plain() -> None:
    """The name stands in front, and nothing that is written becomes Markdown or HTML."""
    said = ChatMessage(
        7, DESK, "Tryck *här* <b>[nu](https://x.se)</b>", datetime.now(timezone.utc), name="Karin Ek, IT"
    )
    assert cards.activity(said) == {
        "type": "message",
        "locale": "sv-SE",
        "textFormat": "plain",
        "text": "Karin Ek, IT:\n\nTryck *här* <b>[nu](https://x.se)</b>",
    }
