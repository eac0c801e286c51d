"""Spelling: unknown words are read as the known one that was meant; known words are never touched."""

from __future__ import annotations

from typing import List

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from lotsen.understanding.spelling import MIN_LENGTH, Speller
from lotsen.understanding.text import fold

COUNTS = {
    "behandling": 9,
    "behandlingsprogram": 5,
    "behörighet": 20,
    "gå": 6,
    "inloggning": 1,
    "kursen": 8,
    "kurser": 3,
    "lösenord": 7,
    "med": 30,
    "patienten": 12,
    "plattformar": 50,
    "plattformen": 4,
    "program": 15,
    "till": 40,
}
"""How often each word stands in an invented training set."""
SPELLER = Speller(COUNTS)
LETTERS = "adeikmnorstvåäö"
any_words = st.one_of(st.sampled_from(sorted(COUNTS)), st.text(LETTERS, min_size=1, max_size=12), st.text(min_size=1))


def far_apart(words: List[str]) -> List[str]:
    """Keep the words that nothing within two errors of another can be mistaken for."""
    kept: List[str] = []
    for word in words:
        if all(DamerauLevenshtein.distance(fold(word), fold(other)) >= 3 for other in kept):
            kept.append(word)
    return kept


common_words = st.lists(st.text(LETTERS, min_size=MIN_LENGTH, max_size=14), min_size=1, max_size=12).map(far_apart)
"""Words long enough to be read, where it is clear which one is meant."""


