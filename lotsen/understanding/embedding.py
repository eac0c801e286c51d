"""A sentence embedding as a Rasa featurizer: trained from the project's own examples, or read from a hub model.

``model: static`` (the default) is trained by ``rasa train`` and read back without torch, so the running bot starts
quickly and stays small. Any other value is the name or folder of a sentence-transformers model, e.g. a Swedish one
from a hub; that needs torch in the running bot too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Protocol, Sequence, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from lotsen.understanding.reading import read_text
from lotsen.understanding.text import normalise

STATIC = "static"
_FOLDER = "static"


class Encoder(Protocol):
    """What both kinds of model can do."""

    def encode(self, sentences: Sequence[str]) -> np.ndarray[Any, Any]:
        """Return one row per sentence."""


class HubModelMissing(RasaException):
    """The sentence-transformers model named in ``config.yml`` cannot be loaded."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEmbeddingFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one unit vector as the message's dense sentence feature."""

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """Name what must stand before this in the pipeline."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Return the settings; all but ``model`` matter only to the static model."""
        return {
            **DenseFeaturizer.get_default_config(),
            "model": STATIC,
            "dimensions": 256,
            "pieces": 3000,
            "epochs": 60,
            "word_dropout": 0.2,
            "random_seed": 42,
        }

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> None:
        """Keep the settings; the model itself is made by ``train`` or ``load``."""
        super().__init__(execution_context.node_name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._encoder: Encoder | None = None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEmbeddingFeaturizer:
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
    ) -> SentenceEmbeddingFeaturizer:
        """Read the trained table, or load the hub model again.

        Raises:
            HubModelMissing: if ``model`` names one that cannot be loaded.
        """
        component = cls(config, model_storage, resource, execution_context)
        if config["model"] == STATIC:
            with model_storage.read_from(resource) as directory:
                component._encoder = _read_static(directory / _FOLDER)
        else:
            component._encoder = _hub_model(config["model"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Train the static embedding on the examples, or check that the hub model can be had."""
        if self._config["model"] != STATIC:
            self._encoder = _hub_model(self._config["model"])
            return self._resource
        from lotsen.understanding.static_embedding import train_static_embedding

        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        answers = [v.get("text", "") for variants in training_data.responses.values() for v in variants]
        with self._model_storage.write_to(self._resource) as directory:
            train_static_embedding(
                [read_text(message) for message in examples],
                [message.get(INTENT) for message in examples],
                [normalise(answer) for answer in answers],
                directory / _FOLDER,
                dimensions=self._config["dimensions"],
                pieces=self._config["pieces"],
                epochs=self._config["epochs"],
                word_dropout=self._config["word_dropout"],
                seed=self._config["random_seed"],
            )
            self._encoder = _read_static(directory / _FOLDER)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the features to the training examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the features to each message that has text."""
        with_text = [message for message in messages if message.get(TEXT)]
        if not with_text or self._encoder is None:
            return messages
        vectors = np.asarray(self._encoder.encode([read_text(message) for message in with_text]))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors / np.maximum(lengths, 1e-9)
        for message, vector in zip(with_text, vectors, strict=True):
            self.add_features_to_message(None, vector[np.newaxis, :], TEXT, message)
        return messages

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Accept any model name; whether it can be loaded shows when it is."""


def _read_static(folder: Path) -> Encoder:
    """Read a static embedding without torch."""
    from model2vec import StaticModel

    return StaticModel.from_pretrained(folder, force_download=False)


def _hub_model(name: str) -> Encoder:
    """Load a sentence-transformers model by name or folder.

    Raises:
        HubModelMissing: with what to do, if it is not there and cannot be fetched.
    """
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(name, device="cpu")
    except Exception as error:  # The library raises OSError, ValueError or its HTTP client's errors.
        raise HubModelMissing(
            f"config.yml: SentenceEmbeddingFeaturizer: the model '{name}' cannot be loaded "
            f"({type(error).__name__}: {error}). Check the name, download it to a folder and write that folder, "
            f"or write 'model: static' to train one from the examples."
        ) from error
