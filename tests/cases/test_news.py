"""What a desk says of a case: kept once, told once, to the right conversation."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Tuple

import pytest
from sqlalchemy.engine import Engine

from lotsen.cases.case import Status
from lotsen.cases.history import LEASE, MAX_TRIES, REPLY, STATUS
from lotsen.cases.news import record_news
from lotsen.cases.store import Case, CaseStore, NewCase
from lotsen.cases.table import cases
from lotsen.service_desks.base import News, Reply
from lotsen.storage.database import open_engine
from tests.cases.made import FULL

AT = datetime(2026, 11, 26, 10, 0, tzinfo=timezone.utc)
Kept = Tuple[Engine, CaseStore, Case]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A case with a letter to a desk."""
    engine = open_engine(f"sqlite:///{tmp_path / 'lotsen.db'}")
    store = CaseStore(engine)
    return engine, store, store.create(NewCase("a", FULL, "web-1", "web", ("zammad",), "text"))


def record(kept: Kept, **news: object) -> bool:
    """Record news of the case's letter."""
    engine, store, case = kept
    (letter,) = store.outbox.of(case.id)
    return record_news(engine, store, letter, News("7", **news))  # type: ignore[arg-type]


def test_a_reply_is_kept_once_however_often_it_is_said(kept: Kept) -> None:
    """By the desk's own id; personal numbers in it are masked."""
    replies = (Reply("2", "Sedan", AT + timedelta(hours=1)), Reply("1", "Först, pat 19121212-1212", AT))
    assert record(kept, replies=replies)
    assert not record(kept, replies=replies)
    _, store, case = kept
    said = [event.text for event in store.history.of(case.id) if event.kind == REPLY]
    assert said == ["Först, pat [personnummer]", "Sedan"]


def test_a_status_is_told_when_it_changes(kept: Kept) -> None:
    """Once; what is no news is not."""
    _, store, case = kept
    assert not record(kept, status=Status.NEW)
    assert record(kept, status=Status.OPEN)
    assert not record(kept, status=Status.OPEN)
    assert record(kept, status=Status.RESOLVED)
    assert [event.text for event in store.history.untold("web-1")] == ["open", "resolved"]
    assert store.get(case.id).status is Status.RESOLVED  # type: ignore[union-attr]


def test_an_answer_says_by_itself_that_somebody_is_at_work(kept: Kept) -> None:
    """So the status that comes with it is kept and not told."""
    _, store, case = kept
    record(kept, status=Status.OPEN, replies=(Reply("1", "Prova nu", AT),))
    assert [event.kind for event in store.history.untold("web-1")] == [REPLY]
    assert [event.kind for event in store.history.of(case.id)][-2:] == [REPLY, STATUS]


def test_telling_is_leased_and_given_up_at_last(kept: Kept) -> None:
    """One caller at a time; what nobody says to be told comes again; what cannot be told is not tried for ever."""
    _, store, _ = kept
    record(kept, replies=(Reply("1", "Hej", AT),))
    now = datetime.now(timezone.utc) + timedelta(seconds=1)
    assert store.history.take_untold("teams", now) == []
    for _ in range(MAX_TRIES):
        assert store.history.take_untold("web", now) == ["web-1"]
        assert store.history.take_untold("web", now) == []
        now += LEASE
    assert store.history.take_untold("web", now) == []
    assert store.history.untold("web-1") == []


def test_told_is_told(kept: Kept) -> None:
    """It does not come again."""
    _, store, _ = kept
    record(kept, replies=(Reply("1", "Hej", AT),))
    store.history.told([event.id for event in store.history.untold("web-1")])
    assert store.history.take_untold("web", datetime.now(timezone.utc) + LEASE) == []


def test_a_case_that_lotsen_made_tells_nobody(kept: Kept) -> None:
    """The case that leads a disturbance has no user."""
    engine, store, _ = kept
    lead = store.create(NewCase("b", FULL, "", "system", ("zammad",), "text"))
    (letter,) = store.outbox.of(lead.id)
    record_news(engine, store, letter, News("8", Status.OPEN, (Reply("1", "Vi tittar", AT),)))
    assert store.history.take_untold("system", datetime.now(timezone.utc) + LEASE) == []
    assert [event.kind for event in store.history.of(lead.id)][-2:] == [REPLY, STATUS]


def test_what_is_long_over(kept: Kept) -> None:
    """A resolved case is over; opened again it is not."""
    _, store, case = kept
    record(kept, status=Status.RESOLVED)
    assert store.over_for(timedelta(days=1)) == set()
    assert store.over_for(timedelta(seconds=-1)) == {case.id}
    record(kept, status=Status.OPEN)
    assert store.over_for(timedelta(seconds=-1)) == set()


def test_the_users_of_duplicates_hear_it_too(kept: Kept) -> None:
    """What the desk says of a case, and how it stands, is told to everybody whose case was merged into it, once."""
    engine, store, case = kept
    twin = store.create(NewCase("b", FULL, "web-2", "web"))
    with engine.begin() as connection:
        connection.execute(cases.update().where(cases.c.id == twin.id).values(merged_into=case.id))
    for _ in range(2):
        record(kept, replies=(Reply("1", "Starta om", AT),), status=Status.RESOLVED)
    for conversation in ("web-1", "web-2"):
        told = [(event.kind, event.text) for event in store.history.untold(conversation)]
        assert told == [(REPLY, "Starta om"), (STATUS, "resolved")]
    again = store.get(twin.id)
    assert again is not None
    assert again.status is Status.RESOLVED
