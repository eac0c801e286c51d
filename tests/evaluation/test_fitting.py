"""Fitting: what each outcome costs, the temperature that was put in, and the thresholds that an easy set demands."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lotsen.evaluation import fitting
from lotsen.evaluation.fitting import COSTS, GRID, SHARES, START, fit, fit_temperature, judge, total_cost
from lotsen.evaluation.folds import CrossValidation, RankedLine
from lotsen.evaluation.scores import ANSWER, REFUSE, SUGGEST, TALK, Verdict
from lotsen.understanding.decision import Thresholds, calibrate

TITLES = {name: f"Fråga {name}?" for name in "abcdefg"}
OUTCOMES = [
    (("a",), Verdict(ANSWER, "a"), ("question", "right")),
    (("a",), Verdict(ANSWER, "b"), ("question", "wrong")),
    (("a",), Verdict(SUGGEST, None, ("b", "a")), ("question", "offered")),
    (("a",), Verdict(SUGGEST, None, ("b", "c")), ("question", "offered wrongly")),
    (("a",), Verdict(REFUSE), ("question", "refused")),
    (("a",), Verdict(TALK, "greet"), ("question", "talk")),
    (("out_of_scope_card",), Verdict(REFUSE), ("outside", "refused")),
    (("out_of_scope",), Verdict(SUGGEST, None, ("a",)), ("outside", "offered")),
    (("out_of_scope",), Verdict(TALK, "greet"), ("outside", "talk")),
    (("out_of_scope_card",), Verdict(ANSWER, "a"), ("outside", "wrong")),
    (("greet",), Verdict(TALK, "greet"), ("talk", "right")),
    (("login_problem",), Verdict(SUGGEST, None, ("a", "b")), ("talk", "right")),
    (("greet",), Verdict(SUGGEST, None, ("a", "b")), ("talk", "offered")),
    (("greet",), Verdict(REFUSE), ("talk", "refused")),
    (("login_problem",), Verdict(REFUSE), ("talk", "refused")),
    (("greet",), Verdict(TALK, "thanks"), ("talk", "talk")),
    (("greet",), Verdict(ANSWER, "a"), ("talk", "wrong")),
    (("a", "b"), Verdict(SUGGEST, None, ("b", "a")), ("two questions", "right")),
    (("a", "b"), Verdict(ANSWER, "a", ("a", "b")), ("two questions", "right")),
    (("a", "b"), Verdict(ANSWER, "b"), ("two questions", "half")),
    (("a", "b"), Verdict(SUGGEST, None, ("b", "c")), ("two questions", "half")),
    (("a", "b"), Verdict(ANSWER, "c"), ("two questions", "neither")),
    (("a", "b"), Verdict(REFUSE), ("two questions", "neither")),
]


@pytest.mark.parametrize(("intents", "verdict", "judged"), OUTCOMES)
def test_each_outcome_is_named(intents: Tuple[str, ...], verdict: Verdict, judged: Tuple[str, str]) -> None:
    """Every kind of message with everything that the bot can make of it."""
    assert judge(intents, verdict, TITLES) == judged


def test_every_cost_can_be_met() -> None:
    """A price that no outcome has would be a misspelt name, and its outcome would raise."""
    assert {judged for _, _, judged in OUTCOMES} == {(kind, name) for kind, costs in COSTS.items() for name in costs}


def test_each_kind_has_an_outcome_that_is_free_and_a_share() -> None:
    """What is best costs nothing, so a perfect bot costs nothing; the shares are of all messages."""
    assert set(SHARES) == set(COSTS)
    assert sum(SHARES.values()) == pytest.approx(1)
    for costs in COSTS.values():
        free, next_best = sorted(costs.values())[:2]
        assert free == 0 < next_best


def test_a_wrong_answer_is_the_worst() -> None:
    """Nothing costs more than an answer to another question, and a question back costs less than a refusal."""
    for kind in ("question", "outside", "talk"):
        assert COSTS[kind]["wrong"] == max(COSTS[kind].values())
    assert COSTS["question"]["offered"] < COSTS["question"]["offered wrongly"] < COSTS["question"]["refused"]
    assert COSTS["two questions"]["half"] < COSTS["two questions"]["neither"]


PRICES: Mapping[str, Mapping[str, float]] = {
    "question": {"right": 0, "offered": 1, "offered wrongly": 3, "refused": 5, "talk": 5, "wrong": 5},
    "outside": {"refused": 0, "offered": 1, "talk": 2, "wrong": 4},
    "talk": {"right": 0, "offered": 2, "refused": 3, "talk": 3, "wrong": 5},
    "two questions": {"right": 0, "half": 3, "neither": 6},
}


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every outcome cost what stands above: the sums below hold whatever the real prices become."""
    monkeypatch.setattr(fitting, "COSTS", PRICES)


