"""The words of a case: the preview and the letter say the same."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from lotsen.cases.case import CaseDraft, Contact
from lotsen.cases.wording import Words, letter_text, preview
from lotsen.content.catalogue import Content
from lotsen.content.texts import words
from tests.cases.made import FULL

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture(scope="module")
def said(content: Content) -> Words:
    """The words of ``data/texts.yml``."""
    texts = content.texts
    return Words(words(texts, "label"), words(texts, "level"), words(texts, "because"), texts["contact_chat"].text)


def test_preview_and_letter_say_the_same(said: Words) -> None:
    """In the same order; only the letter has times, seconds and what was said, and no marks for bold."""
    shown, sent = preview(FULL, said), letter_text(FULL, said, STOCKHOLM)
    assert shown.splitlines()[:4] == [
        "**Problem:** Sidan kan inte visas",
        "**Till:** IT kundservice",
        "**Prioritet:** Brådskande (en patient väntar, kan höra till en störning)",
        "**Läge:** Felet är kvar.",
    ]
    assert "- Ta ut kortet. – gjort\n" in shown
    assert "- Ta ut kortet. – gjort (0:08)\n" in sent
    assert "2026-11-26 08:59 Användaren: Hej" in sent
    assert "**" not in sent
    for line in shown.splitlines():
        assert line.replace("**", "").removesuffix("\n") in sent


def test_only_what_is_known_is_shown(said: Words) -> None:
    """A case may be one line and a priority."""
    assert preview(CaseDraft("Skrivaren"), said) == "**Problem:** Skrivaren\n**Prioritet:** Normal"


@pytest.mark.parametrize(
    ("words_written", "shown"),
    [("ring mig på 070-174 06 35", False), ("070-174 06 35, ring inte mellan nio och elva", True)],
)
def test_an_answer_is_shown_whole_if_it_says_more(words_written: str, shown: bool, said: Words) -> None:
    """When to call is worth knowing; "ring mig på" is not."""
    draft = CaseDraft("x", contact=Contact(phone="070-174 06 35", said=words_written))
    assert ("**Om kontakten:**" in preview(draft, said)) is shown
