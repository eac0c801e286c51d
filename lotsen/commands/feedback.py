"""``lotsen feedback``: how users have rated the answers."""

from __future__ import annotations

import argparse
import json
from typing import Any, Optional

from lotsen.commands.ending import fail
from lotsen.settings import CONTENT, Settings

_DAYS = 30
_MAX_DAYS = 36_500


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser("feedback", help="show how users have rated the answers")
    parser.add_argument("--days", default=str(_DAYS), metavar="N", help=f"how far back to look ({_DAYS})")
    parser.add_argument("--answer", metavar="ID", help="one answer only")
    parser.add_argument("--json", action="store_true", help="one JSON object for each answer")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print the ratings; return the exit code."""
    from datetime import timedelta

    from sqlalchemy.exc import SQLAlchemyError

    from lotsen.cases.hours import read_hours
    from lotsen.clock import utc_now
    from lotsen.content.catalogue import load_questions
    from lotsen.content.problems import did_you_mean
    from lotsen.feedback.report import answers, lines
    from lotsen.feedback.store import FeedbackStore
    from lotsen.storage.database import open_engine

    titles = {id: question.title for id, question in load_questions(CONTENT).items()}
    days, wanted = _number(arguments.days), arguments.answer
    if days is None:
        return fail(f"'{arguments.days}' går inte. Skriv antalet dagar, till exempel 30.")
    try:
        engine = open_engine(settings.database_url)
        try:
            ratings = FeedbackStore(engine).since(utc_now() - timedelta(days=days))
        finally:
            engine.dispose()
    except (SQLAlchemyError, OSError) as error:
        return fail(f"Databasen går inte att använda: {str(error).splitlines()[0]}")
    found = answers(ratings, titles)
    known = {*titles, *(one.id for one in found)}  # An answer that is gone from the content may still be asked for.
    if wanted is not None and wanted not in known:
        return fail(f"Svaret '{wanted}' finns inte.{did_you_mean(wanted, known)}")
    chosen = [one for one in found if wanted in (None, one.id)]
    if arguments.json:
        told = [json.dumps(one.to_json(), ensure_ascii=False) for one in chosen]
    else:
        told = lines(chosen, read_hours(settings).zone) or [_none(days, wanted)]
    if told:
        print("\n".join(told))
    return 0


def _number(written: str) -> Optional[int]:
    """Read a number of days; None if it is none, or more than a hundred years."""
    try:
        days = int(written)
    except ValueError:
        return None
    return days if 0 < days <= _MAX_DAYS else None


def _none(days: int, wanted: Optional[str]) -> str:
    """Say that there is no rating."""
    about = f" av {wanted}" if wanted is not None else ""
    return f"Inga omdömen{about} {'det senaste dygnet' if days == 1 else f'de senaste {days} dagarna'}."
