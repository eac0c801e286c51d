"""What the featurizers read of a message: its text normalised, and its unknown words read as known ones."""

from __future__ import annotations

import json
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from lotsen.understanding.spelling import Speller
from lotsen.understanding.text import normalise

READ = "read_text"
"""Where the reader leaves the text for the featurizers after it."""


def read_text(message: Message) -> str:
    """Return what ``SwedishReader`` made of the message, or just the normalised text if there is no reader."""
    return str(message.get(READ) or normalise(message.get(TEXT) or ""))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SwedishReader(GraphComponent):
    """Learns the words of the training examples, and reads messages with them. The message's own text stays."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, speller: Speller) -> None:
        """Read with ``speller``; ``train`` or ``load`` brings a better one."""
        self._model_storage = model_storage
        self._resource = resource
        self._speller = speller

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SwedishReader:
        """Make an untrained component (see Rasa's ``GraphComponent``)."""
        return cls(model_storage, resource, Speller({}))

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SwedishReader:
        """Read the words that ``train`` wrote."""
        with model_storage.read_from(resource) as directory:
            counts = json.loads((directory / "words.json").read_text(encoding="utf-8"))
        return cls(model_storage, resource, Speller(counts))

    def train(self, training_data: TrainingData) -> Resource:
        """Count the words of all examples."""
        texts = [normalise(m.get(TEXT)) for m in training_data.training_examples if m.get(TEXT)]
        self._speller = Speller.learn(texts)
        with self._model_storage.write_to(self._resource) as directory:
            text = json.dumps(self._speller.counts, ensure_ascii=False)
            (directory / "words.json").write_text(text, encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the examples as they are written: the featurizers learn from the errors, too."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Set what the featurizers read of each message that has text."""
        for message in messages:
            if message.get(TEXT):
                message.set(READ, self._speller.correct(normalise(message.get(TEXT))))
        return messages
