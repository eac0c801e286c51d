"""What a transcript may show, and what the settings add to it or take from it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.privacy.masking import mask, mask_all, mask_transcript, mask_transcript_all

HSA_ID = "SE2321000040-AB12"
PIECES = [
    *("pnr ", "personnummer", "reservnummer ", "[", "]", "(", ")", " ", "-", ".", "/", "\n", "+", ":", "är ", "O", "l"),
    *("19121212-1212", "1212121212", "12", "1212", "19", "K123", "AB12", HSA_ID, "SE", "SE2321000040", "2024-01-15"),
    *("streck ", " sista fyra ", "070-174 06 35", "moa@example.se", "\u200b", "\uff11", "\u2013"),
]


@pytest.fixture
def phone_and_email(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mask these, too."""
    monkeypatch.setenv("LOTSEN_MASK_ALSO", "phone, email")


@pytest.mark.parametrize(
    "written",
    [
        *(HSA_ID, "se2321000040-ab12", "SE2321000040-1", "SE 2321000040-AB12", "SE232100-0040-AB12"),
        *("SE2321000040 - AB12", "SE2321000040\u2013AB12", "SE2321000040- ab12", "SE2321000040\u200b-AB12"),
        *("SE2321000040AB12", "SE2321000040 AB12", "SE2321000040-" + "A" * 18, "ＳＥ２３２１００００４０－ＡＢ１２"),
    ],
)
def test_hsa_ids(written: str) -> None:
    """Every usual way of writing one is masked in a transcript, and kept for a case."""
    assert mask_transcript(f"Användaren ({written}) finns redan.") == "Användaren ([HSA-id]) finns redan."
    assert mask(f"Användaren ({written}) finns redan.") == f"Användaren ({written}) finns redan."


@pytest.mark.parametrize(
    "text",
    [
        "hsaid SE2321000040 och några bokstäver",
        "SE2321000040 - användaren finns redan",
        "momsnummer SE232100004001",
        "SE45 5000 0000 0583 9825 7466",
        "[HSA-id] finns redan",
        "ring 0770-72 00 00 eller 070-174 06 35",
        "skriv till moa@example.se",
    ],
)
def test_what_a_transcript_shows(text: str) -> None:
    """An organisation, a bank account and, unless the settings say otherwise, ways to reach people."""
    assert mask_transcript(text) == text


@pytest.mark.parametrize(
    "written",
    [
        *("070-174 06 35", "0701740635", "+46 70 174 06 35", "+46 (0)70-174 06 35", "0046701740635", "08-465 004 12"),
        *("(08) 465 004 12", "031/390 06 01", "0980-31 92 01", "070\u2013174\u00a006\u00a035"),
    ],
)
@pytest.mark.usefixtures("phone_and_email")
def test_telephone_numbers_by_setting(written: str) -> None:
    """Swedish ones in any form, with and without the country."""
    assert mask_transcript(f"ring {written}, tack") == "ring [telefonnummer], tack"
    assert mask(f"ring {written}, tack") == f"ring {written}, tack"


@pytest.mark.usefixtures("phone_and_email")
def test_addresses_by_setting() -> None:
    """With the punctuation around them left alone."""
    assert mask_transcript("(moa.ssk+it@sub.example.se).") == "([e-postadress])."
    assert mask_transcript("åsa\uff20example.se") == "[e-postadress]"


@pytest.mark.parametrize(
    "text",
    [
        "Ring 0770-72 00 00.",
        "LOT-000042",
        "INC0012345",
        "2024-01-15 14:30",
        "01.02.2024 14:30",
        "15/1 2024",
        "ankn 4471",
        "14141",
        "00 00 00",
        "0x80070005",
        "kl 08.00-16.30",
        "3.6.21",
        "moa@localhost",
    ],
)
@pytest.mark.usefixtures("phone_and_email")
def test_what_is_nobodys_telephone(text: str) -> None:
    """The support's own number, which the content gives, extensions, cases, dates and times stay."""
    assert mask_transcript(text) == text


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        *(("national", "22121212AB12"), ("national", "00121212-AB12"), ("stockholm", "991912123456")),
        *(("stockholm", "99191212-3456"), ("vgr", "19121212K123"), ("vgr", "19121212-m123")),
        *(("varmland", "19121212AB12"), ("skane", "19121212-1A23"), ("skane", "19121212A123")),
        *(("carelink", "191212451212"), ("carelink", "121245-1212")),
    ],
)
def test_reserve_numbers_by_setting(kind: str, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind is masked while the settings name it; what no kind claims stays."""
    text = f"pat {number} kommer inte in"
    assert mask(text) == "pat [reservnummer] kommer inte in"
    monkeypatch.setenv("LOTSEN_RESERVE_NUMBERS", kind)
    assert mask(text) == "pat [reservnummer] kommer inte in"
    monkeypatch.setenv("LOTSEN_RESERVE_NUMBERS", "stockholm" if kind != "stockholm" else "vgr")
    assert mask(text) == text


@pytest.mark.parametrize("name", ["LOTSEN_MASK_ALSO", "LOTSEN_RESERVE_NUMBERS"])
def test_settings_that_cannot_be_read_mask_everything(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in the settings does not open the door."""
    monkeypatch.setenv(name, "telephone")
    assert mask_transcript(f"22121212AB12 {HSA_ID} 070-174 06 35") == "[reservnummer] [HSA-id] [telefonnummer]"


@given(text=st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(), also=st.booleans())
def test_masking_twice_is_masking_once(text: str, also: bool) -> None:
    """Under either policy, and for either order of the two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOTSEN_MASK_ALSO", "phone,email" if also else "")
        assert mask(mask(text)) == mask(text)
        assert mask_transcript(mask_transcript(text)) == mask_transcript(text)
        assert mask(mask_transcript(text)) == mask_transcript(text)


plain_data = st.recursive(
    st.none() | st.integers() | st.sampled_from([*PIECES, "hej", "pat 19121212-1212"]),
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.sampled_from(PIECES), part, max_size=4),
    max_leaves=8,
)


@given(plain_data)
def test_plain_data_keeps_its_structure(value: Any) -> None:
    """Strings are masked one by one, wherever they stand; what needs no masking is handed back itself."""
    for whole, one in ((mask_all, mask), (mask_transcript_all, mask_transcript)):
        masked = whole(value)
        assert masked == _each(value, one)
        assert (masked is value) == (masked == value)


def _each(value: Any, one: Any) -> Any:
    if isinstance(value, str):
        return one(value)
    if isinstance(value, dict):
        return {key: _each(part, one) for key, part in value.items()}
    return [_each(part, one) for part in value] if isinstance(value, list) else value
