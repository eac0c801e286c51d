"""The load bench: its arithmetic, its people, its pages, and a short run against a Lotsen that runs."""

from __future__ import annotations

import asyncio
import math
import random
from pathlib import Path
from typing import List

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench import load_open
from tests.bench.load_client import WebTalk, session
from tests.bench.load_drive import Driver, Outcome
from tests.bench.load_open import open_many
from tests.bench.load_page import fill, keep, kept
from tests.bench.load_people import MIX, MOST_TURNS, Act, Crowd, Mind, Person
from tests.bench.load_schedule import LIMIT_SECONDS, PRECISION, Tried, arrivals, bounds, next_rate, slope, thoughts
from tests.bench.load_servers import web
from tests.bench.soak import growth
from tests.support.running import RunningLotsen

SHARED = pytest.mark.xdist_group("e2e")
"""Where the Lotsen is that runs for all tests (tests/conftest.py)."""
QUESTIONS = ("Hur går gallring till?", "vilken webbläsare ska jag använda?", "Varför behöver vi gallra?")
TITLES = st.lists(st.sampled_from(["Klart", "Avbryt", "Hur gör jag?", "Ja, skicka", "Något annat", "Det gick inte"]))


@settings(deadline=None)
@given(rate=st.floats(0.5, 300), seconds=st.floats(0, 30), seed=st.integers())
def test_arrivals_come_at_the_rate_whatever_happens(rate: float, seconds: float, seed: int) -> None:
    """They are in order, within the time, and as many as the rate says but for chance (six deviations)."""
    found = arrivals(rate, seconds, random.Random(seed))
    assert found == sorted(found)
    assert all(0 <= at < seconds for at in found)
    assert abs(len(found) - rate * seconds) <= 6 * math.sqrt(rate * seconds) + 6


@settings(deadline=None)
@given(seed=st.integers())
def test_thoughts_are_of_a_length(seed: int) -> None:
    """Nobody thinks for ever; half of the people think for less than the middle."""
    row = thoughts(random.Random(seed), 3.0)
    taken = [next(row) for _ in range(400)]
    assert 0 < min(taken) <= max(taken) <= 60
    assert 140 < sum(one < 3.0 for one in taken) < 260


@settings(deadline=None)
@given(capacity=st.floats(0.5, 2000), start=st.floats(1, 100))
def test_the_search_finds_what_a_bot_can_do(capacity: float, start: float) -> None:
    """It ends with a good rate and a bad one near to each other, with the capacity between, in few steps."""
    tried: List[Tried] = []
    while (rate := next_rate(tried, start)) is not None:
        tried.append((rate, rate <= capacity))
        assert len(tried) < 40
    good, bad = bounds(tried)
    assert good is not None
    assert bad is not None
    assert good <= capacity < bad <= good * PRECISION


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(1, 500), st.booleans()), min_size=1))
def test_a_good_rate_above_a_bad_one_does_not_count(tried: List[Tried]) -> None:
    """Where a bot holds a rate by luck, the lowest bad one decides; the next rate is never one that is known."""
    good, bad = bounds(tried)
    assert good is None or bad is None or good < bad
    following = next_rate(tried, 20.0)
    assert following is None or bad is None or following < bad
    assert following is None or good is None or following > good


@settings(deadline=None)
@given(a=st.floats(-5, 5), b=st.floats(-100, 100), xs=st.lists(st.integers(0, 1000), min_size=2, unique=True))
def test_slope_of_a_line(a: float, b: float, xs: List[int]) -> None:
    """The slope of points on a line is the line's."""
    assert slope([(x, a * x + b) for x in xs]) == pytest.approx(a, abs=1e-6)


def test_slope_needs_two_points() -> None:
    """One point has none, nor has nothing."""
    for points in ([], [(1.0, 2.0)], [(1.0, 2.0), (1.0, 3.0)]):
        with pytest.raises(ValueError, match="two points"):
            slope(points)


@settings(deadline=None)
@given(mind=st.sampled_from(Mind), seed=st.integers(), offered=st.lists(TITLES, min_size=MOST_TURNS + 2))
def test_people_press_what_is_there_and_go_home(mind: Mind, seed: int, offered: List[List[str]]) -> None:
    """Whatever they are offered; the same seed does the same."""
    one, other = (Person(mind, random.Random(seed), QUESTIONS) for _ in range(2))
    acts = [one.next(titles) for titles in offered]
    assert acts == [other.next(titles) for titles in offered]
    assert acts[0] is not None
    assert not acts[0].press
    assert acts[-1] is None
    for act, titles in zip(acts, offered, strict=True):
        assert act is None or act.text in titles or not act.press
        assert act is None or act.text


