"""What counts: each outcome that a user can meet, on verdicts made by hand, and the tables of it."""

from __future__ import annotations

import json
from typing import List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.evaluation.scores import (
    ANSWER,
    REFUSE,
    SUGGEST,
    TALK,
    VAGUE_INTENTS,
    Score,
    Verdict,
    is_error,
    read_score,
    score,
    table,
)
from lotsen.runtime.ask import Answer
from lotsen.understanding.decision import FALLBACK, Decision

QUESTIONS = ("login", "cache", "fee")
JUDGED: List[Tuple[str, Verdict]] = [
    ("login", Verdict(ANSWER, "login")),
    ("login", Verdict(ANSWER, "cache")),
    ("cache", Verdict(SUGGEST, None, ("fee", "cache"))),
    ("cache", Verdict(SUGGEST, None, ("fee", "login"))),
    ("fee", Verdict(REFUSE)),
    ("fee", Verdict(TALK, "greet")),
    ("fee", Verdict(ANSWER, "login", ("login", "fee"))),
    ("fee", Verdict(ANSWER, "fee")),
    ("out_of_scope", Verdict(REFUSE)),
    ("out_of_scope_card", Verdict(SUGGEST, None, ("fee",))),
    ("out_of_scope_card", Verdict(TALK, "greet")),
    ("out_of_scope", Verdict(ANSWER, "fee")),
    ("out_of_scope", Verdict(ANSWER, "login")),
    ("greet", Verdict(TALK, "greet")),
    ("greet", Verdict(ANSWER, "fee")),
]
"""Every outcome: eight questions, five lines outside, two of conversation."""
SCORED = Score(in_scope=8, out_of_scope=5, right=0.25, offered=0.5, refused=0.125, wrong=0.125, kept_out=0.6)


def test_every_outcome_is_counted() -> None:
    """A question is right, offered, refused or wrong; a line outside is kept out or not; small talk does not count."""
    assert score(JUDGED, QUESTIONS) == SCORED


def test_of_nothing_every_share_is_nothing() -> None:
    """An empty set has a score, not a division by zero."""
    assert score([], QUESTIONS) == Score(0, 0, 0, 0, 0, 0, 0)


verdicts = st.builds(
    Verdict,
    kind=st.sampled_from([ANSWER, SUGGEST, REFUSE, TALK]),
    intent=st.sampled_from([None, *QUESTIONS, "greet"]),
    suggestions=st.lists(st.sampled_from(QUESTIONS), max_size=3, unique=True).map(tuple),
)


@given(judged=st.lists(st.tuples(st.sampled_from([*QUESTIONS, "greet", "out_of_scope"]), verdicts)))
def test_shares_fit_together(judged: List[Tuple[str, Verdict]]) -> None:
    """What is right is offered, too; what is right, wrong or refused is no more than all."""
    found = score(judged, QUESTIONS)
    assert 0 <= found.right <= found.offered <= 1
    assert found.right + found.wrong + found.refused <= 1 + 1e-9
    assert found.in_scope + found.out_of_scope == sum(want != "greet" for want, _ in judged)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer("answer", "fee", [], ""), Verdict(ANSWER, "fee")),
        (Answer("answer", "fee", ["fee", "login"], ""), Verdict(ANSWER, "fee", ("fee", "login"))),
        (Answer("guide", "login", [], ""), Verdict(ANSWER, "login")),
        (Answer("suggest", None, ["fee", "login"], ""), Verdict(SUGGEST, None, ("fee", "login"))),
        (Answer("clarify", None, ["login"], ""), Verdict(SUGGEST, None, ("login",))),
        (Answer("refuse", None, [], ""), Verdict(REFUSE)),
        (Answer("handoff", "talk_to_human", [], ""), Verdict(TALK, "talk_to_human")),
        (Answer("smalltalk", "greet", [], ""), Verdict(TALK, "greet")),
    ],
)
def test_every_decision_of_the_running_bot_is_read(answer: Answer, verdict: Verdict) -> None:
    """A guide counts as an answer, a clarifying question as an offer, all else that is said as conversation."""
    assert Verdict.of_answer(answer) == verdict


