"""Reading one step of a guide's document."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any, Dict, List, Mapping, Optional, Tuple

from lotsen.content.problems import did_you_mean
from lotsen.guides.model import FAILED, SOLVED, Answer, Help, Status, Step, StepKind, Variant
from lotsen.guides.notes import FORMATS
from lotsen.guides.reader import Reader, Where

_HELP = ("why", "how", "see", "if_not")
_COMMON = {"id", "kind", "text", "extra", "variants", "ask", "said", "once", "undoes", "counted", "ends_chat", *_HELP}
_OWN_FIELDS: Mapping[StepKind, set[str]] = {
    StepKind.DO: set(),
    StepKind.CHECK: {"answers", "if_skipped"},
    StepKind.CHOOSE: {"answers", "fact"},
    StepKind.WAIT: {"minutes"},
    StepKind.NOTE: {"fact", "format"},
    StepKind.INCLUDE: {"guide"},
    StepKind.END: {"outcome", "reason", "target"},
}
"""The fields that only some kinds have."""
STEP_FIELDS: Mapping[StepKind, set[str]] = {
    kind: ({"id", "kind", "text", "counted"} if kind is StepKind.END else _COMMON) | own
    for kind, own in _OWN_FIELDS.items()
}
ANSWER_FIELDS: Mapping[StepKind, set[str]] = {
    StepKind.CHECK: {"title", "next", "said"},
    StepKind.CHOOSE: {"title", "next", "said", "value"},
}
VARIANT_FIELDS = {"when", "text", "extra", *_HELP}
_ID = re.compile(r"[a-z][a-z0-9_]*")
OUTCOMES = (Status.RESOLVED.value, Status.HANDOFF.value)


class StepReader:
    """Reads steps with a reader, which collects the problems."""

    def __init__(self, reader: Reader) -> None:
        """Use ``reader``."""
        self._reader = reader

    def step(self, item: Any, path: Where) -> Optional[Step]:
        """Return a step, or None if something is wrong with it."""
        reader = self._reader
        if not isinstance(item, dict):
            reader.wrong("Ett steg ska ha fälten id, kind och text.", *path)
            return None
        before = len(reader.problems)
        step_id = reader.text(item, "id", path)
        if step_id and not _ID.fullmatch(step_id):
            reader.wrong(f"Id '{step_id}': skriv små bokstäver a-z, siffror och understreck.", *path, "id")
        kind = self._kind(item, path)
        text = reader.text(item, "text", path)
        if kind is None:
            return None
        reader.unknown(item, STEP_FIELDS[kind], path)
        help, extra = self._help(item, path)
        counted = reader.choice(item, "counted", ("true", "false"), path)
        step = Step(
            step_id,
            kind,
            text,
            help=help,
            extra=extra,
            variants=self._variants(item.get("variants"), (*path, "variants")),
            ask=reader.optional(item, "ask", path),
            said=reader.texts(item, "said", path),
            once=reader.optional(item, "once", path),
            undoes=reader.texts(item, "undoes", path),
            ends_chat=reader.choice(item, "ends_chat", ("true", "false"), path) == "true",
            answers=self._answers(item.get("answers"), kind, (*path, "answers")),
            if_skipped=reader.optional(item, "if_skipped", path),
            fact=self._fact(item, kind, path),
            format=reader.choice(item, "format", FORMATS, path),
            minutes=self._minutes(item, path) if kind is StepKind.WAIT else 0.0,
            guide=reader.text(item, "guide", path) if kind is StepKind.INCLUDE else None,
            outcome=self._outcome(item, path) if kind is StepKind.END else None,
            reason=reader.optional(item, "reason", path),
            target=reader.optional(item, "target", path),
            counted=counted != "false",
        )
        return step if len(reader.problems) == before else None

    def _kind(self, item: Dict[str, Any], path: Where) -> Optional[StepKind]:
        written = self._reader.text(item, "kind", path)
        kinds = {kind.value: kind for kind in StepKind}
        if written and written not in kinds:
            self._reader.wrong(f"Okänd sorts steg: '{written}'.{did_you_mean(written, kinds)}", *path, "kind")
        return kinds.get(written)

    def _help(self, item: Mapping[str, Any], path: Where) -> Tuple[Help, frozenset[str]]:
        """Read the help on the step itself, which the source gives, and that below ``extra``, which it does not."""
        own = {name: self._reader.texts(item, name, path) for name in _HELP}
        extra: Any = item.get("extra", {})
        more: Dict[str, Tuple[str, ...]] = {}
        if not isinstance(extra, dict) or ("extra" in item and not extra):
            self._reader.wrong(f"Under 'extra' ska det stå något av: {', '.join(_HELP)}.", *path, "extra")
        else:
            self._reader.unknown(extra, _HELP, (*path, "extra"))
            more = {name: self._reader.texts(extra, name, (*path, "extra")) for name in _HELP if name in extra}
        for name in more:
            if own[name]:
                self._reader.wrong(f"'{name}' står både på steget och under 'extra'. Ta bort det ena.", *path, name)
        parts = {**own, **more}
        help = Help(" ".join(parts["why"]), parts["how"], " ".join(parts["see"]), " ".join(parts["if_not"]))
        return help, frozenset(more)

    def _variants(self, written: Any, path: Where) -> Tuple[Variant, ...]:
        if written is None:
            return ()
        if not isinstance(written, list) or not all(isinstance(item, dict) for item in written):
            self._reader.wrong("'variants' ska vara en lista: '- when: {browser: Edge}' och texten under.", *path)
            return ()
        variants: List[Variant] = []
        for index, item in enumerate(written):
            here = (*path, index)
            self._reader.unknown(item, VARIANT_FIELDS, here)
            when = self._reader.pairs(item, "when", here)
            if not when:
                self._reader.wrong("En variant ska säga när den gäller: 'when: {browser: Edge}'.", *here, "when")
            help, extra = self._help(item, here)
            text = self._reader.optional(item, "text", here) or ""
            variants.append(Variant(MappingProxyType(when), text, help, extra))
        return tuple(variants)

    def _answers(self, written: Any, kind: StepKind, path: Where) -> Mapping[str, Answer]:
        if written is None or kind not in ANSWER_FIELDS:
            return MappingProxyType({})
        if not isinstance(written, dict) or not written:
            self._reader.wrong("'answers' ska vara en lista med svar, till exempel 'solved: {title: Det gick}'.", *path)
            return MappingProxyType({})
        answers: Dict[str, Answer] = {}
        for name, answer in written.items():
            here = (*path, name)
            if not _ID.fullmatch(name):
                self._reader.wrong(f"Svaret '{name}': skriv små bokstäver a-z, siffror och understreck.", *here)
            elif kind is StepKind.CHOOSE and name in (SOLVED, FAILED):
                self._reader.wrong(f"Ett val kan inte heta '{name}'. Det är svaret på om något hjälpte.", *here)
            elif not isinstance(answer, dict):
                self._reader.wrong("Svaret ska ha 'title' (knappens text) och kan ha 'next' (stegets id).", *here)
            else:
                self._reader.unknown(answer, ANSWER_FIELDS[kind], here)
                answers[name] = Answer(
                    self._reader.text(answer, "title", here),
                    self._reader.optional(answer, "next", here),
                    self._reader.optional(answer, "value", here) or "",
                    self._reader.texts(answer, "said", here),
                )
        return MappingProxyType(answers)

    def _fact(self, item: Mapping[str, Any], kind: StepKind, path: Where) -> Optional[str]:
        """Return the fact that is found out; a choice must have one, as it is there for that."""
        return (
            self._reader.text(item, "fact", path)
            if kind is StepKind.CHOOSE
            else self._reader.optional(item, "fact", path)
        )

    def _minutes(self, item: Mapping[str, Any], path: Where) -> float:
        """Return how long to wait."""
        written = self._reader.text(item, "minutes", path)
        try:
            minutes = float(written.replace(",", ".")) if written else 1.0
        except ValueError:
            minutes = 0.0
        if not 0 < minutes <= 60:
            self._reader.wrong(f"'minutes' är '{written}'. Skriv ett tal över 0 och högst 60.", *path, "minutes")
        return minutes

    def _outcome(self, item: Mapping[str, Any], path: Where) -> Optional[Status]:
        if "outcome" not in item:
            self._reader.text(item, "outcome", path)
            return None
        written = self._reader.text(item, "outcome", path)
        if written and written not in OUTCOMES:
            self._reader.wrong(f"Okänt slut: '{written}'.{did_you_mean(written, OUTCOMES)}", *path, "outcome")
            return None
        return Status(written) if written else None
