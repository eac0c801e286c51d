"""Ratings of answers: kept once for each message, without personal numbers, and shown to who owns the content."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import List
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lotsen import cli
from lotsen.clock import utc_now
from lotsen.commands import feedback as command
from lotsen.feedback.store import DOWN, MAX_COMMENT, UP, FeedbackStore
from lotsen.privacy.masking import mask
from lotsen.settings import ROOT
from lotsen.storage.database import open_engine

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=timezone.utc)
LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)
ZONE = ZoneInfo("America/New_York")
"""Not the machine's, nor the default."""
FAQ = """version: "3.1"
nlu:
- intent: gallring
  metadata: {section: Övrigt, title: Hur går gallring till?}
  examples: |
    - gallra
- intent: moment
  metadata: {section: Övrigt, title: Vad är ett moment?}
  examples: |
    - moment
"""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An SQLite file that commands of this test use, too, and content with two answers."""
    (tmp_path / "content" / "faq").mkdir(parents=True)
    (tmp_path / "content" / "faq" / "other.yml").write_text(FAQ, encoding="utf-8")
    monkeypatch.setattr(command, "CONTENT", tmp_path / "content")
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("LOTSEN_DATABASE_URL", raising=False)
    monkeypatch.setenv("LOTSEN_TIME_ZONE", ZONE.key)
    return tmp_path / "lotsen.db"


@pytest.fixture
def store(database: Path) -> FeedbackStore:
    """An empty store."""
    return FeedbackStore(open_engine(f"sqlite:///{database}"))


def at(database: Path, when: datetime) -> FeedbackStore:
    """Return the store as it is at a certain time."""
    return FeedbackStore(open_engine(f"sqlite:///{database}"), lambda: when)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> List[str]:
    """Run the command; return what it printed, or its error, in lines."""
    assert cli.main(["feedback", *arguments]) == code
    said = capsys.readouterr()
    assert (said.err == "") == (code == 0)
    return (said.err if code else said.out).splitlines()


def local(when: datetime) -> str:
    """Return a time as the content owner reads it."""
    return when.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def test_a_second_rating_replaces_the_first(store: FeedbackStore) -> None:
    """One for each message; a comment stays when only the thumb changes, and a new one takes its place."""
    store.record("a", 3, "gallring", UP)
    store.record("a", 3, "gallring", DOWN, "  länken är död ")
    store.record("a", 3, "gallring", UP, "  ")
    store.record("a", 5, "gallring", DOWN, "för långt")
    store.record("a", 5, "gallring", DOWN, "för svårt")
    store.record("b", 3, "gallring", DOWN)
    assert store.ratings("a") == {3: UP, 5: DOWN}
    assert store.ratings("b") == {3: DOWN}
    kept = [(one.rating, one.comment) for one in store.since(LONG_AGO)]
    assert kept == [(UP, "länken är död"), (DOWN, "för svårt"), (DOWN, "")]


def test_a_rating_is_up_or_down(store: FeedbackStore) -> None:
    """Anything else is a fault of ours, and is not kept."""
    with pytest.raises(ValueError, match="^A rating is up or down, not 'best'.$"):
        store.record("a", 3, "gallring", "best")
    assert store.since(LONG_AGO) == []


def test_many_presses_at_once_are_one_rating(store: FeedbackStore) -> None:
    """Whoever comes first, nobody fails."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store.record("a", 3, "gallring", DOWN), range(40)))
    assert [one.rating for one in store.since(LONG_AGO)] == [DOWN]


