"""Stratified cross-validation: every training example is ranked by a model that has not seen it."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Dict, List, Sequence, Tuple

from lotsen.evaluation.lines import Line
from lotsen.evaluation.pipelines import Config, Ranked, rank
from lotsen.understanding.decision import calibrate
from lotsen.understanding.questions import split_questions

PAIRS_PER_FOLD = 150
SEED = 42

Say = Callable[[str], None]
Fold = Tuple[List[Line], List[Line]]


@dataclass(frozen=True)
class RankedLine:
    """A sentence, what it should be, and how a model that never saw it ranks it and the questions in it.

    ``intents`` has one entry, or two when two examples were joined to one message.
    """

    text: str
    intents: Tuple[str, ...]
    ranking: Ranked
    parts: Tuple[Ranked, ...] = ()

    def calibrated(self, temperature: float) -> RankedLine:
        """Return the line with the probabilities that the bot acts on."""
        parts = tuple(calibrate(part, temperature) for part in self.parts)
        return replace(self, ranking=calibrate(self.ranking, temperature), parts=parts)


@dataclass(frozen=True)
class CrossValidation:
    """All training examples as ranked by the folds' models, and pairs of them joined to one message."""

    lines: List[RankedLine]
    pairs: List[RankedLine]
    seconds: List[float]
    """Training time of each fold."""


def stratified(lines: Sequence[Line], folds: int, seed: int = SEED) -> List[Fold]:
    """Split into ``folds`` parts with the same share of each intent; return (training, held out) for each."""
    by_intent: Dict[str, List[Line]] = {}
    for line in lines:
        by_intent.setdefault(line.intent, []).append(line)
    rng = random.Random(seed)
    parts: List[List[Line]] = [[] for _ in range(folds)]
    place = 0
    for intent in sorted(by_intent):
        group = by_intent[intent]
        rng.shuffle(group)
        for line in group:
            parts[place % folds].append(line)
            place += 1
    return [([line for other in parts if other is not part for line in other], part) for part in parts]


def cross_validate(
    config: Config, folds: Sequence[Fold], questions: Sequence[str], root: Path, say: Say
) -> CrossValidation:
    """Train ``config`` on each fold and rank what it has not seen. Takes about a training's time for each fold.

    Raises:
        PipelineFailed: if Rasa cannot train the pipeline.
    """
    done = CrossValidation([], [], [])
    for number, (training, held_out) in enumerate(folds, start=1):
        pairs = _pairs([line for line in held_out if line.intent in questions], random.Random(SEED + number))
        texts = [line.text for line in held_out] + [text for text, _ in pairs]
        texts += [part for text in texts for part in split_questions(text)]
        with tempfile.TemporaryDirectory(prefix="lotsen-fold-") as folder:
            result = rank(config, training, texts, Path(folder), root)
        found = result.rankings
        done.lines.extend(_ranked(line.text, (line.intent,), found) for line in held_out)
        done.pairs.extend(_ranked(text, intents, found) for text, intents in pairs)
        done.seconds.append(result.seconds)
        say(f"  fold {number} of {len(folds)}: trained in {result.seconds:.0f} s, {len(held_out)} sentences ranked")
    return done


def _ranked(text: str, intents: Tuple[str, ...], found: Dict[str, Ranked]) -> RankedLine:
    """Put together what was found for a text and its parts."""
    return RankedLine(text, intents, found[text], tuple(found[part] for part in split_questions(text)))


def _pairs(lines: Sequence[Line], rng: random.Random) -> List[Tuple[str, Tuple[str, ...]]]:
    """Join examples of different questions to messages that ask both: measured on, never trained on."""
    short = [line for line in lines if len(line.text.split()) <= 14]
    pairs: List[Tuple[str, Tuple[str, ...]]] = []
    while len({line.intent for line in short}) > 1 and len(pairs) < PAIRS_PER_FOLD:
        first, second = rng.sample(short, 2)
        if first.intent != second.intent:
            pairs.append((f"{first.text.rstrip(' .?!')}? {second.text}", (first.intent, second.intent)))
    return pairs