def line(want: Sequence[str], ranking: Dict[str, float], *parts: Dict[str, float]) -> RankedLine:
    """Return a line ranked so (best first as written), with its parts' rankings."""
    return RankedLine("text", tuple(want), list(ranking.items()), tuple(list(part.items()) for part in parts))


RIGHT = line("a", {"a": 0.9, "b": 0.1})
WRONG = line("b", {"a": 0.9, "b": 0.1})
OUTSIDE_WRONG = line(["out_of_scope"], {"a": 0.9, "b": 0.1})
GREETING = line(["greet"], {"greet": 0.9, "b": 0.1})
HALF = line("ab", {"a": 0.9, "b": 0.1})


@pytest.mark.usefixtures("priced")
@pytest.mark.parametrize(
    ("lines", "cost"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([RIGHT, GREETING], 0, id="all right"),
        pytest.param([RIGHT, WRONG], 0.65 * 2.5, id="the mean of the kind"),
        pytest.param([WRONG], 0.65 * 5, id="kinds that are not there cost nothing"),
        pytest.param([RIGHT] * 99 + [OUTSIDE_WRONG], 0.2 * 4, id="many examples of one kind weigh no more"),
        pytest.param(
            [RIGHT, WRONG, OUTSIDE_WRONG, GREETING, HALF], 0.65 * 2.5 + 0.2 * 4 + 0.1 * 0 + 0.05 * 3, id="every kind"
        ),
    ],
)
def test_the_cost_of_a_message_by_hand(lines: List[RankedLine], cost: float) -> None:
    """The mean within each kind, weighted by how much of what users write is of that kind."""
    assert total_cost(lines, TITLES, START) == pytest.approx(cost)


HONEST = [{"a": 0.9, "b": 0.1}, {"a": 0.8, "b": 0.2}, {"a": 0.6, "b": 0.4}, {"a": 0.7, "b": 0.2, "c": 0.1}]
"""Rankings, each to be met in ten lines: as many of them are of an intent as its share says."""


def softened(temperature: float) -> List[RankedLine]:
    """Return honest lines whose rankings were softened by ``temperature``."""
    return [
        RankedLine("text", (intent,), calibrate(list(ranking.items()), temperature))
        for ranking in HONEST
        for intent, share in ranking.items()
        for _ in range(round(10 * share))
    ]


@pytest.mark.parametrize("put_in", [0.25, 0.5, 0.8, 1, 1.5, 2, 4])
def test_the_temperature_that_was_put_in_is_found(put_in: float) -> None:
    """Honest probabilities that were softened (or sharpened) by a temperature are made honest by its inverse."""
    lines = softened(put_in)
    assert len(lines) == 40
    assert fit_temperature(lines) == pytest.approx(1 / put_in, abs=0.02)


def test_the_temperature_stays_within_bounds() -> None:
    """A model that is always right would be made ever surer, one that is always wrong ever less sure."""
    assert fit_temperature([RIGHT] * 3) == pytest.approx(0.2, abs=0.02)
    assert fit_temperature([WRONG] * 3) == pytest.approx(5, abs=0.02)


