"""The forms of notes, and what is kept of what was written."""

from __future__ import annotations

from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.guides.notes import MAX_NOTE, fits, found


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("SE2321000040-1ABC", True),
        ("  se2321000040-1abc ", True),
        ("SE2321000040-" + "A" * 18, True),
        ("SE2321000040-" + "A" * 19, False),
        ("SE2321000040-", False),
        ("SE232100004-1ABC", False),
        ("SE2321000040-ÅÄÖ", False),
        ("mitt id är SE2321000040-1ABC", False),
        ("jag vet inte", False),
        ("", False),
    ],
)
def test_hsa_ids(text: str, right: bool) -> None:
    """SE, ten digits, a hyphen and letters or digits without å, ä and ö, 31 characters at most."""
    assert fits("hsa_id", text) is right


@pytest.mark.parametrize(("text", "right"), [("vad som helst", True), ("x", True), ("", False), (" \n ", False)])
def test_any_text_fits_where_there_is_no_form(text: str, right: bool) -> None:
    """Only nothing at all is no note."""
    assert fits(None, text) is right


@pytest.mark.parametrize(
    ("form", "text", "kept"),
    [
        (None, "  Fel \n i rad   3 ", "Fel i rad 3"),
        ("hsa_id", "det står (se2321000040-1abc).", "SE2321000040-1ABC"),
        ("hsa_id", "SE2321000040-1A eller SE2321000040-1B", "SE2321000040-1A"),
        ("hsa_id", "vet  inte", "vet inte"),
        (None, "å" * (MAX_NOTE + 1), "å" * MAX_NOTE),
    ],
)
def test_what_is_kept(form: Optional[str], text: str, kept: str) -> None:
    """The part that has the form, else the text, not too long."""
    assert found(form, text) == kept


@given(st.text())
def test_what_is_kept_fits_if_the_text_is_one_id(text: str) -> None:
    """Keeping loses nothing that fits, and is the same the second time."""
    kept = found("hsa_id", text)
    assert found("hsa_id", kept) == kept
    assert not fits("hsa_id", text) or fits("hsa_id", kept)
