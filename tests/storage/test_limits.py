"""Limits that hold over all processes: on both databases, however many count at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import List

import pytest
import sqlalchemy as sa

from lotsen.cases.access import WRONG_PER_CONVERSATION, WRONG_PER_MINUTE, Guesses
from lotsen.storage.database import open_engine
from lotsen.storage.limits import DAY, MINUTE, Limit, Limits
from tests.support.clock import Clock

EACH, ALL = Limit("each", 2, DAY), Limit("all", 3, MINUTE)


@pytest.fixture
def clock() -> Clock:
    """The clock of all processes."""
    return Clock()


@pytest.fixture
def two(database_url: str, clock: Clock) -> List[Limits]:
    """Two processes that share a database."""
    return [Limits(open_engine(database_url), clock) for _ in range(2)]


def test_what_one_process_counts_holds_in_the_other(two: List[Limits]) -> None:
    """The limit is reached by both together; another's count is not touched."""
    for process in two:
        assert process.room([(EACH, "a")])
        process.count([(EACH, "a"), (ALL, "")])
    assert [process.room([(EACH, "a"), (ALL, "")]) for process in two] == [False, False]
    assert two[0].room([(EACH, "b"), (ALL, "")])


def test_a_stretch_ends_for_all(two: List[Limits], clock: Clock) -> None:
    """A new minute is a new count; the day's goes on. What is over is not kept."""
    for _ in range(3):
        two[0].count([(EACH, "a"), (ALL, "")])
    assert not two[1].room([(ALL, "")])
    clock.now = (clock.now // MINUTE + 1) * MINUTE
    assert two[1].room([(ALL, "")])
    assert not two[1].room([(EACH, "a")])
    clock.now += DAY
    two[0].count([(ALL, "")])
    with two[0]._engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM limit_counts")).scalar() == 1


def test_no_count_is_lost(two: List[Limits]) -> None:
    """Many count at the same moment in several processes."""
    many = Limit("many", 60, DAY)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: two[number % 2].count([(ALL, ""), (many, "a")]), range(59)))
    assert two[0].room([(many, "a")])
    two[1].count([(many, "a")])
    assert not two[0].room([(many, "a")])


def test_no_conversation_is_named(two: List[Limits]) -> None:
    """The table holds a hash."""
    two[0].count([(EACH, "teams-anna")])
    with two[0]._engine.connect() as connection:
        (row,) = connection.execute(sa.text("SELECT * FROM limit_counts")).all()
    assert "anna" not in f"{row}"


def test_guesses_of_codes_are_counted_over_all_processes(database_url: str, clock: Clock) -> None:
    """One conversation's in a day, and everybody's in a minute; asking alone writes nothing."""
    engines = [open_engine(database_url) for _ in range(2)]
    one, other = (Guesses(clock, engine) for engine in engines)
    for _ in range(WRONG_PER_CONVERSATION):
        assert other.allowed("a")
        one.wrong("a")
    assert not other.allowed("a")
    assert other.allowed("b")
    for number in range(WRONG_PER_MINUTE - WRONG_PER_CONVERSATION):
        (one, other)[number % 2].wrong(f"{number}")
    assert not one.allowed("new")
    assert not other.allowed("new")
