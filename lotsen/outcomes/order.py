"""Which order of a guide's steps would help more people sooner: figures -> advice. Pure; nothing is changed here.

Steps are compared in blocks: some ``do``, ``wait`` and ``include`` steps, and the ``check`` that asks whether they
helped. Only blocks that can change places without changing anything else are compared: there is nothing fixed between
them (an ``end``, a ``note``, a ``choose``, an answer that jumps or a step that is jumped to), and doing them in either
order leaves the same steps done and nothing unsaid that the other needs.

The rule for "clearly better": the share that a block helps lies between its Wilson bounds (95 %), and per minute that
it takes. The lower bound of one must be above the upper bound of the other. That is stricter than a test of the
difference, on purpose: the minutes vary, too, and several blocks are compared at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Dict, FrozenSet, Iterable, List, Mapping, Sequence, Set, Tuple

from lotsen.guides.model import Guide, Guides, Step, StepKind
from lotsen.outcomes.records import RunRecord
from lotsen.outcomes.summary import Fate, Visit, steps_of, walked

ENOUGH = 20
"""So many runs must have tried a block before it is compared."""
PAUSE_MINUTES = 30.0
"""A step counts as no longer than this: who takes longer has gone to do something else."""
_Z = 1.96
_MOVABLE = frozenset({StepKind.DO, StepKind.WAIT, StepKind.INCLUDE, StepKind.CHECK})


@dataclass(frozen=True)
class Block:
    """Steps that belong together; the last one is the check."""

    steps: Tuple[Step, ...]

    @property
    def check(self) -> Step:
        """Return the step that asks whether the others helped."""
        return self.steps[-1]


@dataclass(frozen=True)
class Trial:
    """How a block did. Only runs where it was tried and its check answered count, not those that left or skipped it."""

    block: Block
    runs: int = 0
    solved: int = 0
    minutes: float = 0.0
    """In all these runs together."""

    @property
    def missing(self) -> int:
        """Return how many more runs are needed."""
        return max(0, ENOUGH - self.runs)

    @property
    def minutes_each(self) -> float:
        """Return how long the block takes, a second at least."""
        return max(self.minutes / self.runs, 1 / 60) if self.runs else 0.0

    @property
    def per_minute(self) -> Tuple[float, float]:
        """Return the bounds of the share that is helped per minute."""
        low, high = wilson(self.solved, self.runs)
        return (low / self.minutes_each, high / self.minutes_each) if self.runs else (0.0, math.inf)


@dataclass(frozen=True)
class Move:
    """Put one block before another one."""

    block: Trial
    before: Trial


@dataclass(frozen=True)
class Advice:
    """What the record says about a guide's order."""

    movable: bool
    """Whether any two blocks could change places at all."""
    moves: Tuple[Move, ...] = ()
    """Each one after those before it."""
    lacking: Tuple[Trial, ...] = ()
    """Blocks that could change places but that too few runs have tried."""


def advice(guides: Guides, guide_id: str, records: Iterable[RunRecord]) -> Advice:
    """Return what the runs of one guide say about its order."""
    runs = [walked(guides, record) for record in records if record.guide == guide_id]
    moves: List[Move] = []
    lacking: List[Trial] = []
    movable = False
    for stretch in stretches(guides[guide_id]):
        trials = [trial(guide_id, block, runs) for block in stretch]
        pairs = [(a, b) for a, b in combinations(trials, 2) if independent(guides, a.block, b.block)]
        movable = movable or bool(pairs)
        lacking += [one for one in trials if one.missing and any(one in pair for pair in pairs)]
        moves += _moves(guides, trials)
    return Advice(movable, tuple(moves), tuple(lacking))