@pytest.mark.parametrize(
    ("decision", "verdict"),
    [
        (Decision("fee", 0.9), Verdict(ANSWER, "fee")),
        (Decision("greet", 0.9), Verdict(TALK, "greet")),
        (Decision("out_of_scope", 0.9), Verdict(REFUSE)),
        (Decision("out_of_scope_card", 0.9), Verdict(REFUSE)),
        (Decision(FALLBACK, 0.4, ("fee", "login")), Verdict(SUGGEST, None, ("fee", "login"))),
        (Decision("login_problem", 0.9), Verdict(SUGGEST, None, VAGUE_INTENTS["login_problem"])),
    ],
)
def test_every_decision_is_read(decision: Decision, verdict: Verdict) -> None:
    """A vague intent is answered by a question with fixed options; a refusal is one whatever its name."""
    assert Verdict.of_decision(decision, QUESTIONS) == verdict


def test_two_answers_at_once_are_the_same_verdict_both_ways() -> None:
    """What is fitted on decisions is what is measured on the running bot."""
    decision = Decision(FALLBACK, 0.8, ("fee", "login"), both=True)
    answer = Answer("answer", "fee", ["fee", "login"], "")
    assert Verdict.of_decision(decision, QUESTIONS).kind == Verdict.of_answer(answer).kind


def test_a_verdict_has_what_it_answered_or_offered() -> None:
    """Either counts, nothing else does."""
    made = Verdict(ANSWER, "fee", ("cache",))
    assert [made.has(intent) for intent in QUESTIONS] == [False, True, True]
    assert not Verdict(REFUSE).has("fee")


@pytest.mark.parametrize(
    ("want", "kind", "intent", "suggestions", "error"),
    [
        ("fee", ANSWER, "fee", (), False),
        ("fee", ANSWER, "login", (), True),
        ("fee", SUGGEST, None, ("login", "fee"), False),
        ("fee", SUGGEST, None, ("login",), True),
        ("fee", REFUSE, None, (), True),
        ("out_of_scope_card", REFUSE, None, (), False),
        ("out_of_scope", SUGGEST, None, ("fee",), False),
        ("out_of_scope", TALK, "greet", (), False),
        ("out_of_scope", ANSWER, "fee", (), True),
        ("login_problem", SUGGEST, None, ("login",), False),
        ("login_problem", TALK, "login_problem", (), True),
        ("login_problem", ANSWER, "login", (), True),
        ("greet", TALK, "greet", (), False),
        ("greet", TALK, "thanks", (), True),
    ],
)
def test_errors(want: str, kind: str, intent: Optional[str], suggestions: Tuple[str, ...], error: bool) -> None:
    """What the report lists: an answer outside the scope, a vague line not asked back, a question not met."""
    assert is_error(want, Verdict(kind, intent, suggestions)) is error


def test_the_table_is_markdown() -> None:
    """One row for each set, shares in per cent with one decimal."""
    assert table({"short": SCORED, "all": Score(0, 0, 0, 0, 0, 0, 0)}) == (
        "| set | questions | right at once | right or offered | refused | wrong | outside | kept out |\n"
        "|---|---|---|---|---|---|---|---|\n"
        "| short | 8 | 25.0% | 50.0% | 12.5% | 12.5% | 5 | 60.0% |\n"
        "| all | 0 | 0.0% | 0.0% | 0.0% | 0.0% | 0 | 0.0% |"
    )


def test_a_score_is_read_back_as_it_was_stored() -> None:
    """Through JSON and back, counts and shares stay exactly what they were; what else is stored is passed over."""
    stored = json.loads(json.dumps({**SCORED.to_json(), "added later": 1}))
    assert read_score(stored) == SCORED
