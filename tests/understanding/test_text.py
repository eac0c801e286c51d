"""Normalised text: what the model sees of a message."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.understanding.text import fold, fold_and_join, normalise


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("Hur LOGGAR jag in?", "hur loggar jag in", id="case and punctuation"),
        pytest.param("  två \t\n  rader ", "två rader", id="white space"),
        pytest.param("heeej!!!", "heej", id="letters held down"),
        pytest.param("tillägg", "tillägg", id="double letters stay"),
        pytest.param("Net iD-ikonen", "net id-ikonen", id="hyphens stay"),
        pytest.param("100 % c++ #1", "100 % c++ #1", id="signs that carry meaning stay"),
        pytest.param("”Sidan finns inte”", "sidan finns inte", id="Swedish quotation marks"),
        pytest.param("snake_case", "snake case", id="underscore"),
        pytest.param("SE2321000040-AB12 finns redan", "hsaidtoken finns redan", id="HSA-id"),
        pytest.param("se2321000040-ab12, finns redan", "hsaidtoken finns redan", id="HSA-id in small letters"),
        pytest.param("[HSA-id] finns redan", "hsaidtoken finns redan", id="masked HSA-id"),
        pytest.param("pat [personnummer], kommer inte in", "pat pnrtoken kommer inte in", id="masked number"),
        pytest.param("se https://1177.se/a?b=c nu", "se urltoken nu", id="link"),
        pytest.param("www.1177.se", "urltoken", id="link without a scheme"),
        pytest.param("😀", "", id="emoji"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_normalise(text: str, normal: str) -> None:
    """Case, punctuation and ids do not tell questions apart; words and letters do."""
    assert normalise(text) == normal


def test_letters_written_in_two_ways_are_the_same() -> None:
    """å, ä, ö as one character or as letter and mark (macOS) are one."""
    text = "lösenord på åäö"
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(text) == text


@given(text=st.text())
def test_normal_text_is_tidy(text: str) -> None:
    """Whatever is typed becomes words with one space between them, in small letters."""
    normal = normalise(text)
    assert normal == " ".join(normal.split())
    assert normal == normal.lower()
    assert "_" not in normal


@pytest.mark.parametrize(
    ("text", "folded"), [("lösenord på", "losenord pa"), ("idé über", "ide uber"), ("net id", "net id"), ("", "")]
)
def test_fold(text: str, folded: str) -> None:
    """Marks are dropped as people drop them in a hurry."""
    assert fold(text) == folded


@given(text=st.text())
def test_folding_keeps_the_length(text: str) -> None:
    """Folding changes letters one by one, and folding twice changes nothing more."""
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("behandlings program", "behandlingsprogram"),
        ("behandlingsprogram", "behandlingsprogram"),
        ("lösen ord på nytt", "losenordpanytt"),
        ("net id", "netid"),
        ("", ""),
    ],
)
def test_fold_and_join(text: str, joined: str) -> None:
    """A compound looks the same as one word and as two, with its marks and without."""
    assert fold_and_join(text) == joined


@given(text=st.text(), data=st.data())
def test_where_the_spaces_stand_does_not_matter(text: str, data: st.DataObject) -> None:
    """Wherever a normalised text is split, and with or without marks, joined it is the same."""
    normal = normalise(text)
    place = data.draw(st.integers(0, len(normal)))
    split = f"{normal[:place]} {normal[place:]}"
    assert fold_and_join(split) == fold_and_join(fold(normal)) == fold_and_join(normal)
    assert not any(letter.isspace() for letter in fold_and_join(normal))
