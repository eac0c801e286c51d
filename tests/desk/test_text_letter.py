"""Letters and phone notes taken apart: what the writer says, who they are, what was only carried along."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.desk.reading.contact import contact_of
from lotsen.desk.reading.letter import read_letter
from lotsen.desk.reading.sentences import sentences_of

SAID = "Jag kommer inte in i plattformen sedan i morse."


@pytest.mark.parametrize(
    "text",
    [
        f"Hej!\n\n{SAID}\n\nMed vänliga hälsningar\nAnna Ek\nRehab",
        f"Hej IT,\n{SAID}\nMvh Anna",
        f"God morgon!\n{SAID}\n/Anna",
        f"{SAID} /Anna",
        f"Hejsan Karin\n{SAID}\nHälsn\nAnna",
        f"Hej igen och tack för hjälpen!\n{SAID}\n\nAnna Ek\nRehab Eksjö\n036-32 10 00",
        f"Till den det berör,\n\n{SAID}\n\nVänligen\nAnna Ek",
        f"Från: Anna\nSkickat: idag\nÄmne: SV: hjälp\n\n{SAID}\n\nFrån: IT\nSkickat: igår\nÄmne: hjälp\n\nVad?",
        f"{SAID}\n\n-----Ursprungligt meddelande-----\nFrån: IT\n\nVad står det på skärmen?",
        f"{SAID}\n\nDen 3 nov. 2026 skrev IT <it@example.se>:\n> Vad står det?\n> Hälsningar IT",
        f"> Vad står det?\n{SAID}",
        f"{SAID}\n\nMvh Anna\n\nDetta e-postmeddelande kan innehålla konfidentiell information.\nRadera det.",
        f"{SAID}\n\nSkickat från min iPhone",
        f"\ufeff\u200b{SAID}\r\n\r\nHälsningar\r\nAnna",
    ],
)
def test_only_what_is_said_is_read(text: str) -> None:
    """Greeting, signature, quote and what mail programs add are left out."""
    assert read_letter(text).body == SAID


@pytest.mark.parametrize(
    "text",
    [
        f"Se nedan.\n\nFrån: Anna\nSkickat: idag\nÄmne: hjälp\n\nHej!\n{SAID}\nAnna",
        f"Ämne: VB: hjälp\n\nKan ni svara?\n\n-----Ursprungligt meddelande-----\nFrån: Anna\nÄmne: hjälp\n\n{SAID}",
        f"Vidarebefordrar det här.\n/Bo\n\n________________________________\nFrån: Anna\nTill: Bo\n\n{SAID}",
    ],
)
def test_a_letter_that_is_handed_on_is_read(text: str) -> None:
    """Where somebody only hands on what another one wrote, that is read."""
    letter = read_letter(text)
    assert letter.quoted
    assert SAID in letter.body


def test_an_answer_is_not_what_it_answers() -> None:
    """A short answer to our own letter is read, not our letter."""
    text = "Från: Anna\nÄmne: SV: fråga\n\nJa tack, gärna.\n\nFrån: IT\nÄmne: fråga\nTill: Anna\n\nVäntar en patient?"
    assert read_letter(text).body == "Ja tack, gärna."


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Kommer ej in, se t.ex. bilden. Ring mig!", ["Kommer ej in, se t.ex. bilden.", "Ring mig!"]),
        ("1. Hur gallrar jag?\n2. Vad kostar det?", ["Hur gallrar jag?", "Vad kostar det?"]),
        ("jag kommer\ninte in", ["jag kommer inte in"]),
        ("Modul 2 av 8. Hon vill mer.", ["Modul 2 av 8.", "Hon vill mer."]),
        ("--- ***\n", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    """Abbreviations end no sentence, items of a list are sentences, broken lines are joined, ornaments are nothing."""
    assert sentences_of(text) == sentences


@pytest.mark.parametrize(
    ("text", "name", "unit", "phone"),
    [
        (
            "Strul.\n\nMvh\nAnna\n\nAnna Ek\nLeg. psykolog\nRehab Eksjö\nTel: 036-32 10 00",
            "Anna Ek",
            "Rehab Eksjö",
            "036-32 10 00",
        ),
        ("Från: Ek, Anna <a@example.se>\nÄmne: x\n\nStrul.", "Anna Ek", "", ""),
        ("Inringt av Bo Ås, BUP Nässjö, ankn 25518. Strul.", "Bo Ås", "BUP Nässjö", "ankn 25518"),
        ("Strul igen.\n\nMvh Bo på avd 34\n38 155", "Bo", "avd 34", "38 155"),
        ("Skrivaren på plan 2 är trasig.", "", "", ""),
        ("Strul med IT.", "", "", ""),
    ],
)
def test_who_has_written(text: str, name: str, unit: str, phone: str) -> None:
    """Signature, header and phone note tell who it is; other words do not."""
    contact = contact_of(read_letter(text))
    assert (contact.name, contact.unit, contact.phone) == (name, unit, phone)


@given(st.text(alphabet=st.sampled_from(list("Hej Från:Ämne>-_/\n.,?!åäö1aSV: Mvh\t\r\u200b")), max_size=400))
def test_no_text_stops_the_reading(text: str) -> None:
    """Whatever is pasted is taken apart, and nothing is said that does not stand there."""
    letter = read_letter(text)
    contact_of(letter)
    seen = set(text.split())
    bare = "".join(text.split()).replace("\u200b", "")
    assert all("".join(sentence.split()) in bare or set(sentence.split()) <= seen for sentence in letter.sentences)
