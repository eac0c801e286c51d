"""Reads ``data/guides/*.yml`` into guides, and says in Swedish what is wrong, all of it at once."""

from __future__ import annotations

import re
from pathlib import Path
from types import MappingProxyType
from typing import Any, Dict, List, Mapping, Optional, Tuple

from lotsen.content.located_yaml import Document, Key, read_yaml
from lotsen.content.problems import ContentError, Problem, did_you_mean
from lotsen.guides.model import Answer, Guide, Reply, Status, Step, StepKind
from lotsen.guides.structure import structural_problems
from lotsen.guides.walker import REPLIES

_GUIDE_FIELDS = {"id", "title", "intro", "steps"}
_COMMON = {"id", "kind", "text"}
_STEP_FIELDS: Mapping[StepKind, set[str]] = {
    StepKind.DO: _COMMON | {"answers"},
    StepKind.CHECK: _COMMON | {"answers"},
    StepKind.INCLUDE: _COMMON | {"guide"},
    StepKind.END: _COMMON | {"outcome", "reason", "counted"},
}
_ID = re.compile(r"[a-z][a-z0-9_]*")
_OUTCOMES = (Status.RESOLVED.value, Status.HANDOFF.value)
_ANSWER_FIELDS = {"title", "next"}


def load_guides(folder: Path) -> Dict[str, Guide]:
    """Read every guide in ``folder``, by id.

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
        reader = _Reader(document)
        guide = reader.guide(path.stem)
        problems += reader.problems
        if guide is not None:
            guides[guide.id] = guide
            documents[guide.id] = document
    problems += structural_problems(guides, documents, {path.stem for path in files})
    if problems:
        raise ContentError(problems)
    return guides


class _Reader:
    """Turns one document into a guide, collecting problems instead of stopping at the first."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.problems: List[Problem] = []

    def guide(self, stem: str) -> Optional[Guide]:
        """Return the guide, or None if it has problems."""
        data = self._document.data
        if not isinstance(data, dict):
            self._wrong("Filen är tom eller ingen guide. Den ska ha fälten id, title och steps.")
            return None
        self._unknown(data, _GUIDE_FIELDS, ())
        guide_id = self._text(data, "id", ())
        if guide_id and guide_id != stem:
            self._wrong(f"Guiden heter '{guide_id}' men filen '{stem}.yml'. De ska heta lika.", "id")
        title = self._text(data, "title", ())
        intro = self._optional(data, "intro", ())
        steps = self._steps(data.get("steps"))
        if self.problems:
            return None
        return Guide(guide_id, title, steps, intro or "")

    def _steps(self, listed: Any) -> Tuple[Step, ...]:
        if not isinstance(listed, list) or not listed:
            self._wrong("Guiden har inga steg. Skriv en lista under 'steps'.", "steps")
            return ()
        steps = [self._step(item, index) for index, item in enumerate(listed)]
        seen: Dict[str, int] = {}
        for index, step in enumerate(steps):
            if step is None:
                continue
            if step.id in seen:
                self._wrong(f"Steget '{step.id}' finns två gånger. Byt id på det ena.", "steps", index, "id")
            seen[step.id] = index
        return tuple(step for step in steps if step is not None)

    def _step(self, item: Any, index: int) -> Optional[Step]:
        path: Tuple[Key, ...] = ("steps", index)
        if not isinstance(item, dict):
            self._wrong("Ett steg ska ha fälten id, kind och text.", *path)
            return None
        before = len(self.problems)
        step_id = self._text(item, "id", path)
        if step_id and not _ID.fullmatch(step_id):
            self._wrong(f"Id '{step_id}': skriv små bokstäver a-z, siffror och understreck.", *path, "id")
        kind = self._kind(item, path)
        text = self._text(item, "text", path)
        if kind is None:
            return None
        self._unknown(item, _STEP_FIELDS[kind], path)
        guide = self._text(item, "guide", path) if kind is StepKind.INCLUDE else None
        outcome = self._outcome(item, path) if kind is StepKind.END else None
        answers = self._answers(item.get("answers"), kind, (*path, "answers"))
        reason = self._optional(item, "reason", path)
        counted = item.get("counted", "true")
        if counted not in ("true", "false"):
            self._wrong("'counted' ska vara true eller false.", *path, "counted")
        if len(self.problems) > before:
            return None
        return Step(step_id, kind, text, guide, answers, outcome, reason, counted == "true")

    def _kind(self, item: Dict[str, Any], path: Tuple[Key, ...]) -> Optional[StepKind]:
        written = self._text(item, "kind", path)
        kinds = {kind.value: kind for kind in StepKind}
        if written and written not in kinds:
            self._wrong(f"Okänd sorts steg: '{written}'.{did_you_mean(written, kinds)}", *path, "kind")
        return kinds.get(written)

    def _outcome(self, item: Dict[str, Any], path: Tuple[Key, ...]) -> Optional[Status]:
        written = self._text(item, "outcome", path)
        if written and written not in _OUTCOMES:
            self._wrong(f"Okänt slut: '{written}'.{did_you_mean(written, _OUTCOMES)}", *path, "outcome")
            return None
        return Status(written) if written else None

    def _answers(self, written: Any, kind: StepKind, path: Tuple[Key, ...]) -> Mapping[Reply, Answer]:
        if written is None:
            return MappingProxyType({})
        if not isinstance(written, dict) or not written:
            self._wrong("'answers' ska vara en lista med svar, till exempel 'solved: {title: Det gick}'.", *path)
            return MappingProxyType({})
        allowed = {reply.value: reply for reply in REPLIES[kind]}
        answers: Dict[Reply, Answer] = {}
        for name, answer in written.items():
            if name not in allowed:
                self._wrong(f"Okänt svar: '{name}'.{did_you_mean(name, allowed)}", *path, name)
            elif not isinstance(answer, dict):
                self._wrong("Svaret ska ha 'title' (knappens text) och kan ha 'next' (stegets id).", *path, name)
            else:
                self._unknown(answer, _ANSWER_FIELDS, (*path, name))
                title = self._text(answer, "title", (*path, name))
                answers[allowed[name]] = Answer(title, self._optional(answer, "next", (*path, name)))
        return MappingProxyType(answers)

    def _text(self, mapping: Dict[str, Any], name: str, path: Tuple[Key, ...]) -> str:
        """Return the text of a field that must be there."""
        value = mapping.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        missing = "saknas" if name not in mapping else "är tomt"
        self._wrong(f"Fältet '{name}' {missing}. Skriv '{name}: ...'.", *path, name)
        return ""

    def _optional(self, mapping: Dict[str, Any], name: str, path: Tuple[Key, ...]) -> Optional[str]:
        """Return the text of a field that may be left out."""
        return self._text(mapping, name, path) if name in mapping else None

    def _unknown(self, mapping: Dict[str, Any], known: set[str], path: Tuple[Key, ...]) -> None:
        for name in mapping:
            if name not in known:
                self._wrong(f"Okänt fält: '{name}'.{did_you_mean(name, known)}", *path, name)

    def _wrong(self, message: str, *path: Key) -> None:
        self.problems.append(self._document.problem(message, *path))