def test_an_ended_conversation_leaves_its_ratings(store: FeedbackStore, database: Path) -> None:
    """They still count, under a name that has nothing of the conversation's; other conversations keep theirs."""
    store.record("pseudonym-a", 3, "gallring", UP, "tack")
    store.record("pseudonym-a", 5, "gallring", DOWN)
    store.record("b", 3, "gallring", UP)
    store.forget("pseudonym-a")
    store.record("pseudonym-a", 3, "gallring", DOWN)
    store.forget("pseudonym-a")
    store.forget("never there")
    assert store.ratings("pseudonym-a") == {}
    assert store.ratings("b") == {3: UP}
    assert [one.rating for one in store.since(LONG_AGO)] == [UP, DOWN, UP, DOWN]
    with sqlite3.connect(database) as connection:
        dump = "\n".join(connection.iterdump())
    assert "tack" in dump
    assert "pseudonym-a" not in dump


def test_only_what_is_new_enough(database: Path) -> None:
    """What was given at the very moment counts, and what was given before does not."""
    at(database, NOW - timedelta(days=30, microseconds=1)).record("a", 1, "gallring", UP)
    at(database, NOW - timedelta(days=30)).record("a", 2, "gallring", DOWN)
    assert [one.rating for one in at(database, NOW).since(NOW - timedelta(days=30))] == [DOWN]


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        (" pat 19121212-1212 ", "pat [personnummer]"),
        ("pat 121212\n1212", "pat [personnummer]"),
        ("pat 1912\u200b1212-1212", "pat [personnummer]"),
        ("x" * 486 + " 19121212-12125", "x" * 486 + " [personnummer"),
        ("1212121212 " * 45 + "x", ("[personnummer] " * 45)[:MAX_COMMENT].rstrip()),
        ("x" * 501, "x" * 500),
        ("x" * 499 + " y", "x" * 499),
        ("en\r\n\ttvå\x00tre", "en två tre"),
        ("\x1b[31mröd\u202e\ud800", "[31mröd"),
        ("ring 0701740635 👍🏽", "ring 0701740635 👍🏽"),
    ],
)
def test_how_a_comment_is_kept(comment: str, kept: str, store: FeedbackStore) -> None:
    """One masked line of at most 500 characters, also when cutting makes a number of a longer row of digits."""
    store.record("a", 1, "gallring", UP, comment)
    assert [one.comment for one in store.since(LONG_AGO)] == [kept]


NUMBERS = ("19121212-1212", "121212 1212", "1212121212", "191212121212", "19121212-12125", "121212\n1212", "121212")
PARTS = st.lists(st.one_of(st.sampled_from(NUMBERS), st.text(max_size=20)), max_size=40)


@settings(deadline=None, max_examples=100)
@given(before=st.integers(0, 520), parts=PARTS, glue=st.sampled_from(["", " ", "\n", "\u200b", "."]))
def test_no_personal_number_in_the_database(before: int, parts: List[str], glue: str) -> None:
    """Whatever is around it and wherever the comment is cut; no column has one, and the comment has its limit."""
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/lotsen.db")
        FeedbackStore(engine).record("a", 1, "gallring", UP, "x" * before + " " + glue.join(parts))
        engine.dispose()
        with sqlite3.connect(f"{folder}/lotsen.db") as connection:
            (row,) = connection.execute("SELECT answer, rating, comment, conversation FROM feedback")
        connection.close()
    assert [mask(value) for value in row] == list(row)
    assert len(row[2]) <= MAX_COMMENT
    assert row[2] == " ".join(row[2].split())


