"""Two questions in one message: where one ends and the next begins."""

from __future__ import annotations

from typing import List

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from lotsen.understanding.questions import MAX_PARTS, PART, QuestionSplitter, split_questions

TWO = "Hur gallrar jag, och kostar det något för patienten?"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param(TWO, ["Hur gallrar jag", "kostar det något för patienten?"], id="comma and och"),
        pytest.param("Hur gör jag? Vad kostar det?", ["Hur gör jag?", "Vad kostar det?"], id="two sentences"),
        pytest.param("HUR GÖR JAG OCH VAD KOSTAR DET", ["HUR GÖR JAG", "VAD KOSTAR DET"], id="in capitals"),
        pytest.param("hur gör jag\nvad kostar det", ["hur gör jag", "vad kostar det"], id="two lines"),
        pytest.param("hur gör jag, vad kostar det", ["hur gör jag", "vad kostar det"], id="a comma alone"),
        pytest.param(
            "hur gallrar jag och sen undrar jag vad kostar det",
            ["hur gallrar jag", "undrar jag vad kostar det"],
            id="och sen",
        ),
        pytest.param("Hej! Hur gör jag samt vem frågar jag?", ["Hur gör jag", "vem frågar jag?"], id="a greeting"),
        pytest.param(
            "Hur gör jag? Patienten är ny. Vem frågar jag?", ["Hur gör jag?", "Vem frågar jag?"], id="a remark between"
        ),
        pytest.param(
            "Det går inte? Fungerar den ens", ["Det går inte?", "Fungerar den ens"], id="a question mark is enough"
        ),
        pytest.param("Hej, hur gör jag? Hej och hur då?", ["hur gör jag?", "hur då?"], id="greetings inside"),
        pytest.param("Hur gallrar jag moment och program?", [], id="och within a question"),
        pytest.param("Jag har gått kursen. Vem ger mig behörighet?", [], id="one question after a statement"),
        pytest.param("Är inloggad. Ska vara klart. Har kort.", [], id="statements without a subject"),
        pytest.param("Hur? Varför?", [], id="single words"),
        pytest.param("Hur gör jag?", [], id="one question"),
        pytest.param("Vi hurrar och vadar, varan är slut", [], id="words that only begin like ones that ask"),
        pytest.param("Hur loggar jag in och kanske ut?", [], id="nor after och"),
        pytest.param("Var finns den, varningen då?", [], id="nor after a comma"),
        pytest.param("kan jag? " * MAX_PARTS, ["kan jag?"] * MAX_PARTS, id="as many as there may be"),
        pytest.param("kan jag? " * (MAX_PARTS + 1), [], id="a story"),
        pytest.param(" \n ", [], id="white space"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_split_questions(text: str, parts: List[str]) -> None:
    """Only what asks something is a part, and one question is not split."""
    assert split_questions(text) == parts


PIECES = [
    *("Hur gallrar jag", "hur då", "vad", "kostar det något", "jag undrar om det går", "vi vill veta", "är det så"),
    *(
        "hej",
        "Patienten är ny",
        "moment",
        "och",
        "samt",
        "men sen",
        "plus dessutom",
        ",",
        ".",
        "?",
        "!",
        "\n",
        " ",
        "/a",
    ),
]
messages = st.one_of(
    st.text(),
    st.builds(
        lambda pieces, between: between.join(pieces),
        st.lists(st.sampled_from(PIECES)),
        st.sampled_from([" ", "? ", ""]),
    ),
)


@example(text=TWO)
@given(text=messages)
def test_parts_stand_in_the_text_in_their_order(text: str) -> None:
    """Nothing is made up, said twice or turned around: the parts follow each other in the text."""
    at = 0
    for part in split_questions(text):
        found = text.find(part, at)
        assert found >= 0
        at = found + len(part)


@example(text="kan jag? " * (MAX_PARTS + 1))
@given(text=messages)
def test_there_are_two_parts_or_a_few_more_or_none(text: str) -> None:
    """Each has at least two words and no white space around it."""
    parts = split_questions(text)
    assert not parts or 2 <= len(parts) <= MAX_PARTS
    assert all(len(part.split()) >= 2 and part == part.strip() for part in parts)


@given(text=messages)
def test_white_space_around_a_message_changes_nothing(text: str) -> None:
    """What was pasted with its line breaks is the same message."""
    assert split_questions(f"\n {text}\n") == split_questions(text)


@pytest.fixture()
def splitter(tmp_path_factory: pytest.TempPathFactory) -> QuestionSplitter:
    """The component as Rasa makes it."""
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("model"))
    return QuestionSplitter.create({}, storage, Resource("splitter"), ExecutionContext(GraphSchema({})))


def test_parts_follow_their_message(splitter: QuestionSplitter) -> None:
    """Each message stays as it was, marked parts behind it, so that it is known whose they are."""
    given_messages = [Message({TEXT: text}) for text in ("hej", TWO, "Hur gör jag? Vad kostar det?")]
    found = splitter.process(list(given_messages))
    assert [(message.get(TEXT), bool(message.get(PART))) for message in found] == [
        ("hej", False),
        (TWO, False),
        ("Hur gallrar jag", True),
        ("kostar det något för patienten?", True),
        ("Hur gör jag? Vad kostar det?", False),
        ("Hur gör jag?", True),
        ("Vad kostar det?", True),
    ]
    assert [message for message in found if not message.get(PART)] == given_messages
    assert all(message.data == {TEXT: message.get(TEXT)} for message in given_messages)


@example(text="faq Hur gör jag? Vad kostar det?")
@given(text=messages)
def test_payloads_have_no_parts(text: str) -> None:
    """What a button sends ("/intent") is no sentence, whatever stands in it."""
    payload = Message({TEXT: f"/{text}"})
    assert QuestionSplitter().process([payload]) == [payload]


@pytest.mark.parametrize("data", [{}, {TEXT: ""}, {TEXT: None}, {"intent": "login"}])
def test_a_message_without_text_is_left_alone(data: dict[str, object], splitter: QuestionSplitter) -> None:
    """A message of only an intent, as Rasa makes for stories, has nothing to split."""
    message = Message(dict(data))
    assert splitter.process([message]) == [message]
    assert message.data == data
