"""``lotsen purge``: delete what is older than it may be."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional
from zoneinfo import ZoneInfo

from lotsen.commands.ending import OK, fail
from lotsen.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

SHOWN = 100


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser("purge", help="delete what is older than the settings allow")
    parser.add_argument("--dry-run", action="store_true", help="say what would go, and delete nothing")
    parser.add_argument(
        "--kind", action="append", default=[], metavar="KIND", help="only this kind; may be given several times"
    )
    parser.add_argument("--log", action="store_true", help=f"print the latest {SHOWN} entries of the deletion log")
    parser.add_argument(
        "--scheduled", action="store_true", help="delete only if today's purge is due, and nobody else is at it"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do it; return the exit code."""
    from sqlalchemy.exc import SQLAlchemyError

    from lotsen.cases.hours import read_hours
    from lotsen.retention.plan import NAMES
    from lotsen.retention.store import open_for_deleting
    from lotsen.storage.revision import SchemaError

    unknown = sorted(set(arguments.kind) - set(NAMES))
    if unknown:
        return fail(f"Det finns inget slag '{unknown[0]}'. Skriv ett av: {', '.join(NAMES)}.")
    if arguments.scheduled and (arguments.dry_run or arguments.log or arguments.kind):
        return fail("--scheduled skrivs för sig: den dagliga gallringen gör allt som inställningarna säger.")
    zone = read_hours(settings).zone
    try:
        engine = open_for_deleting(settings.database_url)
        try:
            if arguments.log:
                return _log(engine, zone)
            if arguments.dry_run:
                return _look(arguments, settings, engine, zone)
            return (
                _scheduled(settings, engine, zone) if arguments.scheduled else _purge(arguments, settings, engine, zone)
            )
        finally:
            engine.dispose()
    except SchemaError as error:
        return fail(str(error))
    except BrokenPipeError:  # Whoever reads our output has enough.
        raise
    except (SQLAlchemyError, OSError) as error:
        return fail(f"Databasen går inte att använda: {str(error).splitlines()[0]}")


def _look(arguments: argparse.Namespace, settings: Settings, engine: "Engine", zone: ZoneInfo) -> int:
    """Say what would go."""
    from lotsen.clock import utc_now
    from lotsen.retention.purge import look

    print("Inget raderas nu. Det här skulle gallras:")
    for one in look(settings, engine, utc_now(), arguments.kind):
        print(_line(one.kind.name, one.kind.swedish, one.before, one.rows, one.oldest, bool(one.kind.setting), zone))
    return OK


def _purge(arguments: argparse.Namespace, settings: Settings, engine: "Engine", zone: ZoneInfo) -> int:
    """Delete, and say what went."""
    from lotsen.clock import utc_now
    from lotsen.retention.deletions import COMMAND
    from lotsen.retention.purge import purge

    outcomes = purge(settings, engine, utc_now(), COMMAND, arguments.kind)
    for one in outcomes:
        print(_line(one.kind.name, one.kind.swedish, one.before, one.rows, None, bool(one.kind.setting), zone))
    failed = [one.kind.name for one in outcomes if one.failed]
    return fail(f"Allt kunde inte gallras: {', '.join(failed)}. Kör kommandot igen.") if failed else OK


def _scheduled(settings: Settings, engine: "Engine", zone: ZoneInfo) -> int:
    """Do today's purge, unless it is done."""
    from lotsen.clock import utc_now
    from lotsen.observability.logs import configure
    from lotsen.retention.deletions import SCHEDULE, DeletionLog
    from lotsen.retention.purge import purge
    from lotsen.retention.schedule import day_of

    configure("purge", settings)
    day = day_of(settings, utc_now())
    log = DeletionLog(engine)
    if day is None or not log.claim(day, utc_now()):
        print("Dagens gallring är gjord, eller görs av en annan process.")
        return OK
    outcomes = purge(settings, engine, utc_now(), SCHEDULE)
    failed = [one.kind.name for one in outcomes if one.failed]
    if failed:
        log.give_back(day, utc_now())
        return fail(f"Allt kunde inte gallras: {', '.join(failed)}. Det görs ett nytt försök om en timme.")
    log.done(day, utc_now())
    gone = [f"{one.rows} {one.kind.swedish}" for one in outcomes if one.rows]
    print(f"Gallrat: {', '.join(gone) or 'inget var för gammalt'}.")
    return OK


def _log(engine: "Engine", zone: ZoneInfo) -> int:
    """Print the deletion log, the latest last."""
    from lotsen.retention.deletions import DeletionLog

    entries = DeletionLog(engine).read(SHOWN)
    for one in entries:
        before = f"före {one.before.astimezone(zone):%Y-%m-%d %H:%M}" if one.before is not None else ""
        at = f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        print(f"{at}  {one.kind:<13}  {one.rows:>7}  {one.by:<8}  {one.version:<10}  {before}".rstrip())
    if not entries:
        print("Inget har gallrats än.")
    return OK


def _line(
    name: str,
    swedish: str,
    before: Optional[datetime],
    rows: int,
    oldest: Optional[datetime],
    by_age: bool,
    zone: ZoneInfo,
) -> str:
    """Return one kind as a line."""
    if before is None:
        return f"{name:<13}        -  {swedish}: gallras aldrig (inställt)"
    limit = f", äldre än {before.astimezone(zone):%Y-%m-%d %H:%M}" if by_age else ""
    first = f", äldst {oldest.astimezone(zone):%Y-%m-%d %H:%M}" if oldest is not None else ""
    return f"{name:<13}  {rows:>7}  {swedish}{limit}{first}"
