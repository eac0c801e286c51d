"""Att förbättra: how the guides go, and the answers that did not help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, List, Tuple

from starlette.responses import Response

from lotsen.desk.asked import Asked
from lotsen.desk.charts.figures import Chart, Figure, Series, bars
from lotsen.desk.improve import improving
from lotsen.desk.improve.improving import HOME
from lotsen.desk.page import Page
from lotsen.desk.services import Desk
from lotsen.desk.who import FIGURES, OWNERS
from lotsen.feedback.report import Answer, answers
from lotsen.feedback.store import UP
from lotsen.guides.model import Status
from lotsen.outcomes import wording
from lotsen.outcomes.order import advice
from lotsen.outcomes.summary import GuideFigures, figures

COMMENTS = 20
"""So many comments of one answer are shown; the file has all."""


@dataclass(frozen=True)
class Shown:
    """One guide on the page."""

    figures: GuideFigures
    advice: Tuple[str, ...]
    chart: Figure


def guides(desk: Desk, asked: Asked) -> Response:
    """Show what became of each guide's runs, step by step."""
    span = improving.days(asked, 90)
    shown, unused = _guides(desk, span)
    words = wording
    return desk.render(
        asked, "improve_guides.html", span=span, spans=improving.DAYS, shown=shown, unused=unused, words=words
    )


def guides_csv(desk: Desk, asked: Asked) -> Response:
    """Return the same as a file: a line for each step."""
    span = improving.days(asked, 90)
    shown, _ = _guides(desk, span)
    return improving.export(desk, asked, "guider.csv", "improve_columns_guides", _guide_rows(shown), f"days={span}")


def rated(desk: Desk, asked: Asked) -> Response:
    """Show the answers that were rated down, with what users wrote."""
    span = improving.days(asked)
    found = [answer for answer in _answers(desk, span) if answer.down]
    comments = {answer.id: list(reversed(answer.comments))[:COMMENTS] for answer in found}
    return desk.render(
        asked, "improve_answers.html", span=span, spans=improving.DAYS, found=found, comments=comments, UP=UP
    )


def rated_csv(desk: Desk, asked: Asked) -> Response:
    """Return all rated answers as a file: a line for each comment, and one for an answer without."""
    span = improving.days(asked)
    rows = _answer_rows(desk, _answers(desk, span))
    return improving.export(desk, asked, "svar.csv", "improve_columns_answers", rows, f"days={span}")


def _guides(desk: Desk, span: int) -> Tuple[List[Shown], List[str]]:
    """Return the guides that were begun, and the titles of those that were not."""
    known = desk.content.guides
    records = improving.settled(desk.records.all(improving.since(span)), improving.open_since(desk))
    used = {record.guide for record in records}
    shown = []
    for guide_id in [*(id for id in known if id in used), *sorted(used - set(known))]:
        counted = figures(known, guide_id, records)
        if guide_id in known:
            said = tuple(wording.advised(known[guide_id], advice(known, guide_id, records)))
        else:
            said = (desk.say("improve_guide_gone"),)
        shown.append(Shown(counted, said, _funnel(desk, counted)))
    return shown, [guide.title for id, guide in known.items() if id not in used]


def _funnel(desk: Desk, counted: GuideFigures) -> Figure:
    """Draw how many came to each step, and of them those who were helped and those who left."""
    steps = [step for step in counted.steps if step.came]
    points = tuple(
        f"{step.number}" if step.number is not None and len(step.way) == 1 else f"({place})"
        for place, step in enumerate(steps, start=1)
    )
    series = (
        Series(desk.say("improve_came"), tuple(float(step.came) for step in steps)),
        Series(desk.say("improve_solved"), tuple(float(step.solved) for step in steps)),
        Series(desk.say("improve_left"), tuple(float(step.left) for step in steps)),
    )
    title, unit, over = (desk.say(f"improve_chart_{name}") for name in ("funnel", "runs", "step"))
    return bars(Chart(title.format(guide=counted.title), points, series, unit, over))


def _guide_rows(shown: List[Shown]) -> Iterator[Tuple[object, ...]]:
    """Yield a line for each step."""
    for one in shown:
        counted = one.figures
        totals = (counted.runs, counted.statuses[Status.RESOLVED], counted.statuses[Status.HANDOFF])
        for step in counted.steps:
            yield (
                counted.title,
                counted.guide,
                *totals,
                wording.step_name(step, 400),
                step.came,
                step.solved,
                step.went_on,
                step.left,
                step.skipped,
                step.here,
                step.before,
                "" if step.median is None else round(step.median),
            )


def _answers(desk: Desk, span: int) -> List[Answer]:
    """Return the rated answers, the one that failed most users first."""
    titles = {id: question.title for id, question in desk.content.questions.items()}
    return answers(desk.feedback.since(improving.since(span)), titles)


def _answer_rows(desk: Desk, found: List[Answer]) -> Iterator[Tuple[object, ...]]:
    """Yield a line for each comment, and one for an answer without."""
    for answer in found:
        head = (answer.title, answer.id, answer.up, answer.down)
        for one in answer.comments:
            rating = desk.say("improve_helped" if one.rating == UP else "improve_not_helped")
            yield (*head, desk.pages.day(one.created), rating, one.comment)
        if not answer.comments:
            yield (*head, "", "", "")


PAGES: Tuple[Page, ...] = (
    Page("GET", f"{HOME}/guides", guides, FIGURES),
    Page("GET", f"{HOME}/guides.csv", guides_csv, FIGURES),
    Page("GET", f"{HOME}/answers", rated, OWNERS),
    Page("GET", f"{HOME}/answers.csv", rated_csv, OWNERS),
)
