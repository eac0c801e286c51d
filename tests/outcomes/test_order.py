"""The suggested order: which blocks may change places, and when the record says that they should."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, List, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.guides.model import Answer, Guide, Guides, Status, Step, StepKind, Variant
from lotsen.guides.replies import Reply
from lotsen.outcomes.order import (
    ENOUGH,
    PAUSE_MINUTES,
    Advice,
    Block,
    Trial,
    advice,
    clearly_better,
    independent,
    stretches,
    trial,
    wilson,
)
from lotsen.outcomes.records import RunRecord
from lotsen.outcomes.summary import walked
from tests.outcomes.made import CACHE, DONE, FAILED, GUIDES, LOGIN, SKIP, SOLVED, TWO, closed, end, record, step, walk


def do(step_id: str, **fields: Any) -> Step:
    """Build a step to do."""
    return step(step_id, StepKind.DO, **fields)


def check(step_id: str, **fields: Any) -> Step:
    """Build a check."""
    return step(step_id, StepKind.CHECK, **fields)


def answers(**leads: str | None) -> Any:
    """Build answers, by where they lead."""
    return MappingProxyType({name: Answer(name, next=target) for name, target in leads.items()})


def blocks(*steps: Step, lacking: Any = None) -> List[List[List[str]]]:
    """Return the ids of the steps of each block of each stretch."""
    guide = Guide("g", "G", steps, lacking=lacking or {})
    return [[[one.id for one in block.steps] for block in stretch] for stretch in stretches(guide)]


def runs(count: int, *replies: Reply, seconds: float = 60.0, guides: Guides = GUIDES) -> List[RunRecord]:
    """Walk guide ``two`` so many times."""
    return [record(walk("two", replies, guides, seconds)) for _ in range(count)]


def test_blocks() -> None:
    """A block is some steps and the check that ends it."""
    assert blocks(check("a"), do("b"), step("c", StepKind.WAIT, minutes=1), check("d"), end()) == [
        [["a"], ["b", "c", "d"]]
    ]
    assert [[one.id for one in block.steps] for (block,) in stretches(LOGIN)] == [["close", "clear", "again"]]


@pytest.mark.parametrize(
    "fixed",
    [
        step("x", StepKind.NOTE),
        step("x", StepKind.CHOOSE, fact="browser"),
        check("x", answers=answers(solved=None, failed="call")),
    ],
    ids=["note", "choose", "jump"],
)
def test_fixed_steps_part_the_blocks(fixed: Step) -> None:
    """No block passes a fixed step, and the steps that lead to it stay with it."""
    assert blocks(check("a"), do("b"), fixed, do("c"), check("d"), end()) == [[["a"]], [["c", "d"]]]


def test_what_is_jumped_to_stays() -> None:
    """A step that an answer jumps to is fixed, with all up to its check."""
    jump = check("x", answers=answers(solved=None, failed="b"))
    assert blocks(jump, check("a"), do("b"), do("c"), check("d"), check("e"), end()) == [[["a"]], [["e"]]]
    assert blocks(jump, check("a"), check("b"), check("c"), end()) == [[["a"]], [["c"]]]


def test_own_answers_that_do_not_jump() -> None:
    """A check with own answers can be moved if they all just go on."""
    assert blocks(check("a", answers=answers(solved=None, failed=None)), check("b")) == [[["a"], ["b"]]]


def both(one: Sequence[Step], other: Sequence[Step], guides: Guides = GUIDES) -> bool:
    """Tell whether two blocks can change places, asked both ways."""
    first, second = Block(tuple(one)), Block(tuple(other))
    assert independent(guides, first, second) == independent(guides, second, first)
    return independent(guides, first, second)


def test_independent_blocks() -> None:
    """Blocks that leave the same steps done, in whatever order, can change places."""
    assert both([do("a"), check("x")], [do("b"), check("y")])
    assert both([do("card"), check("x", undoes=("card",))], [check("y", undoes=("card",))])
    assert both([do("a", once="same"), check("x")], [do("b", once="same"), check("y")])


def test_blocks_that_need_each_other() -> None:
    """A block that undoes what another one does stays where it is, also when that is inside an included guide."""
    assert not both([do("card"), check("x")], [do("b", undoes=("card",)), check("y")])
    assert not both([check("x", once="card")], [check("y", undoes=("card",))])
    include = step("clear", StepKind.INCLUDE, guide="cache")
    assert not both([include, check("x")], [check("y", undoes=("press",))])
    assert not both([include, check("x")], [check("y", undoes=("cache",))])


def test_a_block_that_reads_what_another_finds_out() -> None:
    """A text that depends on a fact comes after the step that finds it out."""
    asks = Guide("asks", "Fråga", (step("which", StepKind.CHOOSE, fact="browser"), check("look")))
    include = step("ask", StepKind.INCLUDE, guide="asks")
    reads = check("y", variants=(Variant({"browser": "Edge"}, "I Edge."),))
    assert not both([include, check("x")], [reads], {"asks": asks})


def test_a_clear_difference() -> None:
    """The later block that helps clearly more people per minute is suggested before the earlier one."""
    found = advice(GUIDES, "two", [*runs(40, FAILED, DONE, SOLVED), *runs(2, SOLVED)])
    (move,) = found.moves
    assert [one.id for one in move.block.block.steps] == ["log_out", "again"]
    assert [one.id for one in move.before.block.steps] == ["reload"]
    assert (move.block.runs, move.block.solved, move.block.minutes) == (40, 40, 80.0)
    assert (move.before.runs, move.before.solved, move.before.minutes) == (42, 2, 42.0)
    assert (found.movable, found.lacking) == (True, ())


def test_time_counts() -> None:
    """A block that helps more people, but in a much longer time, is not suggested."""
    quick = [*runs(25, FAILED, DONE, FAILED), *runs(15, SOLVED)]
    slow = [record(walk("two", [FAILED, DONE, SOLVED], seconds=600)) for _ in range(25)]
    slow = [replace(one, outcomes=(replace(one.outcomes[0], seconds=60.0), *one.outcomes[1:])) for one in slow]
    assert advice(GUIDES, "two", [*quick, *slow]) == Advice(True)


def test_no_clear_difference() -> None:
    """Where chance may explain it, nothing is suggested."""
    records = [*runs(12, SOLVED), *runs(14, FAILED, DONE, SOLVED, seconds=30), *runs(14, FAILED, DONE, FAILED)]
    assert advice(GUIDES, "two", records) == Advice(True)


def test_too_few_runs() -> None:
    """Below 20 runs of a block nothing is suggested, and it is said how many are missing."""
    found = advice(GUIDES, "two", [*runs(ENOUGH - 1, FAILED, DONE, SOLVED), *runs(4, SOLVED)])
    assert (found.movable, found.moves) == (True, ())
    assert [(one.block.check.id, one.runs, one.missing) for one in found.lacking] == [("again", 19, 1)]
    assert advice(GUIDES, "two", []).lacking == (
        Trial(Block(TWO.steps[:1])),
        Trial(Block(TWO.steps[1:3])),
    )


def test_nothing_to_move() -> None:
    """A guide with one block, or with blocks that need each other, gets no suggestion and lacks nothing."""
    assert advice(GUIDES, "login", []) == Advice(False)
    tied = Guide("two", "T", (do("card"), check("x"), check("y", undoes=("card",)), end()))
    assert advice({"two": tied}, "two", []) == Advice(False)


def test_only_who_tried_counts() -> None:
    """Who left, skipped the check or had done it is no evidence, whichever way."""
    block = Block(TWO.steps[1:3])
    tried = [walk("two", [FAILED, DONE, SOLVED]), walk("two", [FAILED, SKIP, FAILED])]
    others = [
        walk("two", [FAILED, DONE]),
        closed(walk("two", [FAILED, DONE]), Status.ABANDONED),
        walk("two", [FAILED, DONE, SKIP]),
        walk("two", [SOLVED]),
    ]
    found = trial("two", block, [walked(GUIDES, record(run)) for run in (*tried, *others)])
    assert (found.runs, found.solved, found.minutes) == (2, 1, pytest.approx(4 * 10 / 60))


def test_solved_before_the_check() -> None:
    """Who is helped by a step before the check, or inside an included guide, was helped by the block."""
    found = trial("two", Block(TWO.steps[1:3]), [walked(GUIDES, record(walk("two", [FAILED, SOLVED])))])
    assert (found.runs, found.solved) == (1, 1)
    inner = walked(GUIDES, record(walk("login", [DONE, DONE, DONE, SOLVED])))
    found = trial("login", Block(LOGIN.steps[:3]), [inner])
    assert (found.runs, found.solved, found.minutes) == (1, 1, pytest.approx(4 * 10 / 60))


def test_a_pause_is_not_work() -> None:
    """A step that took all night counts as half an hour."""
    found = trial("two", Block(TWO.steps[:1]), [walked(GUIDES, record(walk("two", [SOLVED], seconds=36000)))])
    assert found.minutes == PAUSE_MINUTES


def test_several_moves_follow_each_other() -> None:
    """Each suggestion is made on the order that the ones before it leave."""
    three = Guide("two", "Tre", (check("a"), check("b"), check("c"), end()))
    guides = {"two": three, "cache": CACHE}
    records = [
        *(record(walk("two", [FAILED, FAILED, SOLVED], guides, 60)) for _ in range(60)),
        *(record(walk("two", [FAILED, SOLVED], guides, 60)) for _ in range(60)),
        *(record(walk("two", [SOLVED], guides, 60)) for _ in range(2)),
    ]
    moved = [(move.block.block.check.id, move.before.block.check.id) for move in advice(guides, "two", records).moves]
    assert moved == [("b", "a"), ("c", "b")]


COUNTS = st.integers(0, 300).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(COUNTS)
def test_wilson_bounds(counts: tuple[int, int]) -> None:
    """The bounds are shares, and what was seen lies between them."""
    hits, of = counts
    low, high = wilson(hits, of)
    assert 0 <= low <= high <= 1
    if of:
        assert low - 1e-9 <= hits / of <= high + 1e-9


@given(COUNTS, COUNTS, st.floats(0, 1000), st.floats(0, 1000))
def test_better_has_a_direction(one: tuple[int, int], other: tuple[int, int], minutes: float, others: float) -> None:
    """Two blocks are never each better than the other, and too few runs are never enough."""
    block = Block((check("a"),))
    first, second = Trial(block, one[1], one[0], minutes), Trial(block, other[1], other[0], others)
    assert not (clearly_better(first, second) and clearly_better(second, first))
    if min(one[1], other[1]) < ENOUGH:
        assert not clearly_better(first, second)
    if clearly_better(first, second):
        assert first.solved / first.runs / first.minutes_each > second.solved / second.runs / second.minutes_each
