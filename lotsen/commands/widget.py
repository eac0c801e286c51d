"""``lotsen widget``: what a web editor pastes into a page, with the hash of the present version."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from lotsen.settings import Settings


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser("widget", help="print what embeds the chat in a web page")
    parser.add_argument("address", help="where users reach Lotsen, e.g. https://lotsen.example.se")
    parser.add_argument("--out", metavar="FILE", help="write the widget itself, for who serves it from elsewhere")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print the snippet; return the exit code."""
    from pathlib import Path
    from urllib.parse import urlsplit

    from lotsen.channels.web.widget import Widget, WidgetError, join, snippet
    from lotsen.settings import ROOT

    address = urlsplit(arguments.address)
    if address.scheme not in ("http", "https") or not address.netloc or address.path.strip("/"):
        print(f"lotsen: '{arguments.address}' is no address like https://lotsen.example.se.", file=sys.stderr)
        return 1
    try:
        widget = Widget.of(join(ROOT / "widget"))
        if arguments.out:
            Path(arguments.out).write_bytes(widget.script)
    except (WidgetError, OSError) as error:
        print(f"lotsen: {error}", file=sys.stderr)
        return 1
    print(snippet(widget, f"{address.scheme}://{address.netloc}"))
    return 0
