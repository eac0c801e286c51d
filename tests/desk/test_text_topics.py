"""What a letter is about, from the model's verdicts on the whole and on its sentences."""

from __future__ import annotations

import math
from typing import Dict, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.channels.parse_wire import Found, Guess, Read
from lotsen.desk.reading.topics import SHOWN, SOME, STATUS, Certainty, Topic, topics_of

QUESTIONS = ("how_to_purge", "resident_fee", "which_browser")


def said(text: str, entities: Tuple[Found, ...] = (), **shares: float) -> Read:
    """Return what the model says of a text."""
    ranking = tuple(Guess(id, "", share) for id, share in sorted(shares.items(), key=lambda item: -item[1]))
    return Read(text, "", None, "", 0.0, (), ranking, entities, ())


def certainties(topics: Tuple[Topic, ...]) -> Dict[str, float]:
    """Return topics as plain data."""
    return {topic.id: round(topic.certainty, 3) for topic in topics}


def test_the_whole_and_the_clearest_sentence_count_alike() -> None:
    """Half of the support comes from the whole, half from the sentence that says it most clearly."""
    topics = topics_of(
        said("allt", how_to_purge=0.4, greet=0.6),
        [said("en", how_to_purge=0.9), said("två", how_to_purge=0.2), said("tre", greet=0.99)],
        QUESTIONS,
    )
    assert certainties(topics) == {"how_to_purge": 0.65}
    assert topics[0].said == "en"


def test_kinds_out_of_scope_count_together() -> None:
    """Two kinds with 0.4 each are nothing for us with 0.8, shown as the likelier kind."""
    topics = topics_of(said("x", out_of_scope_card=0.41, out_of_scope=0.39, how_to_purge=0.1), [], QUESTIONS)
    assert certainties(topics) == {"out_of_scope_card": 0.4}
    assert topics[0].out_of_scope


def test_a_fact_asks_nothing() -> None:
    """A sentence that names the browser tells a fact; one that asks about it is a question."""
    edge = (Found("browser", "Edge", 4, 8),)
    assert topics_of(said("allt"), [said("Kör Edge.", edge, which_browser=0.95)], QUESTIONS) == ()
    assked = said("Ska Edge användas när man loggar in?", edge, which_browser=0.95)
    assert certainties(topics_of(said("allt"), [assked], QUESTIONS)) == {"which_browser": 0.475}


@pytest.mark.parametrize(
    ("text", "found"), [("väntar på svar", False), ("hur går det med ärendet", True), ("LOT-17?", True)]
)
def test_how_a_case_stands_needs_a_case(text: str, found: bool) -> None:
    """Somebody who waits asks about a case only if there is one to ask about."""
    assert bool(topics_of(said(text, case_status=0.9), [], QUESTIONS)) is found
    assert STATUS == "case_status"


@pytest.mark.parametrize(
    ("certainty", "level"),
    [(0.8, Certainty.SURE), (0.79, Certainty.LIKELY), (0.5, Certainty.LIKELY), (0.49, Certainty.UNSURE)],
)
def test_words_for_certainty(certainty: float, level: Certainty) -> None:
    """The word changes at 80 and at 50 per cent."""
    assert Topic("x", certainty).level is level


reads = st.dictionaries(
    st.sampled_from((*QUESTIONS, "greet", "out_of_scope", "out_of_scope_card", "login_problem")),
    st.floats(0, 1),
    max_size=5,
).map(lambda shares: said("text", **{id: share / max(1.0, math.fsum(shares.values())) for id, share in shares.items()}))


@given(reads, st.lists(reads, max_size=6))
def test_support_is_a_certainty(whole: Read, sentences: list[Read]) -> None:
    """It lies between what is worth showing and 1, best first, few enough to read, and small talk is no topic."""
    topics = topics_of(whole, sentences, QUESTIONS)
    shares = [topic.certainty for topic in topics]
    assert shares == sorted(shares, reverse=True)
    assert all(SOME <= share <= 1 for share in shares)
    assert len(topics) <= SHOWN
    assert "greet" not in {topic.id for topic in topics}
