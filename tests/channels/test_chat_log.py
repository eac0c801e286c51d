"""The chat log: what a reload shows, retries, and which buttons count."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import List, Optional

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lotsen.channels.chat.log import ChatLog
from lotsen.channels.chat.message import ASIDE, BOT, USER, Choice
from lotsen.storage.database import open_engine
from lotsen.storage.schema import upgrade

YES, NO = Choice("Ja", "/affirm"), Choice("Nej", "/deny")
ASK = '/inform_affected{"affected": "personal"}'


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'lotsen.db'}"


@pytest.fixture
def log(url: str) -> ChatLog:
    """An empty log."""
    return ChatLog(open_engine(url))


def texts(log: ChatLog, conversation: str = "a", last: int = 0) -> List[str]:
    """Return the texts of a conversation after the message ``last``."""
    return [message.text for message in log.after(conversation, last)]


def said(log: ChatLog, conversation: str, text: str, client_id: str) -> Optional[int]:
    """Store what the user said; return its number."""
    return log.add_user(conversation, text, client_id, lambda connection, number: number)


def test_messages_come_back_in_order(log: ChatLog) -> None:
    """A conversation is read as it was said, with author, choices and growing ids."""
    log.add_bot("a", "Hej!", [YES])
    said(log, "a", "å, ä och ö 😀", "1")
    log.add_bot("a", "Då så.")
    messages = log.after("a", 0)
    assert [(message.author, message.text, message.choices) for message in messages] == [
        (BOT, "Hej!", (YES,)),
        (USER, "å, ä och ö 😀", ()),
        (BOT, "Då så.", ()),
    ]
    assert [message.id for message in messages] == sorted({message.id for message in messages})


def test_only_what_is_new_is_read(log: ChatLog) -> None:
    """A browser that has seen a message gets those after it."""
    log.add_bot("a", "ett")
    seen = log.add_bot("a", "två")
    log.add_bot("a", "tre")
    assert texts(log, last=seen) == ["tre"]


def test_conversations_do_not_mix(log: ChatLog) -> None:
    """Neither messages nor choices are seen in another conversation."""
    log.add_bot("a", "till a", [YES])
    log.add_bot("b", "till b")
    assert texts(log, "b") == ["till b"]
    assert log.offered("b") == {}


def test_the_log_is_there_after_a_restart(log: ChatLog, url: str) -> None:
    """Another process reads what was said, and the buttons still count."""
    log.add_bot("a", "Hej!", [YES])
    again = ChatLog(open_engine(url))
    assert again.after("a", 0) == log.after("a", 0)
    assert again.offered("a") == log.offered("a")


def test_times_are_utc(log: ChatLog) -> None:
    """A message knows when it was said, in UTC and marked so."""
    log.add_bot("a", "Hej!")
    (message,) = log.after("a", 0)
    assert message.created.tzinfo is not None
    assert timedelta(0) <= datetime.now(timezone.utc) - message.created < timedelta(minutes=1)


def test_a_retry_is_stored_once(log: ChatLog) -> None:
    """The same client_id again is None and adds nothing, whatever its text."""
    assert said(log, "a", "Hej", "1") is not None
    assert said(log, "a", "Hej", "1") is None
    assert said(log, "a", "Något annat", "1") is None
    assert texts(log) == ["Hej"]


def test_the_same_client_id_elsewhere_is_no_retry(log: ChatLog) -> None:
    """Client ids only count within a conversation."""
    assert said(log, "a", "Hej", "1") is not None
    assert said(log, "b", "Hej", "1") is not None


def test_a_message_is_stored_after_a_retry(log: ChatLog) -> None:
    """A refused retry does not stop what comes next."""
    said(log, "a", "ett", "1")
    said(log, "a", "ett", "1")
    assert said(log, "a", "två", "2") is not None
    assert texts(log) == ["ett", "två"]


def test_the_bot_may_say_the_same_twice(log: ChatLog) -> None:
    """Only the user's messages are checked for retries."""
    log.add_bot("a", "Löste det sig?")
    log.add_bot("a", "Löste det sig?")
    assert len(log.after("a", 0)) == 2


