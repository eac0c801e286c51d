"""Logistic regression over all features, as a Rasa intent classifier.

Rasa's own LogisticRegressionClassifier fixes how strongly it fits (C = 1, too weak for unit-length features) and reads
its model back through ``skops``, whose import alone takes longer than the rest of the model's loading (measured in
``docs/understanding.md``). This one has C as a setting and keeps its weights as plain arrays.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Type

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks every intent by its probability; the decision comes after it in the pipeline."""

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """Name what must stand before this in the pipeline."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Return the settings: ``C`` is how closely the training data is followed (scikit-learn's word for it)."""
        return {"C": 9.0, "max_iter": 200, "random_seed": 42}

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Start without weights; ``train`` or ``load`` brings them."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._names: List[str] = []
        self._weights = np.zeros((0, 0), dtype=np.float32)
        self._bias = np.zeros(0, dtype=np.float32)

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """Make an untrained component (see Rasa's ``GraphComponent``)."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        """Read the weights that ``train`` wrote."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as directory:
            component._names = json.loads((directory / "intents.json").read_text(encoding="utf-8"))
            stored = np.load(directory / "weights.npz", allow_pickle=False)
            component._weights, component._bias = stored["weights"], stored["bias"]
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the weights; intents with few examples count as much as those with many."""
        examples = [m for m in training_data.intent_examples if m.features_present(TEXT)]
        model = LogisticRegression(
            C=self._config["C"],
            max_iter=self._config["max_iter"],
            class_weight="balanced",
            random_state=self._config["random_seed"],
        )
        model.fit(_features(examples), [message.get(INTENT) for message in examples])
        self._names = [str(name) for name in model.classes_]
        self._weights = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
        self._bias = model.intercept_.astype(np.float32)
        with self._model_storage.write_to(self._resource) as directory:
            (directory / "intents.json").write_text(json.dumps(self._names), encoding="utf-8")
            np.savez(directory / "weights.npz", weights=self._weights, bias=self._bias)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Write the ranking of all intents into each message."""
        for message in messages:
            if not message.features_present(TEXT):
                continue
            scores = np.asarray(_features([message]) @ self._weights).ravel() + self._bias
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            ranking = [{"name": self._names[i], "confidence": float(shares[i])} for i in np.argsort(-shares)]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def _features(messages: List[Message]) -> scipy.sparse.csr_matrix:
    """Return one row per message: the sparse sentence features, then the dense ones."""
    rows = []
    for message in messages:
        _, sparse = message.get_sparse_features(TEXT)
        _, dense = message.get_dense_features(TEXT)
        parts = [scipy.sparse.csr_matrix(part.features) for part in (sparse, dense) if part is not None]
        rows.append(scipy.sparse.hstack(parts, format="csr"))
    return scipy.sparse.vstack(rows, format="csr").astype(np.float32)
