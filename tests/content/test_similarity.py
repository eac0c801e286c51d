"""Nearly the same: found through slips, inflection and word order; never when one telling word is another."""

from __future__ import annotations

from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.content.similarity import ESTABLISHED, Sentences, same_word, telling_words

SENTENCES = [
    "hur gallrar administratören avslutade behandlingar",
    "vilken webbläsare fungerar bäst",
    "patienten kommer inte åt sömndagboken",
    "varför försvann behörigheten igår",
    "behandlaren saknas under personal",
    "hur beställer man utbildning",
]

TELLING_PAIRS = [
    ("Sidan finns inte", "Sidan kan inte visas"),
    ("logga in i Cosmic", "logga in i SOB"),
    ("hur gallrar man", "varför gallrar man"),
    ("kan logga in i plattformen", "kan inte logga in i plattformen"),
    ("var finns manualen", "när finns manualen"),
    ("patienten kan inte logga in", "behandlaren kan inte logga in"),
    ("aktivera behandlare", "avaktivera behandlare"),
    ("aktivera behandlare", "aktivera behandlare igen"),
    ("starta moment", "avsluta moment"),
    ("glömt pinkoden till kortet", "glömt pukkoden till kortet"),
    ("logga in med kort", "logga in utan kort"),
    ("program från Östergötland", "program från Västergötland"),
    ("läkare behöver konto", "lärare behöver konto"),
    ("vad är ett moment", "vad är ett program"),
    ("flytta till region", "flytta från region"),
    ("fel 404 i sob", "fel 403 i sob"),
    ("behandling 1177 direkt", "behandling 1178 direkt"),
    ("jag kan inte logga in", "hon kan inte logga in"),
    ("ja tack", "nej tack"),
    ("hej", "hej då"),
    ("det gick", "det gick inte"),
    ("rensa cacheminnet", "rensa"),
    ("köpa program", "sälja program"),
    ("", "hej"),
    ("", "!"),
]


def slipped(word: str, kind: str, at: int) -> str:
    """Return the word with one slip after its first letter; a short word as it is."""
    if len(word) < 6:
        return word
    at = 1 + at % (len(word) - 2)
    changed = {
        "left out": word[:at] + word[at + 1 :],
        "doubled": word[:at] + word[at] + word[at:],
        "swapped": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        "capital": word[:at] + word[at].upper() + word[at + 1 :],
        "unmarked": word.translate(str.maketrans("åäö", "aao")),
    }
    return changed[kind]


@st.composite
def noisy(draw: st.DrawFn) -> tuple[int, str]:
    """Draw a sentence's place, and the sentence with slips, in another order, with small words."""
    place = draw(st.integers(0, len(SENTENCES) - 1))
    kinds = st.sampled_from(["left out", "doubled", "swapped", "capital", "unmarked"])
    words: List[str] = [slipped(word, draw(kinds), draw(st.integers(0, 20))) for word in SENTENCES[place].split()]
    words += draw(st.lists(st.sampled_from(["hej", "jag", "tack!", "är", "på", "då,"]), max_size=3))
    return place, " ".join(draw(st.permutations(words)))


@given(drawn=noisy())
def test_slips_order_and_small_words_do_not_hide_a_duplicate(drawn: tuple[int, str]) -> None:
    """However it is typed, it is found, and only it."""
    place, text = drawn
    assert Sentences(SENTENCES).like(text) == [place]


@pytest.mark.parametrize(("one", "other"), TELLING_PAIRS)
def test_a_telling_word_makes_another_sentence(one: str, other: str) -> None:
    """One word may be the whole question, in both directions."""
    assert Sentences([one]).like(other) == []
    assert Sentences([other]).like(one) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("koppla net id till kortet", "koppla netid till kortet"),
        ("inloggnings sida saknas", "inloggningssida saknas"),
        ("Net iD-ikonen saknas", "net id ikonen saknas"),
        ("glömt pinkod till kortet", "glömt pinkoden till mitt kort"),
        ("Hej, hur gallrar man moment?", "gallrar momenten, hur"),
        ("sidan kan inte visas", "Sidan visas inte"),
        ("program", "PROGRAM!"),
    ],
)
def test_the_same_in_other_words(one: str, other: str) -> None:
    """Inflection, words written apart, small words, case."""
    assert Sentences([one]).like(other) == [0]


def test_two_established_words_are_two_words() -> None:
    """A word that stands in several sentences is no slip for another such word."""
    one, other = "vem behandlar där", "vem behandlare där"
    assert Sentences([one]).like(other) == [0]
    many = [f"{text} {number}" for text in ("behandlar", "behandlare") for number in range(ESTABLISHED)]
    assert Sentences([one, *many]).like(other) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hej, hur gallrar man?", ("hur", "gallrar")),
        ("hej på dig", ("hej", "pa", "dig")),
        ("ja tack", ("ja", "tack")),
        ("Net iD-ikonen", ("net", "id", "ikonen")),
        ("😀", ()),
    ],
)
def test_telling_words(text: str, words: tuple[str, ...]) -> None:
    """Small words are left out, unless hardly any other is there."""
    assert telling_words(text) == words


@given(one=st.text(max_size=12), other=st.text(max_size=12))
def test_likeness_is_mutual(one: str, other: str) -> None:
    """No order of files may decide what is found, and any text may be asked."""
    assert same_word(one, other) == same_word(other, one)
    assert bool(Sentences([one]).like(other)) == bool(Sentences([other]).like(one))
