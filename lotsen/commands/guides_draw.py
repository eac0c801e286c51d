"""``lotsen guides draw``: the flow charts in ``docs/guides``, and whether they are those of the present guides."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Dict, List, Mapping

from lotsen.settings import CONTENT, ROOT, Settings

OK, FAILED = 0, 1
PICTURES = ROOT / "docs" / "guides"


def add(parts: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = parts.add_parser("draw", help="draw each guide as a flow chart in docs/guides")
    parser.add_argument("guides", nargs="*", metavar="GUIDE", help="ids of guides; all of them if not given")
    parser.add_argument("--check", action="store_true", help="write nothing; say which pictures are not up to date")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Draw, or compare; an unknown guide or a picture that is not right is exit code 1."""
    from lotsen.content.catalogue import load_targets
    from lotsen.guides.drawing import draw
    from lotsen.guides.facts import load_facts
    from lotsen.guides.loader import load_guides

    guides = load_guides(CONTENT / "guides")
    unknown = [name for name in arguments.guides if name not in guides]
    if unknown:
        print(f"lotsen: Guiden '{unknown[0]}' finns inte. Det här finns: {', '.join(guides)}.", file=sys.stderr)
        return FAILED
    questions, targets = load_facts(CONTENT / "facts.yml"), load_targets(CONTENT / "targets.yml")
    names = arguments.guides or list(guides)
    pictures = {name: draw(guides, name, questions, targets) for name in names}
    if arguments.check:
        faults = differences(pictures, PICTURES, everything=not arguments.guides)
        print("\n".join(faults) if faults else "Alla bilder stämmer med guiderna.")
        return FAILED if faults else OK
    write(pictures, PICTURES)
    print(f"{len(pictures)} {'bild' if len(pictures) == 1 else 'bilder'} i {PICTURES.relative_to(ROOT)}.")
    for fault in differences(pictures, PICTURES, everything=not arguments.guides):
        print(fault)
    return OK


def write(pictures: Mapping[str, str], folder: Path) -> None:
    """Write each picture, by the guide's id."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        (folder / f"{name}.svg").write_bytes(picture.encode())


def differences(pictures: Mapping[str, str], folder: Path, everything: bool = True) -> List[str]:
    """Return what is wrong with the pictures in a folder: those that are missing, differ, or (``everything``) are left.

    Nothing that is left over is removed here: it could be somebody's own picture.
    """
    there: Dict[str, Path] = {path.stem: path for path in sorted(folder.glob("*.svg"))}
    faults = []
    for name, picture in pictures.items():
        path = folder / f"{name}.svg"
        if name not in there:
            faults.append(f"{_shown(path)}: Bilden saknas. Kör 'lotsen guides draw'.")
        elif path.read_bytes() != picture.encode():
            faults.append(f"{_shown(path)}: Bilden stämmer inte med guiden. Kör 'lotsen guides draw'.")
    if everything:
        left = [path for name, path in there.items() if name not in pictures]
        faults += [f"{_shown(path)}: Guiden finns inte längre. Ta bort bilden." for path in left]
    return faults


def _shown(path: Path) -> Path:
    """Return a path as somebody in the checkout would write it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
