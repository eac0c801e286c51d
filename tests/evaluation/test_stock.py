"""Stock Rasa beside ours: each decides in its own way on its own ranking, and the same lines are counted."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Tuple

import pytest
import rasa
from hypothesis import example, given
from hypothesis import strategies as st
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from ruamel.yaml import YAML

from lotsen.evaluation import stock
from lotsen.evaluation.lines import Line
from lotsen.evaluation.pipelines import Ranked
from lotsen.evaluation.stock import AMBIGUITY, THRESHOLD, compare
from lotsen.understanding.decision import Thresholds

TITLES = {name: f"Fråga {name}?" for name in "abc"}
LIMITS = Thresholds(temperature=1, refuse=0.5, answer=0.4, margin=0.3, suggest=0.1, option=0.03, both=0.6)
SURE: Ranked = [("a", 0.9), ("b", 0.05), ("c", 0.05)]
CLOSE: Ranked = [("a", 0.45), ("b", 0.25), ("c", 0.2), ("out_of_scope", 0.1)]
"""Clear enough for stock Rasa (0.2 ahead), not for our margin."""
REFUSED: Ranked = [("a", 0.48), ("out_of_scope", 0.3), ("out_of_scope_card", 0.22)]
"""Refusals together have most: ours counts them so, stock does not."""

UNSURE: Ranked = [("a", 0.29), *((f"other_{number}", 0.071) for number in range(10))]


def shares(line: Line, ranking: Ranked, limits: Thresholds = LIMITS) -> Dict[str, float]:
    """Compare ours and stock on the same ranking of one line."""
    return compare([line], {line.text: ranking}, {line.text: ranking}, TITLES, limits)


def test_shares_are_named_after_whose_they_are() -> None:
    """Ours first, then stock's: the report's columns stand in this order."""
    assert list(compare([], {}, {}, TITLES, LIMITS).items()) == [
        ("Lotsen: right at once", 0),
        ("Lotsen: in first three", 0),
        ("Lotsen: kept out", 0),
        ("stock: right at once", 0),
        ("stock: in first three", 0),
        ("stock: kept out", 0),
    ]


@pytest.mark.parametrize(
    ("line", "ranking", "ours", "theirs"),
    [
        pytest.param(Line("x", "a"), SURE, (1, 1), (1, 1), id="both answer rightly"),
        pytest.param(Line("x", "b"), SURE, (0, 1), (0, 1), id="both answer wrongly, with the right one behind"),
        pytest.param(Line("x", "a"), CLOSE, (0, 1), (1, 1), id="ours asks, stock answers"),
        pytest.param(Line("x", "a"), REFUSED, (0, 1), (1, 1), id="ours refuses, stock answers"),
        pytest.param(
            Line("x", "c"), [("a", 0.4), ("b", 0.3), ("greet", 0.2), ("c", 0.1)], (0, 0), (0, 0), id="only the fourth"
        ),
        pytest.param(
            Line("x", "c"), [("a", 0.4), ("b", 0.3), ("c", 0.2), ("greet", 0.1)], (0, 1), (0, 1), id="just the third"
        ),
        pytest.param(
            Line("x", "a"),
            UNSURE,
            (0, 1),
            (0, 1),
            id="too unlikely for both",
        ),
    ],
)
def test_a_question(line: Line, ranking: Ranked, ours: Tuple[float, float], theirs: Tuple[float, float]) -> None:
    """Right at once is what is answered; among the first three is what is ranked, whatever is decided."""
    found = shares(line, ranking)
    assert (found["Lotsen: right at once"], found["Lotsen: in first three"]) == ours
    assert (found["stock: right at once"], found["stock: in first three"]) == theirs
    assert (found["Lotsen: kept out"], found["stock: kept out"]) == (0, 0)


@pytest.mark.parametrize(
    ("ranking", "ours", "theirs"),
    [
        pytest.param(SURE, 0, 0, id="both answer"),
        pytest.param(CLOSE, 1, 0, id="ours asks, stock answers"),
        pytest.param(REFUSED, 1, 0, id="ours refuses, stock answers"),
        pytest.param([("out_of_scope_card", 0.9), ("a", 0.1)], 1, 1, id="both refuse"),
        pytest.param([("greet", 0.9), ("a", 0.1)], 1, 1, id="both make conversation"),
        pytest.param(UNSURE, 1, 1, id="neither is sure"),
    ],
)
def test_a_line_outside(ranking: Ranked, ours: float, theirs: float) -> None:
    """Kept out is all that is not answered with a question's answer."""
    found = shares(Line("x", "out_of_scope_card"), ranking)
    assert (found["Lotsen: kept out"], found["stock: kept out"]) == (ours, theirs)


