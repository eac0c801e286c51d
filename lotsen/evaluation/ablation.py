"""What each part of the pipeline brings: the same fold, with one part taken out or put in at a time."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, Mapping

from lotsen.evaluation.folds import Fold
from lotsen.evaluation.pipelines import Config, Ranked, rank
from lotsen.evaluation.scores import share
from lotsen.understanding.decision import is_out_of_scope

Change = Callable[[Config], Config]


def variants() -> Dict[str, Change]:
    """Return each variant's name and what it changes; the first is the pipeline as it is."""
    return {
        "as it is": lambda config: config,
        "without the reader (spelling)": lambda config: _without(config, "SwedishReader"),
        "without words": lambda config: _without(config, "TfidfFeaturizer", "words"),
        "without letters": lambda config: _without(config, "TfidfFeaturizer", "letters"),
        "without joined letters": lambda config: _without(config, "TfidfFeaturizer", "joined"),
        "without the sentence embedding": lambda config: _without(config, "SentenceEmbeddingFeaturizer"),
        "embedding alone": lambda config: _without(config, "TfidfFeaturizer"),
        "with entities as features": _with_entities,
    }


def ablate(config: Config, fold: Fold, root: Path, say: Callable[[str], None]) -> Dict[str, Dict[str, float]]:
    """Train every variant on the fold. Takes about a training's time for each.

    Raises:
        PipelineFailed: if Rasa cannot train one.
    """
    training, held_out = fold
    found: Dict[str, Dict[str, float]] = {}
    for name, change in variants().items():
        with tempfile.TemporaryDirectory(prefix="lotsen-ablation-") as folder:
            texts = [line.text for line in held_out]
            result = rank(change(copy.deepcopy(config)), training, texts, Path(folder), root)
        wanted = {line.text: line.intent for line in held_out}
        found[name] = {**shares(wanted, result.rankings), "training seconds": result.seconds}
        say(f"  {name}: {found[name]['first']:.1%} first, {found[name]['first three']:.1%} among three")
    return found


def shares(wanted: Mapping[str, str], rankings: Mapping[str, Ranked]) -> Dict[str, float]:
    """Return how often the right intent came first and among three; refusals count as one intent."""

    def same(intent: str, want: str) -> bool:
        return intent == want or (is_out_of_scope(intent) and is_out_of_scope(want))

    first = [same(rankings[text][0][0], want) for text, want in wanted.items()]
    three = [any(same(intent, want) for intent, _ in rankings[text][:3]) for text, want in wanted.items()]
    outside = [text for text, want in wanted.items() if is_out_of_scope(want)]
    kept = [is_out_of_scope(rankings[text][0][0]) for text in outside]
    return {"first": share(first), "first three": share(three), "outside seen as outside": share(kept)}


def _without(config: Config, component: str, alias: str | None = None) -> Config:
    """Take a component out of the pipeline."""

    def goes(entry: Mapping[str, Any]) -> bool:
        named = str(entry["name"]).rpartition(".")[2] == component
        return named and (alias is None or entry.get("alias") == alias)

    return {**config, "pipeline": [entry for entry in config["pipeline"] if not goes(entry)]}


def _with_entities(config: Config) -> Config:
    """Put the entities that were found among the features: measured, and left out as it brings nothing."""
    pipeline = list(config["pipeline"])
    place = next(i for i, entry in enumerate(pipeline) if str(entry["name"]).endswith("SwedishEntityExtractor"))
    pipeline.insert(place + 1, {"name": "lotsen.evaluation.entity_features.EntityFeaturizer"})
    return {**config, "pipeline": pipeline}