def test_the_mix_is_the_mix() -> None:
    """Of a thousand people as many come for each thing as it says."""
    crowd = Crowd(MIX, 1, QUESTIONS)
    minds = [crowd.come().mind for _ in range(1000)]
    for mind, share in MIX.items():
        assert abs(minds.count(mind) - 10 * share) < 60


def test_errors_make_a_rate_bad_however_fast_the_rest_is() -> None:
    """So do slow turns, and a server that is lost."""
    quick = Outcome(10, turns=[0.1] * 100)
    assert quick.good
    assert not Outcome(10, turns=[0.1] * 94 + [LIMIT_SECONDS + 0.1] * 6).good
    quick.errors["message: 500"] = 1
    assert not quick.good
    assert not Outcome(10, turns=[0.1] * 100, overrun=True).good
    assert not Outcome(10).good


def test_growth_is_seen_and_warming_up_is_not_growth() -> None:
    """What is taken in the first third does not count; afterwards 10 % is too much, and 1 % is not."""
    seconds = 600.0
    samples = [
        (at, {"steady": 100.0 + min(at, 150.0), "leaking": 100.0 + at / 10, "small": 10.0 + at / 600})
        for at in range(0, 600, 2)
    ]
    rows = {row["name"]: row for row in growth(samples, seconds, 6000)}
    assert rows["steady"]["good"]
    assert rows["steady"]["growth"] == pytest.approx(0.0)
    assert not rows["leaking"]["good"]
    assert rows["leaking"]["slope"] == pytest.approx(10.0)
    assert rows["small"]["good"]


def test_a_table_goes_between_its_marks(tmp_path: Path) -> None:
    """And what stood there goes; a page without the marks is left as it is."""
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- a:begin -->\nold\n<!-- a:end -->\nafter\n", encoding="utf-8")
    fill(page, "a", "new å")
    assert page.read_text(encoding="utf-8") == "before\n<!-- a:begin -->\nnew å\n<!-- a:end -->\nafter\n"
    with pytest.raises(ValueError, match="b:begin"):
        fill(page, "b", "new")


def test_figures_are_kept_with_what_they_are_of(tmp_path: Path) -> None:
    """When, where and which commit."""
    keep("part", {"held": 12.5}, tmp_path)
    found = kept("part", tmp_path)
    assert found is not None
    assert found["held"] == 12.5
    assert {"at", "machine", "version"} <= set(found)
    assert kept("other", tmp_path) is None


@SHARED
def test_a_short_run(lotsen: RunningLotsen) -> None:
    """Turns arrive at a low rate, over streams and polls; none is lost, and nobody gets what is somebody else's."""

    async def run() -> Outcome:
        driver = Driver(web(lotsen.base), Crowd(MIX, 3, QUESTIONS), 3, think=0.3)
        async with session() as http:
            outcome = await driver.step(http, 6.0, 0.5, 5.0)
            await driver.close()
        assert set(driver.seen) <= {"ended: 204"}
        return outcome

    outcome = asyncio.run(run())
    assert len(outcome.turns) > 10
    assert dict(outcome.errors) == {}
    assert len(outcome.late) == len(outcome.turns)


@SHARED
def test_many_at_once_each_get_their_own_answer(lotsen: RunningLotsen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of them in a guide, half with a question; all write at once, twice."""
    monkeypatch.setattr(load_open, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(load_open, "WAVES", (0.5, 0.0))
    result = open_many(lotsen.base, dict, 10, lambda line: None)
    assert result["opened"] == result["streams"] == 10
    assert [wave["outcomes"] for wave in result["waves"]] == [{"right": 10}, {"right": 10}]
    assert result["seen"] == {}


@SHARED
def test_a_client_that_polls_hears_the_same(lotsen: RunningLotsen) -> None:
    """Numbers without a gap, its own words, and an end of each turn."""

    async def run() -> WebTalk:
        async with session() as http:
            talk = WebTalk(http, lotsen.base, stream=False)
            await talk.begin()
            await talk.act(Act(QUESTIONS[0]))
            await talk.close()
        return talk

    talk = asyncio.run(run())
    assert dict(talk.seen) == {}
    assert [author for author, _ in talk.texts][1] == "user"
    assert talk.texts[1] == ("user", QUESTIONS[0])
