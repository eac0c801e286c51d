"""``lotsen guides new``: a file to begin a guide from, and what is left to do."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from lotsen.content.problems import shown
from lotsen.guides.scaffold import CannotBegin, begin_guide
from lotsen.settings import CONTENT, Settings

_NEXT = """\
Skrev {file}. Så gör du nu:
1. Öppna filen och skriv guiden. Där finns ett exempel på varje sorts steg. Ta bort det du inte behöver.
2. Skriv frågan i en fil i data/faq/: exempel under '- intent: {id}', och en regel med '- action: action_start_guide'.
3. Skriv '- {id}' under 'intents' i domain.yml.
4. Kontrollera: lotsen check
5. Prova: lotsen guides try {id}"""


def add(parts: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = parts.add_parser("new", help="write a new guide to begin from")
    parser.add_argument("id", metavar="ID", help="the guide's name, which is the file's and the question's")
    parser.add_argument("--title", required=True, help="what the user sees above the guide")
    parser.add_argument("--content", type=Path, default=CONTENT, help="the content folder; data/ if not given")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write the guide; return the exit code."""
    try:
        path = begin_guide(arguments.content / "guides", arguments.id, arguments.title)
    except CannotBegin as error:
        print(f"lotsen: {error}", file=sys.stderr)
        return 1
    print(_NEXT.format(file=shown(path), id=arguments.id))
    return 0
