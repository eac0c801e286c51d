"""``lotsen guides try``: walk a guide in the terminal, without server and model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Iterable

from lotsen.commands.ending import fail
from lotsen.settings import CONTENT, Settings


def add(parts: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = parts.add_parser("try", help="walk a guide in the terminal, without a server")
    parser.add_argument("id", metavar="ID", help="the guide")
    parser.add_argument(
        "--known", action="append", default=[], metavar="FACT=VALUE", help="what is known before, e.g. browser=Edge"
    )
    parser.add_argument("--content", type=Path, default=CONTENT, help="the content folder; data/ if not given")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Walk the guide until it ends or the input does; return the exit code."""
    from lotsen.content.catalogue import load_content
    from lotsen.content.problems import did_you_mean
    from lotsen.guides.scene import Scene
    from lotsen.guides.trying import Trial, known_facts
    from lotsen.guides.trying_lines import Lines

    content = load_content(arguments.content)
    if arguments.id not in content.guides:
        return fail(f"Guiden '{arguments.id}' finns inte.{did_you_mean(arguments.id, content.guides)}")
    try:
        known = known_facts(arguments.known, content.facts, content.guides)
    except ValueError as error:
        return fail(str(error))
    scene = Scene(content.guides, questions=content.facts, known=known)
    trial = Trial(scene, Lines(content.texts, content.targets), content.spellings, arguments.id)
    _print(trial.begin())
    try:
        while trial.run.active:
            _print(trial.say(input("\n> ")))
    except (EOFError, KeyboardInterrupt, UnicodeDecodeError):
        _print(["", *trial.leave()])
    return 0


def _print(lines: Iterable[str]) -> None:
    """Print lines at once, also into a pipe."""
    for line in lines:
        print(line, flush=True)
