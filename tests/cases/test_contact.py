"""How to reach a user, from answers that people wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.case import Contact
from lotsen.cases.contact import contact_in, known_contact, lost_a_number, merged
from lotsen.privacy.masking import mask
from tests.cases.lines import lines

LINES = lines("contact")
LOOSE = {"name": 0.9, "unit": 0.9}
"""Names and units are found this often; the whole answer is in the case all the same."""


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["text"][:40])
def test_number_address_and_chat_are_found(line: dict[str, str]) -> None:
    """Exactly as they stand, and nothing where nothing is given."""
    heard = contact_in(line["text"])
    assert (line["phone"] or "") in heard.phone  # "2318 internt" keeps its word.
    assert bool(heard.phone) == bool(line["phone"])
    assert heard.email == (line["email"] or "")
    assert str(heard.chat).lower() == str(line["chat"]).lower()
    assert heard.said == line["text"].strip()


@pytest.mark.parametrize("part", LOOSE)
def test_names_and_units_are_mostly_found(part: str) -> None:
    right = sum(getattr(contact_in(line["text"]), part) == (line[part] or "") for line in LINES)
    assert right / len(LINES) >= LOOSE[part]


@pytest.mark.parametrize(
    "text",
    ["LOT-000042 är mitt ärende", "felkod 500", "det hände 2026-11-26", "SE2321000016-1ABC", "fel 0x80070005 igen"],
)
def test_other_digits_are_no_telephone(text: str) -> None:
    """A case number, an error code, a date, an HSA-id."""
    assert contact_in(text).phone == ""


def test_a_masked_number_is_noticed() -> None:
    """Ten bare digits may look like a personal identity number; the user is asked to write them another way."""
    masked = mask("19121212-1212")
    assert contact_in(masked).phone == ""
    assert lost_a_number(masked)
    assert not lost_a_number("070-174 06 35")


def test_what_was_told_before() -> None:
    """An address is; a number only beside a word for a telephone."""
    assert known_contact(["felet är 123456", "mejla asa@example.se"]) == Contact(email="asa@example.se")
    assert known_contact(["ring mig på 070-174 06 35"]).phone == "070-174 06 35"
    assert not known_contact(["det står fel 123456 på skärmen"]).reachable


def test_a_new_answer_goes_before_what_is_known() -> None:
    """Part by part."""
    known = Contact(phone="070-174 06 35", name="Moa", said="Moa, 070-174 06 35")
    assert merged(known, contact_in("moa@example.se")) == Contact(
        phone="070-174 06 35", email="moa@example.se", name="Moa", said="moa@example.se"
    )


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """Whatever somebody types, and what is found was in it."""
    heard = contact_in(text)
    assert heard.email in text
    assert heard.phone.replace(" ", "") in "".join(text.split())
