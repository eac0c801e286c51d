"""Att förbättra: how conversations end, week by week, and the ways to what can be done about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Dict, List, Tuple

from starlette.responses import Response

from lotsen.clock import utc_now
from lotsen.desk.asked import Asked
from lotsen.desk.charts.figures import Chart, Series, bars, lines
from lotsen.desk.errors import BadInput
from lotsen.desk.improve import improving
from lotsen.desk.improve.improving import HOME
from lotsen.desk.improve.weekly import weekly
from lotsen.desk.page import Page
from lotsen.desk.pages import improve_examples, improve_guides, improve_questions
from lotsen.desk.services import Desk
from lotsen.desk.who import FIGURES, OWNERS
from lotsen.feedback.report import answers
from lotsen.feedback.store import UP, Rating
from lotsen.guides.lettering import plain
from lotsen.outcomes.deflection import Ended, Outcome
from lotsen.outcomes.weeks import monday, week_of, weeks
from lotsen.outcomes.wording import short

WEEKS = (4, 12, 26, 52)
WORST = 5
"""So many answers are named on the overview."""


@dataclass(frozen=True)
class Figures:
    """What the overview shows: the weeks and how conversations ended in them."""

    weeks: Tuple[str, ...]
    ended: Tuple[Ended, ...]
    channels: Tuple[str, ...]
    ratings: Tuple[Rating, ...]

    def count(self, outcome: Outcome, week: str = "") -> int:
        """Count conversations, in one week or all."""
        return self._counts[outcome, week] if week else sum(self._counts[outcome, week] for week in self.weeks)

    def total(self, week: str = "") -> int:
        """Count all conversations that ended, in one week or all."""
        return sum(self.count(outcome, week) for outcome in Outcome)

    @cached_property
    def _counts(self) -> Dict[Tuple[Outcome, str], int]:
        return Counter((one.outcome, one.week) for one in self.ended)


def overview(desk: Desk, asked: Asked) -> Response:
    """Show the figures."""
    span, channel = _chosen(asked)
    found = figures(desk, span, channel)
    rated = answers(found.ratings, {id: question.title for id, question in desk.content.questions.items()})
    return desk.render(
        asked,
        "improve.html",
        span=span,
        spans=WEEKS,
        channel=channel,
        channels=improving.channels(desk, found.channels),
        found=found,
        outcomes=[(outcome, desk.say(f"improve_outcome_{outcome.value}")) for outcome in Outcome],
        helped=found.count(Outcome.STEP) + found.count(Outcome.ANSWER),
        ended_chart=_ended_chart(desk, found),
        share_chart=_share_chart(desk, found),
        rating_chart=_rating_chart(desk, found),
        steps=_steps(desk, found),
        worst=[answer for answer in rated if answer.down][:WORST],
        may_change=asked.who.may(OWNERS),
    )


def overview_csv(desk: Desk, asked: Asked) -> Response:
    """Return the figures as a file: a line for each week and outcome."""
    span, channel = _chosen(asked)
    found = figures(desk, span, channel)
    rows = [
        (week, channel, desk.say(f"improve_outcome_{outcome.value}"), found.count(outcome, week), share)
        for week in found.weeks
        for outcome in Outcome
        for share in [improving.per_cent(found.count(outcome, week), found.total(week))]
    ]
    return improving.export(desk, asked, "utfall.csv", "improve_columns_outcomes", rows, f"weeks={span} {channel}")


def figures(desk: Desk, span: int, channel: str) -> Figures:
    """Return how conversations ended in the last ``span`` weeks; ``channel`` empty: in all channels."""
    now = utc_now()
    shown = tuple(weeks(now.astimezone(desk.zone).date(), span))
    found = weekly(desk.engine).of(desk, shown, now)
    kept = tuple(one for one in found if not channel or one.channel == channel)
    ratings = tuple(desk.feedback.since(monday(shown[0], desk.zone)))
    return Figures(shown, kept, tuple(sorted({one.channel for one in found})), ratings)


def _chosen(asked: Asked) -> Tuple[int, str]:
    """Return the weeks and the channel that were chosen."""
    span = asked.number("weeks", 12)
    if span not in WEEKS:
        raise BadInput("no_such_choice")
    return span, asked.query.get("channel", "")[:40]


def _points(found: Figures) -> Tuple[str, ...]:
    """Return the weeks as they stand under a chart: the year is said where it begins."""
    said = [f"v. {int(week.split('-W')[1])}" for week in found.weeks]
    years = [week.split("-W")[0] for week in found.weeks]
    changed = [place == 0 or years[place] != years[place - 1] for place in range(len(years))]
    many = len(set(years)) > 1
    return tuple(f"{one} {year}" if many and new else one for one, year, new in zip(said, years, changed, strict=True))


def _ended_chart(desk: Desk, found: Figures) -> object:
    """Draw how many conversations ended how."""
    series = tuple(
        Series(desk.say(f"improve_outcome_{o.value}"), tuple(float(found.count(o, week)) for week in found.weeks))
        for o in Outcome
    )
    title, unit, over = (desk.say(f"improve_chart_{name}") for name in ("ended", "conversations", "week"))
    return bars(Chart(title, _points(found), series, unit, over), stacked=True)


def _share_chart(desk: Desk, found: Figures) -> object:
    """Draw their shares; a week without conversations has none."""
    series = tuple(
        Series(
            desk.say(f"improve_outcome_{o.value}"),
            tuple(100 * found.count(o, w) / found.total(w) if found.total(w) else None for w in found.weeks),
        )
        for o in Outcome
    )
    title, over = desk.say("improve_chart_shares"), desk.say("improve_chart_week")
    return lines(Chart(title, _points(found), series, "%", over, at_least=100))


def _rating_chart(desk: Desk, found: Figures) -> object:
    """Draw how answers were rated."""
    counts = Counter((week_of(one.created, desk.zone), one.rating == UP) for one in found.ratings)
    series = tuple(
        Series(desk.say(name), tuple(float(counts[week, up]) for week in found.weeks))
        for name, up in (("improve_helped", True), ("improve_not_helped", False))
    )
    title, unit, over = (desk.say(f"improve_chart_{name}") for name in ("ratings", "ratings_unit", "week"))
    return bars(Chart(title, _points(found), series, unit, over))


def _steps(desk: Desk, found: Figures) -> List[Tuple[str, str, int]]:
    """Return the steps in which guides were resolved, the most frequent first: guide, step, how often."""
    counts = Counter((one.guide, one.step) for one in found.ended if one.outcome is Outcome.STEP)
    named = []
    for (guide_id, (inner, step_id)), count in counts.most_common():
        guide = desk.content.guides.get(inner)
        step = next((step for step in guide.steps if step.id == step_id), None) if guide is not None else None
        number = guide.number(step) if guide is not None and step is not None else None
        text = plain(short(step.text)) if step is not None else step_id
        named.append((improving.title_of(desk, guide_id), f"{number}. {text}" if number is not None else text, count))
    return named


PAGES: Tuple[Page, ...] = (
    Page("GET", HOME, overview, FIGURES),
    Page("GET", f"{HOME}/outcomes.csv", overview_csv, FIGURES),
    *improve_questions.PAGES,
    *improve_examples.PAGES,
    *improve_guides.PAGES,
)
