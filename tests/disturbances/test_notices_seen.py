"""Notices that are changed as they were seen: of two leads at once one changes, and the other learns of it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Optional

import pytest

from lotsen.disturbances.notices import Notice, Notices, Source
from lotsen.privacy.masking import TOKEN
from lotsen.storage.database import open_engine
from tests.disturbances.made import KIND, NOW, Clock

HOUR = NOW + timedelta(hours=1)
LATER = HOUR + timedelta(hours=1)


class Leads:
    """The notices of a database, and what leads do with them, each in a transaction of its own."""

    def __init__(self, url: str) -> None:
        self.engine, self.clock = open_engine(url), Clock()
        self.notices = Notices(self.engine, self.clock)

    def set(self, seen: Optional[Notice], text: str = "", kind: str = KIND) -> Optional[Notice]:
        with self.engine.begin() as connection:
            return self.notices.set_seen(connection, seen, kind, text, LATER)

    def lift(self, seen: Notice) -> bool:
        with self.engine.begin() as connection:
            return self.notices.lift_seen(connection, seen)


@pytest.fixture
def leads(database_url: str) -> Leads:
    """No notices yet."""
    return Leads(database_url)


def test_a_new_one(leads: Leads) -> None:
    """Where there was none, one is made, masked; who saw none either comes too late."""
    made = leads.set(None, " pat 19121212-1212 ")
    assert made == Notice(1, KIND, Source.OPERATOR, f"pat {TOKEN}", NOW, LATER)
    assert leads.set(None, "Annat.") is None
    assert leads.notices.all() == [made]


def test_after_one_that_has_ended(leads: Leads) -> None:
    """One that has ended by itself stands in nobody's way, and cannot be changed or lifted."""
    old = leads.notices.set(KIND, "", HOUR)
    leads.clock.tick(60)
    assert leads.set(old) is None
    assert not leads.lift(old)
    made = leads.set(None)
    assert made is not None and made.id != old.id
    assert leads.notices.all(active_only=True) == [made]


def test_confirming(leads: Leads) -> None:
    """An automatic notice becomes the operator's and keeps id, beginning and lead, also if it was prolonged since."""
    seen = leads.notices.mark(KIND, HOUR, lead=7)
    prolonged = leads.notices.prolong(KIND, LATER)
    assert prolonged is not None and prolonged.version == seen.version
    confirmed = leads.set(seen, "Vi vet.")
    assert confirmed == Notice(seen.id, KIND, Source.OPERATOR, "Vi vet.", NOW, LATER, lead=7)
    assert confirmed.version != seen.version


@pytest.mark.parametrize("change", ["words", "end", "lifted", "another"])
def test_what_has_changed_is_left_alone(leads: Leads, change: str) -> None:
    """Who has seen an older state changes nothing and lifts nothing."""
    seen = leads.notices.set(KIND, "Vi vet.", HOUR)
    if change in ("lifted", "another"):
        leads.notices.lift(KIND)
    if change != "lifted":
        leads.notices.set(KIND, "Nytt." if change == "words" else "Vi vet.", LATER if change == "end" else HOUR)
    before = leads.notices.all()
    assert leads.set(seen, "Mitt.") is None
    assert not leads.lift(seen)
    assert leads.notices.all() == before
    now = leads.notices.active(KIND, NOW)
    assert now is None or now.version != seen.version


def test_lifting(leads: Leads) -> None:
    """A notice as it was seen is lifted once, and it is known when."""
    seen = leads.notices.set(KIND, "", HOUR)
    other = leads.notices.set("another", "", HOUR)
    assert leads.lift(seen)
    assert not leads.lift(seen)
    assert leads.notices.last_lifts() == {KIND: NOW}
    assert leads.notices.all(active_only=True) == [other]


def test_nothing_stays_of_what_is_rolled_back(leads: Leads) -> None:
    """The change belongs to the caller's transaction: it goes if that fails."""
    with pytest.raises(ZeroDivisionError), leads.engine.begin() as connection:
        leads.notices.set_seen(connection, None, KIND, "", LATER)
        raise ZeroDivisionError
    assert leads.notices.all() == []


def test_those_that_are_over(leads: Leads) -> None:
    """What is lifted or has ended is listed, the latest first, and what goes on is not."""
    leads.notices.set("first", "", HOUR)
    leads.notices.set("second", "", LATER)
    leads.notices.lift("second")
    leads.notices.set("third", "", LATER)
    leads.clock.tick(60)
    assert [notice.kind for notice in leads.notices.ended(10)] == ["second", "first"]
    assert [notice.kind for notice in leads.notices.ended(1)] == ["second"]


@pytest.mark.parametrize("seen_one", [False, True])
def test_two_at_once(leads: Leads, database_url: str, seen_one: bool) -> None:
    """Of leads who saw the same and save at the same moment exactly one does."""
    seen = leads.notices.mark(KIND, HOUR) if seen_one else None
    everybody = [Leads(database_url) for _ in range(3)]
    together = threading.Barrier(len(everybody))

    def save(number: int) -> Optional[Notice]:
        together.wait()
        return everybody[number].set(seen, f"Lead {number}")

    with ThreadPoolExecutor(len(everybody)) as pool:
        saved = [notice for notice in pool.map(save, range(len(everybody))) if notice is not None]
    assert leads.notices.all() == saved
    assert len(saved) == 1
