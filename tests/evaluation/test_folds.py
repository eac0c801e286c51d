"""Cross-validation: the split is fair, the same each time, and no example is ranked by a model that has seen it."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.evaluation import folds
from lotsen.evaluation.folds import PAIRS_PER_FOLD, RankedLine, cross_validate, stratified
from lotsen.evaluation.lines import Line
from lotsen.evaluation.pipelines import Ranked, Rankings


@st.composite
def labelled(draw: st.DrawFn) -> List[Line]:
    """Draw sentences of some intents, all different, in any order."""
    sizes: Dict[str, int] = draw(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 12), min_size=1))
    lines = [Line(f"{intent} {number}", intent) for intent, size in sizes.items() for number in range(size)]
    return draw(st.permutations(lines))


class Tired(random.Random):
    """Gives up after many draws, so that a loop without end is a failure and no standstill."""

    draws = 0

    def sample(self, *args: Any, **kwargs: Any) -> List[Any]:
        """Draw, but not for ever."""
        self.draws += 1
        if self.draws > 10_000:
            raise TimeoutError("still drawing after 10,000 times")
        return super().sample(*args, **kwargs)


def in_order(lines: Sequence[Line]) -> List[Line]:
    """Return the lines sorted."""
    return sorted(lines, key=lambda line: (line.intent, line.text))


@given(lines=labelled(), number=st.integers(2, 6))
def test_each_line_is_held_out_once(lines: List[Line], number: int) -> None:
    """Every example is ranked exactly once, by a model that was trained on all but its part."""
    split = stratified(lines, number)
    assert len(split) == number
    assert in_order([line for _, held_out in split for line in held_out]) == in_order(lines)
    for training, held_out in split:
        assert in_order([*training, *held_out]) == in_order(lines)
        assert not set(training) & set(held_out)


@given(lines=labelled(), number=st.integers(2, 6))
def test_parts_have_the_same_share_of_each_intent(lines: List[Line], number: int) -> None:
    """A fold is a small copy of the whole: of an intent, and in all, no part has two lines more than another."""
    parts = [held_out for _, held_out in stratified(lines, number)]
    for intent in {line.intent for line in lines}:
        counts = [sum(line.intent == intent for line in part) for part in parts]
        assert max(counts) - min(counts) <= 1
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@given(lines=labelled(), number=st.integers(2, 6), seed=st.integers(0, 3))
def test_the_split_is_the_same_each_time(lines: List[Line], number: int, seed: int) -> None:
    """Figures of two runs can be compared; the lines given are left as they were."""
    before = list(lines)
    assert stratified(lines, number, seed) == stratified(lines, number, seed)
    assert lines == before


def test_another_seed_is_another_split() -> None:
    """The lines are shuffled, not dealt in the order of the file, where like stands beside like."""
    lines = [Line(f"rad {number}", "a") for number in range(50)]
    first, second = (stratified(lines, 5, seed)[0][1] for seed in (1, 2))
    assert first != second
    assert first != lines[::5]


def test_a_line_that_stands_twice_is_kept_twice() -> None:
    """Lines are counted, not told apart by what they say."""
    lines = [Line("hej", "a")] * 4
    assert [len(held_out) for _, held_out in stratified(lines, 2)] == [2, 2]
    assert [len(training) for training, _ in stratified(lines, 2)] == [2, 2]


QUESTIONS = [Line(f"hur gör jag {intent}{number}?!", intent) for intent in "abc" for number in range(4)]


@given(seed=st.integers(0, 50))
def test_a_pair_asks_two_different_questions(seed: int) -> None:
    """Both halves are examples, of the intents named and never the same one; the first ends with a question mark."""
    pairs = folds._pairs(QUESTIONS, random.Random(seed))
    of = {line.text: line.intent for line in QUESTIONS}
    assert len(pairs) == PAIRS_PER_FOLD
    for text, intents in pairs:
        first, _, second = text.partition("? ")
        assert intents == (of[f"{first}?!"], of[second])
        assert intents[0] != intents[1]


def test_pairs_are_the_same_each_time() -> None:
    """The same draw gives the same pairs, another draw others."""
    assert folds._pairs(QUESTIONS, random.Random(7)) == folds._pairs(QUESTIONS, random.Random(7))
    assert folds._pairs(QUESTIONS, random.Random(7)) != folds._pairs(QUESTIONS, random.Random(8))


def test_a_long_example_is_no_half_of_a_pair() -> None:
    """Fourteen words are enough for half a message; a story is not joined to another."""
    lines = [Line("ord " * 13 + "slut", "a"), Line("ord " * 14 + "slut", "b"), Line("Kort.", "c")]
    pairs = folds._pairs(lines, random.Random(1))
    assert {frozenset(intents) for _, intents in pairs} == {frozenset({"a", "c"})}


@pytest.mark.parametrize("lines", [[], [Line("ensam", "a")]])
def test_without_two_lines_there_is_no_pair(lines: List[Line]) -> None:
    """Nothing to join is nothing found."""
    assert folds._pairs(lines, Tired(1)) == []


def test_without_two_questions_there_is_no_pair() -> None:
    """Lines of a single question cannot be joined to two, and that ends, too."""
    assert folds._pairs([Line("hur?", "a"), Line("vad?", "a")], Tired(1)) == []


class Trained:
    """Stands in for Rasa: remembers what it was trained on, and ranks by what it is asked for."""

    def __init__(self) -> None:
        """Start with no training."""
        self.trainings: List[Tuple[List[Line], List[str]]] = []

    def rank(self, config: Any, training: Sequence[Line], texts: Sequence[str], folder: Path, root: Path) -> Rankings:
        """Rank every text by its own length, so that mixed up texts are noticed."""
        assert folder.is_dir()
        self.trainings.append((list(training), list(texts)))
        return Rankings({text: ranking_of(text) for text in texts}, float(len(self.trainings)), 1)


def ranking_of(text: str) -> Ranked:
    """Return the ranking that ``Trained`` gives."""
    return [(f"length {len(text)}", 1.0)]


def test_every_line_is_ranked_by_a_model_that_has_not_seen_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fold trains on its training part only, ranks what it held out and pairs of that, and says so."""
    trained, said = Trained(), [""]
    monkeypatch.setattr(folds, "rank", trained.rank)
    lines = [*QUESTIONS, *(Line(f"väder {number}", "out_of_scope") for number in range(4))]
    split = stratified(lines, 2)
    done = cross_validate({}, split, ["a", "b", "c"], Path("/"), said.append)
    assert Counter((line.text, line.intents) for line in done.lines) == Counter(
        (one.text, (one.intent,)) for one in lines
    )
    assert all(line.ranking == ranking_of(line.text) for line in (*done.lines, *done.pairs))
    for (training, held_out), (used, texts) in zip(split, trained.trainings, strict=True):
        assert used == training
        assert not {line.text for line in training} & set(texts)
        assert {line.text for line in held_out} <= set(texts)
    assert len(done.pairs) == 2 * PAIRS_PER_FOLD
    assert {intent for pair in done.pairs for intent in pair.intents} == {"a", "b", "c"}
    assert done.seconds == [1.0, 2.0]
    assert said[1:] == [
        "  fold 1 of 2: trained in 1 s, 8 sentences ranked",
        "  fold 2 of 2: trained in 2 s, 8 sentences ranked",
    ]


def test_the_parts_of_a_message_are_ranked_for_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decision sees two questions in one message only if each part has a ranking of its own."""
    monkeypatch.setattr(folds, "rank", Trained().rank)
    text = "Hur gallrar jag, och kostar det något för patienten?"
    done = cross_validate({}, [([], [Line(text, "a")])], ["a"], Path("/"), lambda line: None)
    parts = (ranking_of("Hur gallrar jag"), ranking_of("kostar det något för patienten?"))
    assert done.lines == [RankedLine(text, ("a",), ranking_of(text), parts)]
    assert done.pairs == []