def test_all_choices_since_the_user_spoke_are_offered(log: ChatLog) -> None:
    """Every message of the bot's present turn counts, each choice named by message and place."""
    log.add_bot("a", "Gammal fråga?", [Choice("Gammal", "/old")])
    said(log, "a", "Hej", "1")
    first = log.add_bot("a", "Fråga?", [YES, NO])
    second = log.add_bot("a", "Eller?", [Choice("Sluta", "/stop")])
    assert log.offered("a") == {f"{first}.0": YES, f"{first}.1": NO, f"{second}.0": Choice("Sluta", "/stop")}


def test_choices_before_the_user_speaks_are_offered(log: ChatLog) -> None:
    """The greeting's buttons count, though the user has said nothing yet."""
    greeting = log.add_bot("a", "Hej!", [YES])
    assert log.offered("a") == {f"{greeting}.0": YES}


def test_no_choices_are_offered_after_the_user_spoke(log: ChatLog) -> None:
    """Once the user has answered, the buttons above are old."""
    log.add_bot("a", "Fråga?", [YES, NO])
    said(log, "a", "Ja", "1")
    assert log.offered("a") == {}


def test_a_retry_does_not_make_new_choices_old(log: ChatLog) -> None:
    """A message sent twice is not speaking again."""
    said(log, "a", "Hej", "1")
    question = log.add_bot("a", "Fråga?", [YES])
    said(log, "a", "Hej", "1")
    assert log.offered("a") == {f"{question}.0": YES}


def test_what_was_offered_before_a_message_is_known(log: ChatLog) -> None:
    """The choices of the bot's messages between the user's last words and these, whatever was said since."""
    log.add_bot("a", "Gammal fråga?", [Choice("Gammal", "/old")])
    said(log, "a", "Hej", "1")
    log.add_bot("a", "Fråga?", [YES])
    log.add_bot("a", "Eller?", [NO])
    heard = said(log, "a", "Ja", "2")
    log.add_bot("a", "Ny fråga?", [Choice("Ny", "/new")])
    assert heard is not None
    assert log.offered_before("a", heard) == [YES, NO]
    assert log.offered_before("a", 0) == []
    assert log.offered_before("b", heard) == []


def test_the_browser_never_sees_a_payload(log: ChatLog) -> None:
    """The page gets titles and names of choices; what Rasa gets stays on the server."""
    said = log.add_bot("a", "Vem har problemet?", [Choice("Jag", ASK), NO])
    (message,) = log.after("a", 0)
    shown = message.to_browser()
    assert shown == {
        "id": said,
        "author": "bot",
        "text": "Vem har problemet?",
        "time": message.created.isoformat(),
        "choices": [{"id": f"{said}.0", "title": "Jag"}, {"id": f"{said}.1", "title": "Nej"}],
    }
    assert "inform_affected" not in json.dumps(shown)
    assert {choice["id"] for choice in shown["choices"]} == set(log.offered("a"))


def test_numbers_have_no_gap_however_many_write(url: str) -> None:
    """Several processes write at the same time: each message has a number of its own, and none is left out."""
    logs = [ChatLog(open_engine(url)) for _ in range(3)]

    def write(index: int) -> None:
        log = logs[index % len(logs)]
        if index % 2:
            log.add_bot("a", str(index))
        else:
            said(log, "a", str(index), str(index))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(120)))
    messages = logs[0].after("a", 0)
    assert [message.id for message in messages] == list(range(1, 121))
    assert {message.text for message in messages} == {str(index) for index in range(120)}


def test_what_cannot_be_done_with_a_message_undoes_it(log: ChatLog) -> None:
    """The turn that answers a message is noted with it, or neither is there."""

    def fail(connection: object, number: int) -> None:
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        log.add_user("a", "Hej", "1", fail)
    assert texts(log) == []
    assert said(log, "a", "Hej", "1") == 1


