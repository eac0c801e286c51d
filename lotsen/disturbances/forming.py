"""Trouble as it forms: how many had each kind of it, over time and just now, beside what is usual. Pure.

A user (a conversation) counts once for each kind, where the trouble first showed; who has made a case counts as a case.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from enum import Enum
from math import sqrt
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple

WEEKS = 4
"""The usual is the mean of the same hours in so many weeks before, or in as many of them as there are data of."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Sign:
    """A case, or a guide that did not help: ``kind`` is a guide or a question, ``at`` is UTC."""

    kind: str
    conversation: str
    at: datetime
    case: bool


class Span(Enum):
    """How much is looked at, as the length of a part and how many there are."""

    HOURS = (timedelta(minutes=10), 36)
    DAYS = (timedelta(hours=1), 72)


@dataclass(frozen=True)
class Frame:
    """A stretch of time in equal parts; ``now`` lies in the last one."""

    start: datetime
    part: timedelta
    count: int
    now: datetime

    @classmethod
    def until(cls, now: datetime, span: Span) -> Frame:
        """Return the frame whose last part, which begins at a round time, has ``now`` in it."""
        part, count = span.value
        into = timedelta(seconds=now.timestamp() % part.total_seconds())
        return cls(now - into - (count - 1) * part, part, count, now)

    @property
    def starts(self) -> Tuple[datetime, ...]:
        """Return when each part begins."""
        return tuple(self.start + number * self.part for number in range(self.count))

    def earlier(self, weeks: int, zone: tzinfo) -> Frame:
        """Return the same weekdays and hours, by the clock on the wall, so many weeks before."""

        def moved(at: datetime) -> datetime:
            return (at.astimezone(zone) - weeks * _WEEK).astimezone(timezone.utc)

        return Frame(moved(self.start), self.part, self.count, moved(self.now))

    def part_of(self, at: datetime) -> Optional[int]:
        """Return the number of the part that a moment lies in, from 0."""
        number = (at - self.start) // self.part
        return number if 0 <= number < self.count else None


@dataclass(frozen=True)
class Week:
    """The signs of a frame, from its start or from a window before its ``now``, whichever is earlier."""

    frame: Frame
    signs: Sequence[Sign]


@dataclass(frozen=True)
class Trouble:
    """One kind of trouble. The rows have a number for each part of the frame."""

    kind: str
    cases: Tuple[int, ...]
    runs: Tuple[int, ...]
    """Users whose guide did not help, and who have made no case."""
    usual: Optional[Tuple[float, ...]]
    """None if there are no data of the weeks before."""
    lately: int
    """Users within the window, as they are counted to mark a disturbance."""
    usual_lately: Optional[float]

    @property
    def total(self) -> int:
        """Return how many users had it in the whole frame."""
        return sum(self.cases) + sum(self.runs)

    @property
    def excess(self) -> float:
        """Return how much it stands out just now: by how many deviations of a random count it is above the usual."""
        usual = self.usual_lately or 0.0
        return (self.lately - usual) / sqrt(usual + 1)


def troubles(
    now: Week, before: Sequence[Week], window: timedelta, lifted: Mapping[str, datetime], kinds: Iterable[str] = ()
) -> List[Trouble]:
    """Return each kind that shows in ``now``, and each of ``kinds``, what stands out most first.

    Args:
        now: the present.
        before: the same hours of earlier weeks, those that there are data of.
        window: within it users count as having the trouble just now.
        lifted: when a disturbance of a kind was last lifted; who had it by then does not count just now.
        kinds: what is shown although nobody has it.
    """
    counted = _parts(now)
    usual = [_parts(week) for week in before]
    usual_lately = [_lately(week, window, {}) for week in before]
    lately = _lately(now, window, lifted)
    nothing: Tuple[Tuple[int, ...], Tuple[int, ...]] = ((0,) * now.frame.count, (0,) * now.frame.count)
    found = []
    for kind in {*counted, *lately, *kinds}:
        cases, runs = counted.get(kind, nothing)
        weeks = [[sum(both) for both in zip(*week.get(kind, nothing), strict=True)] for week in usual]
        found.append(
            Trouble(
                kind,
                cases,
                runs,
                tuple(sum(part) / len(weeks) for part in zip(*weeks, strict=True)) if weeks else None,
                lately.get(kind, 0),
                sum(week.get(kind, 0) for week in usual_lately) / len(weeks) if weeks else None,
            )
        )
    return sorted(found, key=lambda one: (-one.excess, -one.lately, -one.total, one.kind))


def _parts(week: Week) -> Dict[str, Tuple[Tuple[int, ...], Tuple[int, ...]]]:
    """Return for each kind how many users first showed it in each part: with a case, and without."""
    first: Dict[Tuple[str, str], int] = {}
    with_case: Set[Tuple[str, str]] = set()
    for sign in week.signs:
        part = week.frame.part_of(sign.at)
        if part is not None:
            user = (sign.kind, sign.conversation)
            first[user] = min(part, first.get(user, part))
            if sign.case:
                with_case.add(user)
    rows: Dict[str, Tuple[List[int], List[int]]] = defaultdict(lambda: ([0] * week.frame.count, [0] * week.frame.count))
    for user, part in first.items():
        rows[user[0]][0 if user in with_case else 1][part] += 1
    return {kind: (tuple(cases), tuple(runs)) for kind, (cases, runs) in rows.items()}


def _lately(week: Week, window: timedelta, lifted: Mapping[str, datetime]) -> Dict[str, int]:
    """Return how many users had each kind within the window before the frame's now, and after the last lift."""
    begin = week.frame.now - window
    users: Dict[str, Set[str]] = defaultdict(set)
    for sign in week.signs:
        lift = lifted.get(sign.kind)
        if begin <= sign.at <= week.frame.now and (lift is None or sign.at > lift):
            users[sign.kind].add(sign.conversation)
    return {kind: len(conversations) for kind, conversations in users.items()}
