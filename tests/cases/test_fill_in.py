"""Cases of an older Lotsen: the desk has them as if it had been there when they came."""

from __future__ import annotations

from datetime import timedelta
from typing import List

import pytest
import sqlalchemy as sa

from lotsen.cases.case import Level, Status
from lotsen.cases.due import counting
from lotsen.cases.hours import read_hours
from lotsen.cases.queue import View
from lotsen.cases.store import CaseStore, NewCase
from lotsen.cases.table import cases, choices, words
from lotsen.settings import Settings
from tests.cases.desk import AASA, MINUTES, Stores
from tests.cases.made import FULL, NOW

DUE = counting(read_hours(Settings.read({"LOTSEN_DESK_HOURS": "mon-fri 08:00-16:00"})), MINUTES)
OURS = ("lane", "live", "level", "due", "changed", "guide", "unit", "title", "problem", "reasons", "due_from")


@pytest.fixture
def old(database_url: str) -> Stores:
    """Five cases whose rows have only what they had before there was a desk."""
    desk = Stores(database_url, hours="mon-fri 08:00-16:00")
    for number in range(5):
        desk.cases.create(NewCase(f"{number:032x}", FULL, f"web-{number}", "web"))
    empty = {name: None if cases.c[name].nullable else "" for name in OURS}
    with desk.engine.begin() as connection:
        connection.execute(cases.update().values(**{**empty, "live": 0}))
        connection.execute(words.delete())
        connection.execute(choices.delete())
        connection.execute(cases.update().where(cases.c.id == 2).values(status="resolved"))
        connection.execute(cases.update().where(cases.c.id == 3).values(status="open"))
    return desk


def rows(desk: Stores) -> List[sa.engine.Row]:
    """Return all rows as they are."""
    with desk.engine.connect() as connection:
        return connection.execute(sa.select(cases).order_by(cases.c.id)).all()


def test_filled_in(old: Stores) -> None:
    """In small lots as well as in one; once, and as a new case has it."""
    assert old.listed(View.OPEN) == []
    assert old.cases.fill_in(DUE, 2) == 5
    assert old.work.fill_in() == 0
    assert (old.listed(), old.listed(View.OPEN), old.listed(View.OVER)) == ([1, 4, 5], [1, 3, 4, 5], [2])
    new = old.cases.create(NewCase("f" * 32, FULL, "web-9", "web", due=old.get(1).due))
    ours = [getattr(rows(old)[0], name) for name in OURS]
    assert ours == [getattr(rows(old)[-1], name) for name in OURS]
    assert old.get(1).due == NOW + timedelta(minutes=15)
    assert old.listed(text="moa psyk") == [1, 4, 5, new.id]
    assert old.queue.choices()["guide"] == ["login"]


def test_a_case_is_filled_in_when_it_is_looked_at(old: Stores) -> None:
    """Whatever comes first: the page, a change, the user's answer, a service desk."""
    assert (old.get(1).level, old.get(1).status) == (Level.URGENT, Status.NEW)
    old.work.take(4, 1, AASA)
    old.heard(5)
    old.status(3, Status.RESOLVED)
    assert (old.listed(), old.listed(View.MINE, me=AASA.id)) == ([1, 5], [4])
    assert old.work.fill_in() == 2
    assert old.listed(View.OVER) == [3, 2]
    assert [old.version(number) for number in range(1, 6)] == [1, 1, 2, 2, 2]


def test_what_changes_meanwhile_is_not_overwritten(old: Stores) -> None:
    """A status that comes between the look and the write counts."""
    store = CaseStore(old.engine, old.clock)
    before = store.history.latest_of

    def late(ids: List[int]) -> object:
        if 1 in ids:
            old.status(1, Status.REJECTED)
        return before(ids)

    store.history.latest_of = late  # type: ignore[method-assign,assignment]
    assert store.fill_in(DUE) == 5
    assert set(old.listed(View.OVER)) == {1, 2}
    assert 1 not in old.listed(View.OPEN)
