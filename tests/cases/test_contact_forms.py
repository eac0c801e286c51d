"""The forms that numbers and addresses are typed in, what only looks like one, and how long reading may take."""

from __future__ import annotations

import time
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.case import Contact
from lotsen.cases.contact import contact_in, known_contact, lost_a_number
from lotsen.channels.typed import MAX_TEXT
from lotsen.privacy.masking import mask
from tests.cases.lines import lines

LONGER = {"4460": "snabbnr 4460", "2318": "2318 internt"}
"""Two extensions keep the word beside them, which does no harm."""


@pytest.mark.parametrize("line", lines("contact"), ids=lambda line: line["text"][:40])
def test_nothing_is_lost_by_masking(line: dict[str, str]) -> None:
    """The answer is masked before it is read, as the chat does it: what people wrote is found all the same."""
    phone = line["phone"] or ""
    assert contact_in(mask(line["text"])).phone == LONGER.get(phone, phone)


@pytest.mark.parametrize(("part", "right", "of"), [("name", 16, 17), ("unit", 17, 19)])
def test_names_and_units(part: str, right: int, of: int) -> None:
    """Found as often as when the phrases were written, and none is made up."""
    written = lines("contact")
    there = [line for line in written if line[part]]
    assert len(there) == of
    assert sum(getattr(contact_in(line["text"]), part) == line[part] for line in there) >= right
    assert [line["text"] for line in written if not line[part] and getattr(contact_in(line["text"]), part)] == []


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("070-174 06 35", "070-174 06 35"),
        ("0701740635", "0701740635"),
        ("+46 70 174 06 35", "+46 70 174 06 35"),
        ("0046 70 174 06 35", "0046 70 174 06 35"),
        ("070\u2013174\u00a006\u00a035", "070\u2013174 06 35"),
        ("08/465 004 12", "08/465 004 12"),
        ("08-465 004 12, annars 070-174 06 35", "08-465 004 12"),
        ("LOT-000042, 070-174 06 35", "070-174 06 35"),
        ("4471", "4471"),
        ("ring 4471!", "4471"),
        ("kl 9", ""),
        ("rum 12 plan 3", ""),
        ("mellan 13 och 15", ""),
        ("svara på LOT-000042", ""),
        ("samma som i lot 123456", ""),
        ("felet kom 2026-11-26", ""),
        ("moa.070174@example.se", ""),
    ],
)
def test_what_is_a_telephone_number(text: str, phone: str) -> None:
    """As people type them; case numbers, dates and addresses hold digits, too."""
    assert contact_in(text).phone == phone


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("(moa.ssk+it@sub.example.se).", "moa.ssk+it@sub.example.se"),
        ("åsa@example.se, tack", "åsa@example.se"),
        ("moa at example.se", ""),
        ("@moa", ""),
        ("moa@localhost", ""),
    ],
)
def test_what_is_an_address(text: str, email: str) -> None:
    """Without the punctuation around it."""
    assert contact_in(text).email == email


@pytest.mark.parametrize("text", ["inte i chatten", "vill slippa den där chatten, ring"])
def test_no_chat(text: str) -> None:
    """A chat that is not wanted is no way."""
    assert not contact_in(text).chat


_PIECES = st.sampled_from(["0", "7", "070", "-", ".", "@", "a", "se", "mejl", "Moa", "på", "chatt", "BUP", "\n"])


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_any_mixture_can_be_read(text: str) -> None:
    """Nothing that is typed stops the conversation, and the words are kept."""
    assert contact_in(text).said == text.strip()
    assert known_contact([text]).said == ""


@given(st.text("abcåäö ,.:-\n", max_size=20), st.text("abcåäö ,.:\n", max_size=20), st.sampled_from(["19", "20", ""]))
def test_masked_numbers_are_no_telephones(before: str, after: str, century: str) -> None:
    """What is left of a personal identity number is nobody's telephone."""
    text = mask(f"{before} {century}121212-1212 {after}")
    assert contact_in(text).phone == ""
    assert lost_a_number(text)


@pytest.mark.parametrize("piece", ["a", "a-", "1-", "A ", "på A", ".", "a@", "å, ", "+", "070-"])
def test_long_lines_are_read_at_once(piece: str) -> None:
    """The longest message that the chat takes, of whatever it is made, costs no time to speak of."""
    text = (piece * MAX_TEXT)[:MAX_TEXT]
    began = time.process_time()
    contact_in(text)
    assert time.process_time() - began < 0.25


@pytest.mark.parametrize(
    ("texts", "phone", "email"),
    [
        (["sidan visar fel 80070005", "sedan 2026-11-26"], "", ""),
        (["ring 070-174 06 35", "nej, ring 070-174 06 36", "hej"], "070-174 06 36", ""),
        (["ring 070-174 06 35", "eller moa@example.se"], "070-174 06 35", "moa@example.se"),
        (["svara här i chatten"], "", ""),
    ],
)
def test_what_was_told_before(texts: List[str], phone: str, email: str) -> None:
    """The latest of each counts, and nothing else is taken for told."""
    assert known_contact(texts) == Contact(phone=phone, email=email)
