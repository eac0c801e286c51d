"""``lotsen guides report``: how the guides go, from the record of runs, on the terminal and as a page."""

from __future__ import annotations

import argparse
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator, List, Optional, Sequence

from lotsen.commands.ending import fail
from lotsen.settings import CONTENT, Settings

if TYPE_CHECKING:
    from lotsen.outcomes.page import Section
    from lotsen.outcomes.records import RunRecord

_LONGEST = 24 * 36500
"""Hours; further back there is no calendar, and no run."""


def add(parts: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = parts.add_parser(
        "report", help="count how runs of the guides went, step by step, and suggest a better order"
    )
    parser.add_argument("guides", nargs="*", metavar="GUIDE", help="guides by id; all that were used if not given")
    parser.add_argument("--since", metavar="YYYY-MM-DD", help="count runs that began on this day or later")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the page; guides/report.html in the data folder")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print the report and write the page; return the exit code."""
    from sqlalchemy.exc import SQLAlchemyError

    from lotsen.content.problems import did_you_mean, shown
    from lotsen.guides.loader import load_guides
    from lotsen.outcomes.page import render, write

    try:
        since = date.fromisoformat(arguments.since) if arguments.since is not None else None
    except ValueError:
        return fail(f"'{arguments.since}' är inget datum. Skriv det så här: 2026-01-31.")
    guides = load_guides(CONTENT / "guides")
    try:
        records = _records(settings, since)
    except (SQLAlchemyError, OSError) as error:
        return fail(f"Databasen går inte att läsa: {str(error).splitlines()[0]}")
    used = {record.guide for record in records}
    for name in arguments.guides:
        if name not in {*guides, *used}:
            return fail(f"Guiden '{name}' finns inte.{did_you_mean(name, guides)}")
    wanted = list(dict.fromkeys(arguments.guides)) or [*guides, *sorted(used - set(guides))]
    sections = [_section(guides, guide_id, records) for guide_id in wanted if guide_id in used]
    unused = [guides[guide_id].title for guide_id in wanted if guide_id not in used]
    if not sections:
        print(_nothing(arguments.guides, since))
        return 0
    for section in sections:
        print("\n".join(_lines(section)) + "\n")
    if unused:
        print(f"Ingen har börjat: {', '.join(unused)}.\n")
    path: Path = arguments.output or settings.data_dir / "guides" / "report.html"
    try:
        write(render(sections, date.today().isoformat(), arguments.since), path)  # noqa: DTZ011 - as on the wall
    except OSError as error:
        return fail(f"Sidan går inte att skriva till {path}: {error.strerror}.")
    print(f"Samma siffror med bilder: {shown(path)}")
    return 0


def _records(settings: Settings, since: Optional[date]) -> List[RunRecord]:
    """Close what was left too long ago, and return the runs that began on the day or later, where the machine is."""
    from lotsen.outcomes.records import RunRecords
    from lotsen.storage.database import open_engine

    engine = open_engine(settings.database_url)
    try:
        records = RunRecords(engine)
        records.close_left(datetime.now(timezone.utc) - timedelta(hours=min(settings.guide_hours, _LONGEST)))
        return records.all(datetime.combine(since, time.min).astimezone() if since else None)
    finally:
        engine.dispose()


def _section(guides: Any, guide_id: str, records: Sequence[RunRecord]) -> Section:
    """Return what there is to say about one guide."""
    from lotsen.outcomes.order import advice
    from lotsen.outcomes.page import Section
    from lotsen.outcomes.summary import figures
    from lotsen.outcomes.wording import advised

    gone = ("Guiden finns inte längre.",)
    said = tuple(advised(guides[guide_id], advice(guides, guide_id, records))) if guide_id in guides else gone
    return Section(figures(guides, guide_id, records), said)


def _lines(section: Section) -> Iterator[str]:
    """Yield one guide's part of the report."""
    from lotsen.outcomes import wording

    figures = section.figures
    yield f"{figures.title} ({figures.guide})"
    yield wording.runs_of(figures)
    for status, word in wording.STATUSES.items():
        yield f"  {word:<11}{figures.statuses[status]:>5}{wording.share(figures.share(status)):>7}"
    yield ""
    rows = [list(wording.COLUMNS)]
    for step in figures.steps:
        rows.append(["  " * (len(step.way) - 1) + wording.step_name(step), *wording.cells(step)])
    yield from _table(rows)
    yield ""
    for sentence in section.advice:
        yield f"  {sentence}"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows as lines, the first column to the left and the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for first, *others in rows:
        right = (f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([f"  {first:<{widths[0]}}", *right])


def _nothing(wanted: Sequence[str], since: Optional[date]) -> str:
    """Say that there is nothing to report yet, and when there will be."""
    what = f"Ingen har börjat {'de guiderna' if len(wanted) > 1 else 'den guiden' if wanted else 'någon guide'}"
    when = f" sedan {since.isoformat()}" if since else " ännu"
    return f"{what}{when}. När någon gör det räknas det här, så titta gärna in igen."
