"""Several agents at the same moment, each with a database connection of their own: one wins, nobody's work is lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, List, Sequence

import pytest

from lotsen.audit.log import Actor
from lotsen.audit.verify import verify
from lotsen.cases.case import Level
from lotsen.cases.store import NewCase
from lotsen.cases.work import Conflict, Impossible, Resolution
from tests.cases.desk import AASA, Stores
from tests.cases.made import FULL

AGENTS = 6


def at_once(calls: Sequence[Callable[[], None]]) -> List[str]:
    """Make all calls at the same moment; return how each ended."""
    together = threading.Barrier(len(calls))

    def one(call: Callable[[], None]) -> str:
        together.wait(60)
        try:
            call()
        except (Conflict, Impossible) as error:
            return type(error).__name__
        return "won"

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.fixture
def desks(database_url: str) -> List[Stores]:
    """As many desks as agents, on one database."""
    return [Stores(database_url) for _ in range(AGENTS)]


def test_one_of_many_takes_it(desks: List[Stores]) -> None:
    """All others hear who was quicker; a page later somebody else may take it over."""
    for number in range(1, 11):
        desks[0].case()
        ended = at_once(
            [
                lambda desk=desk, mark=mark, case=number: desk.work.take(case, 1, Actor(f"id-{mark}", f"Agent {mark}"))
                for mark, desk in enumerate(desks)
            ]
        )
        assert sorted(ended) == ["Conflict"] * (AGENTS - 1) + ["won"]
        found = desks[0].get(number)
        assert found.assignee == Actor(f"id-{ended.index('won')}", f"Agent {ended.index('won')}")
        assert found.version == 2
        assert [kind for kind, _ in desks[0].events(number)] == ["confirmed", "taken", "status"]
    assert len(desks[0].audit.read()) == 10
    assert verify(desks[0].engine).entries == 10


def test_everybody_tries_until_it_is_done(desks: List[Stores]) -> None:
    """Whoever loses looks again and goes on: each change is there in the end, and the log has no fork."""
    desks[0].case()
    rounds = 4

    def work(desk: Stores, mark: int) -> None:
        for number in range(rounds):
            desk.work.note(1, AASA, f"{mark}.{number}")
            while True:
                try:
                    desk.work.reply(1, desk.version(1), AASA, f"{mark}:{number}")
                    break
                except Conflict:
                    continue

    assert (
        at_once([lambda desk=desk, mark=mark: work(desk, mark) for mark, desk in enumerate(desks)]) == ["won"] * AGENTS
    )
    said = {text for kind, text in desks[0].events(1) if kind == "reply"}
    noted = {text for kind, text in desks[0].events(1) if kind == "note"}
    assert said == {f"{mark}:{number}" for mark in range(AGENTS) for number in range(rounds)}
    assert noted == {f"{mark}.{number}" for mark in range(AGENTS) for number in range(rounds)}
    assert desks[0].version(1) == 1 + AGENTS * rounds
    assert verify(desks[0].engine).entries == 2 * AGENTS * rounds


def test_merging_both_ways(desks: List[Stores]) -> None:
    """Two agents merge two cases into each other: one is a duplicate then, never both, and neither waits for ever."""
    for first in range(1, 20, 2):
        desks[0].case()
        desks[0].case()
        one, two = first, first + 1
        ended = at_once(
            [
                lambda one=one, two=two: desks[0].work.merge(one, 1, AASA, two),
                lambda one=one, two=two: desks[1].work.merge(two, 1, AASA, one),
            ]
        )
        assert ended.count("won") == 1
        merged = [desks[0].get(id).merged_into for id in (one, two)]
        assert sorted(merged, key=str) == sorted([None, one if ended[1] == "won" else two], key=str)


def test_the_user_answers_while_an_agent_ends_it(desks: List[Stores]) -> None:
    """Either the agent sees the answer first, or the answer opens the case again: it is never over unread."""
    for case in range(1, 11):
        desks[0].case()
        at_once(
            [
                lambda case=case: desks[0].work.resolve(case, 1, AASA, Resolution.NO_ANSWER),
                lambda case=case: desks[1].heard(case, "Hallå?"),
            ]
        )
        found = desks[0].get(case)
        assert found.answered
        assert found.resolution is None
        assert desks[0].listed().count(case) == 1


def test_answers_merges_and_news_at_once(desks: List[Stores]) -> None:
    """Whatever happens to a case and its duplicates at one moment, nothing waits for ever and each user hears it."""
    for _ in range(3):
        desks[0].case()
    desks[0].work.merge(2, 1, AASA, 1)
    desks[0].work.merge(3, 1, AASA, 1)

    def reply() -> None:
        written = 0
        while written < 3:
            try:
                desks[0].work.reply(1, desks[0].version(1), AASA, f"Hej {written}")
                written += 1
            except Conflict:
                continue

    def keep_on(act: Callable[[], None]) -> Callable[[], None]:
        def again() -> None:
            for _ in range(8):
                try:
                    act()
                except Conflict:
                    continue

        return again

    ended = at_once(
        [
            reply,
            keep_on(lambda: desks[1].heard(3)),
            keep_on(lambda: desks[2].heard(2)),
            keep_on(lambda: desks[3].work.note(2, AASA, "x")),
            keep_on(lambda: desks[4].work.set_level(1, desks[4].version(1), AASA, Level.HIGH)),
        ]
    )
    assert ended == ["won"] * 5
    replies = [[text for kind, text in desks[0].told(f"web-{number}") if kind == "reply"] for number in (1, 2, 3)]
    assert replies == [["Hej 0", "Hej 1", "Hej 2"]] * 3
    assert [desks[0].events(number).count(("said", "Det fungerar inte.")) for number in (2, 3)] == [8, 8]
    assert verify(desks[0].engine).whole


def test_the_same_form_sent_twice(desks: List[Stores]) -> None:
    """A case from text is made once, with one entry in the log."""
    for number in range(5):
        new = NewCase(f"{number:032x}", FULL, "", "desk", ("email",), "x")
        at_once([lambda desk=desk, new=new: desk.work.create(AASA, new) and None for desk in desks])
    assert len(desks[0].cases.all()) == 5
    assert [entry.action for entry in desks[0].audit.read()] == ["create"] * 5
