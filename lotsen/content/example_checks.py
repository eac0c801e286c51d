"""Whether the examples are many, different and fit to learn from, and the test sentences unknown to the model."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, Sequence, Set, Tuple

from lotsen.content.examples import Example, read_sentences
from lotsen.content.problems import Problem
from lotsen.content.question_checks import first_blocks
from lotsen.content.similarity import Sentences
from lotsen.content.training_file import TrainingFile
from lotsen.privacy.masking import mask
from lotsen.understanding.decision import is_out_of_scope
from lotsen.understanding.text import fold, normalise

MIN_FAQ_EXAMPLES = 70
"""A question of the FAQ is told from forty others, some of them close; issue 3 sets the number."""
MIN_EXAMPLES = 25
"""Enough for what is said in few ways: a greeting, a word inside a guide."""
MIN_REFUSED = 900
"""The out-of-scope intents together. The world outside the FAQ is larger than any question in it (issue 3)."""
MIN_SUBJECTS = 30
"""What the refused examples are about. Many examples of few subjects teach no more than those subjects (issue 3)."""
SUBJECT = "subject"

TEST_SETS = ("development",)
"""The folders in ``tests/understanding`` whose sentences must be unknown to the model."""


def all_examples(files: Iterable[TrainingFile]) -> List[Example]:
    """Return the examples of all files, in order."""
    return [example for file in files for block in file.blocks for example in block.examples]


def thin_intents(files: Sequence[TrainingFile]) -> Iterator[Problem]:
    """Find intents with too few examples, counted over all their blocks."""
    counts = Counter(example.intent for example in all_examples(files))
    faq = {block.intent for file in files if file.folder == "faq" for block in file.blocks}
    for name, block in first_blocks(files).items():
        wanted = MIN_FAQ_EXAMPLES if name in faq else MIN_EXAMPLES
        if counts[name] < wanted:
            message = f"'{name}' har {counts[name]} exempel. Skriv minst {wanted}, så olika som möjligt."
            yield block.problem(message)


def thin_refusals(files: Sequence[TrainingFile]) -> Iterator[Problem]:
    """Find out-of-scope examples without a subject, and too few examples or subjects in all. None at all is right."""
    blocks = [block for file in files for block in file.blocks if is_out_of_scope(block.intent)]
    for block in blocks:
        if not block.metadata.get(SUBJECT):
            message = f"'{block.intent}' saknar '{SUBJECT}' under 'metadata'. Skriv vad exemplen handlar om, ett ord."
            yield block.problem(message)
    if not blocks:
        return
    examples = sum(len(block.examples) for block in blocks)
    subjects = len({block.metadata[SUBJECT] for block in blocks if block.metadata.get(SUBJECT)})
    if examples < MIN_REFUSED:
        message = (
            f"Det som Lotsen inte svarar på har {examples} exempel i alla filer tillsammans. Skriv minst {MIN_REFUSED}."
        )
        yield blocks[0].problem(message)
    if subjects < MIN_SUBJECTS:
        message = f"Det som Lotsen inte svarar på har {subjects} ämnen ('{SUBJECT}'). Skriv om minst {MIN_SUBJECTS}."
        yield blocks[0].problem(message)


def personal_numbers(examples: Iterable[Example]) -> Iterator[Problem]:
    """Find examples with a personal identity number."""
    for example in examples:
        if mask(example.text) != example.text:
            yield example.problem("Exemplet ser ut att ha ett personnummer. Skriv [personnummer] i stället.")


def shared_examples(examples: Iterable[Example]) -> Iterator[Problem]:
    """Find examples that stand twice, in one intent or in two."""
    seen: Dict[str, Example] = {}
    for example in examples:
        first = seen.setdefault(normalise(example.text), example)
        if first is not example:
            yield example.problem(f"Exemplet finns redan för '{first.intent}' ({first.place}). Ta bort det ena.")


def near_duplicates(examples: Sequence[Example], sentences: Sentences) -> Iterator[Problem]:
    """Find examples that are nearly the same as one of another intent; ``sentences`` are the examples' texts."""
    for place, example in enumerate(examples):
        told: Set[str] = {example.intent}
        for index in sentences.like(example.text):
            other = examples[index]
            same = normalise(other.text) == normalise(example.text)  # told by shared_examples
            if index < place and other.intent not in told and not same:
                told.add(other.intent)
                yield example.problem(
                    f"Exemplet är nästan samma som '{other.text}' för '{other.intent}' ({other.place}). "
                    "Ta bort det ena, eller skriv det som skiljer frågorna åt."
                )


def leaks(examples: Sequence[Example], sentences: Sentences, tests: Path) -> List[Problem]:
    """Find examples that are the same as a test sentence, or nearly, and test sets that cannot be read.

    A test sentence that the model has seen tells nothing about those it has not. ``sentences`` are the examples'
    texts, ``tests`` is the folder of ``TEST_SETS``; a checkout without it has nothing to leak from.
    """
    problems: List[Problem] = []
    by_text: Dict[str, List[int]] = {}
    for index, example in enumerate(examples):
        by_text.setdefault(fold(normalise(example.text)), []).append(index)
    for wanted in (sentence for path in _test_sets(tests) for sentence in read_sentences(path, problems)):
        same = by_text.get(fold(normalise(wanted.text)), [])
        for index in sorted({*same, *sentences.like(wanted.text)}):
            likeness = "samma" if index in same else "nästan samma"
            problems.append(
                examples[index].problem(
                    f"Exemplet är {likeness} som testmeningen '{wanted.text}' ({wanted.place}). "
                    "Testet ska vara okänt för modellen: ta bort exemplet."
                )
            )
    return problems


def _test_sets(tests: Path) -> Tuple[Path, ...]:
    """Return the files of the test sets."""
    return tuple(path for name in TEST_SETS for path in sorted((tests / name).glob("*.yml")))
