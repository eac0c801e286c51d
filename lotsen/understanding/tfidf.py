"""TF-IDF as a Rasa featurizer: words or letter n-grams, weighted by how rare they are.

Rasa's own CountVectorsFeaturizer gives raw counts; in our measurements (``docs/understanding.md``) TF-IDF beats it.
Three views stand side by side: words, letters within words without å/ä/ö marks, and letters of the joined text, to
which a compound written as two words looks the same.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Callable, Dict, List, Sequence, Type

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from lotsen.understanding.reading import read_text
from lotsen.understanding.text import fold, fold_and_join

_VIEWS: Dict[str, Callable[[str], str]] = {"word": str, "char_wb": fold, "joined": fold_and_join}
"""The analyzers, and what each sees of the text."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TfidfFeaturizer(SparseFeaturizer, GraphComponent):
    """Adds one L2-normed TF-IDF row as the message's sentence feature."""

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """Name what must stand before this in the pipeline."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Return the settings: ``analyzer`` is ``word``, ``char_wb`` (letters) or ``joined`` (across spaces)."""
        return {
            **SparseFeaturizer.get_default_config(),
            "analyzer": "word",
            "min_ngram": 1,
            "max_ngram": 2,
            "min_df": 1,
        }

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> None:
        """Build an empty vectorizer from ``config``."""
        super().__init__(execution_context.node_name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._vectorizer = TfidfVectorizer(
            analyzer="char" if config["analyzer"] == "joined" else config["analyzer"],
            ngram_range=(config["min_ngram"], config["max_ngram"]),
            min_df=config["min_df"],
            token_pattern=r"\S+" if config["analyzer"] == "word" else None,
            lowercase=False,
            sublinear_tf=True,
            dtype=np.float32,
        )
        self._terms_of = self._vectorizer.build_analyzer()

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TfidfFeaturizer:
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
    ) -> TfidfFeaturizer:
        """Read the vocabulary and weights that ``train`` wrote (plain JSON, no pickle)."""
        component = cls(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as directory:
            stored = json.loads((directory / "tfidf.json").read_text(encoding="utf-8"))
        component._vectorizer.vocabulary_ = stored["vocabulary"]
        component._vectorizer.idf_ = np.asarray(stored["idf"], dtype=np.float32)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the vocabulary from all training examples."""
        examples = [m for m in training_data.training_examples if m.get(TEXT)]
        self._vectorizer.fit([self._prepare(message) for message in examples])
        vocabulary = {term: int(index) for term, index in self._vectorizer.vocabulary_.items()}
        stored = {"vocabulary": vocabulary, "idf": self._vectorizer.idf_.tolist()}
        with self._model_storage.write_to(self._resource) as directory:
            text = json.dumps(stored, ensure_ascii=False)
            (directory / "tfidf.json").write_text(text, encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the features to the training examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the features to each message that has text."""
        with_text = [message for message in messages if message.get(TEXT)]
        if not with_text:
            return messages
        for message in with_text:
            self.add_features_to_message(None, self._row(self._terms_of(self._prepare(message))), TEXT, message)
        return messages

    def _row(self, terms: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return what the vectorizer's ``transform`` would, for one text.

        scikit-learn checks its input and its own settings at each call, which took three quarters of understanding a
        sentence (``docs/performance.md``); ``tests/understanding/test_tfidf.py`` compares the two.
        """
        vocabulary, idf = self._vectorizer.vocabulary_, self._vectorizer.idf_
        counts = Counter(index for term in terms if (index := vocabulary.get(term)) is not None)
        places = np.fromiter(sorted(counts), dtype=np.int32, count=len(counts))
        weights = 1 + np.log(np.fromiter((counts[place] for place in places), dtype=np.float32, count=len(counts)))
        weights = (weights * idf[places]).astype(np.float32)
        length = np.sqrt((weights**2).sum())
        if length > 0:
            weights /= length
        return scipy.sparse.csr_matrix((weights, places, [0, len(places)]), shape=(1, len(idf)))

    def _prepare(self, message: Message) -> str:
        """Return the normalised text that the vectorizer sees."""
        return _VIEWS[self._config["analyzer"]](read_text(message))

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Refuse an unknown ``analyzer``.

        Raises:
            InvalidConfigException: naming what can be written.
        """
        if config.get("analyzer", "word") not in _VIEWS:
            from rasa.shared.exceptions import InvalidConfigException

            known = ", ".join(_VIEWS)
            raise InvalidConfigException(
                f"config.yml: TfidfFeaturizer: analyzer is '{config.get('analyzer')}'; write one of: {known}."
            )
