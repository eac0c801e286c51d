"""Notices on SQLite: one of a kind at a time, until it ends, is lifted or replaced."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from lotsen.disturbances.notices import Notice, Notices, Source
from lotsen.privacy.masking import TOKEN
from lotsen.storage.database import open_engine
from tests.disturbances.made import KIND, NOW, Clock

HOUR = NOW + timedelta(hours=1)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'new' / 'lotsen.db'}"


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def notices(url: str, clock: Clock) -> Notices:
    """No notices yet."""
    return Notices(open_engine(url), clock)


def test_nothing_yet(notices: Notices) -> None:
    """Without a notice there is nothing to list, prolong or lift."""
    assert notices.all() == []
    assert notices.active(KIND, NOW) is None
    assert notices.prolong(KIND, HOUR) is None
    assert notices.last_lift(KIND) is None
    assert not notices.lift(KIND)


def test_an_operators_notice(notices: Notices, url: str) -> None:
    """It is read back as it was written, by other processes too, until it ends; other kinds have none."""
    notice = notices.set(KIND, " Det är driftstopp. ", HOUR.astimezone(timezone(timedelta(hours=1))))
    assert notice == Notice(1, KIND, Source.OPERATOR, "Det är driftstopp.", NOW, HOUR)
    other = Notices(open_engine(url))
    assert other.active(KIND, NOW) == other.active(KIND, HOUR - timedelta(microseconds=1)) == notice
    assert other.active(KIND, HOUR) is None
    assert other.active("another", NOW) is None


def test_personal_numbers_are_masked(notices: Notices) -> None:
    """What an operator writes is shown to everybody."""
    assert notices.set(KIND, "pat 19121212-1212", HOUR).text == f"pat {TOKEN}"


def test_an_operators_notice_replaces(notices: Notices, clock: Clock) -> None:
    """It takes the place of an active one, also with an earlier end, and keeps its lead, its key and its beginning."""
    marked = notices.mark(KIND, HOUR, lead=7)
    clock.tick(10)
    sooner = HOUR - timedelta(minutes=30)
    notice = notices.set(KIND, "Vi vet.", sooner)
    assert notice == Notice(marked.id, KIND, Source.OPERATOR, "Vi vet.", NOW, sooner, lead=7)
    assert notice.key == marked.key
    assert notices.all() == [notice]


def test_a_mark(notices: Notices) -> None:
    """A mark is automatic and has the usual words."""
    assert notices.mark(KIND, HOUR) == Notice(1, KIND, Source.AUTO, "", NOW, HOUR)


@pytest.mark.parametrize("way", ["mark", "prolong"])
def test_a_mark_is_prolonged_and_never_shortened(way: str, notices: Notices) -> None:
    """Marking again, or prolonging, moves the end forwards only, and nothing else."""
    notices.mark(KIND, HOUR, lead=7)
    later = HOUR + timedelta(minutes=5)
    for ends in (later, HOUR):
        assert getattr(notices, way)(KIND, ends) == Notice(1, KIND, Source.AUTO, "", NOW, later, lead=7)
    assert len(notices.all()) == 1


@pytest.mark.parametrize("way", ["mark", "prolong"])
def test_an_operators_notice_is_left_alone(way: str, notices: Notices) -> None:
    """What Lotsen counts neither prolongs nor replaces what an operator said."""
    notice = notices.set(KIND, "Vi vet.", HOUR)
    assert getattr(notices, way)(KIND, HOUR + timedelta(hours=1)) == notice
    assert notices.all() == [notice]


def test_a_new_one_after_the_end(notices: Notices, clock: Clock) -> None:
    """What has ended by itself is not woken: the next is another notice with another key and no lead."""
    first = notices.mark(KIND, HOUR, lead=7)
    clock.tick(60)
    assert notices.prolong(KIND, HOUR + timedelta(hours=1)) is None
    assert not notices.lift(KIND)
    second = notices.mark(KIND, HOUR + timedelta(hours=1))
    assert (second.id, second.created, second.lead) == (2, HOUR, None)
    assert second.key != first.key
    assert notices.all() == [first, second]
    assert notices.all(active_only=True) == [second]


def test_lift(notices: Notices, clock: Clock) -> None:
    """A lifted notice is over, once, and it is known when; others go on, and a new one of the kind can come."""
    notices.set(KIND, "", HOUR)
    other = notices.set("another", "", HOUR)
    lifted = clock.tick(10)
    assert notices.lift(KIND)
    assert not notices.lift(KIND)
    assert notices.active(KIND, lifted) is None
    assert (notices.last_lift(KIND), notices.last_lift("another")) == (lifted, None)
    assert notices.all(active_only=True) == [other]
    clock.tick(1)
    assert notices.set(KIND, "", HOUR).id == 3
    assert notices.last_lift(KIND) == lifted
    latest = clock.tick(1)
    assert notices.lift(KIND)
    assert notices.last_lift(KIND) == latest


def test_the_first_lead_stays(notices: Notices) -> None:
    """A lead is noted once; who comes later learns which it is."""
    notice = notices.mark(KIND, HOUR)
    assert notices.set_lead(notice.id, 7).lead == 7
    assert notices.set_lead(notice.id, 8).lead == 7
    with pytest.raises(sa.exc.NoResultFound):
        notices.set_lead(99, 7)


def test_a_key_fits_a_case(notices: Notices) -> None:
    """A key is 32 hexadecimal digits, the same whenever it is asked for."""
    notice = notices.mark(KIND, HOUR)
    again = notices.active(KIND, NOW)
    assert again is not None
    assert notice.key == again.key
    assert len(notice.key) == 32
    int(notice.key, 16)


@pytest.mark.parametrize("after_another", [False, True])
@pytest.mark.parametrize("round_number", range(3))
def test_one_notice_when_many_write_at_once(round_number: int, after_another: bool, url: str, clock: Clock) -> None:
    """Marks and an operator's notice at the same moment make one notice, the operator's, also after one that ended."""
    if after_another:
        Notices(open_engine(url), clock).mark(KIND, HOUR)
        clock.tick(60)
    stores = [Notices(open_engine(url), clock) for _ in range(4)]
    together = threading.Barrier(len(stores))
    ends = clock.now + timedelta(hours=1)

    def write(number: int) -> int:
        together.wait()
        notices = stores[number]
        return (notices.mark(KIND, ends) if number else notices.set(KIND, "Vi vet.", ends)).id

    with ThreadPoolExecutor(len(stores)) as pool:
        assert len(set(pool.map(write, range(len(stores))))) == 1
    (notice,) = stores[0].all(active_only=True)
    assert (notice.source, notice.text) == (Source.OPERATOR, "Vi vet.")
    assert len(stores[0].all()) == 1 + after_another
