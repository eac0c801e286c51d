"""The decision: answer only what is likely and clearly ahead, suggest what a user can recognise, else refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Tuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME

from lotsen.understanding.decision import FALLBACK, Decision, Thresholds, calibrate, decide, is_out_of_scope

LIMITS = Thresholds(
    temperature=1, refuse=0.5, answer=0.4, margin=0.1, suggest=0.1, option=0.04, both=0.3, max_options=3
)
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
            [("login", 0.3), ("cache", 0.001), ("card", 0.0005)],
            Decision(FALLBACK, 0.3, ("login", "cache")),
            id="the second is offered however unlikely, the third is not",
        ),
        pytest.param(
            [("login", 0.3), ("cache", 0.2), ("card", 0.04)],
            Decision(FALLBACK, 0.3, ("login", "cache", "card")),
            id="a third that is just likely enough",
        ),
        pytest.param(
            [("login", 0.1)], Decision(FALLBACK, 0.1, ("login",)), id="the only question, just likely enough to offer"
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
        pytest.param([("greet", 0.09), ("login", 0.02)], Decision("out_of_scope", 0), id="unlikely small talk is not"),
        pytest.param([("login", 0.09), ("cache", 0.08)], Decision("out_of_scope", 0.0), id="nothing likely is refused"),
        pytest.param(
            [("out_of_scope_card", 0.6), ("login", 0.4)], Decision("out_of_scope_card", 0.6), id="a refusal by its name"
        ),
        pytest.param(
            [("login", 0.5), ("out_of_scope_card", 0.5)],
            Decision("out_of_scope_card", 0.5),
            id="just enough for a refusal",
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
    """Each way through the decision about one question."""
    made = decide(ranking, TITLES, LIMITS)
    assert (made.intent, made.suggestions, made.both) == (decision.intent, decision.suggestions, False)
    assert made.confidence == pytest.approx(decision.confidence)


WHOLE: Ranking = [("login", 0.5), ("greet", 0.2), ("out_of_scope", 0.1), ("fee", 0.1), ("film", 0.1)]
"""A message about logging in and the fee: answered as "login" alone, and "film" stands just too far down."""
LOGIN: Ranking = [("login", 0.8), ("cache", 0.2)]
FEE: Ranking = [("fee", 0.3), ("film", 0.29)]


@pytest.mark.parametrize(
    ("parts", "decision"),
    [
        pytest.param([LOGIN, FEE], Decision(FALLBACK, 0.6, ("login", "fee"), both=True), id="two questions"),
        pytest.param([FEE, LOGIN], Decision(FALLBACK, 0.6, ("login", "fee"), both=True), id="the likelier first"),
        pytest.param(
            [LOGIN, FEE, LOGIN], Decision(FALLBACK, 0.6, ("login", "fee"), both=True), id="one of them asked twice"
        ),
        pytest.param(
            [LOGIN, [("greet", 0.9)], FEE],
            Decision(FALLBACK, 0.6, ("login", "fee"), both=True),
            id="small talk between them",
        ),
        pytest.param([LOGIN, LOGIN], Decision("login", 0.5), id="the same question twice"),
        pytest.param([LOGIN], Decision("login", 0.5), id="one part"),
        pytest.param([LOGIN, [("fee", 0.29)]], Decision("login", 0.5), id="the second is not sure enough"),
        pytest.param([LOGIN, [("greet", 0.9)]], Decision("login", 0.5), id="small talk is no question"),
        pytest.param([LOGIN, [("out_of_scope", 0.9)]], Decision("login", 0.5), id="a refusal is no question"),
        pytest.param([LOGIN, [("cache", 0.9)]], Decision("login", 0.5), id="not seen in the whole message"),
        pytest.param([LOGIN, [("film", 0.9)]], Decision("login", 0.5), id="seen too far down in the whole message"),
    ],
)
def test_two_questions(parts: List[Ranking], decision: Decision) -> None:
    """Both are offered only when each stands in a part of its own, is sure there, and is seen in the whole message."""
    made = decide(WHOLE, TITLES, LIMITS, parts)
    assert (made.intent, made.suggestions, made.both) == (decision.intent, decision.suggestions, decision.both)
    assert made.confidence == pytest.approx(decision.confidence)


def test_three_questions_are_not_two() -> None:
    """With three, offering two would hide one: the message is decided as a whole."""
    whole: Ranking = [("login", 0.4), ("fee", 0.3), ("film", 0.2)]
    parts: List[Ranking] = [[(name, 0.9)] for name, _ in whole]
    assert decide(whole, TITLES, LIMITS, parts[:2]).both
    assert decide(whole, TITLES, LIMITS, parts) == decide(whole, TITLES, LIMITS)


def test_two_questions_go_before_a_refusal() -> None:
    """Two sure questions in one message make the whole look like nothing known, so they are heard first."""
    whole: Ranking = [("out_of_scope", 0.6), ("login", 0.2), ("fee", 0.2)]
    assert decide(whole, TITLES, LIMITS, [LOGIN, FEE]).suggestions == ("login", "fee")
    assert decide(whole, TITLES, LIMITS).intent == "out_of_scope"


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
    temperature=st.floats(0.1, 10),
    refuse=shares,
    answer=shares,
    margin=shares,
    suggest=shares,
    option=shares,
    both=shares,
    max_options=st.integers(2, 5),
)
several_parts = st.lists(rankings(), max_size=4)


@given(ranking=rankings(), limits=thresholds, parts=several_parts)
def test_what_is_acted_on_was_ranked(ranking: Ranking, limits: Thresholds, parts: List[Ranking]) -> None:
    """The decision is an intent of the ranking, the fallback with options, or a plain refusal."""
    made = decide(ranking, TITLES, limits, parts)
    assert made.intent in {*dict(ranking), FALLBACK, "out_of_scope"}
    assert (made.intent == FALLBACK) == bool(made.suggestions)
    assert 0 <= made.confidence <= 1 + 1e-9


@given(ranking=rankings(), limits=thresholds)
def test_the_best_questions_are_offered(ranking: Ranking, limits: Thresholds) -> None:
    """Options have titles, are the best of these, best first, the two best among them, and no more than allowed."""
    made = decide(ranking, TITLES, limits)
    questions = [name for name, _ in ranking if name in TITLES]
    assert list(made.suggestions) == questions[: len(made.suggestions)]
    assert len(made.suggestions) <= limits.max_options
    if made.suggestions:
        assert made.suggestions[:2] == tuple(questions[:2])


@given(ranking=rankings(), limits=thresholds)
def test_a_third_option_must_be_likely_enough(ranking: Ranking, limits: Thresholds) -> None:
    """More than two buttons are only shown when they may help, and then all that may."""
    made, shares_of = decide(ranking, TITLES, limits), dict(ranking)
    assert all(shares_of[name] >= limits.option for name in made.suggestions[2:])
    if 2 <= len(made.suggestions) < limits.max_options:
        left = [share for name, share in ranking if name in TITLES and name not in made.suggestions]
        assert all(share < limits.option for share in left)


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


@example(ranking=WHOLE, limits=LIMITS, parts=[LOGIN, FEE])
@given(ranking=rankings(), limits=thresholds, parts=several_parts)
def test_two_questions_are_two_that_were_asked(ranking: Ranking, limits: Thresholds, parts: List[Ranking]) -> None:
    """Each is the best and sure enough in some part, and among the best of the whole message; the likelier is first."""
    made = decide(ranking, TITLES, limits, parts)
    if made.both:
        assert len(set(made.suggestions)) == len(made.suggestions) == 2
        assert list(made.suggestions) == [name for name, _ in ranking if name in made.suggestions]
        for name in made.suggestions:
            assert name in TITLES
            assert name in [ranked for ranked, _ in ranking[: limits.max_options + 1]]
            assert any(part[0][0] == name and part[0][1] >= limits.both for part in parts)


@example(ranking=WHOLE, limits=LIMITS, parts=[LOGIN, LOGIN])
@given(ranking=rankings(), limits=thresholds, parts=several_parts)
def test_parts_that_are_not_two_questions_change_nothing(
    ranking: Ranking, limits: Thresholds, parts: List[Ranking]
) -> None:
    """Splitting only proposes: where it finds no two questions, the whole message counts alone."""
    made = decide(ranking, TITLES, limits, parts)
    if not made.both:
        assert made == decide(ranking, TITLES, limits)


temperatures = st.floats(0.05, 20)


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [(0.5, [0.64 / 0.68, 0.04 / 0.68]), (1.0, [0.8, 0.2]), (2.0, [2 / 3, 1 / 3])],
)
def test_calibrate(temperature: float, expected: List[float]) -> None:
    """A temperature of 1/2 squares the probabilities, 2 takes their root, and then they make one again."""
    made = calibrate([("login", 0.8), ("cache", 0.2)], temperature)
    assert [name for name, _ in made] == ["login", "cache"]
    assert [share for _, share in made] == pytest.approx(expected)


@given(ranking=rankings(), temperature=temperatures)
def test_calibrating_keeps_the_order(ranking: Ranking, temperature: float) -> None:
    """Which intent is best never changes, nor any other place in the ranking."""
    made = calibrate(ranking, temperature)
    assert [name for name, _ in made] == [name for name, _ in ranking]
    calibrated = [share for _, share in made]
    assert calibrated == sorted(calibrated, reverse=True)


@example(ranking=[("login", 1.0), ("cache", 0.0)], temperature=0.5)
@given(ranking=rankings(), temperature=temperatures)
def test_calibrated_probabilities_make_one(ranking: Ranking, temperature: float) -> None:
    """The shares are probabilities again, also where one was nothing."""
    made = [share for _, share in calibrate(ranking, temperature)]
    assert sum(made) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in made)


@given(ranking=rankings())
def test_temperature_one_changes_nothing(ranking: Ranking) -> None:
    """An uncalibrated classifier is one at temperature 1."""
    assert [share for _, share in calibrate(ranking, 1)] == pytest.approx([share for _, share in ranking])


@given(ranking=rankings(), temperature=temperatures)
def test_low_temperature_makes_surer_high_less_sure(ranking: Ranking, temperature: float) -> None:
    """Under 1 the best intent gains, over 1 it loses."""
    before, after = ranking[0][1], calibrate(ranking, temperature)[0][1]
    if temperature <= 1:
        assert after >= before - 1e-9
    else:
        assert after <= before + 1e-9


def test_nothing_stays_nothing() -> None:
    """A message without a ranking can be calibrated, too."""
    assert calibrate([], 0.5) == []


@pytest.mark.parametrize(
    ("intent", "refusal"),
    [("out_of_scope", True), ("out_of_scope_card", True), ("login", False), ("scope", False), (FALLBACK, False)],
)
def test_refusals_are_known_by_their_name(intent: str, refusal: bool) -> None:
    """An intent whose name begins with out_of_scope is a refusal."""
    assert is_out_of_scope(intent) is refusal


def test_the_fallback_has_the_name_that_rasa_gives_it() -> None:
    """Rasa's rules and policies know "not understood" by its own name."""
    assert FALLBACK == DEFAULT_NLU_FALLBACK_INTENT_NAME
