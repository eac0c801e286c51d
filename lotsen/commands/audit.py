"""``lotsen audit``: whether the log of what the triage desk has seen and done is whole, and what it says."""

from __future__ import annotations

import argparse
import re
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, List

from lotsen.commands.ending import OK, fail
from lotsen.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from lotsen.audit.log import Entry
    from lotsen.audit.verify import Report

SHOWN = 50
_HASH = re.compile(r"[0-9a-fA-F]{64}")


class _Refused(Exception):
    """What was written cannot be done; the text says why, in Swedish."""


def add(commands: Any) -> None:
    """Add the command and its parts to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser("audit", help="check or read the triage desk's audit log")
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    checking = parts.add_parser("verify", help="say whether the log is whole, and the hash of its last entry")
    checking.add_argument("--head", default="", metavar="HASH", help="a hash that was printed before and written down")
    checking.set_defaults(run=_run, do=_verify)
    showing = parts.add_parser("show", help="print the latest entries")
    showing.add_argument("--case", default="", metavar="NUMBER", help="only those of a case")
    showing.add_argument(
        "--actor", default="", metavar="WHO", help="only those of somebody: a part of the name, or an id"
    )
    showing.add_argument("--action", default="", help="only those of an action, e.g. view, reply, resolve")
    showing.add_argument("--limit", type=int, default=SHOWN, metavar="N", help=f"so many; {SHOWN} if not given")
    showing.set_defaults(run=_run, do=_show)


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do one part; return the exit code."""
    from sqlalchemy.exc import SQLAlchemyError

    from lotsen.cases.hours import read_hours
    from lotsen.storage.database import open_engine

    zone = read_hours(settings).zone
    try:
        engine = open_engine(settings.database_url)
        try:
            return int(arguments.do(arguments, engine, zone))
        finally:
            engine.dispose()
    except _Refused as error:
        return fail(str(error))
    except BrokenPipeError:  # Whoever reads our output has enough.
        raise
    except (SQLAlchemyError, OSError) as error:
        return fail(f"Databasen går inte att använda: {str(error).splitlines()[0]}")


def _verify(arguments: argparse.Namespace, engine: "Engine", zone: tzinfo) -> int:
    """Say whether the log is whole. The log is not opened for writing: what is missing must not be made anew."""
    from lotsen.audit.verify import has_log, verify

    kept: str = arguments.head.strip()
    if kept and not _HASH.fullmatch(kept):
        raise _Refused(f"'{kept}' är ingen kontrollsumma. Skriv de 64 tecken som lotsen audit verify visade.")
    if not has_log(engine):
        raise _Refused("Det finns ingen granskningslogg i databasen.")
    report = verify(engine, kept)
    if not report.whole:
        return fail(_told(report))
    if not report.entries:
        print("Granskningsloggen är tom.")
        return OK
    if report.purged:
        print(f"Rader till och med {report.purged} är gallrade.")
    sound = report.entries - report.purged
    print(f"Granskningsloggen är hel: {sound} rader. Sista radens kontrollsumma:\n{report.hash}")
    print("Skriv upp den någon annanstans, till exempel varje vecka. Pröva sedan: lotsen audit verify --head SUMMA")
    return OK


def _told(report: "Report") -> str:
    """Say what is wrong."""
    from lotsen.audit.verify import Wrong

    said = {
        Wrong.MISSING: f"Rad {report.entry} saknas.",
        Wrong.CHANGED: f"Rad {report.entry} är ändrad i efterhand.",
        Wrong.MOVED: f"Rad {report.entry} hör inte ihop med raden före. Rader är bytta eller borttagna.",
        Wrong.CUT: f"Loggens slut saknas, från rad {report.entry}.",
        Wrong.ADDED: f"Rad {report.entry} är tillagd vid sidan av Lotsen.",
        Wrong.NO_HEAD: "Uppgiften om sista raden saknas. Det går inte att se om rader är borttagna i slutet.",
        Wrong.OTHER: "Ingen rad har kontrollsumman som du skrev. Raden är gallrad, eller så är loggen omskriven.",
    }
    sound = report.entries - report.purged
    right = f"Raderna före är hela: {sound} stycken." if sound else "Ingen rad före är hel."
    tail = "Raderna hör ihop sinsemellan." if report.wrong is Wrong.OTHER else right
    return f"Granskningsloggen är bruten. {said[report.wrong or Wrong.OTHER]} {tail}"


def _show(arguments: argparse.Namespace, engine: "Engine", zone: tzinfo) -> int:
    """Print entries, the latest last, as in a log."""
    from lotsen.audit.log import AuditLog
    from lotsen.cases.access import number_in

    if arguments.limit < 1:
        raise _Refused("Skriv hur många rader: --limit 50.")
    written: str = arguments.case.strip()
    case = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else number_in(written)
    if written and case is None:
        raise _Refused(f"'{written}' är inget ärendenummer. Skriv till exempel LOT-000012.")
    entries = AuditLog(engine).read(None, arguments.limit, arguments.actor, arguments.action, case)
    lines: List[str] = [_line(entry, zone) for entry in reversed(entries)]
    print("\n".join(lines) or "Inga rader.")
    return OK


def _line(entry: "Entry", zone: tzinfo) -> str:
    """Return one entry as a line."""
    from lotsen.cases.case import NUMBER_FORMAT

    number = NUMBER_FORMAT.format(entry.case) if entry.case is not None else ""
    parts = (f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", _who(entry), entry.action, number, entry.detail)
    return f"{entry.id:>6}  " + "  ".join(" ".join(part.split()) for part in parts if part)


def _who(entry: "Entry") -> str:
    """Return who did it: the name that people know, and the id that never changes."""
    return f"{entry.actor.name} ({entry.actor.id})" if entry.actor.name != entry.actor.id else entry.actor.id
