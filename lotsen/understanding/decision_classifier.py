"""The decision as a Rasa component: last in the NLU pipeline, it replaces the classifier's intent by what to do."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from lotsen.guides.said import GUIDE_WORD, STEADY_WORDS
from lotsen.understanding.decision import Ranking, Thresholds, calibrate, decide
from lotsen.understanding.questions import PART
from lotsen.understanding.thresholds import read_thresholds, thresholds_from

SUGGESTIONS = "suggestions"
BOTH = "two_questions"
SHOWN = 10
"""So many intents of the ranking stay in the parse data, as with Rasa's own: it is stored with each message."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class DecisionClassifier(GraphComponent, IntentClassifier):
    """Replaces the classifier's intent by the decision, and its ranking by the calibrated one.

    A suggestion becomes Rasa's own ``nlu_fallback`` with ``suggestions`` (id and title) in the parse data. The parts
    that ``QuestionSplitter`` put behind a message are taken out again.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Return the settings: the file with the thresholds, from the folder that ``rasa train`` is run in."""
        return {"thresholds": "decision.yml"}

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Make Rasa train anew when the file has changed."""
        path = Path({**cls.get_default_config(), **config}["thresholds"])
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        titles: Mapping[str, str],
        limits: Optional[Thresholds] = None,
    ) -> None:
        """Keep the titles of the questions and the thresholds; ``train`` or ``load`` brings them."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._titles = dict(titles)
        self._limits = limits

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
        """Read the titles and thresholds that ``train`` wrote."""
        with model_storage.read_from(resource) as directory:
            stored = json.loads((directory / "decision.json").read_text(encoding="utf-8"))
        limits = thresholds_from(stored["thresholds"], "decision.json")
        return cls(config, model_storage, resource, stored["titles"], limits)

    def train(self, training_data: TrainingData) -> Resource:
        """Collect the ``title`` that each question's metadata carries in ``data/faq``, and read the thresholds.

        Raises:
            InvalidConfigException: if the thresholds are missing or wrong.
        """
        self._limits = read_thresholds(Path(self._config["thresholds"]))
        for example in training_data.intent_examples:
            metadata = (example.get(METADATA) or {}).get(METADATA_INTENT) or {}
            if "title" in metadata:
                self._titles[example.get(INTENT)] = metadata["title"]
        stored = {"titles": self._titles, "thresholds": dataclasses.asdict(self._limits)}
        with self._model_storage.write_to(self._resource) as directory:
            text = json.dumps(stored, ensure_ascii=False, indent=1)
            (directory / "decision.json").write_text(text, encoding="utf-8")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Write the decision into each message that has text, and drop the parts."""
        whole: List[Message] = []
        parts: Dict[int, List[Ranking]] = {}
        for message in messages:
            if message.get(PART):
                parts.setdefault(len(whole) - 1, []).append(self._ranking(message))
            else:
                whole.append(message)
        for index, message in enumerate(whole):
            if message.get(TEXT) and message.get(INTENT_RANKING_KEY):
                self._decide(message, [part for part in parts.get(index, ()) if part])
        return whole

    def _decide(self, message: Message, parts: List[Ranking]) -> None:
        """Write the decision into one message."""
        assert self._limits is not None, "trained or loaded before it is used"
        ranking = self._ranking(message)
        decision = decide(ranking, self._titles, self._limits, parts)
        message.set(INTENT, {"name": decision.intent, "confidence": decision.confidence}, add_to_output=True)
        entries = [{"name": name, "confidence": share} for name, share in ranking[:SHOWN]]
        message.set(INTENT_RANKING_KEY, entries, add_to_output=True)
        offered = [{"id": name, "title": self._titles[name]} for name in decision.suggestions]
        message.set(SUGGESTIONS, offered, add_to_output=True)
        message.set(BOTH, decision.both, add_to_output=True)
        word = next(((name, share) for name, share in ranking if name in STEADY_WORDS), None)
        if word is not None:
            message.set(GUIDE_WORD, {"name": word[0], "confidence": word[1]}, add_to_output=True)

    def _ranking(self, message: Message) -> Ranking:
        """Return the calibrated ranking of one message."""
        assert self._limits is not None, "trained or loaded before it is used"
        entries = message.get(INTENT_RANKING_KEY) or []
        return calibrate([(entry["name"], float(entry["confidence"])) for entry in entries], self._limits.temperature)
