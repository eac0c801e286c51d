"""``lotsen triage password``: a new password for the reserve account of the triage desk."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from lotsen.settings import Settings


def add(commands: Any) -> None:
    """Add the command to the parser."""
    triage: argparse.ArgumentParser = commands.add_parser("triage", help="the triage desk's reserve account")
    parts = triage.add_subparsers(dest="part", required=True, metavar="PART")
    password = parts.add_parser("password", help="make a new password, print it once, end the account's sessions")
    password.set_defaults(run=_password)


def _password(arguments: argparse.Namespace, settings: Settings) -> int:
    """Make the password and print it alone on a line; return the exit code. Wrong settings are left to who calls."""
    from sqlalchemy.exc import SQLAlchemyError

    from lotsen.audit.log import OPERATOR, AuditLog
    from lotsen.desk.access.config import read_triage
    from lotsen.desk.access.guesses import Guesses
    from lotsen.desk.access.local import RESERVE, new_password
    from lotsen.desk.access.sessions import Sessions
    from lotsen.storage.database import open_engine

    config = read_triage(os.environ, settings)
    try:
        engine = open_engine(settings.database_url)
        try:
            AuditLog(engine).add(OPERATOR, "password_made", detail=RESERVE.name)
            password = new_password(engine)
            Guesses(engine, RESERVE.id, "").forget()
            Sessions(engine, config.idle, config.longest).end_all(RESERVE.id)
        finally:
            engine.dispose()
    except (SQLAlchemyError, OSError) as error:
        print(f"lotsen: Databasen går inte att använda: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    print(password)
    print("Det är reservkontots nya lösenord. Det visas bara nu, och det gamla gäller inte längre.", file=sys.stderr)
    if not config.local:
        print("Reservkontot är avstängt. Sätt LOTSEN_TRIAGE_LOCAL=on och starta om.", file=sys.stderr)
    return 0
