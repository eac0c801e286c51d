"""Whether each question is whole: known to the domain, with a title, an answer and a rule; and the domain's others."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, List, Sequence, Set

from lotsen.content.examples import Block
from lotsen.content.located_yaml import Document
from lotsen.content.problems import Problem, did_you_mean
from lotsen.content.training_file import TrainingFile


def first_blocks(files: Iterable[TrainingFile]) -> Dict[str, Block]:
    """Return each intent with its first block: the place for what concerns the whole intent."""
    first: Dict[str, Block] = {}
    for file in files:
        for block in file.blocks:
            first.setdefault(block.intent, block)
    return first


def domain_names(domain: Document, field: str, problems: List[Problem]) -> Dict[str, int]:
    """Return the names listed under ``intents`` or ``entities``, each with its line."""
    listed = domain.data.get(field) or []
    if not isinstance(listed, list):
        problems.append(domain.problem(f"Efter '{field}:' ska namnen stå som en lista: '- namn'.", field))
        return {}
    names: Dict[str, int] = {}
    for index, entry in enumerate(listed):
        for name in entry if isinstance(entry, dict) else [str(entry)]:
            names[name] = domain.line(field, index)
    return names


def wrong_questions(files: Sequence[TrainingFile], intents: Set[str], guides: Set[str]) -> Iterator[Problem]:
    """Find questions that the domain does not know, or that lack a rule; those of the FAQ also without an answer."""
    ruled = frozenset[str]().union(*(file.ruled for file in files))
    answered = {variant.name for file in files for variant in file.variants}
    for name, block in first_blocks(files).items():
        if name not in ruled:
            yield block.problem(f"'{name}' har ingen regel. Skriv under 'rules' vad boten ska göra då.")
    for file in files:
        for block in file.blocks:
            name = block.intent
            if name not in intents:
                hint = did_you_mean(name, intents) if intents else ""
                yield block.problem(f"'{name}' finns inte under intents i domain.yml. Lägg till det där.{hint}")
            if file.folder == "faq" and name not in guides and f"utter_{name}" not in answered:
                message = f"'{name}' har varken svar (utter_{name} under 'responses') eller guide (guides/{name}.yml)."
                yield block.problem(message)


def wrong_menu(files: Iterable[TrainingFile]) -> Iterator[Problem]:
    """Find questions of the FAQ that the menu could not show, and files with questions of several sections."""
    for file in files:
        if file.folder != "faq":
            continue
        for block in file.blocks:
            for field in ("title", "section"):
                if not block.metadata.get(field):
                    yield block.problem(f"'{block.intent}' saknar '{field}' under 'metadata'. Det visas i menyn.")
        sections = sorted({str(block.metadata.get("section")) for block in file.blocks})
        if len(sections) > 1:
            message = f"Filen har frågor från flera avsnitt ({', '.join(sections)}). Ett avsnitt i varje fil."
            yield Problem(file.file, file.nlu_line, message)


def missing_questions(domain: Document, intents: Dict[str, int], files: Iterable[TrainingFile]) -> Iterator[Problem]:
    """Find intents of the domain that have no examples anywhere."""
    written = first_blocks(files)
    for intent, line in intents.items():
        if intent not in written:
            folders = "data/faq, data/conversation eller data/out_of_scope"
            message = f"'{intent}' har inga exempel i {folders}. Skriv dem, eller ta bort det här."
            yield Problem(domain.file, line, message)
