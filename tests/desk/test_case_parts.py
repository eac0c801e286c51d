"""What the case page is made of, by itself: any case gives a page's parts, and nothing of it is lost or invented."""

from __future__ import annotations

from dataclasses import replace
from typing import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.cases.case import CaseDraft, Category, TriedGuide, TriedStep
from lotsen.cases.history import LIVE, NOTE, REPLY, SAID, Event
from lotsen.cases.hours import read_hours
from lotsen.cases.letter_of import case_words, letter_of
from lotsen.cases.wording import letter_text
from lotsen.content.catalogue import Content
from lotsen.desk.case.answers import answers, as_plain, by_section
from lotsen.desk.case.around import dialled
from lotsen.desk.case.talk import spoken
from lotsen.desk.case.tried import left_of, runs, took
from lotsen.desk.case.words import Told
from lotsen.guides.model import Outcome
from lotsen.settings import CONTENT, Settings
from tests.cases.made import FULL, NOW, drafts

ZONE = read_hours(Settings.read({})).zone


@given(drafts)
def test_any_case_can_be_shown(draft: CaseDraft) -> None:
    """Each guide and step of whatever case is there once, and at most one step of a guide is where it stopped."""
    shown = runs(draft)
    assert [len(run.rows) for run in shown] == [len(guide.steps) for guide in draft.tried]
    assert all(sum(row.stopped for row in run.rows) <= 1 for run in shown)
    assert sum(bool(run.reason) for run in shown) <= 1
    lines = spoken(draft, (), (), "IT kundservice")
    assert [line.who for line in lines] == [line.who for line in draft.transcript]
    assert not any("<script" in line.text for line in lines)


@given(st.data())
def test_what_is_left_of_a_guide(content: Content, data: st.DataObject) -> None:
    """A step that was taken is not proposed again; one that was passed over is."""
    guide = content.guides[data.draw(st.sampled_from(sorted(content.guides)))]
    outcomes = data.draw(st.lists(st.sampled_from(Outcome), min_size=len(guide.steps), max_size=len(guide.steps)))
    steps = [
        TriedStep(guide.title, step.text, "", 0, f"{guide.id}/{step.id}", outcome.value)
        for step, outcome in zip(guide.steps, outcomes, strict=True)
    ]
    run = TriedGuide(guide.id, guide.title, "", "handoff", tuple(steps))
    (found, *_) = [*left_of(content, CaseDraft("x", Category(guide.id), tried=(run,)), guide.id), None]
    passed = sum(
        outcome is Outcome.SKIPPED and step.kind.value in ("do", "check", "include")
        for step, outcome in zip(guide.steps, outcomes, strict=True)
    )
    assert (len(found.steps) if found is not None else 0) == passed


def test_the_guide_of_an_error_text(content: Content) -> None:
    """An error text that the user told leads to its guide, though the case is about something else."""
    guide = next(guide for guide in content.guides.values() if guide.errors)
    draft = CaseDraft("x", facts={"error_text": guide.errors[0]})
    assert [left.id for left in left_of(content, draft, "which_browser")] == [guide.id]
    assert left_of(content, CaseDraft("x"), "") == ()


def test_every_answer_as_plain_text(content: Content) -> None:
    """Every question without a guide has an answer, under its section, which loses no address when it is put plain."""
    known = answers(content, CONTENT)
    assert set(content.questions) - set(content.guides) <= set(known)
    assert sum(len(group) for _, group in by_section(content, known)) == len(known)
    for answer in known.values():
        assert "**" not in answer.plain and "](" not in answer.plain
        assert answer.text.count("https://") == answer.plain.count("https://")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Skriv till [a@b.se](mailto:a@b.se).", "Skriv till a@b.se."),
        ("Ring [14141](tel:14141)", "Ring 14141"),
        ("[https://a.se](https://a.se)", "https://a.se"),
        ("Se [**listan**](https://a.se/b_c)", "Se listan: https://a.se/b_c"),
    ],
)
def test_links_in_plain_text(text: str, plain: str) -> None:
    """A link becomes its words and its address, or the address alone where the words are it."""
    assert as_plain(text) == plain


@given(st.floats(0, 1e7))
def test_a_time_in_words(seconds: float) -> None:
    """A time is told without noughts, and not at all under a second."""
    words = took(seconds)
    assert bool(words) == (round(seconds) >= 1) and " 0 " not in f" {words} ".replace(" h 0 min", "")


@pytest.mark.parametrize(
    ("phone", "number"),
    [
        ("070-174 06 35", "0701740635"),
        ("+46 (0)70 174 06 35", "+46701740635"),
        ("ankn 4472", ""),
        ("4472", ""),
        ("", ""),
    ],
)
def test_what_can_be_dialled(phone: str, number: str) -> None:
    """Only a whole number becomes a link."""
    assert dialled(phone) == number


def test_a_letter_tells_what_was_said_since(content: Content) -> None:
    """Who gets a case reads what user and desk have said about it, by name, and no internal note."""
    said = (event(SAID, "Hallå"), event(NOTE, "Hemligt"), event(REPLY, "Hej", "user"), event(LIVE, "Och", ""))
    letter = letter_of(FULL, content.texts, ZONE, said, "IT kundservice")
    assert letter.splitlines()[-3:] == [
        "2026-11-26 09:00 Användaren: Hallå",
        "2026-11-26 09:00 user: Hej",
        "2026-11-26 09:00 IT kundservice: Och",
    ]
    assert "Hemligt" not in letter


@given(drafts)
def test_a_letter_of_a_case_that_nobody_has_answered(content: Content, draft: CaseDraft) -> None:
    """It is the letter that was sent when the user said yes."""
    assert letter_of(draft, content.texts, ZONE) == letter_text(draft, case_words(content.texts), ZONE)


def test_what_was_said_live(content: Content) -> None:
    """Between take-over and its end both sides' words are marked as live; a reply afterwards is not."""
    kinds = ("took_over", LIVE, SAID, "handed_back", REPLY)
    events = [event(kind, "x", "Karin", number) for number, kind in enumerate(kinds, 1)]
    lines = spoken(replace(FULL, transcript=()), events, told(events), "IT")
    assert [(line.who, line.live) for line in lines] == [
        ("aside", False),
        ("desk", True),
        ("user", True),
        ("aside", False),
        ("desk", False),
    ]


def event(kind: str, text: str, author: str = "Karin", id: int = 1) -> Event:
    """Return an event of the first case."""
    return Event(id, 1, NOW, kind, "", text, author)


def told(events: Sequence[Event]) -> Sequence[Told]:
    """Return words for events."""
    return [Told(one.id, one.at, one.kind, one.kind) for one in events]
