"""Reads ``data/guides/*.yml`` into guides, and says in Swedish what is wrong, all of it at once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Tuple

from lotsen.content.located_yaml import Document, read_yaml
from lotsen.content.problems import ContentError, Problem
from lotsen.guides.model import Guide, Step
from lotsen.guides.reader import Reader
from lotsen.guides.said import EQUIPMENT
from lotsen.guides.step_reader import StepReader
from lotsen.guides.structure import Names, structural_problems

GUIDE_FIELDS: Mapping[str, str] = {
    "id": "Guidens namn, samma som filens och som frågans.",
    "title": "Det användaren ser överst. Det blir också problemet i ärendet.",
    "intro": "Ett par meningar före första steget. Får utelämnas.",
    "errors": "Felmeddelanden som guiden är till för. Ett nytt sådant byter guide. Får utelämnas.",
    "lacking": "Vad användaren kan sakna (ord ur `equipment`), och steget det leder till. Får utelämnas.",
    "steps": "Stegen, i ordning.",
}
"""The fields of a guide, with what a content owner reads about them."""


def load_guides(folder: Path) -> Dict[str, Guide]:
    """Read every guide in ``folder``, by id. What their steps name beside it is in the files around the folder.

    Raises:
        ContentError: with every problem in every file.
    """
    problems: List[Problem] = []
    guides: Dict[str, Guide] = {}
    documents: Dict[str, Document] = {}
    files = sorted(folder.glob("*.yml"))
    for path in files:
        try:
            document = read_yaml(path)
        except ContentError as error:
            problems += error.problems
            continue
        reader = Reader(document)
        guide = _guide(reader, path.stem)
        problems += reader.problems
        if guide is not None:
            guides[guide.id] = guide
            documents[guide.id] = document
    problems += structural_problems(guides, documents, {path.stem for path in files}, _names(folder.parent))
    if problems:
        raise ContentError(problems)
    return guides


def _names(content: Path) -> Names:
    """Return what steps may name; a file that cannot be read has its own problems, told where it is loaded."""
    asked, entities = content / "facts.yml", content / "entities.yml"
    facts = _keys(asked, ())
    values = {name: _keys(asked, (name, "options")) | _keys(entities, (name,)) for name in facts}
    return Names(facts, _keys(content / "targets.yml", ()), _keys(entities, (EQUIPMENT,)), values)


def _keys(path: Path, within: Tuple[str, ...]) -> FrozenSet[str]:
    """Return the names on one level of a file, none if they cannot be read."""
    try:
        data = read_yaml(path).data if path.exists() else None
    except ContentError:
        return frozenset()
    for key in within:
        data = data.get(key) if isinstance(data, dict) else None
    return frozenset(data) if isinstance(data, dict) else frozenset()


def _guide(reader: Reader, stem: str) -> Optional[Guide]:
    """Return the guide of one document, or None if it has problems."""
    data = reader.document.data
    if not isinstance(data, dict):
        reader.wrong("Filen är tom eller ingen guide. Den ska ha fälten id, title och steps.")
        return None
    reader.unknown(data, GUIDE_FIELDS, ())
    guide_id = reader.text(data, "id", ())
    if guide_id and guide_id != stem:
        reader.wrong(f"Guiden heter '{guide_id}' men filen '{stem}.yml'. De ska heta lika.", "id")
    title = reader.text(data, "title", ())
    intro = reader.optional(data, "intro", ()) or ""
    errors = reader.texts(data, "errors", ())
    lacking = reader.pairs(data, "lacking", ())
    steps = _steps(reader, data.get("steps"))
    if reader.problems:
        return None
    return Guide(guide_id, title, steps, intro, errors, MappingProxyType(lacking), _digest(data))


def _steps(reader: Reader, listed: Any) -> Tuple[Step, ...]:
    """Read the list of steps."""
    if not isinstance(listed, list) or not listed:
        reader.wrong("Guiden har inga steg. Skriv en lista under 'steps'.", "steps")
        return ()
    steps = StepReader(reader)
    read = [steps.step(item, ("steps", index)) for index, item in enumerate(listed)]
    seen: Dict[str, int] = {}
    for index, step in enumerate(read):
        if step is None:
            continue
        if step.id in seen:
            reader.wrong(f"Steget '{step.id}' finns två gånger. Byt id på det ena.", "steps", index, "id")
        seen[step.id] = index
    return tuple(step for step in read if step is not None)


def _digest(data: Any) -> str:
    """Return a hash of what the file says, whatever its layout and comments."""
    written = json.dumps(data, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()[:16]
