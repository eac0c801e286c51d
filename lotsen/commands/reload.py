"""``lotsen reload``: a new model or new content, without a pause for users; and which version is served now."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any, Dict
from zoneinfo import ZoneInfo

from lotsen.commands.ending import OK, fail
from lotsen.settings import CONTENT, ROOT, Settings


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "reload", help="take over new content and a new model without a pause"
    )
    parser.add_argument("--status", action="store_true", help="only show which processes run, and what they serve")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    from lotsen.runtime.control import NotRunning, ask

    try:
        found = ask(settings.data_dir, {"do": "status"}, _say)
        if arguments.status:
            _show(found, settings)
            return OK
        return _reload(settings)
    except NotRunning as error:
        return fail(str(error))


def _reload(settings: Settings) -> int:
    """Check the content, train if it needs that, and let the running Lotsen take it over.

    Raises:
        NotRunning: if Lotsen has ended meanwhile.
    """
    from lotsen.content.check import check_content
    from lotsen.runtime.control import ask
    from lotsen.runtime.model import TrainingFailed, fitting, train
    from lotsen.runtime.processes import stop_on_signals

    problems = check_content(ROOT, CONTENT)
    for problem in problems:
        print(problem)
    if problems:
        return fail(f"{len(problems)} fel i innehållet. Det gamla används som förut.")
    model = fitting(ROOT)
    if model is None:
        _say("Tränar modellen. Det tar ett par minuter; det gamla används så länge.")
        try:
            model = train(ROOT, settings.data_dir / "logs" / "train.log", _say, stop_on_signals())
        except TrainingFailed as error:
            return fail(str(error))
    told = ask(settings.data_dir, {"do": "reload", "model": str(model)}, _say)
    if told.get("error"):
        return fail(str(told["error"]))
    print(f"Klart. Nu används {model.name}.")
    return OK


def _show(found: Dict[str, Any], settings: Settings) -> None:
    """Print a line for each process."""
    zone = ZoneInfo(settings.time_zone)
    for row in found.get("processes", []):
        since = f"{datetime.fromisoformat(row['since']).astimezone(zone):%Y-%m-%d %H:%M:%S}" if row["since"] else "-"
        ready = "redo" if row["ready"] else "inte redo"
        print(f"{row['name']:<16}  {row['pid'] or '-':>7}  {ready:<9}  sedan {since}  {row['version']}".rstrip())


def _say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)
