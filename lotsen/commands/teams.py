"""``lotsen teams package``: the zip that a Teams administrator uploads."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from lotsen.settings import Settings

NAME = "lotsen-teams.zip"


def add(commands: Any) -> None:
    """Add the command to the parser."""
    teams: argparse.ArgumentParser = commands.add_parser("teams", help="Lotsen as an app in Microsoft Teams")
    parts = teams.add_subparsers(dest="part", required=True, metavar="PART")
    package = parts.add_parser("package", help="write the app package that a Teams administrator uploads")
    package.add_argument("--out", type=Path, metavar="FILE", help=f"where to; {NAME} in the data folder if not given")
    package.set_defaults(run=_package)


def _package(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write the package and say where; return the exit code. Wrong settings are left to who calls."""
    from lotsen.channels.teams.package import build, read_fields, read_parts, read_version
    from lotsen.settings import ROOT

    path: Path = arguments.out or settings.data_dir / NAME
    try:
        fields = read_fields(os.environ, read_version((ROOT / "pyproject.toml").read_text(encoding="utf-8")))
        package = build(fields, read_parts(ROOT / "deploy" / "teams"))
        if not arguments.out:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(package)
    except (OSError, ValueError) as error:
        print(f"lotsen: {error}", file=sys.stderr)
        return 1
    print(f"{path}: Lotsen {fields.version}, bot {fields.app_id}. What to do with it: docs/teams-administrator.md")
    return 0