def test_a_log_of_an_older_lotsen_is_read_on(url: str) -> None:
    """Messages without a number get one, in their order, and the next goes on from there."""
    path = url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE chat_messages (id INTEGER PRIMARY KEY AUTOINCREMENT, conversation VARCHAR(255) NOT NULL,"
            " author VARCHAR(10) NOT NULL, client_id VARCHAR(64), created DATETIME NOT NULL, body TEXT NOT NULL,"
            " UNIQUE (conversation, client_id))"
        )
        for conversation, text in (("a", "ett"), ("b", "annat"), ("a", "två")):
            database.execute(
                "INSERT INTO chat_messages (conversation, author, created, body) VALUES (?, 'bot', ?, ?)",
                (conversation, "2026-11-26 08:00:00.000000", json.dumps({"text": text})),
            )
    upgrade(url)
    log = ChatLog(open_engine(url))
    log.add_bot("a", "tre")
    assert [(message.id, message.text) for message in log.after("a", 0)] == [(1, "ett"), (2, "två"), (3, "tre")]
    with sqlite3.connect(path) as database, pytest.raises(sqlite3.IntegrityError):
        database.execute("UPDATE chat_messages SET number = 1 WHERE conversation = 'a'")


def test_one_message_is_found_by_its_number(log: ChatLog) -> None:
    """Only in its own conversation, with what it carries beside the text."""
    log.add_bot("a", "Steg", step={"number": 3, "total": 9})
    answer = log.add_bot("a", "Svar", answer="gallring")
    found = log.get("a", answer)
    assert found is not None and found.answer == "gallring"
    assert found.to_browser("up")["ratable"] is True and found.to_browser("up")["rated"] == "up"
    assert log.after("a", 0)[0].to_browser()["step"] == {"number": 3, "total": 9}
    assert log.get("b", answer) is None
    assert log.get("a", answer + 1) is None


def test_messages_of_a_user_are_counted(log: ChatLog) -> None:
    """Only those of this conversation, of the user, of the last seconds."""
    said(log, "a", "ett", "1")
    said(log, "b", "två", "2")
    log.add_bot("a", "tre")
    assert log.said_within("a", 60) == 1
    assert log.said_within("a", 0) == 0


def aside(log: ChatLog, conversation: str, client_id: str) -> Optional[int]:
    """Store something that the user did without a word; return its number."""
    return log.add_user(conversation, "", client_id, lambda connection, number: number, ASIDE)


def test_an_aside_is_no_word_of_the_user(log: ChatLog) -> None:
    """A reaction or a file is stored once, and in order; buttons go on counting, and it is not counted as a message."""
    said(log, "a", "Hej", "1")
    question = log.add_bot("a", "Fråga?", [YES, NO])
    assert aside(log, "a", "2") == 3
    assert aside(log, "a", "2") is None and said(log, "a", "Ja", "2") is None
    again = log.add_bot("a", "Jag ser inga bilder.", [YES, NO])
    assert [(one.author, one.text) for one in log.after("a", question)] == [(ASIDE, ""), (BOT, "Jag ser inga bilder.")]
    assert set(log.offered("a")) == {f"{one}.{place}" for one in (question, again) for place in (0, 1)}
    assert log.said_within("a", 60) == 1
    last = log.last_said("a")
    assert last is not None and last.text == "Hej"


def test_what_was_offered_before_goes_over_asides(log: ChatLog) -> None:
    """Those between two words of the user do not part what was offered."""
    said(log, "a", "Hej", "1")
    log.add_bot("a", "Fråga?", [YES])
    aside(log, "a", "2")
    log.add_bot("a", "Jag ser inga bilder.", [NO])
    heard = said(log, "a", "Ja", "3")
    assert heard is not None
    assert log.offered_before("a", heard) == [YES, NO]
    assert log.offered("a") == {}