def stretches(guide: Guide) -> List[List[Block]]:
    """Return the blocks between which nothing is fixed, in order; steps that belong to no block are in none."""
    targets = {answer.next for step in guide.steps for answer in step.answers.values()} | set(guide.lacking.values())
    found: List[List[Block]] = [[]]
    pending: List[Step] = []
    held = False  # What is jumped to cannot be torn from the check that follows it.
    for step in guide.steps:
        jumps = any(answer.next is not None for answer in step.answers.values())
        if step.kind not in _MOVABLE or jumps or step.id in targets:
            found.append([])
            pending, held = [], step.kind in _MOVABLE and step.kind is not StepKind.CHECK
        elif step.kind is not StepKind.CHECK:
            pending.append(step)
        else:
            if not held:
                found[-1].append(Block((*pending, step)))
            pending, held = [], False
    return [stretch for stretch in found if stretch]


def independent(guides: Guides, one: Block, other: Block) -> bool:
    """Tell whether two blocks can change places: the same steps are done afterwards, and neither tells the other."""
    first, second = _effects(guides, one), _effects(guides, other)
    same = all(first[key] == second[key] for key in first.keys() & second.keys())
    return same and not _finds(guides, one) & _uses(guides, other) and not _finds(guides, other) & _uses(guides, one)


def trial(guide_id: str, block: Block, runs: Iterable[Sequence[Visit]]) -> Trial:
    """Return how a block did in these runs."""
    owned = {(guide_id, step.id) for step in block.steps}
    tried = solved = 0
    minutes = 0.0
    for visits in runs:
        inside = [visit for visit in visits if visit.way[0] in owned]
        helped = any(visit.fate is Fate.SOLVED for visit in inside)
        answered = any(v.way == ((guide_id, block.check.id),) and v.fate is Fate.WENT_ON for v in inside)
        if helped or answered:
            tried += 1
            solved += helped
            minutes += sum(min((visit.seconds or 0.0) / 60, PAUSE_MINUTES) for visit in inside)
    return Trial(block, tried, solved, minutes)


def clearly_better(one: Trial, other: Trial) -> bool:
    """Tell whether there is enough to go on, and ``one`` then helps more people per minute, whatever the chance."""
    return not one.missing and not other.missing and one.per_minute[0] > other.per_minute[1]


def wilson(hits: int, of: int) -> Tuple[float, float]:
    """Return the bounds (95 %) of a share that was seen as ``hits`` of ``of``.

    >>> tuple(round(bound, 2) for bound in wilson(5, 20))
    (0.11, 0.47)
    """
    if not of:
        return 0.0, 1.0
    share, spread = hits / of, _Z**2 / of
    middle = share + spread / 2
    half = _Z * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return (max(0.0, low) if hits else 0.0), (min(1.0, high) if hits < of else 1.0)


def _moves(guides: Guides, trials: Sequence[Trial]) -> List[Move]:
    """Take each block as far up as every block that it passes allows and is clearly worse."""
    moves: List[Move] = []
    order: List[Trial] = []
    for one in trials:
        place = len(order)
        while place and _may_pass(guides, one, order[place - 1]):
            place -= 1
        if place < len(order):
            moves.append(Move(one, order[place]))
        order.insert(place, one)
    return moves


def _may_pass(guides: Guides, one: Trial, other: Trial) -> bool:
    """Tell whether ``one`` should stand before ``other``."""
    return independent(guides, one.block, other.block) and clearly_better(one, other)


def _all_steps(guides: Guides, block: Block) -> List[Step]:
    """Return a block's steps with those of the guides that it includes, in order."""
    steps: List[Step] = []
    for step in block.steps:
        steps += [step, *(inner for _, inner in steps_of(guides, step.guide))] if step.guide else [step]
    return steps


def _effects(guides: Guides, block: Block) -> Mapping[str, bool]:
    """Return which steps, by key, are done after the block and which are undone."""
    effects: Dict[str, bool] = {}
    for step in _all_steps(guides, block):
        effects.update(dict.fromkeys(step.undoes, False))
        if step.key is not None:
            effects[step.key] = True
    return effects


def _finds(guides: Guides, block: Block) -> FrozenSet[str]:
    """Return the facts that a block finds out."""
    return frozenset(step.fact for step in _all_steps(guides, block) if step.fact is not None)


def _uses(guides: Guides, block: Block) -> Set[str]:
    """Return the facts that a block's text depends on."""
    return {name for step in _all_steps(guides, block) for variant in step.variants for name in variant.when}
