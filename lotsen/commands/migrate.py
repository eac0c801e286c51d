"""``lotsen migrate``: bring the database to this version of Lotsen, or say what that takes."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from lotsen.settings import Settings


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "migrate", help="bring the database to this version of Lotsen (lotsen up does it by itself)"
    )
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--check", action="store_true", help="change nothing; exit code 1 if there is something to do")
    ways.add_argument("--sql", action="store_true", help="change nothing; print the SQL for somebody else to run")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Say from which revision to which, and do it; return the exit code."""
    from sqlalchemy.exc import SQLAlchemyError

    from lotsen.storage.database import open_engine
    from lotsen.storage.revision import HEAD, fits
    from lotsen.storage.schema import revision_of, statements, upgrade

    try:
        engine = open_engine(settings.database_url)
        try:
            revision = revision_of(engine)
            done = fits(revision)
        finally:
            engine.dispose()
        if arguments.sql:
            print("" if done else statements(engine.dialect.name, revision), end="")
            return 0
        if done:
            print(f"The database is at {revision}; there is nothing to do.")
            return 0
        print(f"{revision or 'no revision (an empty database, or Lotsen 0.8 and older)'} -> {HEAD}")
        if arguments.check:
            print("lotsen: The database has to be upgraded. Run: lotsen migrate", file=sys.stderr)
            return 1
        upgrade(settings.database_url)
        print("Done.")
    except (SQLAlchemyError, OSError) as error:
        print(f"lotsen: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0