def test_an_intent_that_was_not_ranked_does_not_stop_the_fit() -> None:
    """An intent that a model does not know has no share at all; the others decide."""
    unknown = line("z", {"a": 0.6, "b": 0.4})
    assert fit_temperature([unknown, *softened(2)]) == pytest.approx(1 / 2, abs=0.02)


def test_the_start_can_be_kept() -> None:
    """Each value of the start is among those tried: otherwise a round could end dearer than it began."""
    assert set(GRID) == {field.name for field in fields(Thresholds)} - {"temperature", "max_options"}
    for name, values in GRID.items():
        assert getattr(START, name) in values
        assert list(values) == sorted(set(values))
        assert all(0 <= value <= 1 for value in values)


EVEN = dict.fromkeys("bcdefg", 0.13)
DEMANDS = [
    pytest.param(
        [line(["out_of_scope"], {"out_of_scope": 0.72, "a": 0.28}), line("a", {"out_of_scope": 0.58, "a": 0.42})],
        replace(START, refuse=0.6),
        0.65 * 1,
        id="refuse: between 0.58, still a question, and 0.72, never one",
    ),
    pytest.param(
        [line("b", {"a": 0.46, "b": 0.24, "c": 0.15, "d": 0.15}), line("a", {"a": 0.58, "b": 0.22, "c": 0.2})],
        replace(START, answer=0.5),
        0.65 * 0.5,
        id="answer: between 0.46, wrong, and 0.58, right",
    ),
    pytest.param(
        [
            line("b", {"a": 0.51, "b": 0.34, "c": 0.15}),
            *[line("a", {"a": 0.51, "b": 0.13, "c": 0.12, "d": 0.12, "e": 0.12})] * 9,
        ],
        replace(START, margin=0.2),
        0.65 * 0.1,
        id="margin: between 0.17, wrong, and 0.38, right, at the same confidence",
    ),
    pytest.param(
        [
            line(["out_of_scope"], {**dict.fromkeys("abcde", 0.16), "greet": 0.1, "out_of_scope": 0.1}),
            line("a", {"a": 0.22, **EVEN}),
        ],
        replace(START, suggest=0.2),
        0.65 * 1,
        id="suggest: between 0.16, outside, and 0.22, a question",
    ),
    pytest.param(
        [line("c", {"a": 0.4875, "b": 0.4875, "c": 0.025})],
        replace(START, option=0.02),
        0.65 * 1,
        id="option: the third one, at 0.025, was meant",
    ),
    pytest.param(
        [
            line("ab", {"a": 0.6, "b": 0.3, "c": 0.1}, {"a": 0.57, "b": 0.43}, {"b": 0.57, "a": 0.43}),
            line("a", {"a": 0.6, "b": 0.3, "c": 0.1}, {"a": 0.52, "b": 0.48}, {"b": 0.52, "a": 0.48}),
        ],
        replace(START, both=0.55),
        0,
        id="both: between 0.52, one question, and 0.57, two",
    ),
]


