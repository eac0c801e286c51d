"""The decision: answer, ask "Menade du ...?", or refuse. Last in the NLU pipeline.

Rasa's FallbackClassifier knows one threshold. Here three signals count: how likely the best intent is, how far the
second is behind, and how much of the probability lies on the out-of-scope intents together. A wrong answer given with
confidence is the worst outcome, a clarifying question with the right option the second best.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from lotsen.understanding.scope import OUT_OF_SCOPE, is_out_of_scope

SUGGESTIONS = "suggestions"


@dataclass(frozen=True)
class Thresholds:
    """Probabilities between 0 and 1; set in ``config.yml``, chosen as ``docs/understanding.md`` tells."""

    refuse: float
    """Refuse when the out-of-scope intents together have this much."""
    answer: float
    """Answer at once when the best intent has this much ..."""
    margin: float
    """... and is this far ahead of the second."""
    suggest: float
    """Suggest when the best question has at least this much; below, refuse."""
    option: float
    """A further question is offered only with this much."""
    max_options: int
    """At most so many questions are offered."""


@dataclass(frozen=True)
class Decision:
    """What to do with a message: the intent to act on, and the questions to offer if it is the fallback."""

    intent: str
    confidence: float
    suggestions: Tuple[str, ...] = ()


def decide(ranking: Sequence[Tuple[str, float]], titles: Mapping[str, str], limits: Thresholds) -> Decision:
    """Decide from the classifier's ranking (intent and probability, best first).

    Only intents in ``titles`` are offered as suggestions: they are the questions a user can recognise.
    """
    refusals = [(name, share) for name, share in ranking if is_out_of_scope(name)]
    refused = sum(share for _, share in refusals)
    refusal = Decision(refusals[0][0] if refusals else OUT_OF_SCOPE, refused)
    if refused >= limits.refuse:
        return refusal
    inside = [(name, share) for name, share in ranking if not is_out_of_scope(name)]
    if not inside:
        return refusal
    best, confidence = inside[0]
    second = max((share for name, share in ranking if name != best), default=0.0)
    if confidence >= limits.answer and confidence - second >= limits.margin:
        return Decision(best, confidence)
    offered = [(name, share) for name, share in inside if name in titles and share >= limits.option]
    if offered and offered[0][1] >= limits.suggest:
        names = tuple(name for name, _ in offered[: limits.max_options])
        return Decision(DEFAULT_NLU_FALLBACK_INTENT_NAME, confidence, names)
    if best not in titles and confidence >= limits.suggest:
        return Decision(best, confidence)
    return refusal


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class DecisionClassifier(GraphComponent, IntentClassifier):
    """Replaces the classifier's intent by the decision.

    A suggestion becomes Rasa's own ``nlu_fallback`` with ``suggestions`` (id and title) in the parse data.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Return the default thresholds."""
        return {"refuse": 0.5, "answer": 0.4, "margin": 0.1, "suggest": 0.1, "option": 0.04, "max_options": 3}

    def __init__(
        self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, titles: Mapping[str, str]
    ) -> None:
        """Keep the thresholds and the titles of the questions."""
        names = Thresholds.__dataclass_fields__
        self._limits = Thresholds(**{name: config[name] for name in names})
        self._model_storage = model_storage
        self._resource = resource
        self._titles = dict(titles)

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DecisionClassifier:
        """Make an untrained component (see Rasa's ``GraphComponent``)."""
        return cls(config, model_storage, resource, {})

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DecisionClassifier:
        """Read the titles that ``train`` wrote."""
        with model_storage.read_from(resource) as directory:
            titles = json.loads((directory / "titles.json").read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, titles)

    def train(self, training_data: TrainingData) -> Resource:
        """Collect the ``title`` that each question's metadata carries in ``data/faq``."""
        for example in training_data.intent_examples:
            metadata = (example.get(METADATA) or {}).get(METADATA_INTENT) or {}
            if "title" in metadata:
                self._titles[example.get(INTENT)] = metadata["title"]
        with self._model_storage.write_to(self._resource) as directory:
            text = json.dumps(self._titles, ensure_ascii=False, indent=1)
            (directory / "titles.json").write_text(text, encoding="utf-8")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Write the decision into each message that has text."""
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            if not message.get(TEXT) or not ranking:
                continue
            pairs = [(entry["name"], float(entry["confidence"])) for entry in ranking]
            decision = decide(pairs, self._titles, self._limits)
            intent = {"name": decision.intent, "confidence": decision.confidence}
            offered = [{"id": name, "title": self._titles[name]} for name in decision.suggestions]
            message.set(INTENT, intent, add_to_output=True)
            message.set(SUGGESTIONS, offered, add_to_output=True)
        return messages

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Refuse thresholds that are not probabilities.

        Raises:
            InvalidConfigException: naming the setting.
        """
        from rasa.shared.exceptions import InvalidConfigException

        for name in ("refuse", "answer", "margin", "suggest", "option"):
            if name in config and not 0 <= config[name] <= 1:
                raise InvalidConfigException(
                    f"config.yml: DecisionClassifier: {name} is {config[name]}; write a number from 0 to 1."
                )