def test_our_ranking_is_calibrated_first() -> None:
    """The fitted temperature is part of our decision; stock Rasa has none."""
    sharp = Thresholds(**{**LIMITS.__dict__, "temperature": 0.5})
    assert shares(Line("x", "a"), CLOSE)["Lotsen: right at once"] == 0
    assert shares(Line("x", "a"), CLOSE, sharp)["Lotsen: right at once"] == 1
    assert (
        shares(Line("x", "a"), CLOSE)["stock: right at once"]
        == shares(Line("x", "a"), CLOSE, sharp)["stock: right at once"]
    )


def test_each_has_its_own_ranking_and_conversation_is_not_counted() -> None:
    """Shares are of the questions and of the lines outside, each by itself."""
    lines = [Line("1", "a"), Line("2", "a"), Line("3", "b"), Line("4", "out_of_scope"), Line("5", "greet")]
    ours = {line.text: SURE for line in lines}
    theirs: Dict[str, Ranked] = {line.text: [("b", 1.0)] for line in lines}
    theirs["4"] = []
    assert compare(lines, ours, theirs, TITLES, LIMITS) == pytest.approx(
        {
            "Lotsen: right at once": 2 / 3,
            "Lotsen: in first three": 1,
            "Lotsen: kept out": 0,
            "stock: right at once": 1 / 3,
            "stock: in first three": 1 / 3,
            "stock: kept out": 1,
        }
    )


@pytest.mark.parametrize(
    ("ranking", "answered"),
    [
        ([], None),
        ([("a", 0.3)], "a"),
        ([("a", 0.299)], None),
        ([("a", 0.45), ("b", 0.3)], "a"),
        ([("a", 0.45), ("b", 0.36)], None),
        ([("a", 0.5), ("b", 0.5)], None),
        ([("out_of_scope", 0.8), ("b", 0.1)], "out_of_scope"),
    ],
)
def test_stock_answers_from_its_threshold_and_when_it_is_not_torn(ranking: Ranked, answered: str | None) -> None:
    """Below 0.3, or less than 0.1 ahead, its FallbackClassifier says that it did not understand."""
    assert stock._stock(ranking) == answered


@example(ranking=[("a", 0.5), ("b", 0.4)])
@example(ranking=[("a", 0.3)])
@example(ranking=[("a", 0.304), ("b", 0.204)])
@given(
    ranking=st.lists(st.floats(0, 1), min_size=1, max_size=4).map(
        lambda found: list(zip("abcd", sorted(found, reverse=True), strict=False))
    )
)
def test_stock_decides_as_rasas_own_component(ranking: List[Tuple[str, float]]) -> None:
    """The yardstick must be the real one: Rasa's FallbackClassifier says the same of every ranking."""
    entries = [{INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: share} for name, share in ranking]
    message = Message({TEXT: "hej", INTENT: entries[0], INTENT_RANKING_KEY: entries})
    FallbackClassifier({"threshold": THRESHOLD, "ambiguity_threshold": AMBIGUITY}).process([message])
    stepped_in = message.get(INTENT)[INTENT_NAME_KEY] == "nlu_fallback"
    assert (stock._stock(ranking) is None) == stepped_in


def test_the_thresholds_are_those_of_rasas_default_pipeline() -> None:
    """A Rasa with other defaults would make the comparison unfair without anybody noticing."""
    (path,) = Path(rasa.__file__).parent.rglob("default_config.yml")
    pipeline = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["pipeline"]
    (entry,) = (entry for entry in pipeline if entry["name"] == "FallbackClassifier")
    assert (entry["threshold"], entry["ambiguity_threshold"]) == (THRESHOLD, AMBIGUITY)
