"""The intent classifier: a linear one over the sparse features, helped by nearness in the sentence embedding.

The embedding is trained on the same examples, so to a classifier trained on both it looks perfect: it would lean on it
and do worse on new sentences (measured: ``docs/understanding.md``). Here the two are kept apart and only their verdicts
are added: the linear classifier's score, and how near the sentence lies to the middle of the intent's examples.

Rasa's own LogisticRegressionClassifier cannot do that; it also fixes how strongly it fits, and reads its model back
through ``skops``, whose import alone takes longer than the rest of the model's loading.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional, Type

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

Array = np.ndarray[Any, Any]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks every intent by its probability; the decision comes after it in the pipeline."""

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """Name what must stand before this in the pipeline."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Return the settings.

        ``C`` is how closely the training data is followed (scikit-learn's word for it); ``linear`` and ``nearness``
        are the weights of the two verdicts.
        """
        return {"C": 1.0, "linear": 3.2, "nearness": 6.5, "random_seed": 42}

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Start without weights; ``train`` or ``load`` brings them."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._names: List[str] = []
        self._arrays: Dict[str, Array] = {}

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
        """Read the weights that ``train`` wrote (plain arrays, no pickle)."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as directory:
            component._names = json.loads((directory / "intents.json").read_text(encoding="utf-8"))
            with np.load(directory / "weights.npz", allow_pickle=False) as stored:
                component._arrays = {name: stored[name] for name in stored.files}
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the weights; an intent with few examples is not drowned by those with many."""
        from sklearn.svm import LinearSVC

        examples = [m for m in training_data.intent_examples if m.features_present(TEXT)]
        labels = np.asarray([message.get(INTENT) for message in examples])
        self._names = sorted(set(labels))
        model = LinearSVC(C=self._config["C"], class_weight="balanced", random_state=self._config["random_seed"])
        if (sparse := _sparse(examples)) is not None and len(self._names) > 2:
            model.fit(sparse, labels)
            self._arrays["weights"] = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
            self._arrays["bias"] = model.intercept_.astype(np.float32)
        if (dense := _dense(examples)) is not None:
            middles = np.stack([dense[labels == name].mean(axis=0) for name in self._names])
            self._arrays["middles"] = _unit(middles).T.astype(np.float32)
        with self._model_storage.write_to(self._resource) as directory:
            (directory / "intents.json").write_text(json.dumps(self._names), encoding="utf-8")
            np.savez(directory / "weights.npz", **self._arrays)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Write the ranking of all intents into each message that has features."""
        with_features = [message for message in messages if message.features_present(TEXT)]
        if with_features and self._names:
            for message, scores in zip(with_features, self._scores(with_features), strict=True):
                shares = np.exp(scores - scores.max())
                shares /= shares.sum()
                order = np.argsort(-shares, kind="stable")
                ranking = [{"name": self._names[i], "confidence": float(shares[i])} for i in order]
                message.set(INTENT, ranking[0], add_to_output=True)
                message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _scores(self, messages: List[Message]) -> Array:
        """Return one row per message, one column per intent: the two verdicts, weighted and added."""
        scores = np.zeros((len(messages), len(self._names)), dtype=np.float32)
        dense = _dense(messages)
        if "weights" in self._arrays:
            linear = np.stack([self._linear(message) for message in messages])
            scores += self._config["linear"] * linear
        if dense is not None and "middles" in self._arrays:
            scores += self._config["nearness"] * (_unit(dense) @ self._arrays["middles"])
        return scores

    def _linear(self, message: Message) -> Array:
        """Return the linear verdict on one message: only the rows of the weights that its features name."""
        weights, score, offset = self._arrays["weights"], self._arrays["bias"].copy(), 0
        for row in _sparse_parts(message):
            score += row.data @ weights[row.indices + offset]
            offset += row.shape[1]
        return score


def _sparse_parts(message: Message) -> List[scipy.sparse.csr_matrix]:
    """Return each featurizer's sparse sentence features, in the order of the pipeline."""
    return [
        scipy.sparse.csr_matrix(found.features)
        for found in message.features
        if found.is_sparse() and found.type == FEATURE_TYPE_SENTENCE and found.attribute == TEXT
    ]


def _sparse(messages: List[Message]) -> Optional[scipy.sparse.csr_matrix]:
    """Return the sparse sentence features, one row per message; None if there are none."""
    rows = [message.get_sparse_features(TEXT)[1] for message in messages]
    if not rows or rows[0] is None:
        return None
    return scipy.sparse.vstack([row.features for row in rows], format="csr").astype(np.float32)


def _dense(messages: List[Message]) -> Optional[Array]:
    """Return the dense sentence features, one row per message; None if there are none."""
    rows = [message.get_dense_features(TEXT)[1] for message in messages]
    if not rows or rows[0] is None:
        return None
    return np.vstack([row.features for row in rows]).astype(np.float32)


def _unit(rows: Array) -> Array:
    """Return the rows at length 1."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))
