"""Swedish tokens and entities: ids stay whole, and every word of ``data/entities.yml`` is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from lotsen.content.problems import ContentError
from lotsen.content.words import read_words
from lotsen.settings import ROOT
from lotsen.understanding.swedish import SwedishEntityExtractor, SwedishTokenizer

WORDS = ROOT / "data" / "entities.yml"
HSA_ID = "SE2321000040-AB12"
Found = List[Tuple[str, str]]


@pytest.fixture(scope="module")
def tokenizer() -> SwedishTokenizer:
    """The tokenizer with its default settings."""
    return SwedishTokenizer(SwedishTokenizer.get_default_config())


@pytest.fixture(scope="module")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> SwedishEntityExtractor:
    """The extractor trained on the real words, stored, and loaded again as a running bot does."""
    return trained(WORDS, tmp_path_factory.mktemp("model"))


def trained(words: Path, folder: Path) -> SwedishEntityExtractor:
    """Train on a file of words, and load what was stored."""
    storage, resource, config = LocalModelStorage.create(folder), Resource("entities"), {"words": str(words)}
    context = ExecutionContext(GraphSchema({}))
    SwedishEntityExtractor.create(config, storage, resource, context).train(TrainingData())
    return SwedishEntityExtractor.load(config, storage, resource, context)


def tokens(tokenizer: SwedishTokenizer, text: str) -> List[str]:
    """Return the tokens of a text."""
    return [token.text for token in tokenizer.tokenize(Message({TEXT: text}), TEXT)]


def entities(extractor: SwedishEntityExtractor, text: str) -> List[Dict[str, Any]]:
    """Return the entities of a text as Rasa gets them."""
    (message,) = extractor.process([Message({TEXT: text})])
    return list(message.get(ENTITIES))


def found(extractor: SwedishEntityExtractor, text: str) -> Found:
    """Return kind and value of the entities of a text."""
    return [(entity["entity"], entity["value"]) for entity in entities(extractor, text)]


def spellings() -> Iterator[Tuple[str, str, str]]:
    """Return every word of the real file: entity, value, spelling."""
    for entity, words in read_words(WORDS).items():
        for value, others in words.values.items():
            yield from ((entity, value, spelling) for spelling in (value, *others))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Hur loggar jag in?", ["Hur", "loggar", "jag", "in", "?"], id="plain"),
        pytest.param("t.ex. SITHS-kort", ["t.ex.", "SITHS-kort"], id="abbreviation and hyphen"),
        pytest.param("två  ord\n", ["två", "ord"], id="white space is no token"),
        pytest.param("", [], id="nothing"),
        pytest.param(HSA_ID, [HSA_ID], id="HSA-id"),
        pytest.param(HSA_ID.lower(), [HSA_ID.lower()], id="HSA-id in small letters"),
        pytest.param(f"({HSA_ID}).", ["(", HSA_ID, ")", "."], id="HSA-id in brackets"),
        pytest.param(f"{HSA_ID}, {HSA_ID}?", [HSA_ID, ",", HSA_ID, "?"], id="two HSA-ids"),
        pytest.param(f"{HSA_ID}/{HSA_ID}", [HSA_ID, "/", HSA_ID], id="HSA-ids with a slash"),
        pytest.param("pat [personnummer] finns", ["pat", "[personnummer]", "finns"], id="masked number"),
        pytest.param("([personnummer])", ["(", "[personnummer]", ")"], id="masked number in brackets"),
        pytest.param("pat [personnummer], hej", ["pat", "[personnummer]", ",", "hej"], id="masked number and comma"),
        pytest.param("Det är [HSA-id].", ["Det", "är", "[HSA-id]", "."], id="masked HSA-id and full stop"),
    ],
)
def test_tokens(text: str, expected: List[str], tokenizer: SwedishTokenizer) -> None:
    """Text is split as spaCy does for Swedish, but an id is one token, whatever stands beside it."""
    assert tokens(tokenizer, text) == expected


def test_tokens_know_where_they_stand(tokenizer: SwedishTokenizer) -> None:
    """Each token is the text between its start and end."""
    text = f"Hej,  {HSA_ID} finns\tredan på enheten."
    for token in tokenizer.tokenize(Message({TEXT: text}), TEXT):
        assert text[token.start : token.end] == token.text


@pytest.mark.parametrize(("entity", "value", "spelling"), [pytest.param(*row, id=row[2]) for row in spellings()])
def test_every_spelling_is_found(entity: str, value: str, spelling: str, extractor: SwedishEntityExtractor) -> None:
    """Each spelling, in any case and in a sentence, gives the value as the file spells it."""
    for said in (spelling, spelling.upper(), spelling.lower(), f"hej, {spelling}?"):
        assert (entity, value) in found(extractor, said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"{HSA_ID} finns", [("hsa_id", HSA_ID)], id="HSA-id"),
        pytest.param(f"({HSA_ID.lower()}).", [("hsa_id", HSA_ID.lower())], id="HSA-id in small letters"),
        pytest.param("SE232100004-AB12", [], id="a digit too few"),
        pytest.param("XSE2321000040-AB12", [], id="a letter too many"),
        pytest.param("ms edge eller crome", [("browser", "Edge"), ("browser", "Chrome")], id="two browsers"),
        pytest.param("region kalmar län", [("region", "Region Kalmar")], id="the longest spelling counts"),
        pytest.param("edgeware", [], id="no part of a word"),
        pytest.param("hur rensar man cache", [], id="nothing known"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_entities(text: str, expected: Found, extractor: SwedishEntityExtractor) -> None:
    """What is known is found, and nothing else."""
    assert found(extractor, text) == expected


def test_an_entity_knows_where_it_stands(extractor: SwedishEntityExtractor) -> None:
    """Rasa gets the place of the words as they were written."""
    text = "det står webbsida kan inte visas i IE"
    marked = [text[entity["start"] : entity["end"]] for entity in entities(extractor, text)]
    assert marked == ["webbsida kan inte visas", "IE"]


def test_what_others_have_found_is_kept(extractor: SwedishEntityExtractor) -> None:
    """Entities already in the message stay before ours."""
    known = {"entity": "other", "value": "x", "start": 0, "end": 1}
    (message,) = extractor.process([Message({TEXT: "i Edge", ENTITIES: [known]})])
    assert [entity["entity"] for entity in message.get(ENTITIES)] == ["other", "browser"]


def test_broken_words_stop_the_training(tmp_path: Path) -> None:
    """A fault in the file of words is told as one, with its line."""
    words = tmp_path / "entities.yml"
    words.write_text("browser:\n  Edge: MS Edge\n", encoding="utf-8")
    (tmp_path / "model").mkdir()
    with pytest.raises(ContentError, match=r"entities\.yml:2: "):
        trained(words, tmp_path / "model")


def test_changed_words_need_a_new_training(tmp_path: Path) -> None:
    """Rasa is told that the file has changed, though it does not read it itself."""
    words = tmp_path / "entities.yml"
    words.write_text("browser:\n  Edge: []\n", encoding="utf-8")
    before = SwedishEntityExtractor.fingerprint_addon({"words": str(words)})
    words.write_text("browser:\n  Edge: [Microsoft Edge]\n", encoding="utf-8")
    assert SwedishEntityExtractor.fingerprint_addon({"words": str(words)}) not in (None, before)
