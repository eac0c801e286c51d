"""Case number and code: made from the key, read as people write them, and not to be guessed."""

from __future__ import annotations

from typing import Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.access import (
    WRONG_PER_CONVERSATION,
    WRONG_PER_MINUTE,
    Guesses,
    code_of,
    number_and_code,
    number_in,
    without_code,
)
from lotsen.cases.case import NUMBER_FORMAT
from lotsen.channels.resume import ALPHABET, code_in
from tests.cases.made import KEY, OTHER_KEY

CODE = "K7QM-2XPD"


def test_a_code() -> None:
    """It is always the same for a case; another case or another secret gives another one."""
    code = code_of(KEY, "secret")
    assert code == code_of(KEY, "secret")
    assert len({code, code_of(OTHER_KEY, "secret"), code_of(KEY, "other")}) == 3
    assert set(code) - {"-"} <= set(ALPHABET)
    assert code_in(code) == code


def test_codes_use_the_whole_alphabet() -> None:
    """A thousand cases have a thousand codes, and no letter is rare."""
    codes = [code_of(f"{number:032x}", "secret") for number in range(1000)]
    assert len(set(codes)) == len(codes)
    letters = "".join(codes).replace("-", "")
    share = len(letters) / len(ALPHABET)
    assert all(share * 0.6 < letters.count(letter) < share * 1.4 for letter in ALPHABET)


@given(st.integers(1, 10**9 - 1), st.text("0123456789abcdef", min_size=32, max_size=32), st.text(max_size=20))
def test_what_is_told_can_be_typed(number: int, key: str, secret: str) -> None:
    """A number and a code, as Lotsen tells them, open the case, also in small letters."""
    shown, code = NUMBER_FORMAT.format(number), code_of(key, secret)
    for text in (f"{shown} {code}", f"{shown}, kod {code}".lower(), f"{code} ({shown})"):
        assert number_and_code(text) == (number, code)
        assert code not in without_code(text).upper()
        assert number_in(without_code(text)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("LOT-000042", 42),
        ("lot-42", 42),
        ("Lot 000042", 42),
        ("LOT000042", 42),
        ("LOT - 42", 42),
        ("LOT\u201342", 42),
        ("hur går det med LOT-000042?", 42),
        ("LOT-1234567", 1234567),
        ("000042", None),
        ("ärende 42", None),
        ("PILOT-42", None),
        ("LOT-", None),
        ("LOT-42a", None),
        ("lotsen 42", None),
    ],
)
def test_case_numbers(text: str, number: Optional[int]) -> None:
    """With or without dash and noughts; digits alone are anything."""
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("text", "found", "kept"),
    [
        ("LOT-000042 K7QM-2XPD", (42, CODE), "LOT-000042 [kod]"),
        ("LOT-000042, kod k7qm-2xpd", (42, CODE), "LOT-000042, kod [kod]"),
        ("kod: K7QM-2XPD, ärende LOT-42!", (42, CODE), "kod: [kod], ärende LOT-42!"),
        ("lot 42 k7qm - 2xpd", (42, CODE), "lot 42 [kod]"),
        ("LOT-000042-K7QM-2XPD", (42, CODE), "LOT-000042-[kod]"),
        ("LOT-000042 - K7QM-2XPD", (42, CODE), "LOT-000042 - [kod]"),
        ("LOT-000042 -K7QM-2XPD", (42, CODE), "LOT-000042 -[kod]"),
        ("LOT\u2013000042/K7QM\u20132XPD", (42, CODE), "LOT\u2013000042/[kod]"),
        ("LOT-000042\nK7QM-2XPD.", (42, CODE), "LOT-000042\n[kod]."),
        ("**LOT-000042** (K7QM-2XPD)", (42, CODE), "**LOT-000042** ([kod])"),
        ("K7QM-2XPD", None, "[kod]"),
        ("LOT-000042", None, "LOT-000042"),
        ("LOT-000042, ring 070-174 06 35", None, "LOT-000042, ring 070-174 06 35"),
        ("LOT-000042 sedan 2026-11-26", None, "LOT-000042 sedan 2026-11-26"),
        ("LOT-000042 AK7QM-2XPD", None, "LOT-000042 AK7QM-2XPD"),
        ("LOT-000042 K7QM-2XPD-9", None, "LOT-000042 K7QM-2XPD-9"),
        ("LOT-000042 KOLL-2XPD", None, "LOT-000042 KOLL-2XPD"),
        ("", None, ""),
    ],
)
def test_number_and_code(text: str, found: Optional[Tuple[int, str]], kept: str) -> None:
    """As people write them; what is kept of the message has no code."""
    assert number_and_code(text) == found
    assert without_code(text) == kept


@given(
    st.text() | st.lists(st.sampled_from(["LOT", "-", " ", "42", "K7QM", "2XPD", "\u2013"]), max_size=12).map("".join)
)
def test_any_text_can_be_read(text: str) -> None:
    """Nothing that is typed stops the conversation, and what opened a case is not kept."""
    found = number_and_code(text)
    kept = without_code(text)
    if found is not None:
        assert number_in(text) == found[0]
        assert kept != text
        assert number_and_code(kept) is None


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 600.0

    def __call__(self) -> float:
        return self.now


def test_a_conversation_may_be_wrong_a_few_times() -> None:
    """Then nothing is looked at, however long it waits; other conversations may go on."""
    clock = Clock()
    guesses = Guesses(clock)
    for _ in range(WRONG_PER_CONVERSATION):
        assert guesses.allowed("a")
        guesses.wrong("a")
    clock.now += 3600
    assert not guesses.allowed("a")
    assert guesses.allowed("b")


def test_all_together_may_be_wrong_a_few_times_a_minute() -> None:
    """A new conversation for each guess does not help; after the minute it goes on."""
    clock = Clock()
    guesses = Guesses(clock)
    for number in range(WRONG_PER_MINUTE):
        assert guesses.allowed(f"{number}")
        guesses.wrong(f"{number}")
    assert not guesses.allowed("new")
    clock.now += 59.9
    assert not guesses.allowed("new")
    clock.now += 0.1
    assert guesses.allowed("new")


def test_right_answers_cost_nothing() -> None:
    """Asking is free as long as it is right."""
    guesses = Guesses(Clock())
    assert all(guesses.allowed("a") for _ in range(10 * WRONG_PER_MINUTE))


@pytest.mark.parametrize("text", ["LOT-000042 k7qm 2xpd", "lot 42 kod K7QM 2XPD."])
def test_a_code_without_its_hyphen_is_one_too(text: str) -> None:
    """It opens the case, and is kept out of what is stored."""
    assert number_and_code(text) == (42, "K7QM-2XPD")
    assert "2xpd" not in without_code(text).lower()


@pytest.mark.parametrize("text", ["LOT-42 sent nere", "LOT-42 rum 2345 6789", "LOT-000042 ankn 4472 rehab"])
def test_words_and_numbers_side_by_side_are_no_code(text: str) -> None:
    """Two words, two numbers."""
    assert number_and_code(text) is None
