"""What became of the runs of a guide, step by step: records -> figures. Pure.

Of each step in each run there is one fate. A step that a user has not seen in the run has none, and one that was done
before the guide came to it has BEFORE: neither counts as having come there. So for every step, those who came are those
who were helped, went on, left, came to the end or are still there.
"""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import Dict, FrozenSet, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from lotsen.guides.model import Guides, Outcome, Status, Step, StepKind
from lotsen.guides.run import StepOutcome, version_of
from lotsen.outcomes.records import RunRecord

Spot = Tuple[str, str]
"""A guide and a step in it."""
Way = Tuple[Spot, ...]
"""Where a step stands in a guide: the includes that lead to it, outermost first, and itself."""


class Fate(Enum):
    """What became of one step in one run."""

    SOLVED = "solved"
    """The run was resolved here."""
    WENT_ON = "went_on"
    SKIPPED = "skipped"
    """Went on, too, but without doing it."""
    BEFORE = "before"
    """It was done before: the user said so, or it was done in another guide."""
    STOPPED = "stopped"
    SWITCHED = "switched"
    ABANDONED = "abandoned"
    HANDED_OFF = "handed_off"
    """The user wanted a case rather than this step."""
    ENDED = "ended"
    """The guide ended here: only an ``end`` has it."""
    HERE = "here"
    """The user is still at it."""


LEFT = (Fate.STOPPED, Fate.SWITCHED, Fate.ABANDONED, Fate.HANDED_OFF)
"""The ways of leaving a guide in the middle of a step."""
_TAKEN: Mapping[Outcome, Fate] = {
    Outcome.SKIPPED: Fate.SKIPPED,
    Outcome.ALREADY: Fate.BEFORE,
    Outcome.EARLIER: Fate.BEFORE,
}
_STANDS: Mapping[Status, Fate] = {
    Status.ACTIVE: Fate.HERE,
    Status.STOPPED: Fate.STOPPED,
    Status.SWITCHED: Fate.SWITCHED,
    Status.ABANDONED: Fate.ABANDONED,
}


@dataclass(frozen=True)
class Visit:
    """One step in one run. ``seconds`` is None where the user gave no answer."""

    way: Way
    fate: Fate
    seconds: Optional[float] = None


@dataclass(frozen=True)
class StepFigures:
    """One step in all runs."""

    way: Way
    step: Optional[Step]
    """None if the guide no longer has it."""
    number: Optional[int]
    """As the user sees it, in its own guide."""
    fates: Mapping[Fate, int]
    median: Optional[float]
    """Seconds from seeing the step to answering it, for half of those who answered at most."""

    @property
    def came(self) -> int:
        """Return how many came to the step."""
        return sum(count for fate, count in self.fates.items() if fate is not Fate.BEFORE)

    @property
    def solved(self) -> int:
        """Return how many were helped here."""
        return self.fates.get(Fate.SOLVED, 0)

    @property
    def share_solved(self) -> Optional[float]:
        """Return how many of those who came were helped here; None if nobody came."""
        return self.solved / self.came if self.came else None

    @property
    def went_on(self) -> int:
        """Return how many went on, with those who skipped the step."""
        return self.fates.get(Fate.WENT_ON, 0) + self.skipped

    @property
    def skipped(self) -> int:
        """Return how many went on without doing it."""
        return self.fates.get(Fate.SKIPPED, 0)

    @property
    def left(self) -> int:
        """Return how many left the guide here."""
        return sum(self.fates.get(fate, 0) for fate in LEFT)

    @property
    def here(self) -> int:
        """Return how many are still here."""
        return self.fates.get(Fate.HERE, 0)

    @property
    def ended(self) -> int:
        """Return for how many this was the end of the guide."""
        return self.fates.get(Fate.ENDED, 0)

    @property
    def before(self) -> int:
        """Return how many had done it before the guide came to it."""
        return self.fates.get(Fate.BEFORE, 0)


@dataclass(frozen=True)
class GuideFigures:
    """One guide in all its runs."""

    guide: str
    title: str
    runs: int
    older: int
    """How many runs were of another version than the present one."""
    statuses: Mapping[Status, int]
    """How the runs stand; each status is there, with 0 if no run has it."""
    steps: Tuple[StepFigures, ...]
    """In the guide's order, those of included guides under their include; then those that are no longer there."""

    def share(self, status: Status) -> float:
        """Return how many of the runs have this status, from 0 to 1."""
        return self.statuses[status] / self.runs if self.runs else 0.0


