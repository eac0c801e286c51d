"""``lotsen cases``: list what was handed off, show one case whole, send again what could not be delivered."""

from __future__ import annotations

import argparse
from typing import Any

from lotsen.settings import Settings


def add(commands: Any) -> None:
    """Add the command and its parts to the parser."""
    cases = commands.add_parser("cases", help="list the cases that were handed off, show one, send one again")
    cases.set_defaults(run=_run, undelivered=False)
    parts = cases.add_subparsers(dest="part", metavar="PART")
    listing = parts.add_parser("list", help="one line for each case, with its delivery")
    listing.add_argument("--undelivered", action="store_true", help="only those that a desk has not got")
    show = parts.add_parser("show", help="one case: delivery, what happened to it, the text that desks get")
    show.add_argument("number", help="LOT-000042, or 42")
    show.add_argument("--json", action="store_true", help="as docs/case.schema.json describes it")
    retry = parts.add_parser("retry", help="send again what could not be delivered")
    retry.add_argument("number", nargs="?", help="LOT-000042, or 42; all that were given up if not given")


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do what the part says; without one, list."""
    from lotsen.commands import cases_run

    parts = {"list": cases_run.list_cases, "show": cases_run.show_case, "retry": cases_run.retry_cases}
    return parts[arguments.part or "list"](arguments, settings)
