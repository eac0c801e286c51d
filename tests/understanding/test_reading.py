"""What the featurizers read: normalised, misspelt words put right; the message and the examples stay as written."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from lotsen.understanding.reading import READ, SwedishReader, read_text

EXAMPLES = ["Behörighet till PLATTFORMEN?", "behörighet, plattformen", "ett behandlingsprogram", "behandlingsprogram"]
TYPED = "Behorihget till behandlings program!!"
MEANT = "behörighet till behandlingsprogram"
CONTEXT = ExecutionContext(GraphSchema({}))


def training() -> TrainingData:
    """Return the examples, with one that has no text, as Rasa makes for stories."""
    return TrainingData([*(Message({TEXT: text, INTENT: "a"}) for text in EXAMPLES), Message({INTENT: "a"})])


@pytest.fixture()
def storage(tmp_path: Path) -> LocalModelStorage:
    """An empty model."""
    return LocalModelStorage.create(tmp_path)


@pytest.fixture()
def reader(storage: LocalModelStorage) -> SwedishReader:
    """The reader, trained, stored and loaded again as a running bot does."""
    resource = Resource("reader")
    assert SwedishReader.create({}, storage, resource, CONTEXT).train(training()) == resource
    return SwedishReader.load({}, storage, resource, CONTEXT)


def read(reader: SwedishReader, text: str) -> str:
    """Return what the featurizers read of a text."""
    (message,) = reader.process([Message({TEXT: text})])
    return read_text(message)


@pytest.mark.parametrize(
    ("text", "expected"),
    [(TYPED, MEANT), ("Okänt ord", "okänt ord"), ("SE2321000040-AB12", "hsaidtoken"), ("?!", ""), ("😀", "")],
)
def test_a_message_is_normalised_and_put_right(text: str, expected: str, reader: SwedishReader) -> None:
    """Misspelt words are read as words of the examples; what is unknown stays, without case and punctuation."""
    assert read(reader, text) == expected


def test_the_message_itself_stays(reader: SwedishReader) -> None:
    """What the user wrote is stored and shown as it was; what we read of it is not put out."""
    (message,) = reader.process([Message({TEXT: TYPED})])
    assert message.get(TEXT) == TYPED
    assert message.get(READ) == MEANT
    assert READ not in message.as_dict(only_output_properties=True)


@pytest.mark.parametrize("data", [{}, {TEXT: ""}, {INTENT: "a"}])
def test_a_message_without_text_is_left_alone(data: dict[str, str], reader: SwedishReader) -> None:
    """There is nothing to read, and nothing is written into it."""
    (message,) = reader.process([Message(dict(data))])
    assert message.data == data
    assert read_text(message) == ""


def test_several_messages_keep_their_order(reader: SwedishReader) -> None:
    """Each gets what was read of itself."""
    found = reader.process([Message({TEXT: "Behorighet"}), Message({}), Message({TEXT: "platformen"})])
    assert [read_text(message) for message in found] == ["behörighet", "", "plattformen"]


def test_stored_and_read_back_reads_the_same(storage: LocalModelStorage) -> None:
    """The running bot reads as the trained component did."""
    before = SwedishReader.create({}, storage, Resource("reader"), CONTEXT)
    before.train(training())
    after = SwedishReader.load({}, storage, Resource("reader"), CONTEXT)
    for text in (TYPED, "plattfromen", "okänt", *EXAMPLES):
        assert read(before, text) == read(after, text)


def test_an_untrained_reader_only_normalises(storage: LocalModelStorage) -> None:
    """Before the training no word is known, so none is put right."""
    reader = SwedishReader.create({}, storage, Resource("reader"), CONTEXT)
    assert read(reader, TYPED) == "behorihget till behandlings program"


def test_training_examples_are_left_as_written(storage: LocalModelStorage) -> None:
    """The featurizers are to learn from the errors in the examples, too."""
    examples = training()
    examples.training_examples.append(Message({TEXT: TYPED, INTENT: "a"}))
    reader = SwedishReader.create({}, storage, Resource("reader"), CONTEXT)
    reader.train(training())
    processed = reader.process_training_data(examples)
    assert [message.get(READ) for message in processed.training_examples] == [None] * (len(EXAMPLES) + 2)
    assert read_text(processed.training_examples[-1]) == "behorihget till behandlings program"


def test_without_a_reader_the_text_is_normalised() -> None:
    """A pipeline may do without the reader; what it has read goes before the text."""
    assert read_text(Message({TEXT: "Hur DÅ?"})) == "hur då"
    assert read_text(Message({TEXT: "Hur DÅ?", READ: "hur ska jag"})) == "hur ska jag"
