"""All examples of ``data/`` as they are on the disk, and the places where new ones may go; read when they change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Dict, List, Mapping, Sequence, Tuple

from lotsen.content.example_checks import SUBJECT, leaks, near_duplicates, personal_numbers, shared_examples
from lotsen.content.examples import Example
from lotsen.content.similarity import Sentences, telling_words
from lotsen.content.training_file import FOLDERS, TrainingFile, read_training_file
from lotsen.improvement.adding import Addition, Spot

KEPT = 2
"""So many states of the files are kept in memory: the present one, and one for who is half-way through a form."""
Stamp = Tuple[Tuple[str, int, int], ...]


@dataclass(frozen=True)
class Corpus:
    """The examples of every file, and a place for more of each intent and subject."""

    spots: Mapping[str, Spot]
    """By key: the intent, or the intent, a slash and the subject."""
    titles: Mapping[str, str]
    """The titles of the FAQ's questions, by intent."""
    examples: Tuple[Example, ...]
    keys: Tuple[str, ...]
    """The key of each example's spot."""
    sentences: Sentences

    def nearest_spot(self, intent: str, text: str) -> str:
        """Return the key for an intent; of several subjects the one whose examples share most words; empty if none."""
        keys = [key for key, spot in self.spots.items() if spot.intent == intent]
        if len(keys) < 2:
            return keys[0] if keys else ""
        words, best = set(telling_words(text)), dict.fromkeys(keys, 0.0)
        for example, key in zip(self.examples, self.keys, strict=True):
            if key in best:
                theirs = set(telling_words(example.text))
                best[key] = max(best[key], len(words & theirs) / (len(words | theirs) or 1))
        return max(keys, key=lambda key: best[key])

    def advice(self, additions: Sequence[Addition], tests: Path) -> Dict[Addition, List[str]]:
        """Return what speaks against each addition, in Swedish: it is advice, the owner decides.

        Checked as ``lotsen check`` does it: the same or nearly the same example in another intent, or twice; a sentence
        of the tests below ``tests``; a personal identity number.
        """
        new = [Example(one.spot.path, place, one.spot.intent, one.text) for place, one in enumerate(additions)]
        found: Dict[Addition, List[str]] = {addition: [] for addition in additions}
        leaked = leaks(new, Sentences([example.text for example in new]), tests)
        for place, example in enumerate(new):
            alike = [self.examples[index] for index in self.sentences.like(example.text)]
            known = [*alike, *new[:place], example]
            texts = Sentences([one.text for one in known])
            problems = [
                *personal_numbers([example]),
                *(problem for problem in shared_examples(known) if problem.line == place),
                *(problem for problem in near_duplicates(known, texts) if problem.line == place),
                *(problem for problem in leaked if problem.line == place),
            ]
            said = [problem.message for problem in problems if problem.file == example.file]
            found[additions[place]] += [message for message in said if message not in found[additions[place]]]
        return found


def corpus(root: Path, folder: Path) -> Corpus:
    """Return the examples below ``folder``, in the checkout at ``root``; read anew when a file has changed."""
    paths = sorted(path for name in FOLDERS for path in (folder / name).glob("*.yml"))
    stamps = []
    for path in paths:
        about = path.stat()
        stamps.append((str(path), about.st_mtime_ns, about.st_size))
    return _read(root, tuple(stamps))


@lru_cache(maxsize=KEPT)
def _read(root: Path, stamps: Stamp) -> Corpus:
    """Read the files; what is wrong with them is for ``lotsen check`` to say."""
    spots: Dict[str, Spot] = {}
    titles: Dict[str, str] = {}
    examples: List[Example] = []
    keys: List[str] = []
    for name, _, _ in stamps:
        path = Path(name)
        file: TrainingFile | None = read_training_file(path, [])
        for block in file.blocks if file is not None else ():
            subject = str(block.metadata.get(SUBJECT) or "")
            key = f"{block.intent}/{subject}" if subject else block.intent
            spots.setdefault(key, Spot(path.relative_to(root).as_posix(), block.intent, subject))
            if block.metadata.get("title"):
                titles[block.intent] = str(block.metadata["title"])
            examples += block.examples
            keys += [key] * len(block.examples)
    return Corpus(spots, titles, tuple(examples), tuple(keys), Sentences([example.text for example in examples]))