@pytest.fixture
def honest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the shares as they are, so that they can be written by hand; the temperature has tests of its own."""
    monkeypatch.setattr(fitting, "fit_temperature", lambda lines: 1.0)


def validation(lines: Sequence[RankedLine]) -> CrossValidation:
    """Return the lines as a cross-validation finds them: pairs apart."""
    single = [line for line in lines if len(line.intents) == 1]
    return CrossValidation(single, [line for line in lines if len(line.intents) == 2], [1.0])


@pytest.mark.usefixtures("honest", "priced")
@pytest.mark.parametrize(("lines", "thresholds", "cost"), DEMANDS)
def test_the_threshold_that_a_set_demands_is_chosen(
    lines: List[RankedLine], thresholds: Thresholds, cost: float
) -> None:
    """Of all values with the least cost the nearest to the start is taken, and no other threshold is moved."""
    found = fit(validation(lines), TITLES, lambda text: None)
    assert found.thresholds == thresholds
    assert found.cost == pytest.approx(cost)


@pytest.mark.usefixtures("honest", "priced")
def test_each_threshold_has_a_reason() -> None:
    """A reader of ``decision.yml`` sees what the values beside the chosen one would cost."""
    said: List[str] = []
    lines: Any = DEMANDS[0].values[0]
    found = fit(validation(lines), TITLES, said.append)
    assert set(found.reasons) == {field.name for field in fields(Thresholds)}
    assert found.reasons["refuse"] == (
        "Least cost of those tried: 0.6500 for each message; 0.55 costs 3.2500, 0.65 costs 0.6500."
    )
    assert found.reasons["margin"].endswith("; 0.05 costs 0.6500, 0.15 costs 0.6500.")
    assert found.reasons["temperature"] == "Least log loss over 2 cross-validated examples."
    assert found.reasons["max_options"] == "More than three buttons are not read."
    assert said == [f"  thresholds, round {number}: cost 0.6500 for each message" for number in (1, 2)]


def test_a_value_at_the_edge_has_one_neighbour() -> None:
    """The first and the last value of the grid have nothing on their other side."""
    assert fitting._reason("x", [(0.1, 2.0), (0.2, 3.0), (0.3, 4.0)], 0.1) == (
        "Least cost of those tried: 2.0000 for each message; 0.2 costs 3.0000."
    )


def test_the_temperature_is_among_the_thresholds() -> None:
    """What is fitted first is written with the rest, rounded to what can be read."""
    lines = [RankedLine("text", ("a",), [("a", 0.9), ("b", 0.1)])] * 9
    lines += [RankedLine("text", ("b",), [("a", 0.9), ("b", 0.1)])]
    found = fit(CrossValidation(lines, [], [1.0]), TITLES, lambda text: None)
    assert found.thresholds.temperature == round(fit_temperature(lines), 3) == pytest.approx(1, abs=0.02)


@st.composite
def ranked_lines(draw: st.DrawFn, intents: Optional[int] = None) -> RankedLine:
    """Draw a line that should be anything, ranked in any way, with parts of its own now and then."""
    names = ["a", "b", "c", "greet", "out_of_scope"]

    def ranking() -> List[Tuple[str, float]]:
        weights = {name: draw(st.floats(0.01, 1)) for name in draw(st.permutations(names))}
        pairs = [(name, weight / sum(weights.values())) for name, weight in weights.items()]
        return sorted(pairs, key=lambda pair: -pair[1])

    want = draw(st.permutations(["a", "b", "c"]))[:2] if intents == 2 else [draw(st.sampled_from(names))]
    parts = tuple(ranking() for _ in range(draw(st.sampled_from([0, 2]))))
    return RankedLine("text", tuple(want), ranking(), parts)


@settings(max_examples=25, deadline=None)
@given(lines=st.lists(ranked_lines(), min_size=1, max_size=8), pairs=st.lists(ranked_lines(intents=2), max_size=3))
def test_a_fit_never_costs_more_than_its_start(lines: List[RankedLine], pairs: List[RankedLine]) -> None:
    """Whatever was ranked, the cost told is that of the thresholds found, and each round's is no more than the last."""
    said: List[str] = []
    found = fit(CrossValidation(lines, pairs, [1.0]), TITLES, said.append)
    calibrated = [line.calibrated(fit_temperature(lines)) for line in (*lines, *pairs)]
    assert found.cost == pytest.approx(total_cost(calibrated, TITLES, found.thresholds))
    assert found.cost <= total_cost(calibrated, TITLES, START) + 1e-9
    costs = [float(text.split()[4]) for text in said]
    assert costs == sorted(costs, reverse=True)
