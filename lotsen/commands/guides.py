"""``lotsen guides``: what a content owner does with guides beside writing them."""

from __future__ import annotations

import argparse
from typing import Any

from lotsen.commands import guides_draw, guides_new, guides_print, guides_report, guides_try


def add(commands: Any) -> None:
    """Add the command and its parts to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "guides", help="report on guides, draw, print, begin or try one"
    )
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    for module in (guides_report, guides_draw, guides_print, guides_new, guides_try):
        module.add(parts)