def test_what_the_user_said_last(log: ChatLog) -> None:
    """Not what the bot said after it, and not somebody else."""
    assert log.last_said("a") is None
    log.add_bot("a", "Hej!")
    assert log.last_said("a") is None
    said(log, "a", "ett", "1")
    said(log, "a", "två", "2")
    said(log, "b", "tre", "3")
    log.add_bot("a", "Då så.")
    last = log.last_said("a")
    assert last is not None and (last.id, last.author, last.text) == (3, USER, "två")


def test_a_message_is_found_by_the_name_that_a_service_gave_it(log: ChatLog) -> None:
    """Teams gives each message of the bot an id of its own; it counts in its conversation, and the last one given."""
    number = log.add_bot("a", "Svar", answer="gallring")
    log.add_bot("a", "Löste det sig?")
    log.add_bot("b", "Annat svar", answer="annat")
    assert log.named("a", "1700") is None
    log.name("a", number, "1700")
    found = log.named("a", "1700")
    assert found is not None and (found.id, found.text, found.answer) == (number, "Svar", "gallring")
    assert log.named("b", "1700") is None
    log.name("b", 1, "1700")
    other = log.named("b", "1700")
    assert other is not None and other.answer == "annat"
    log.name("a", number, "1701")
    assert log.named("a", "1700") is None and log.named("a", "1701") == found


def test_a_message_of_the_user_has_the_name_that_it_came_with(log: ChatLog) -> None:
    """So an edit of it can be told from an edit of something that is not known."""
    said(log, "a", "Hej", "1700")
    aside(log, "a", "1701")
    authors = [found.author if (found := log.named("a", id)) is not None else None for id in ("1700", "1701", "1702")]
    assert authors == [USER, ASIDE, None]


def test_one_name_is_one_message(log: ChatLog) -> None:
    """A name that another message of the conversation has is refused, and nothing changes."""
    first, second = log.add_bot("a", "ett"), log.add_bot("a", "två")
    log.name("a", first, "1700")
    with pytest.raises(IntegrityError):
        log.name("a", second, "1700")
    found = log.named("a", "1700")
    assert found is not None and found.id == first


def test_a_choice_of_some_time_is_found(log: ChatLog) -> None:
    """Whether it still counts or not, by message and place, in its own conversation only."""
    log.add_bot("a", "Hej!")
    question = log.add_bot("a", "Fråga?", [YES, NO])
    assert [log.choice("a", f"{question}.{place}") for place in (0, 1, 2)] == [YES, NO, None]
    heard = said(log, "a", "Ja", "1")
    assert log.choice("a", f"{question}.1") == NO
    assert log.choice("a", "1.0") is None and log.choice("a", f"{heard}.0") is None
    assert log.choice("a", f"{question + 9}.0") is None
    assert log.choice("b", f"{question}.0") is None


@pytest.mark.parametrize(
    "id",
    ["", ".", "1", "1.", ".0", "-1.0", "1.-0", "1.0.0", " 1.0", "01.0", "1.00", "x.y", "²", "².0", "9" * 5000 + ".0"],
)
def test_what_is_no_choice(log: ChatLog, id: str) -> None:
    """An id that was never made names nothing, whatever it is made of."""
    log.add_bot("a", "Fråga?", [YES, NO])
    assert log.choice("a", id) is None
    assert log.choice("a", "1.0") == YES


def test_what_is_to_be_done_with_a_message_of_the_bot(log: ChatLog, url: str) -> None:
    """It is done in the same transaction: both are there, or neither."""
    seen: List[int] = []
    elsewhere = ChatLog(open_engine(url))

    def note(connection: Connection) -> None:
        seen.append(len(connection.execute(sa.text("SELECT 1 FROM chat_messages")).all()))
        assert texts(elsewhere) == [], "nobody else sees it yet"

    assert log.add_bot("a", "Hej!", also=note) == 1
    assert seen == [1]
    assert texts(log) == ["Hej!"]

    def fail(connection: Connection) -> None:
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        log.add_bot("a", "Igen!", also=fail)
    assert texts(log) == ["Hej!"]
