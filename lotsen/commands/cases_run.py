"""What ``lotsen cases`` does; apart from its parser, as no other command needs what this one imports."""

from __future__ import annotations

import argparse
import json
import sys
from typing import List
from zoneinfo import ZoneInfo

from lotsen.cases.access import number_in
from lotsen.cases.case import NUMBER_FORMAT
from lotsen.cases.export import case_document
from lotsen.cases.history import RETRIED
from lotsen.cases.hours import read_hours
from lotsen.cases.store import Case, CaseStore
from lotsen.clock import utc_now
from lotsen.outbox.outbox import DEAD, DELIVERED, OutboxLetter
from lotsen.settings import Settings
from lotsen.storage.database import open_engine

OK, FAILED = 0, 1
_PROBLEM = 60


def list_cases(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print a line for each case."""
    store, zone = CaseStore(open_engine(settings.database_url)), read_hours(settings).zone
    shown = 0
    for case in store.all():
        letters = store.outbox.of(case.id)
        if arguments.undelivered and all(letter.state == DELIVERED for letter in letters):
            continue
        shown += 1
        problem = case.draft.problem if len(case.draft.problem) <= _PROBLEM else f"{case.draft.problem[:_PROBLEM]} …"
        print(
            f"{case.number}  {case.created.astimezone(zone):%Y-%m-%d %H:%M}  {case.status.value:<8}  "
            f"{case.draft.priority.level.value:<6}  {_delivery(letters)}  {problem}"
        )
    if not shown:
        print("Inga ärenden.")
    return OK


def show_case(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print one case."""
    store, zone = CaseStore(open_engine(settings.database_url)), read_hours(settings).zone
    case = _case(store, arguments.number)
    if case is None:
        return _unknown(arguments.number)
    if arguments.json:
        print(json.dumps(case_document(case), ensure_ascii=False, indent=2))
        return OK
    letters = store.outbox.of(case.id)
    print(f"{case.number}  {case.created.astimezone(zone):%Y-%m-%d %H:%M}  {case.status.value}")
    if case.parent is not None:
        print(f"Hör till {NUMBER_FORMAT.format(case.parent)}.")
    print("\nLeverans:" if letters else "\nLeverans: ingen mottagare är inställd (LOTSEN_DESKS).")
    for letter in letters:
        print(f"  {letter.desk}: {_state(letter, zone)}")
    print("\nHändelser:")
    for event in store.history.of(case.id):
        print(
            f"  {event.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {' '.join(filter(None, (event.kind, event.desk)))}",
            end="",
        )
        print(f"  {event.text}" if event.text else "")
    print(f"\n{letters[0].text if letters else json.dumps(case.draft.to_json(), ensure_ascii=False, indent=2)}")
    return OK


def retry_cases(arguments: argparse.Namespace, settings: Settings) -> int:
    """Send again what waits or was given up."""
    engine = open_engine(settings.database_url)
    store = CaseStore(engine)
    if arguments.number is not None:
        case = _case(store, arguments.number)
        if case is None:
            return _unknown(arguments.number)
        ids = [case.id]
    else:
        ids = sorted({letter.case for letter in store.outbox.waiting() if letter.state == DEAD})
    for id in ids:
        with engine.begin() as connection:
            desks = store.outbox.retry(connection, id)
            for desk in desks:
                store.history.add(connection, id, RETRIED, utc_now(), desk)
        what = f"skickas igen till {', '.join(desks)}." if desks else "är redan levererat, eller skickas just nu."
        print(f"{NUMBER_FORMAT.format(id)} {what}")
    if not ids:
        print("Inget ärende väntar på att skickas igen.")
    return OK


def _case(store: CaseStore, written: str) -> "Case | None":
    """Return the case that a number names."""
    id = int(written) if written.isdigit() else number_in(written)
    return store.get(id) if id is not None else None


def _unknown(written: str) -> int:
    """Say that there is no such case."""
    print(f"lotsen: Det finns inget ärende {written}. Visa alla: lotsen cases list", file=sys.stderr)
    return FAILED


def _delivery(letters: List[OutboxLetter]) -> str:
    """Return how far the letters of a case have come, in a word each."""
    return ",".join(f"{letter.desk}:{letter.state}" for letter in letters) or "-"


def _state(letter: OutboxLetter, zone: ZoneInfo) -> str:
    """Return how far one letter has come."""
    if letter.receipt is not None and letter.delivered is not None:
        shown = letter.receipt.number or letter.receipt.ref
        return f"levererat {letter.delivered.astimezone(zone):%Y-%m-%d %H:%M} som {shown} {letter.receipt.url}".rstrip()
    tries = f"{letter.attempts} försök" + (f", senast: {letter.error}" if letter.error else "")
    if letter.state == DEAD:
        return f"uppgivet efter {tries}. Skicka igen: lotsen cases retry {NUMBER_FORMAT.format(letter.case)}"
    return f"väntar, {tries}, nästa {letter.due.astimezone(zone):%H:%M:%S}"
