"""The words that a case is found by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.table import MAX_WORD
from lotsen.cases.words import MAX_WORDS, asked_words, phone_word, words_in, words_of
from tests.cases.made import FULL


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("LOT-000012", ["000012"]),
        ("lot 12", ["000012"]),
        ("12", ["12"]),
        ("ÅÄÖ åäö", ["åäö"]),
        ("a\u030asa", ["åsa"]),
        ("070-174 06 35", ["0701740635"]),
        ("+46 (0)70 174 06 35", ["0701740635"]),
        ("moa@example.se", ["moa", "example", "se"]),
        ("page_cannot", ["page", "cannot"]),
        ("sida sidan", ["sidan"]),
        ("%_ -", []),
        ("", []),
    ],
)
def test_asked(asked: str, words: list[str]) -> None:
    """What somebody writes in the field, as words."""
    assert asked_words(asked) == words


def test_a_case_has_its_words() -> None:
    """The problem, the number, who and where, the error text, the program, what was added; not the transcript."""
    words = words_of(12, FULL.to_json())
    assert {"12", "000012", "sidan", "moa", "psyk", "norr", "example", "0701740635", "error", "program", "å"} <= words
    assert "hej" not in words


@pytest.mark.parametrize("phone", ["070-174 06 35", "+46701740635", "0046 70 174 06 35", "070 / 1740635"])
def test_a_telephone_number_is_one_word(phone: str) -> None:
    """However it is written."""
    assert phone_word(phone) == "0701740635"


@given(st.text(), st.integers(1, 10**9))
def test_any_text(text: str, id: int) -> None:
    """A case is found by each word of its problem, and no word is too long for the table."""
    words = words_of(id, {"problem": text})
    assert len(words) <= MAX_WORDS + 3
    assert all(0 < len(word) <= MAX_WORD for word in words)
    assert set(words_in(text)[:MAX_WORDS]) <= words
    assert all(len(word) <= MAX_WORD for word in asked_words(text))