def figures(guides: Guides, guide_id: str, records: Iterable[RunRecord]) -> GuideFigures:
    """Count one guide's runs; ``records`` may have others, and the guide itself may be gone."""
    runs = [record for record in records if record.guide == guide_id]
    present = dict(steps_of(guides, guide_id))
    visits: Dict[Way, List[Visit]] = {way: [] for way in present}
    for record in runs:
        for visit in walked(guides, record):
            visits.setdefault(visit.way, []).append(visit)
    statuses = Counter(record.status for record in runs)
    version = version_of(guides, guide_id)
    return GuideFigures(
        guide_id,
        guides[guide_id].title if guide_id in guides else guide_id,
        len(runs),
        sum(record.version != version for record in runs),
        {status: statuses[status] for status in Status},
        tuple(_of_step(guides, way, present.get(way), seen) for way, seen in visits.items()),
    )


def steps_of(guides: Guides, guide_id: str, above: Way = ()) -> Iterator[Tuple[Way, Step]]:
    """Yield a guide's steps in order, with those of each included guide after its include.

    An included guide's own hand-off is left out: nobody comes to it there, the outer guide goes on instead.
    """
    if guide_id not in guides or guide_id in {guide for guide, _ in above}:
        return
    for step in guides[guide_id].steps:
        if above and step.kind is StepKind.END and step.outcome is not Status.RESOLVED:
            continue
        way = (*above, (guide_id, step.id))
        yield way, step
        if step.guide is not None:
            yield from steps_of(guides, step.guide, way)


def walked(guides: Guides, record: RunRecord) -> Tuple[Visit, ...]:
    """Return what became of each step of one run, in order, each step once.

    Where the content has changed since, a step counts where the guide has it now, if that is in one place only.
    """
    present = dict(steps_of(guides, record.guide))
    ends = frozenset(way[-1] for way, step in present.items() if step.kind is StepKind.END)
    by_way: Dict[Way, Visit] = {}
    for visit in _visits(record, ends):
        way = _way_now(present, visit.way)
        by_way.pop(way, None)
        by_way[way] = Visit(way, visit.fate, visit.seconds)
    return tuple(by_way.values())


def _visits(record: RunRecord, ends: FrozenSet[Spot]) -> Iterator[Visit]:
    """Yield the steps that have an outcome, then the one where the run stands without one."""
    ways = list(_ways(record.guide, [*((o.guide, o.step) for o in record.outcomes), record.place]))
    last = len(record.outcomes) - 1
    for index, (way, outcome) in enumerate(zip(ways, record.outcomes)):  # noqa: B905 - the place has no outcome
        solved = record.status is Status.RESOLVED and index == last
        yield Visit(way, Fate.SOLVED if solved else _fate(outcome), outcome.seconds)
    place = ways[-1]
    if record.status in _STANDS:
        yield Visit(place, _STANDS[record.status])
    elif place not in ways[:-1]:  # Otherwise the run ended by an answer to this very step.
        asked_for_case = record.status is Status.HANDOFF and record.place not in ends and record.reason is None
        yield Visit(place, Fate.HANDED_OFF if asked_for_case else Fate.ENDED)


def _ways(guide_id: str, spots: Sequence[Spot]) -> Iterator[Way]:
    """Yield where each step stood. A guide that is not open yet is included by the step before."""
    open_guides: List[str] = [guide_id]
    above: List[Way] = [()]
    previous: Way = ()
    for spot in spots:
        if spot[0] in open_guides:
            depth = open_guides.index(spot[0]) + 1
            del open_guides[depth:], above[depth:]
        else:
            open_guides.append(spot[0])
            above.append(previous)
        previous = (*above[-1], spot)
        yield previous


def _fate(outcome: StepOutcome) -> Fate:
    """Return what an outcome means to somebody who was not helped by the step."""
    return _TAKEN.get(outcome.outcome, Fate.WENT_ON)


def _way_now(present: Mapping[Way, Step], way: Way) -> Way:
    """Return where a step stands in the present guide, or the way as it was."""
    if way in present:
        return way
    found = [now for now in present if now[-1] == way[-1]]
    return found[0] if len(found) == 1 else way


def _of_step(guides: Guides, way: Way, step: Optional[Step], visits: Sequence[Visit]) -> StepFigures:
    """Count one step."""
    times = [visit.seconds for visit in visits if visit.seconds is not None and visit.fate is not Fate.BEFORE]
    number = guides[way[-1][0]].number(step) if step is not None else None
    return StepFigures(
        way, step, number, Counter(v.fate for v in visits), float(statistics.median(times)) if times else None
    )