def common(words: List[str]) -> Speller:
    """Return a speller that has seen each word twice, as few times as makes a word common."""
    return Speller(dict.fromkeys(words, 2))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("behorighet", "behörighet", id="marks left out"),
        pytest.param("behörihget", "behörighet", id="letters swapped"),
        pytest.param("behorihget", "behörighet", id="both"),
        pytest.param("behörighetn", "behörighet", id="a letter too many"),
        pytest.param("behörghet", "behörighet", id="a letter too few"),
        pytest.param("behövighet", "behörighet", id="a wrong letter"),
        pytest.param("bheörihget", "behörighet", id="two errors in a long word"),
        pytest.param("porgrma", "porgrma", id="two errors in a short word"),
        pytest.param("porgram", "program", id="one error in a short word"),
        pytest.param("tlil", "tlil", id="a word under five letters"),
        pytest.param("ga", "ga", id="marks left out of a very short word"),
        pytest.param("inlogning", "inlogning", id="a rare word is nothing to be read as"),
        pytest.param("lasenord", "lösenord", id="a wrong letter for a mark"),
        pytest.param("läsenörd", "lösenord", id="the wrong marks"),
        pytest.param("program2", "program2", id="digits are no misspelling"),
        pytest.param("kurs-program", "kurs-program", id="nor are hyphens"),
        pytest.param("behandlings program", "behandlingsprogram", id="a compound in two"),
        pytest.param("behandling sprogram", "behandlingsprogram", id="a compound in two at the wrong place"),
        pytest.param("lose nord", "lösenord", id="a compound in two and without marks"),
        pytest.param("be hörighet", "be behörighet", id="a part under three letters is not joined"),
        pytest.param("prog ram", "prog ram", id="too short to be a compound"),
        pytest.param("till behandlings program med", "till behandlingsprogram med", id="a compound among others"),
        pytest.param("behörihget behandlings program", "behörighet behandlingsprogram", id="an error before it"),
        pytest.param("behörighet till behandling", "behörighet till behandling", id="nothing to read"),
        pytest.param("  till \n program ", "till program", id="white space"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_correct(text: str, read: str) -> None:
    """What is read, and what is left as it stands because more than one word could be meant."""
    assert SPELLER.correct(text) == read


def test_two_known_words_are_not_joined() -> None:
    """Both halves stand in the training data as words of their own, so two words were meant."""
    counts = {"patient": 5, "program": 5, "patientprogram": 5}
    assert Speller(counts).correct("patient program") == "patient program"
    del counts["patient"]
    assert Speller(counts).correct("patient program") == "patientprogram"


def test_of_two_equally_near_words_the_commoner_is_read() -> None:
    """What is asked about more is meant more often; the alphabet decides when that does not."""
    assert Speller({"kursen": 8, "kurser": 3}).correct("kursem") == "kursen"
    assert Speller({"kursen": 3, "kurser": 8}).correct("kursem") == "kurser"
    assert Speller({"kurser": 3, "kursen": 3}).correct("kursem") == "kursen"


def test_a_nearer_word_goes_before_a_commoner() -> None:
    """One error is likelier than two."""
    assert SPELLER.correct("plattformem") == "plattformen"


def test_of_two_words_with_other_marks_the_commoner_is_read() -> None:
    """Without its marks a word may be two."""
    assert Speller({"rådande": 2, "radände": 9}).correct("radande") == "radände"
    assert Speller({"rådande": 9, "radände": 2}).correct("radande") == "rådande"


def test_of_two_compounds_with_other_marks_the_commoner_is_read() -> None:
    """The same holds for one that was split."""
    assert Speller({"rådandeprogram": 2, "radändeprogram": 9}).correct("radande program") == "radändeprogram"
    assert Speller({"rådandeprogram": 9, "radändeprogram": 2}).correct("radande program") == "rådandeprogram"


def test_a_rare_word_without_its_marks_is_read() -> None:
    """Leaving the marks out is no error of the hand, so that the word occurs once is enough."""
    assert Speller({"användarnamnför": 1}).correct("anvandarnamnfor") == "användarnamnför"


def test_words_are_counted() -> None:
    """Learning counts each word of each text."""
    assert Speller.learn(["till kursen", "kursen", ""]).counts == {"till": 1, "kursen": 2}


def test_a_speller_that_knows_nothing_reads_nothing() -> None:
    """Before training every word is unknown, and none can be read as another."""
    assert Speller({}).correct("behorihget till behandlings program") == "behorihget till behandlings program"


written = st.lists(st.text("aåt", min_size=1, max_size=6) | st.text(LETTERS, min_size=1, max_size=14)).map(" ".join)
"""Texts of words that are alike (of three letters, two of them the same without marks) and of others."""


@example(texts=["rådande rådande", "radande"])
@given(texts=st.lists(written))
def test_known_words_never_change(texts: List[str]) -> None:
    """What was learnt from is read as it stands, however rare, short or near to others its words are."""
    speller = Speller.learn(texts)
    assert [speller.correct(text) for text in texts] == texts


@given(words=common_words, data=st.data())
def test_known_compounds_do_not_swallow_known_words(words: List[str], data: st.DataObject) -> None:
    """Though two of them make a third, known words stay."""
    left, right = (data.draw(st.sampled_from(words)) for _ in range(2))
    speller = common([*words, left + right])
    assert speller.correct(f"{left} {right}") == f"{left} {right}"
    assert speller.correct(left + right) == left + right


@given(words=st.lists(any_words))
def test_words_are_never_made_more(words: List[str]) -> None:
    """Reading joins words and never splits them; each word read is known or stood in the text."""
    text = " ".join(words)
    read = SPELLER.correct(text).split()
    assert len(read) <= len(text.split())
    assert set(read) <= {*COUNTS, *text.split()}


@given(word=any_words)
def test_reading_a_word_twice_changes_nothing_more(word: str) -> None:
    """What a word is read as is known, and known words stay."""
    read = SPELLER.correct(word)
    assert SPELLER.correct(read) == read


@given(words=common_words, data=st.data())
def test_swapped_letters_are_read(words: List[str], data: st.DataObject) -> None:
    """Two neighbours that changed places, anywhere in a common word of five letters or more, are one error."""
    word = data.draw(st.sampled_from(words))
    place = data.draw(st.integers(0, len(word) - 2))
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    assert common(words).correct(swapped) == word


@given(words=common_words, data=st.data())
def test_missing_marks_are_read(words: List[str], data: st.DataObject) -> None:
    """Marks left out, of one letter or of several."""
    word = data.draw(st.sampled_from(words))
    written = "".join(data.draw(st.sampled_from([letter, fold(letter)])) for letter in word)
    assert common(words).correct(written) == word


@given(words=common_words, data=st.data())
def test_split_compounds_are_read(words: List[str], data: st.DataObject) -> None:
    """A common word of eight letters or more, written as two of three or more, with its marks or without."""
    word = data.draw(st.sampled_from(words))
    assume(len(word) >= 8)
    place = data.draw(st.integers(3, len(word) - 3))
    speller = common(words)
    assert speller.correct(f"{word[:place]} {word[place:]}") == word
    assert speller.correct(fold(f"{word[:place]} {word[place:]}")) == word


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("utloggning", "inloggning"),
        ("obehörig", "behörig"),
        ("avregistrera", "registrera"),
        ("ombehandling", "behandling"),
        ("inskrivning", "beskrivning"),
        ("avsluten", "ansluten"),
    ],
)
def test_a_beginning_that_turns_the_meaning_is_no_error(typed: str, known: str) -> None:
    """One or two letters in front make the opposite of a word; it is left as it is."""
    assert Speller({known: 5}).correct(typed) == typed
