"""News of a ticket that several cases are part of, of two desks, and the mark of what was read."""

from __future__ import annotations

from pathlib import Path
from typing import List, Tuple

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from lotsen.cases.case import CaseDraft, Status
from lotsen.cases.history import REPLY, STATUS
from lotsen.cases.news import record_news
from lotsen.cases.store import Case, CaseStore, NewCase
from lotsen.service_desks.base import News, Receipt, Reply
from lotsen.storage.database import open_engine
from tests.cases.made import NOW

DESK, OTHER_DESK, TICKET = "webhook", "email", "7"
Kept = Tuple[Engine, CaseStore]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """An empty store."""
    engine = open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}")
    return engine, CaseStore(engine)


def sent(kept: Kept, conversation: str, parent: int | None = None, desks: Tuple[str, ...] = (DESK,)) -> Case:
    """Store a case whose letters are part of the ticket."""
    engine, store = kept
    new = NewCase(f"{conversation} {parent}", CaseDraft("x"), conversation, "web", desks, "text", parent)
    case = store.create(new)
    with engine.begin() as connection:
        for letter in store.outbox.of(case.id):
            assert store.outbox.delivered(connection, letter, Receipt(TICKET))
    return case


def hear(kept: Kept, desk: str = DESK, **news: object) -> List[bool]:
    """Record news of the ticket for each letter that is part of it; return for which it was new."""
    engine, store = kept
    told = News(TICKET, **news)  # type: ignore[arg-type]
    return [record_news(engine, store, letter, told) for letter in store.outbox.with_ref(desk, TICKET)]


def untold(kept: Kept, conversation: str) -> List[Tuple[str, str]]:
    """Return what a conversation is to be told."""
    return [(event.kind, event.text) for event in kept[1].history.untold(conversation)]


def test_all_who_are_part_of_a_ticket_are_told(kept: Kept) -> None:
    """Each through the letter of its own case, once, also one that came later than the answer."""
    lead = sent(kept, "")
    sent(kept, "web-1", lead.id)
    answer = (Reply("1", "Vi söker felet.", NOW),)
    assert hear(kept, replies=answer) == [True, True]
    sent(kept, "web-2", lead.id)
    assert hear(kept, replies=answer, status=Status.RESOLVED) == [True, True, True]
    assert hear(kept, replies=answer, status=Status.RESOLVED) == [False, False, False]
    expected = [(REPLY, "Vi söker felet."), (STATUS, "resolved")]
    assert untold(kept, "web-1") == untold(kept, "web-2") == expected
    assert untold(kept, "") == []
    assert {case.status for case in kept[1].all()} == {Status.RESOLVED}
    assert [case.parent for case in kept[1].all()] == [None, lead.id, lead.id]


def test_news_of_one_letter_leave_other_cases_alone(kept: Kept) -> None:
    """The status of the case that others are added to is not theirs until their own letters say so."""
    engine, store = kept
    lead = sent(kept, "web-1")
    added = sent(kept, "web-2", lead.id)
    (letter,) = store.outbox.of(lead.id)
    record_news(engine, store, letter, News(TICKET, Status.RESOLVED))
    stored = {case.id: case.status for case in store.all()}
    assert stored == {lead.id: Status.RESOLVED, added.id: Status.NEW}
    assert untold(kept, "web-2") == []


def test_two_desks_number_their_answers_alike(kept: Kept) -> None:
    """The same id from another desk is another answer, and the same status from it is none."""
    sent(kept, "web-1", desks=(DESK, OTHER_DESK))
    assert hear(kept, DESK, replies=(Reply("1", "Från den ena", NOW),), status=Status.WAITING) == [True]
    assert hear(kept, OTHER_DESK, replies=(Reply("1", "Från den andra", NOW),), status=Status.WAITING) == [True]
    assert untold(kept, "web-1") == [(REPLY, "Från den ena"), (STATUS, "waiting"), (REPLY, "Från den andra")]


def test_an_answer_that_was_changed_is_not_told_again(kept: Kept) -> None:
    """It has the id that was told."""
    sent(kept, "web-1")
    assert hear(kept, replies=(Reply("1", "Först", NOW),)) == [True]
    assert hear(kept, replies=(Reply("1", "Rättad", NOW), Reply("2", "Ny", NOW))) == [True]
    assert [text for _, text in untold(kept, "web-1")] == ["Först", "Ny"]


def test_the_mark_is_kept(kept: Kept) -> None:
    """It is no news by itself, and an empty one does not wipe it out."""
    case = sent(kept, "web-1")
    assert hear(kept, mark="m1") == [False]
    assert hear(kept) == [False]
    assert [letter.mark for letter in kept[1].outbox.of(case.id)] == ["m1"]


def test_half_kept_news_are_not_kept(kept: Kept) -> None:
    """If the mark cannot be written the answer is not there either, and comes again."""
    engine, store = kept
    case = sent(kept, "web-1")
    (letter,) = store.outbox.of(case.id)
    news = News(TICKET, Status.OPEN, (Reply("1", "Hej", NOW),), "m1")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE outbox RENAME TO away")
    with pytest.raises(SQLAlchemyError):
        record_news(engine, store, letter, news)
    assert untold(kept, "web-1") == []
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO outbox")
    assert [one.status for one in store.all()] == [Status.NEW]
    assert record_news(engine, store, letter, news)
    assert untold(kept, "web-1") == [(REPLY, "Hej")]


def test_a_letter_of_a_case_that_is_gone(kept: Kept) -> None:
    """There is nobody to tell."""
    engine, store = kept
    sent(kept, "web-1")
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM cases")
    assert hear(kept, status=Status.OPEN) == [False]
    assert untold(kept, "web-1") == []
