"""The widget as browsers get it: the modules of ``widget/`` in one file, so that one integrity hash covers all of it.

Nothing is minified or transpiled: what a region's reviewers read is what runs. Each version that was ever served stays
at an address of its own, so that a page which names it with its hash goes on working after an update.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List

ENTRY = "lotsen-chat.js"
NAME_LENGTH = 16
_IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "(\./[\w./-]+)";$')
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const)\b)")
_TOP = re.compile(r"^(?:export )?(?:async function\*?|function\*?|class|const|let) (\w+)")


class WidgetError(Exception):
    """A module of the widget cannot be joined; says file, line and what to do."""


@dataclass(frozen=True)
class Widget:
    """One version of the widget."""

    script: bytes
    packed: bytes
    """The script as gzip."""
    integrity: str
    """For the ``integrity`` attribute of a script element."""
    name: str
    """The file's name, which changes with its content."""

    @classmethod
    def of(cls, script: str) -> Widget:
        """Return the version with this script."""
        raw = script.encode("utf-8")
        digest = hashlib.sha384(raw).digest()
        name = f"widget-{digest.hex()[:NAME_LENGTH]}.js"
        return cls(raw, gzip.compress(raw, 9, mtime=0), f"sha384-{base64.b64encode(digest).decode()}", name)


def snippet(widget: Widget, address: str) -> str:
    """Return what a web editor pastes into a page, for a Lotsen at ``address`` (an origin)."""
    return (
        f'<script type="module" src="{address}/chat/{widget.name}"\n'
        f'  integrity="{widget.integrity}" crossorigin="anonymous"></script>\n'
        f'<lotsen-chat endpoint="{address}"></lotsen-chat>'
    )


def join(folder: Path, entry: str = ENTRY) -> str:
    """Return the modules below ``folder`` as one, each before those that import it.

    A module imports by name, on one line (``import { a } from "./b.js";``); a style sheet as a text, a JSON file as an
    object. All modules share one scope, so no two may use one name at the top.

    Raises:
        WidgetError: for what cannot be joined.
    """
    parts: List[str] = []
    owners: Dict[str, str] = {}
    _add(folder, entry, parts, owners, [])
    return "\n".join(parts)


def _add(folder: Path, name: str, parts: List[str], owners: Dict[str, str], above: List[str]) -> None:
    """Add a module after those that it imports."""
    if name in above:
        raise WidgetError(f"{folder / name}: imports itself, by {' and '.join(above)}; move what both need to a third.")
    kept: List[str] = []
    for number, line in enumerate(_read(folder, name).splitlines(), 1):
        imported = _IMPORT.match(line)
        if imported is None:
            if line.startswith(("import ", "export default", "export {")):
                raise WidgetError(f"{folder / name}:{number}: {line!r} cannot be joined; see `join`.")
            declared = _TOP.match(line)
            if declared is not None and owners.setdefault(declared[1], name) != name:
                taken = f"{declared[1]} is taken by {owners[declared[1]]}"
                raise WidgetError(f"{folder / name}:{number}: {taken}; rename it.")
            kept.append(_EXPORT.sub("", line))
            continue
        names = [one.strip() for one in imported[1].split(",")]
        other = imported[2][2:]
        if other.endswith(".js"):
            if f"// {other}" not in [part.splitlines()[0] for part in parts]:
                _add(folder, other, parts, owners, [*above, name])
            strangers = [one for one in names if owners.get(one) != other]
        else:
            strangers = [] if _add_data(folder, other, names[0], parts, owners) and len(names) == 1 else names
        if strangers:
            raise WidgetError(f"{folder / name}:{number}: {other} has no {', '.join(strangers)}.")
    parts.append("\n".join([f"// {name}", *kept]))


def _add_data(folder: Path, name: str, constant: str, parts: List[str], owners: Dict[str, str]) -> bool:
    """Add a style sheet or texts as a constant; tell whether the constant is this file's."""
    if constant not in owners:
        owners[constant] = name
        text = _read(folder, name)
        value = json.dumps(json.loads(text) if name.endswith(".json") else text, ensure_ascii=False)
        parts.append(f"// {name}\nconst {constant} = {value};")
    return owners[constant] == name


def _read(folder: Path, name: str) -> str:
    """Return a file of the widget."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except OSError as error:
        raise WidgetError(f"{folder / name}: cannot be read ({error.strerror}).") from error
