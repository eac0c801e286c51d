"""How conversations end, by what users confirmed: one outcome for each conversation and ISO week. Pure.

``docs/measures.md`` tells content owners the same. A conversation counts in the week in which it began; after a rest
of ``REST`` it begins anew, so that one in Teams, which lasts for years, counts once in each week that it is used.
Of several outcomes the first of these counts:

1. ``HANDED_OFF``: a case was sent.
2. ``STEP``: a guide was resolved; the last such run tells in which step.
3. ``ANSWER``: an answer was rated up, or thanks or goodbye came right after it.
4. ``LEFT``: an answer, suggestion or guide without any of that.
5. ``REFUSED``: nothing was answered, all was refused.

Who only greeted, or chose among menus, does not count; nor does a conversation whose guide is still open.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from typing import Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from lotsen.guides.model import Status
from lotsen.outcomes.asked import Asked, Kind
from lotsen.outcomes.facts import Facts, Rated, Sent, Walked
from lotsen.outcomes.signs import Judged, Sign, Turn, judge, thanked
from lotsen.outcomes.weeks import week_of

REST = timedelta(hours=24)
"""After so long without anything a conversation begins anew."""
ELSEWHERE = "elsewhere"
"""In place of an outcome, for an ended conversation that its guide runs and cases still tell of."""


class Outcome(str, Enum):
    """How a conversation ended."""

    HANDED_OFF = "handed_off"
    STEP = "step"
    ANSWER = "answer"
    LEFT = "left"
    REFUSED = "refused"


@dataclass(frozen=True)
class Ended:
    """One conversation in one week."""

    week: str
    channel: str
    outcome: Outcome
    guide: str = ""
    """The guide that resolved it, if one did, and the step."""
    step: Tuple[str, str] = ("", "")


@dataclass
class _Known:
    """All that is known of one conversation."""

    asked: List[Turn] = field(default_factory=list)
    ratings: List[Rated] = field(default_factory=list)
    runs: List[Walked] = field(default_factory=list)
    cases: List[Sent] = field(default_factory=list)

    @property
    def facts(self) -> Facts:
        """Return what other tables know."""
        return Facts(tuple(self.ratings), tuple(self.runs), tuple(self.cases))

    @property
    def channel(self) -> str:
        """Return the channel; empty if only ratings are known."""
        said = [*(row.channel for row in self.asked), *(run.channel for run in self.runs)]
        return next(filter(None, [*said, *(case.channel for case in self.cases)]), "")


def judged(rows: Iterable[Asked], facts: Facts) -> List[Judged]:
    """Judge the messages of many conversations; each conversation's are in order."""
    by_name: Dict[str, List[Asked]] = defaultdict(list)
    for row in rows:
        by_name[row.conversation].append(row)
    known = _by_conversation((), facts)
    nothing = Facts()
    return [
        one for name, asked in by_name.items() for one in judge(asked, known[name].facts if name in known else nothing)
    ]


def ended(rows: Iterable[Turn], facts: Facts, zone: tzinfo, open_since: datetime) -> List[Ended]:
    """Return how the conversations ended, by week; weeks are those on the wall in ``zone``.

    A guide that was touched at ``open_since`` or later and has not ended may still go well.
    """
    found: List[Ended] = []
    for known in _by_conversation(rows, facts).values():
        for week, part in _weeks(known, zone):
            outcome = _kept(part) or _outcome(part, open_since)
            if outcome is not None:
                solved = _solved(part) if outcome is Outcome.STEP else None
                guide, step = (solved.guide, solved.last or ("", "")) if solved is not None else ("", ("", ""))
                found.append(Ended(week, known.channel, outcome, guide, step))
    return found


