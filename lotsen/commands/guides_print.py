"""``lotsen guides print``: the guides as checklists to print."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

from lotsen.commands.ending import OK, fail
from lotsen.settings import CONTENT, Settings


def add(parts: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = parts.add_parser("print", help="write each guide as a checklist to print")
    parser.add_argument("guides", nargs="*", metavar="GUIDE", help="ids of guides; all of them if not given")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where to; guides/checklists in the data folder")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write the pages; an unknown guide, or a folder that cannot be written to, is one sentence and exit code 1."""
    from lotsen.content.catalogue import load_targets
    from lotsen.content.texts import load_texts
    from lotsen.guides.checklist import Around, checklist, contents
    from lotsen.guides.facts import load_facts
    from lotsen.guides.loader import load_guides

    guides = load_guides(CONTENT / "guides")
    unknown = [name for name in arguments.guides if name not in guides]
    if unknown:
        return fail(f"Guiden '{unknown[0]}' finns inte. Det här finns: {', '.join(guides)}.")
    around = Around(
        guides,
        load_facts(CONTENT / "facts.yml"),
        load_targets(CONTENT / "targets.yml"),
        load_texts(CONTENT / "texts.yml")["guide_unsolved"].text,
    )
    names = list(dict.fromkeys(arguments.guides)) or list(guides)
    pages = {name: checklist(around, name) for name in names}
    folder: Path = arguments.output or settings.data_dir / "guides" / "checklists"
    failure = _write({**pages, "index": contents(around, names)}, folder)
    if failure is not None:
        return fail(failure)
    count = f"{len(names)} {'checklista' if len(names) == 1 else 'checklistor'}"
    print(f"{count}. Öppna {folder / 'index.html'} och skriv ut.")
    return OK


def _write(pages: Mapping[str, str], folder: Path) -> Optional[str]:
    """Write each page by its name; return what went wrong, if something did."""
    files: Dict[Path, str] = {folder / f"{name}.html": page for name, page in pages.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, page in files.items():
            path.write_bytes(page.encode())
    except OSError as error:
        return f"Det går inte att skriva i {folder}: {error.strerror}. Välj en annan mapp med --output."
    return None
