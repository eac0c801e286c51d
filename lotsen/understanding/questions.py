"""Two questions in one message: where one ends and the next begins.

Only candidates are made here; the decision (``lotsen.understanding.decision``) says whether the parts really are
questions of their own.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

PART = "part_of_message"
"""Set on the messages that are parts of the first one in the list."""
MAX_PARTS = 4
"""A longer message is a story, not a list of questions."""
_MIN_WORDS = 2

_WORDS = "hur|vad|va|var|vart|vem|vilken|vilket|vilka|varför|när"
_VERBS = "kan|kostar|får|går|finns|måste|är|ska|behöver|har|fungerar|funkar|gäller"
_FIRST = "kan|kostar|får|går|finns|måste|fungerar|funkar|gäller"
"""Verbs that begin a question. "Är", "ska" and "har" also begin statements whose subject is left out."""
_WONDER = "undrar|jag undrar|vi undrar|jag vill veta|vi vill veta"
_BREAK = re.compile(
    rf"(?<=[.!?])\s+|\n+|,? (?:och|samt|plus|men|sen|sedan|dessutom)(?:\s+(?:så|också|även|sen|sedan|dessutom))?"
    rf"\s+(?=(?:{_WORDS}|{_VERBS}|{_WONDER})\b)|,\s+(?=(?:{_WORDS}|{_WONDER})\b)",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    rf"(?:(?:hej|hallå|och|men|sen|samt|dessutom|också)\b\W*)*(?:{_WORDS}|{_WONDER}|{_FIRST})\b", re.IGNORECASE
)


def split_questions(text: str) -> List[str]:
    """Return the parts of ``text`` that look like questions of their own; empty if there are not two or more.

    >>> split_questions("Hur gallrar jag, och kostar det något för patienten?")
    ['Hur gallrar jag', 'kostar det något för patienten?']
    >>> split_questions("Jag har gått kursen. Vem ger mig behörighet?")
    []
    """
    parts = [part.strip() for part in _BREAK.split(text.strip())]
    asked = [part for part in parts if len(part.split()) >= _MIN_WORDS and _is_question(part)]
    return asked if 2 <= len(asked) <= MAX_PARTS else []


def _is_question(part: str) -> bool:
    """Tell whether a part asks something: it ends so, or begins with a word that asks."""
    return part.endswith("?") or _QUESTION.match(part) is not None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class QuestionSplitter(GraphComponent, EntityExtractorMixin):
    """Puts the parts of a message behind it in the list that the pipeline works on.

    Everything after it sees the parts as messages of their own; ``DecisionClassifier`` reads what became of them and
    takes them out again. Rasa calls components that are not trained only when parsing, so training never sees parts.
    """

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionSplitter:
        """Make the component (see Rasa's ``GraphComponent``)."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Return the messages, each followed by its parts. A button's payload ("/intent") has none."""
        found: List[Message] = []
        for message in messages:
            found.append(message)
            text = message.get(TEXT) or ""
            if not text.startswith("/"):
                found += [Message({TEXT: part, PART: True}) for part in split_questions(text)]
        return found
