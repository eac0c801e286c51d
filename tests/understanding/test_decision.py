"""The decision: answer only what is likely and clearly ahead, suggest what a user can recognise, else refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, List, Tuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as FALLBACK
from rasa.shared.exceptions import InvalidConfigException

from lotsen.understanding.decision import Decision, DecisionClassifier, Thresholds, decide
from lotsen.understanding.decision import is_out_of_scope

LIMITS = Thresholds(refuse=0.5, answer=0.4, margin=0.1, suggest=0.1, option=0.04, max_options=3)
TITLES = {name: f"Fråga {name}?" for name in ("login", "cache", "card", "fee", "film")}
Ranking = List[Tuple[str, float]]


@pytest.mark.parametrize(
    ("ranking", "decision"),
    [
        pytest.param([("login", 0.9), ("cache", 0.05)], Decision("login", 0.9), id="a clear question is answered"),
        pytest.param([("login", 0.4), ("cache", 0.3)], Decision("login", 0.4), id="just likely and far enough ahead"),
        pytest.param([("greet", 0.9), ("login", 0.05)], Decision("greet", 0.9), id="small talk is answered"),
        pytest.param([("login", 1.0)], Decision("login", 1.0), id="the only intent"),
        pytest.param(
            [("login", 0.45), ("cache", 0.4), ("card", 0.1), ("fee", 0.03)],
            Decision(FALLBACK, 0.45, ("login", "cache", "card")),
            id="two close questions are offered, with those that are likely enough",
        ),
        pytest.param(
            [("login", 0.3), ("cache", 0.2), ("card", 0.2), ("fee", 0.2)],
            Decision(FALLBACK, 0.3, ("login", "cache", "card")),
            id="no more options than allowed",
        ),
        pytest.param(
            [("login", 0.2), ("greet", 0.15), ("cache", 0.05)],
            Decision(FALLBACK, 0.2, ("login", "cache")),
            id="small talk is never an option",
        ),
        pytest.param(
            [("greet", 0.3), ("login", 0.25)],
            Decision(FALLBACK, 0.3, ("login",)),
            id="a question behind unclear small talk is offered",
        ),
        pytest.param([("greet", 0.3), ("login", 0.02)], Decision("greet", 0.3), id="unclear small talk alone is taken"),
        pytest.param([("login", 0.09), ("cache", 0.08)], Decision("out_of_scope", 0.0), id="nothing likely is refused"),
        pytest.param(
            [("out_of_scope_card", 0.6), ("login", 0.4)], Decision("out_of_scope_card", 0.6), id="a refusal by its name"
        ),
        pytest.param(
            [("login", 0.45), ("out_of_scope_card", 0.3), ("out_of_scope", 0.25)],
            Decision("out_of_scope_card", 0.55),
            id="refusals count together, the likeliest is named",
        ),
        pytest.param(
            [("out_of_scope", 0.45), ("login", 0.42)],
            Decision(FALLBACK, 0.42, ("login",)),
            id="a question behind a refusal is offered, not answered",
        ),
        pytest.param(
            [("login", 0.42), ("out_of_scope", 0.4)],
            Decision(FALLBACK, 0.42, ("login",)),
            id="a question close before a refusal is offered, not answered",
        ),
        pytest.param(
            [("out_of_scope", 0.4), ("login", 0.05)], Decision("out_of_scope", 0.4), id="a weak refusal without options"
        ),
        pytest.param([("out_of_scope", 0.3)], Decision("out_of_scope", 0.3), id="nothing but a refusal"),
        pytest.param([], Decision("out_of_scope", 0), id="nothing at all"),
    ],
)
def test_decide(ranking: Ranking, decision: Decision) -> None:
    """Each way through the decision."""
    made = decide(ranking, TITLES, LIMITS)
    assert (made.intent, made.suggestions) == (decision.intent, decision.suggestions)
    assert made.confidence == pytest.approx(decision.confidence)


NAMES = [*TITLES, "greet", "thanks", "out_of_scope", "out_of_scope_card"]
shares = st.floats(0, 1)


@st.composite
def rankings(draw: st.DrawFn) -> Ranking:
    """Draw a ranking as a classifier gives it: probabilities that make one, best first."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    weights = [draw(st.floats(0.001, 1)) for _ in names]
    return sorted(
        ((name, weight / sum(weights)) for name, weight in zip(names, weights, strict=True)), key=lambda pair: -pair[1]
    )


