"""Which kinds of entity a sentence has, as features: an idea that is measured by the ablation and brings nothing.

Kept here and not in the pipeline so that the next person who has the idea can see the figure, and try it on new data.
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
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from lotsen.understanding.swedish import SwedishEntityExtractor


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class EntityFeaturizer(SparseFeaturizer, GraphComponent):
    """Adds one column per kind of entity. Training examples are read by an extractor of its own."""

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """Name what must stand before this in the pipeline."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Return the settings: ``weight`` of a kind that is there."""
        return {**SparseFeaturizer.get_default_config(), "weight": 0.3}

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> None:
        """Start with no kinds; ``train`` or ``load`` brings them."""
        super().__init__(execution_context.node_name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._kinds: List[str] = []

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityFeaturizer:
        """Make an untrained component (see Rasa's ``GraphComponent``)."""
        return cls(config, model_storage, resource, execution_context)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EntityFeaturizer:
        """Read the kinds that ``train`` wrote."""
        component = cls(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as directory:
            component._kinds = json.loads((directory / "kinds.json").read_text(encoding="utf-8"))
        return component

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Accept any settings; Rasa will not build a featurizer that does not say so."""

    def train(self, training_data: TrainingData) -> Resource:
        """Find the entities of the training examples, and note which kinds there are."""
        settings = SwedishEntityExtractor.get_default_config()
        extractor = SwedishEntityExtractor(settings, self._model_storage, Resource("entity_features"))
        extractor.train(training_data)
        extractor.process([m for m in training_data.training_examples if m.get(TEXT)])
        self._kinds = sorted(
            {found["entity"] for m in training_data.training_examples for found in m.get(ENTITIES, [])}
        )
        with self._model_storage.write_to(self._resource) as directory:
            (directory / "kinds.json").write_text(json.dumps(self._kinds), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the features to the training examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the features to each message that has text."""
        for message in messages:
            if message.get(TEXT):
                there = {found["entity"] for found in message.get(ENTITIES, [])}
                row = np.asarray([[self._config["weight"] * (kind in there) for kind in self._kinds]], dtype=np.float32)
                self.add_features_to_message(None, scipy.sparse.csr_matrix(row), TEXT, message)
        return messages
