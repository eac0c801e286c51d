"""``lotsen check``: all content at once, across files, each fault with its place. Texts are Swedish: owners read them.

What Rasa itself checks (stories, slots, responses that no rule uses) is left to ``rasa data validate``; ``make check``
runs both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Iterator, List, Set

from lotsen.content.answer_checks import wrong_links, wrong_payloads
from lotsen.content.catalogue import load_targets
from lotsen.content.clarify import load_clarifications, unknown_intents
from lotsen.content.example_checks import (
    all_examples,
    leaks,
    near_duplicates,
    personal_numbers,
    shared_examples,
    thin_intents,
    thin_refusals,
)
from lotsen.content.examples import Example
from lotsen.content.located_yaml import Document, read_yaml
from lotsen.content.problems import ContentError, Problem, shown
from lotsen.content.question_checks import domain_names, missing_questions, wrong_menu, wrong_questions
from lotsen.content.similarity import Sentences
from lotsen.content.texts import load_texts
from lotsen.content.training_file import FOLDERS, Pressed, TrainingFile, pressed, read_training_file
from lotsen.content.words import read_words
from lotsen.guides.facts import load_facts
from lotsen.guides.language import language_problems
from lotsen.guides.loader import load_guides

TESTS = Path("tests") / "understanding"
"""Where the test sets are, from the root."""


def check_content(root: Path, folder: Path) -> List[Problem]:
    """Return every fault in the content below ``folder``, by place; ``root`` has ``domain.yml`` and the test sets."""
    problems: List[Problem] = []
    domain = _read_domain(root / "domain.yml", problems)
    files = read_training_files(folder, problems)
    for load, path in (
        (load_guides, folder / "guides"),
        (load_texts, folder / "texts.yml"),
        (load_clarifications, folder / "clarify.yml"),
        (load_facts, folder / "facts.yml"),
        (load_targets, folder / "targets.yml"),
    ):
        try:
            load(path)
        except ContentError as error:
            problems += error.problems
    problems += language_problems(folder / "guides")
    intents = domain_names(domain, "intents", problems) if domain else {}
    problems += wrong_file_names(folder)
    problems += _wrong_files(files, set(intents), folder)
    problems += _wrong_examples(all_examples(files), root)
    if domain is not None:
        problems += _wrong_words(folder / "entities.yml", set(domain_names(domain, "entities", problems)))
        problems += missing_questions(domain, intents, files)
        problems += unknown_intents(folder / "clarify.yml", set(intents))
    return sorted(set(problems))


def read_training_files(folder: Path, problems: List[Problem]) -> List[TrainingFile]:
    """Read the files with examples, in order; what is wrong with them is added to ``problems``."""
    paths = sorted(path for name in FOLDERS for path in (folder / name).glob("*.yml"))
    read = (read_training_file(path, problems) for path in paths)
    return [file for file in read if file is not None]


def examples_in(folder: Path) -> List[Example]:
    """Return every example that can be read; for those who do not ask what is wrong."""
    return all_examples(read_training_files(folder, []))


def wrong_file_names(folder: Path) -> Iterator[Problem]:
    """Find files that nobody would read because of how their name ends."""
    for path in sorted(path for name in ("guides", *FOLDERS) for path in (folder / name).glob("*")):
        if path.suffix.lower() in (".yaml", ".yml") and path.suffix != ".yml":
            message = f"Lotsen läser bara filer som slutar på .yml. Döp om filen till '{path.stem}.yml'."
            yield Problem(shown(path), 1, message)


def _wrong_files(files: List[TrainingFile], intents: Set[str], folder: Path) -> Iterator[Problem]:
    """Find what is wrong with questions, answers and buttons."""
    variants = [variant for file in files for variant in file.variants]
    guides = {path.stem for path in (folder / "guides").glob("*.yml")}
    yield from wrong_questions(files, intents, guides)
    yield from wrong_menu(files)
    yield from thin_intents(files)
    yield from thin_refusals(files)
    yield from wrong_links(variants)
    buttons = [button for variant in variants for button in variant.buttons]
    yield from wrong_payloads([*buttons, *_buttons_of_texts(folder / "texts.yml")], intents)


def _wrong_examples(examples: List[Example], root: Path) -> Iterator[Problem]:
    """Find what is wrong with the examples themselves."""
    sentences = Sentences([example.text for example in examples])
    yield from personal_numbers(examples)
    yield from shared_examples(examples)
    yield from near_duplicates(examples, sentences)
    yield from leaks(examples, sentences, root / TESTS)


def _read_domain(path: Path, problems: List[Problem]) -> Document | None:
    """Read ``domain.yml``; if that fails, add why to ``problems``."""
    try:
        document = read_yaml(path)
    except ContentError as error:
        problems += error.problems
        return None
    if not isinstance(document.data, dict):
        problems.append(document.problem("Filen är tom. Den ska ha bland annat 'intents:' och 'entities:'."))
        return None
    return document


def _buttons_of_texts(path: Path) -> Iterator[Pressed]:
    """Yield the buttons of ``texts.yml``; ``load_texts`` tells what else is wrong there."""
    try:
        document = read_yaml(path)
    except ContentError:
        return
    for name, text in document.data.items() if isinstance(document.data, dict) else ():
        if isinstance(text, dict):
            yield from pressed(document, text.get("buttons"), name, "buttons")


def _wrong_words(path: Path, entities: Set[str]) -> List[Problem]:
    """Find faults in ``entities.yml``, and entities that the domain does not know."""
    try:
        words = read_words(path)
    except ContentError as error:
        return list(error.problems)
    document = read_yaml(path)
    return [
        document.problem(f"'{name}' finns inte under entities i domain.yml. Lägg till det där.", name)
        for name in words
        if name not in entities
    ]
