"""``lotsen check``: all content at once, across files, each fault with its place. Texts are Swedish: owners read them.

What Rasa itself checks (stories, slots, responses that no rule uses) is left to ``rasa data validate``; ``make check``
runs both.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set, Tuple

from lotsen.content.located_yaml import Document, read_yaml
from lotsen.content.problems import ContentError, Problem, did_you_mean
from lotsen.content.texts import load_texts
from lotsen.content.words import read_words
from lotsen.guides.loader import load_guides
from lotsen.privacy.masking import mask
from lotsen.understanding.text import normalise

MIN_EXAMPLES = 25
_PAYLOAD_INTENT = re.compile(r"/([a-z0-9_]+)")
_LINK = re.compile(r"\]\((?P<target>[^)]*)\)")
_SAFE_LINK = re.compile(r"https?://\S+$|mailto:\S+$|tel:\S+$")


def check_content(root: Path, folder: Path) -> List[Problem]:
    """Return every fault in the content below ``folder``, by place; ``root`` has ``domain.yml``."""
    problems: List[Problem] = []
    domain = _read(root / "domain.yml", problems)
    documents = [
        document
        for path in sorted([*(folder / "faq").glob("*.yml"), *(folder / "conversation").glob("*.yml")])
        if (document := _read(path, problems)) is not None
    ]
    for load, path in ((load_guides, folder / "guides"), (load_texts, folder / "texts.yml")):
        try:
            load(path)
        except ContentError as error:
            problems += error.problems
    guides = {path.stem for path in (folder / "guides").glob("*.yml")}
    intents: Set[str] = set(domain.data.get("intents", ())) if domain else set()
    if domain is not None:
        problems += _wrong_words(folder / "entities.yml", domain)
    problems += _wrong_payloads(documents, folder / "texts.yml", intents)
    problems += _shared_examples(documents)
    for document in documents:
        is_faq = Path(document.file).parent.name == "faq"
        problems += _wrong_questions(document, intents, guides, is_faq)
        problems += _wrong_links(document)
    if domain is not None:
        problems += _missing_questions(domain, documents)
    return sorted(set(problems))


def _read(path: Path, problems: List[Problem]) -> Document | None:
    """Read one file; if that fails, add why to ``problems``."""
    try:
        document = read_yaml(path)
    except ContentError as error:
        problems += error.problems
        return None
    if not isinstance(document.data, dict):
        problems.append(document.problem("Filen är tom. Se de andra filerna i mappen för hur den ska se ut."))
        return None
    return document


def _questions(document: Document) -> Iterator[Tuple[int, Dict[str, Any]]]:
    """Yield each entry under ``nlu`` that is an intent, with its place in the list."""
    for index, entry in enumerate(document.data.get("nlu") or ()):
        if isinstance(entry, dict) and "intent" in entry:
            yield index, entry


def _examples(document: Document, index: int, entry: Dict[str, Any]) -> Iterator[Tuple[int, str]]:
    """Yield the examples of an intent, each with its line."""
    first = document.line("nlu", index, "examples")
    for offset, line in enumerate(str(entry.get("examples") or "").splitlines(), start=1):
        if line.strip():
            yield first + offset, line.strip().removeprefix("-").strip()


def _wrong_questions(document: Document, intents: Set[str], guides: Set[str], is_faq: bool) -> Iterator[Problem]:
    """Find questions that the domain does not know, or that lack a title, examples, an answer or a rule."""
    responses = document.data.get("responses") or {}
    ruled = {
        step["intent"]
        for rule in document.data.get("rules") or ()
        for listed in rule.get("steps") or ()
        for step in listed.get("or", [listed])
        if "intent" in step
    }
    sections = set()
    for index, entry in _questions(document):
        name = entry["intent"]
        place = ("nlu", index, "intent")
        if name not in intents:
            hint = did_you_mean(name, intents) if intents else ""
            yield document.problem(f"'{name}' finns inte under intents i domain.yml. Lägg till det där.{hint}", *place)
        examples = list(_examples(document, index, entry))
        if len(examples) < MIN_EXAMPLES:
            message = f"'{name}' har {len(examples)} exempel. Skriv minst {MIN_EXAMPLES}, så olika som möjligt."
            yield document.problem(message, *place)
        for line, example in examples:
            if mask(example) != example:
                message = "Exemplet ser ut att ha ett personnummer. Skriv [personnummer] i stället."
                yield Problem(document.file, line, message)
        if name not in ruled:
            message = f"'{name}' har ingen regel. Skriv under 'rules' vad boten ska göra då."
            yield document.problem(message, *place)
        if is_faq:
            metadata = entry.get("metadata") or {}
            for field in ("title", "section"):
                if not metadata.get(field):
                    message = f"'{name}' saknar '{field}' under 'metadata'. Det visas i menyn."
                    yield document.problem(message, *place)
            sections.add(metadata.get("section"))
            if name not in guides and f"utter_{name}" not in responses:
                message = f"'{name}' har varken svar (utter_{name} under 'responses') eller guide (guides/{name}.yml)."
                yield document.problem(message, *place)
    if len(sections) > 1:
        names = ", ".join(sorted(str(section) for section in sections))
        yield document.problem(f"Filen har frågor från flera avsnitt ({names}). Ett avsnitt i varje fil.", "nlu")


def _shared_examples(documents: List[Document]) -> Iterator[Problem]:
    """Find examples that stand twice, in one intent or in two."""
    seen: Dict[str, Tuple[str, str]] = {}
    for document in documents:
        for index, entry in _questions(document):
            for line, example in _examples(document, index, entry):
                place, where = f"{document.file}:{line}", entry["intent"]
                key = normalise(example)
                if key in seen:
                    other, intent = seen[key]
                    message = f"Exemplet finns redan för '{intent}' ({other}). Ta bort det ena."
                    yield Problem(document.file, line, message)
                else:
                    seen[key] = (place, where)


def _wrong_links(document: Document) -> Iterator[Problem]:
    """Find links in answers that the chat would not open."""
    for name, variants in (document.data.get("responses") or {}).items():
        for index, variant in enumerate(variants):
            text = str(variant.get("text") or "")
            for link in _LINK.finditer(text):
                if not _SAFE_LINK.match(link["target"]):
                    message = f"Länken '{link['target']}' ska börja med https://, mailto: eller tel:."
                    first = document.line("responses", name, index, "text")
                    below = 1 + text[: link.start()].count("\n") if "\n" in text else 0
                    yield Problem(document.file, first + below, message)


def _wrong_payloads(documents: List[Document], texts: Path, intents: Set[str]) -> Iterator[Problem]:
    """Find buttons that lead nowhere."""
    found: List[Tuple[Document, Tuple[Any, ...], str]] = []
    for document in documents:
        for name, variants in (document.data.get("responses") or {}).items():
            for index, variant in enumerate(variants):
                for place, button in enumerate(variant.get("buttons") or ()):
                    path = ("responses", name, index, "buttons", place)
                    found.append((document, path, str(button.get("payload"))))
    unread: List[Problem] = []
    written = _read(texts, unread)
    for name, text in written.data.items() if written else ():
        buttons = text.get("buttons") if isinstance(text, dict) else None
        for place, button in enumerate(buttons or ()):
            if written is not None and isinstance(button, dict):
                found.append((written, (name, "buttons", place), str(button.get("payload"))))
    for document, path, payload in found:
        named = _PAYLOAD_INTENT.match(payload)
        if named is None or named[1] not in intents:
            known = [f"/{intent}" for intent in intents]
            message = f"Knappen leder till '{payload}', som inte finns.{did_you_mean(payload, known)}"
            yield document.problem(message, *path)


def _wrong_words(path: Path, domain: Document) -> List[Problem]:
    """Find faults in ``entities.yml``, and entities that the domain does not know."""
    try:
        words = read_words(path)
    except ContentError as error:
        return list(error.problems)
    known = set(domain.data.get("entities") or ())
    document = read_yaml(path)
    return [
        document.problem(f"'{name}' finns inte under entities i domain.yml. Lägg till det där.", name)
        for name in words
        if name not in known
    ]


def _missing_questions(domain: Document, documents: List[Document]) -> Iterator[Problem]:
    """Find intents of the domain that have no examples anywhere."""
    written = {entry["intent"] for document in documents for _, entry in _questions(document)}
    for index, intent in enumerate(domain.data.get("intents") or ()):
        if intent not in written:
            message = (
                f"'{intent}' har inga exempel i data/faq eller data/conversation. Skriv dem, eller ta bort det här."
            )
            yield domain.problem(message, "intents", index)
