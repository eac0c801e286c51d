"""The Swedish spaCy pipeline in Rasa: tokens, and entities by rule.

``spacy.blank("sv")`` needs no download. What is recognised stands in ``data/entities.yml``; training turns it into
spaCy rules.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from lotsen.content.words import Words, read_words
from lotsen.understanding.light_spacy import Language, spacy

# Kept as one token each: an HSA-id, and what masking leaves behind.
_HSA_ID = re.compile(r"[Ss][Ee]\d{10}-[A-Za-z0-9]+$")
_MASK = r"\[(?:personnummer|HSA-id)\]"
_RULER_CONFIG = {"phrase_matcher_attr": "LOWER", "overwrite_ents": True}


def swedish_pipeline() -> Language:
    """Build the blank Swedish pipeline with our two tokenizer rules."""
    nlp = spacy.blank("sv")
    builtin = nlp.tokenizer.token_match
    nlp.tokenizer.token_match = lambda text: _HSA_ID.match(text) or (builtin and builtin(text))
    prefixes = spacy.util.compile_prefix_regex((_MASK, *nlp.Defaults.prefixes))
    nlp.tokenizer.prefix_search = prefixes.search
    return nlp


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SwedishTokenizer(Tokenizer):
    """Splits text into tokens as spaCy does for Swedish (abbreviations such as "t.ex." stay whole)."""

    def __init__(self, config: Dict[str, Any]) -> None:
        """Build the pipeline once; the instance is shared by all messages."""
        super().__init__(config)
        self._nlp = swedish_pipeline()

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Return Rasa's tokenizer settings; intents are never split."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def tokenize(self, message: Message, attribute: str) -> List[Token]:
        """Return the tokens of ``message[attribute]``, without white space."""
        doc = self._nlp.make_doc(message.get(attribute) or "")
        return [Token(token.text, token.idx) for token in doc if not token.is_space]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class SwedishEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Finds entities with a spaCy entity ruler made from ``data/entities.yml``.

    The entity's value is the word as that file spells it, however it was written. A ``pattern`` must cover one whole
    spaCy token (``swedish_pipeline`` keeps HSA-ids whole). Rasa's own lookup tables are not used for this: they warn
    at each training unless one of Rasa's own extractors reads them.
    """

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Start with no rules; ``train`` or ``load`` brings them."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._nlp = swedish_pipeline()
        self._ruler = self._nlp.add_pipe("entity_ruler", config=_RULER_CONFIG)

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Return the settings: the file with the words, from the folder that ``rasa train`` is run in."""
        return {"words": "data/entities.yml"}

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Make Rasa train anew when the file has changed."""
        path = Path({**cls.get_default_config(), **config}["words"])
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SwedishEntityExtractor:
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
    ) -> SwedishEntityExtractor:
        """Read the rules that ``train`` wrote."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as directory:
            component._ruler.from_disk(directory / "entities.jsonl")
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Turn the words into rules, and store them.

        Raises:
            ContentError: if the file is missing or broken.
        """
        self._ruler.add_patterns(patterns(read_words(Path(self._config["words"]))))
        with self._model_storage.write_to(self._resource) as directory:
            self._ruler.to_disk(directory / "entities.jsonl")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the entities found to each message."""
        for message in messages:
            doc = self._nlp(message.get(TEXT) or "")
            found = [
                {
                    "entity": span.label_,
                    "start": span.start_char,
                    "end": span.end_char,
                    "value": span.ent_id_ or span.text,
                }
                for span in doc.ents
            ]
            known = message.get(ENTITIES, [])
            message.set(ENTITIES, known + self.add_extractor_name(found), add_to_output=True)
        return messages


def patterns(words: Mapping[str, Words]) -> List[Dict[str, Any]]:
    """Write the words as entity-ruler patterns."""
    rules: List[Dict[str, Any]] = []
    for entity, entry in words.items():
        if entry.pattern is not None:
            rules.append({"label": entity, "pattern": [{"TEXT": {"REGEX": f"(?i)^(?:{entry.pattern})$"}}]})
        for value, spellings in entry.values.items():
            rules += [{"label": entity, "pattern": spelling, "id": value} for spelling in (value, *spellings)]
    return rules