def test_the_command(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer that failed most comes first, by its title, with its comments in the order of time."""
    first, second = utc_now() - timedelta(days=3), utc_now() - timedelta(days=2)
    at(database, second).record("a", 1, "moment", UP)
    at(database, second).record("a", 2, "gallring", UP, "tack!")
    at(database, second).record("b", 2, "gallring", UP)
    at(database, first).record("c", 2, "gallring", DOWN, "står inte\nvem jag ringer")
    at(database, second).record("c", 4, "borttaget", DOWN)
    assert shown(capsys) == [
        "borttaget (borttaget): hjälpte 0 av 1 (0 %), hjälpte inte 1",
        "Hur går gallring till? (gallring): hjälpte 2 av 3 (67 %), hjälpte inte 1",
        f"  {local(first)}  hjälpte inte: står inte vem jag ringer",
        f"  {local(second)}  hjälpte: tack!",
        "Vad är ett moment? (moment): hjälpte 1 av 1 (100 %), hjälpte inte 0",
    ]


def test_one_answer_and_some_days(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An id chooses one answer, also one that is gone from the content; old ratings are left out."""
    at(database, utc_now() - timedelta(days=31)).record("a", 1, "gallring", DOWN)
    at(database, utc_now() - timedelta(days=2)).record("a", 2, "moment", UP)
    at(database, utc_now() - timedelta(days=2)).record("a", 3, "borttaget", UP)
    moment = "Vad är ett moment? (moment): hjälpte 1 av 1 (100 %), hjälpte inte 0"
    gone = "borttaget (borttaget): hjälpte 1 av 1 (100 %), hjälpte inte 0"
    assert shown(capsys) == [gone, moment]
    assert shown(capsys, "--answer", "moment") == [moment]
    assert shown(capsys, "--answer", "borttaget") == [gone]
    assert shown(capsys, "--answer", "gallring") == ["Inga omdömen av gallring de senaste 30 dagarna."]
    assert shown(capsys, "--answer", "gallring", "--days", "32") == [
        "Hur går gallring till? (gallring): hjälpte 0 av 1 (0 %), hjälpte inte 1"
    ]
    assert shown(capsys, "--days", "1") == ["Inga omdömen det senaste dygnet."]


def test_json(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object on each line; nothing at all if nobody has rated."""
    assert shown(capsys, "--json") == []
    when = utc_now()
    at(database, when).record("a", 1, "gallring", UP)
    at(database, when).record("b", 1, "gallring", DOWN, "länken är död")
    at(database, when).record("c", 1, "gallring", UP)
    at(database, when).record("a", 3, "moment", UP)
    assert [json.loads(line) for line in shown(capsys, "--json")] == [
        {
            "answer": "gallring",
            "title": "Hur går gallring till?",
            "up": 2,
            "down": 1,
            "share": 0.67,
            "comments": [{"time": when.isoformat(), "rating": "down", "comment": "länken är död"}],
        },
        {"answer": "moment", "title": "Vad är ett moment?", "up": 1, "down": 0, "share": 1.0, "comments": []},
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--answer", "galring"), "Svaret 'galring' finns inte. Menade du 'gallring'?"),
        (("--answer", "x"), "Svaret 'x' finns inte. Välj bland: gallring, moment."),
        (("--answer", ""), "Svaret '' finns inte. Välj bland: gallring, moment."),
        (("--days", "0"), "'0' går inte. Skriv antalet dagar, till exempel 30."),
        (("--days", "en"), "'en' går inte. Skriv antalet dagar, till exempel 30."),
        (("--days", "9999999"), "'9999999' går inte. Skriv antalet dagar, till exempel 30."),
    ],
)
def test_what_cannot_be_done(
    arguments: List[str], said: str, store: FeedbackStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault is a sentence in Swedish, and exit code 1."""
    assert shown(capsys, *arguments, code=1) == [f"lotsen: {said}"]


def test_a_database_that_cannot_be_used(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback."""
    database.write_text("this is no database, but long enough to be looked at " * 20, encoding="utf-8")
    (said,) = shown(capsys, code=1)
    assert said == "lotsen: Databasen går inte att använda: (sqlite3.DatabaseError) file is not a database"


def test_as_a_process_of_its_own(tmp_path: Path) -> None:
    """With the real content, and before anything else has made the database."""
    environment = {**os.environ, "LOTSEN_DATA_DIR": str(tmp_path), "LOTSEN_DATABASE_URL": ""}
    asked = [sys.executable, "-m", "lotsen.cli", "feedback"]
    done = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.stderr.decode() == ""
    assert (done.returncode, done.stdout.decode()) == (0, "Inga omdömen de senaste 30 dagarna.\n")
