"""Codes to go on with: they lead back to one conversation, for a while, and cannot be guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Tuple

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from lotsen.channels.resume import ALPHABET, HALF, LIFETIME_SECONDS, WRONG_PER_MINUTE, ResumeCodes, code_in
from lotsen.storage.database import open_engine

START = 1_000_000.0


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        """Begin at some time."""
        self.now = START

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def kept(tmp_path: Path) -> Tuple[ResumeCodes, Clock, sa.engine.Engine]:
    """Codes on a database file, with their clock."""
    engine, clock = open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}"), Clock()
    return ResumeCodes(engine, clock), clock, engine


Kept = Tuple[ResumeCodes, Clock, sa.engine.Engine]


def test_a_code_leads_back(kept: Kept) -> None:
    """To the conversation that it was made for, as often as it is written."""
    codes, _, _ = kept
    first, second = codes.make("a"), codes.make("b")
    assert [codes.conversation(code) for code in (first, second, first)] == ["a", "b", "a"]


def test_a_new_code_replaces_the_old(kept: Kept) -> None:
    """Only the latest one that was shown counts."""
    codes, _, _ = kept
    old = codes.make("a")
    new = codes.make("a")
    assert (codes.conversation(old), codes.conversation(new)) == (None, "a")


def test_a_code_does_not_last(kept: Kept) -> None:
    """Three days, and no longer."""
    codes, clock, _ = kept
    code = codes.make("a")
    clock.now = START + LIFETIME_SECONDS
    assert codes.conversation(code) == "a"
    clock.now += 1
    assert codes.conversation(code) is None


def test_guessing_is_stopped(kept: Kept) -> None:
    """After too many wrong codes in a minute the right one is not looked at either, until the next minute."""
    codes, clock, _ = kept
    code = codes.make("a")
    for _ in range(WRONG_PER_MINUTE):
        assert codes.conversation("2222-2222") is None
    assert codes.conversation(code) is None
    clock.now += 60
    assert codes.conversation(code) == "a"


def test_the_code_itself_is_not_stored(kept: Kept) -> None:
    """Somebody who reads the database cannot go on with a conversation."""
    codes, _, engine = kept
    code = codes.make("a")
    with engine.connect() as connection:
        rows = [str(row) for row in connection.execute(sa.text("SELECT * FROM resume_codes"))]
    assert len(rows) == 1
    assert code not in rows[0]
    assert code.replace("-", "") not in rows[0]


halves = st.text(ALPHABET, min_size=HALF, max_size=HALF)


@given(first=halves, second=halves, write=st.sampled_from([str.lower, str.upper, "  {}".format, "{}. ".format]))
def test_a_code_is_read_however_it_is_written(first: str, second: str, write: Callable[[str], str]) -> None:
    """Small letters, spaces and a full stop do no harm."""
    assert code_in(write(f"{first}-{second}")) == f"{first}-{second}"


@pytest.mark.parametrize("text", ["", "klart", "SE2321000040-1ABC", "min kod är K7QM-2XPD", "K7QM2XPD", "OOOO-1111"])
def test_other_texts_are_no_code(text: str) -> None:
    """A sentence is for the bot, also one with a code in it."""
    assert code_in(text) is None


@pytest.mark.parametrize("text", ["/K7QM-2XPD", " / K7QM-2XPD", "K7QM\u20132XPD", "k7qm \u2212 2xpd."])
def test_a_code_is_known_however_it_came(text: str) -> None:
    """Behind a slash, and with what a phone makes of the hyphen: one that is not known would be stored."""
    assert code_in(text) == "K7QM-2XPD"