thresholds = st.builds(
    Thresholds,
    refuse=shares,
    answer=shares,
    margin=shares,
    suggest=shares,
    option=shares,
    max_options=st.integers(1, 5),
)


@given(ranking=rankings(), limits=thresholds)
def test_what_is_acted_on_was_ranked(ranking: Ranking, limits: Thresholds) -> None:
    """The decision is an intent of the ranking, the fallback with options, or a plain refusal."""
    made = decide(ranking, TITLES, limits)
    assert made.intent in {*dict(ranking), FALLBACK, "out_of_scope"}
    assert (made.intent == FALLBACK) == bool(made.suggestions)


@given(ranking=rankings(), limits=thresholds)
def test_only_questions_that_are_likely_enough_are_offered(ranking: Ranking, limits: Thresholds) -> None:
    """Options have titles, are likely enough, no more than allowed, and stand best first."""
    made, shares_of = decide(ranking, TITLES, limits), dict(ranking)
    assert len(made.suggestions) <= limits.max_options
    assert all(name in TITLES and shares_of[name] >= limits.option for name in made.suggestions)
    offered = [shares_of[name] for name in made.suggestions]
    assert offered == sorted(offered, reverse=True)


@example(ranking=[("out_of_scope", 0.45), ("login", 0.42)], limits=replace(LIMITS, margin=0))
@given(ranking=rankings(), limits=thresholds)
def test_a_question_is_only_answered_when_it_is_likely_and_ahead_of_all_others(
    ranking: Ranking, limits: Thresholds
) -> None:
    """A wrong answer given with confidence is the worst outcome, so a question needs share and margin."""
    made, shares_of = decide(ranking, TITLES, limits), dict(ranking)
    if made.intent in TITLES:
        others = max((share for name, share in ranking if name != made.intent), default=0.0)
        assert shares_of[made.intent] >= limits.answer
        assert shares_of[made.intent] - others >= limits.margin


@given(ranking=rankings(), limits=thresholds)
def test_out_of_scope_together_is_refused(ranking: Ranking, limits: Thresholds) -> None:
    """When the refusals together have enough, nothing is answered or offered."""
    refused = sum(share for name, share in ranking if is_out_of_scope(name))
    if refused >= limits.refuse:
        assert is_out_of_scope(decide(ranking, TITLES, limits).intent)


@pytest.mark.parametrize(
    ("intent", "refusal"),
    [("out_of_scope", True), ("out_of_scope_card", True), ("login", False), ("scope", False), (FALLBACK, False)],
)
def test_refusals_are_known_by_their_name(intent: str, refusal: bool) -> None:
    """An intent whose name begins with out_of_scope is a refusal."""
    assert is_out_of_scope(intent) is refusal


@pytest.mark.parametrize("name", ["refuse", "answer", "margin", "suggest", "option"])
@pytest.mark.parametrize("value", [-0.1, 1.1, 40])
def test_thresholds_must_be_probabilities(name: str, value: float) -> None:
    """A threshold such as 40 (for percent) is refused with its name before anything is trained."""
    config: Dict[str, float] = {**DecisionClassifier.get_default_config(), name: value}
    with pytest.raises(InvalidConfigException, match=f"{name} is {value}"):
        DecisionClassifier.validate_config(config)


def test_the_default_thresholds_are_accepted() -> None:
    """The component works as it is, without settings."""
    DecisionClassifier.validate_config(DecisionClassifier.get_default_config())
    DecisionClassifier.validate_config({})
