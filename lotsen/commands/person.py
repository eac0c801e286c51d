"""``lotsen person``: what is kept of one person, given out or erased."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Dict, Iterator, Optional
from zoneinfo import ZoneInfo

from lotsen.commands.ending import OK, fail
from lotsen.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

    from lotsen.retention.person import Person

NAMES = {
    "events": "händelser i samtal (Rasa)",
    "chat_messages": "meddelanden",
    "chat_conversations": "samtal i webbläsare",
    "teams_conversations": "samtal i Teams",
    "asked": "frågor",
    "feedback": "betyg",
    "guide_runs": "vandringar genom guider",
    "cases": "ärenden",
    "case_events": "händelser i ärenden",
    "outbox": "brev till ärendesystem",
    "notice_told": "besked om driftstörningar",
    "resume_codes": "koder att fortsätta med",
    "guide_timers": "väntande påminnelser",
    "desk_lines": "samtal som supporten har",
    "chat_turns": "svar på väg",
}


class _Refused(Exception):
    """What was written cannot be done; the text says why, in Swedish."""


def add(commands: Any) -> None:
    """Add the command and its parts to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser("person", help="give out or erase what is kept of one person")
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    finding = parts.add_parser("find", help="say what is kept of somebody, and where")
    exporting = parts.add_parser("export", help="write all that is kept of somebody as JSON")
    exporting.add_argument(
        "--output", type=Path, metavar="FILE", help="a new file that only you can read; else printed"
    )
    erasing = parts.add_parser("erase", help="erase what is kept of somebody; without --yes only say what that is")
    erasing.add_argument("--cases", action="store_true", help="erase the cases, too; they may be public records")
    erasing.add_argument("--yes", action="store_true", help="do it; it cannot be undone")
    for part, do in ((finding, _find), (exporting, _export), (erasing, _erase)):
        whom = part.add_mutually_exclusive_group(required=True)
        whom.add_argument("--case", metavar="NUMBER", help="who sent a case, e.g. LOT-000001")
        whom.add_argument("--conversation", metavar="ID", help="a conversation's pseudonym, e.g. web-0123...")
        whom.add_argument(
            "--contact", metavar="TEXT", help="an e-mail address, telephone number, HSA-id or whole name in a case"
        )
        part.set_defaults(run=_run, do=do)


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do one part; return the exit code."""
    from sqlalchemy.exc import SQLAlchemyError

    from lotsen.cases.hours import read_hours
    from lotsen.retention.person_erase import CannotErase
    from lotsen.retention.store import open_for_deleting
    from lotsen.storage.revision import SchemaError

    zone = read_hours(settings).zone
    try:
        engine = open_for_deleting(settings.database_url)
        try:
            return int(arguments.do(arguments, engine, zone))
        finally:
            engine.dispose()
    except (_Refused, CannotErase, SchemaError) as error:
        return fail(str(error))
    except FileExistsError as error:
        return fail(f"Filen {error.filename} finns redan. Välj ett nytt namn.")
    except SQLAlchemyError as error:
        return fail(f"Databasen går inte att använda: {str(error).splitlines()[0]}")
    except OSError as error:
        return fail(f"Filen går inte att skriva: {error.strerror or error}")


def _find(arguments: argparse.Namespace, engine: "Engine", zone: ZoneInfo) -> int:
    """Say what is kept."""
    with engine.connect() as connection:
        _tell(connection, _person(connection, arguments))
    print("Loggfiler och säkerhetskopior är inte genomsökta.")
    return OK


def _export(arguments: argparse.Namespace, engine: "Engine", zone: ZoneInfo) -> int:
    """Write all of it."""
    from lotsen.audit.log import OPERATOR, AuditLog
    from lotsen.clock import utc_now
    from lotsen.retention.person_export import document
    from lotsen.retention.tables import there

    with engine.connect() as connection:
        person = _person(connection, arguments)
        made = document(connection, there(connection), person, _wanted(arguments), utc_now(), zone)
    held = f"samtal: {len(person.conversations)}, ärenden: {len(person.cases)}"
    with _target(arguments.output) as file:
        AuditLog(engine).add(OPERATOR, "person_given_out", detail=held)  # Before: nothing goes out unnoted.
        print(json.dumps(made, ensure_ascii=False, indent=2), file=file)
    if arguments.output is not None:
        print(f"Skrivet till {arguments.output}. Bara du kan läsa filen. Radera den när den är utlämnad.")
    return OK


@contextlib.contextmanager
def _target(path: Optional[Path]) -> Iterator[IO[str]]:
    """Open a new file for its owner alone, from the first byte on; standard output without a path."""
    if path is None:
        yield sys.stdout
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        yield file


def _erase(arguments: argparse.Namespace, engine: "Engine", zone: ZoneInfo) -> int:
    """Erase it, or say what would be erased."""
    from lotsen.clock import utc_now
    from lotsen.retention.person_erase import GONE, check, elsewhere, erase_person
    from lotsen.retention.tables import there

    with engine.connect() as connection:
        person = _person(connection, arguments)
        known = there(connection)
        if arguments.cases:
            check(connection, known, person)
        _tell(connection, person)
        sent = elsewhere(connection, known, person)
    if person.cases and not arguments.cases:
        print("Ärendena raderas inte: de kan vara allmänna handlingar. Skriv --cases om de också ska raderas.")
    for desk, number in sent:
        print(f"Ärendesystemet {desk} har en egen kopia: {number}. Den raderas där.")
    if not arguments.yes:
        print("Inget är raderat. Skriv --yes för att radera. Det går inte att ångra.")
        return OK
    erased = erase_person(engine, person, arguments.cases, utc_now())
    said = ", ".join(f"{count} {GONE[kind]}" for kind, count in erased.rows.items() if count)
    print(f"Raderat: {said or 'inget'}. Det står i raderingsloggen: lotsen purge --log")
    return OK


def _tell(connection: "Connection", person: "Person") -> None:
    """Say what is kept of somebody."""
    from lotsen.cases.case import NUMBER_FORMAT
    from lotsen.retention.person import kept
    from lotsen.retention.tables import there

    print(f"Samtal: {', '.join(person.conversations) or 'inga'}")
    print(f"Ärenden: {', '.join(NUMBER_FORMAT.format(case) for case in person.cases) or 'inga'}")
    for table, count in kept(connection, there(connection), person).items():
        print(f"{count:>7}  {NAMES.get(table, table)} ({table})")


def _person(connection: "Connection", arguments: argparse.Namespace) -> "Person":
    """Find whom the arguments name."""
    from lotsen.cases.access import number_in
    from lotsen.retention.person import by_case, by_contact, by_conversation
    from lotsen.retention.tables import there

    known = there(connection)
    ((way, written),) = _wanted(arguments).items()
    if not written:
        raise _Refused(f"Skriv något efter --{way}.")
    if way == "case":
        plain = written.isascii() and written.isdigit() and len(written) < 10
        number = int(written) if plain else number_in(written)
        if number is None:
            raise _Refused(f"'{written}' är inget ärendenummer. Skriv till exempel LOT-000012.")
        person = by_case(connection, known, number)
    elif way == "conversation":
        person = by_conversation(connection, known, written)
    else:
        person = by_contact(connection, known, written)
    if not person.found:
        raise _Refused(f"Inget är sparat om '{written}'. Det kan vara gallrat: lotsen purge --log")
    return person


def _wanted(arguments: argparse.Namespace) -> Dict[str, str]:
    """Return which way somebody is looked for, and by what."""
    ways = {name: getattr(arguments, name) for name in ("case", "conversation", "contact")}
    return {name: written.strip() for name, written in ways.items() if written is not None}