def kept_as(rows: Sequence[Asked], facts: Facts, zone: tzinfo) -> List[Tuple[Asked, Optional[Sign], str]]:
    """Return each message of one conversation with its sign, and what it is to count as when its ties are cut.

    Runs and cases keep the conversation's name and are counted by it, so such a conversation counts through them.
    """
    elsewhere = bool(facts.runs or facts.cases)
    known = _Known(list(rows), list(facts.ratings))
    by_week = {week: _outcome(part, None) for week, part in _weeks(known, zone)}
    kept = []
    for one in judge(rows, facts):
        outcome = by_week.get(_week_of(known, one.asked.at, zone))
        kept.append((one.asked, one.sign, ELSEWHERE if elsewhere else outcome.value if outcome else ""))
    return kept


def _by_conversation(rows: Iterable[Turn], facts: Facts) -> Dict[str, _Known]:
    """Sort all that is known by conversation."""
    found: Dict[str, _Known] = defaultdict(_Known)
    for row in rows:
        found[row.conversation].asked.append(row)
    for rating in facts.ratings:
        found[rating.conversation].ratings.append(rating)
    for run in facts.runs:
        found[run.conversation].runs.append(run)
    for case in facts.cases:
        found[case.conversation].cases.append(case)
    return found


def _begins(known: _Known) -> List[datetime]:
    """Return when the conversation began, and began anew."""
    moments = sorted(
        [
            *(row.at for row in known.asked),
            *(rating.at for rating in known.ratings),
            *(moment for run in known.runs for moment in (run.began, run.touched)),
            *(case.at for case in known.cases),
        ]
    )
    return [at for place, at in enumerate(moments) if place == 0 or at - moments[place - 1] > REST]


def _week_of(known: _Known, moment: datetime, zone: tzinfo) -> str:
    """Return the week that a moment counts in."""
    return week_of(max(begin for begin in _begins(known) if begin <= moment), zone)


def _weeks(known: _Known, zone: tzinfo) -> Iterator[Tuple[str, _Known]]:
    """Yield the weeks that a conversation counts in, each with what belongs to it."""
    begins = _begins(known)
    if len(begins) == 1:
        yield week_of(begins[0], zone), known
        return
    parts: Dict[str, _Known] = defaultdict(_Known)

    def part(moment: datetime) -> _Known:
        return parts[week_of(max(begin for begin in begins if begin <= moment), zone)]

    for row in known.asked:
        part(row.at).asked.append(row)
    for rating in known.ratings:
        part(rating.at).ratings.append(rating)
    for run in known.runs:
        part(run.began).runs.append(run)
    for case in known.cases:
        part(case.at).cases.append(case)
    yield from parts.items()


def _kept(part: _Known) -> Optional[Outcome]:
    """Return what an ended conversation counts as, if that was kept."""
    kept = {row.outcome for row in part.asked if row.outcome}
    return next((outcome for outcome in Outcome if outcome.value in kept), None)


def _outcome(part: _Known, open_since: Optional[datetime]) -> Optional[Outcome]:
    """Return how a conversation ended; None if it does not count, or not yet."""
    if any(row.outcome is not None for row in part.asked):
        return None
    if part.cases:
        return Outcome.HANDED_OFF
    if _solved(part) is not None:
        return Outcome.STEP
    if any(rating.up for rating in part.ratings) or _thanked(part):
        return Outcome.ANSWER
    if open_since is not None and any(r.status is Status.ACTIVE and r.touched >= open_since for r in part.runs):
        return None
    kinds = {row.kind for row in part.asked} - {Kind.SMALL_TALK}
    if part.runs or part.ratings or kinds - {Kind.REFUSED}:
        return Outcome.LEFT
    return Outcome.REFUSED if kinds else None


def _thanked(part: _Known) -> bool:
    """Tell whether thanks came right after an answer that was not rated down."""
    pairs = zip(part.asked, part.asked[1:], strict=False)
    return any(
        thanked(asked, following)
        and not any(r.answer == asked.intent and r.at >= asked.at and not r.up for r in part.ratings)
        for asked, following in pairs
    )


def _solved(part: _Known) -> Optional[Walked]:
    """Return the last run that was resolved."""
    return next((run for run in reversed(part.runs) if run.status is Status.RESOLVED), None)
