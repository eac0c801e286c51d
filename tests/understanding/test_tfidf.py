"""TF-IDF features: three views of the text, each a row of length 1, read back from plain JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Set

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from lotsen.understanding.reading import READ
from lotsen.understanding.tfidf import TfidfFeaturizer

EXAMPLES = [
    "Hur byter jag lösenord?",
    "hur loggar jag in",
    "hur får patienten ett behandlingsprogram",
    "behandlings program för patienten",
    "c++ 100 %",
]
VIEWS = ["word", "char_wb", "joined"]
Row = np.ndarray[Any, Any]


@pytest.fixture()
def storage(tmp_path: Path) -> LocalModelStorage:
    """An empty model."""
    return LocalModelStorage.create(tmp_path)


def training() -> TrainingData:
    """Return the examples, with one that has no text, as Rasa makes for stories."""
    return TrainingData([*(Message({TEXT: text, INTENT: "a"}) for text in EXAMPLES), Message({INTENT: "a"})])


def context(name: str = "tfidf") -> ExecutionContext:
    """Return the context of a component in the pipeline."""
    return ExecutionContext(GraphSchema({}), node_name=name)


def trained(storage: LocalModelStorage, analyzer: str, **changed: Any) -> TfidfFeaturizer:
    """Train one view as ``rasa train`` does."""
    config: Dict[str, Any] = {**TfidfFeaturizer.get_default_config(), "analyzer": analyzer, **changed}
    if analyzer != "word":
        config = {**config, "min_ngram": 2, "max_ngram": 4}
    featurizer = TfidfFeaturizer.create(config, storage, Resource(analyzer), context())
    assert featurizer.train(training()) == Resource(analyzer)
    return featurizer


def row(featurizer: TfidfFeaturizer, text: str, **data: str) -> Row:
    """Return the sentence feature of a text."""
    (message,) = featurizer.process([Message({TEXT: text, **data})])
    sequence, sentence = message.get_sparse_features(TEXT)
    assert sequence is None
    assert sentence is not None
    assert sentence.features.shape[0] == 1
    return np.asarray(sentence.features.todense())[0]


@pytest.mark.parametrize("analyzer", VIEWS)
def test_a_row_has_length_one(analyzer: str, storage: LocalModelStorage) -> None:
    """Long messages count no more than short ones; one in which nothing is known is all zeros."""
    featurizer = trained(storage, analyzer)
    assert np.linalg.norm(row(featurizer, EXAMPLES[0])) == pytest.approx(1)
    assert np.linalg.norm(row(featurizer, " ".join(EXAMPLES))) == pytest.approx(1)
    assert not row(featurizer, "ωψχ").any()


@pytest.mark.parametrize("analyzer", VIEWS)
def test_stored_and_read_back_gives_the_same_rows(analyzer: str, storage: LocalModelStorage) -> None:
    """A running bot sees what the classifier was trained on."""
    before = trained(storage, analyzer)
    config = {**before._config}
    after = TfidfFeaturizer.load(config, storage, Resource(analyzer), context())
    for text in [*EXAMPLES, "hur byter patienten program", "okänt"]:
        np.testing.assert_allclose(row(before, text), row(after, text), atol=1e-6)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("byter lösenord", "BYTER lösenord!", {"word", "char_wb", "joined"}, id="case and punctuation"),
        pytest.param("byter lösenord", "byter losenord", {"char_wb", "joined"}, id="marks"),
        pytest.param("behandlings program", "behandlingsprogram", {"joined"}, id="a compound in two"),
        pytest.param("hur loggar", "loggar hur", {"char_wb"}, id="the order of the words"),
    ],
)
@pytest.mark.parametrize("analyzer", VIEWS)
def test_what_looks_the_same(one: str, other: str, same: Set[str], analyzer: str, storage: LocalModelStorage) -> None:
    """What each view is for: words as written, letters without marks, and letters across spaces."""
    featurizer = trained(storage, analyzer)
    first, second = row(featurizer, one), row(featurizer, other)
    assert first.any()
    assert second.any()
    assert np.allclose(first, second) == (analyzer in same)


def test_signs_are_part_of_words(storage: LocalModelStorage) -> None:
    """Words are what stands between spaces, so "c++" is one, and words of one letter are words."""
    featurizer = trained(storage, "word", max_ngram=1)
    assert np.count_nonzero(row(featurizer, "c++")) == 1
    assert np.count_nonzero(row(featurizer, "c")) == 0
    assert np.count_nonzero(row(featurizer, "%")) == 1


def test_rare_words_weigh_more(storage: LocalModelStorage) -> None:
    """A word of one example tells questions apart, a word of three does so less."""
    featurizer = trained(storage, "word", max_ngram=1)
    rare, frequent = (row(featurizer, word).argmax() for word in ("lösenord", "hur"))
    both = row(featurizer, "hur lösenord")
    assert both[rare] > both[frequent] > 0


def test_a_word_said_thrice_does_not_weigh_three_times_as_much(storage: LocalModelStorage) -> None:
    """Repetition counts by its logarithm, or a worried user's "hjälp hjälp hjälp" would drown the question."""
    featurizer = trained(storage, "word", max_ngram=1)
    word, other = (row(featurizer, text).argmax() for text in ("lösenord", "hur"))
    once, thrice = row(featurizer, "lösenord hur"), row(featurizer, "lösenord lösenord hur lösenord")
    assert thrice[word] / thrice[other] == pytest.approx((1 + np.log(3)) * once[word] / once[other], rel=1e-4)


def test_words_that_occur_too_seldom_are_left_out(storage: LocalModelStorage) -> None:
    """With ``min_df: 2`` a word must stand in two examples."""
    featurizer = trained(storage, "word", min_df=2)
    assert row(featurizer, "hur").any()
    assert not row(featurizer, "lösenord").any()


def test_what_the_reader_made_of_the_message_is_used(storage: LocalModelStorage) -> None:
    """Misspelt words count as the words that were meant."""
    featurizer = trained(storage, "word")
    read = row(featurizer, "byter lösennord", **{READ: "byter lösenord"})
    np.testing.assert_allclose(read, row(featurizer, "byter lösenord"))


@pytest.mark.parametrize("data", [{}, {TEXT: ""}, {INTENT: "a"}])
def test_a_message_without_text_is_left_alone(data: Dict[str, str], storage: LocalModelStorage) -> None:
    """It gets no features, alone or among others."""
    featurizer = trained(storage, "word")
    alone, among = Message(dict(data)), Message(dict(data))
    assert featurizer.process([alone]) == [alone]
    featurizer.process([among, Message({TEXT: "hur"})])
    assert (alone.features, alone.data, among.features, among.data) == ([], data, [], data)


def test_several_messages_get_their_own_rows(storage: LocalModelStorage) -> None:
    """What is featurized together is the same as one by one."""
    featurizer = trained(storage, "word")
    found = featurizer.process([Message({TEXT: text}) for text in EXAMPLES])
    for message, text in zip(found, EXAMPLES, strict=True):
        together = np.asarray(message.get_sparse_features(TEXT)[1].features.todense())[0]
        np.testing.assert_array_equal(together, row(featurizer, text))


def test_training_examples_get_features_of_both_views(storage: LocalModelStorage) -> None:
    """Two views stand side by side in one row; examples without text get none."""
    examples = training()
    words, letters = trained(storage, "word"), trained(storage, "char_wb")
    letters.process_training_data(words.process_training_data(examples))
    for message, text in zip(examples.training_examples, EXAMPLES, strict=False):
        beside = np.asarray(message.get_sparse_features(TEXT)[1].features.todense())[0]
        np.testing.assert_array_equal(beside, np.concatenate([row(words, text), row(letters, text)]))
    assert not examples.training_examples[-1].features_present(TEXT)


def test_an_unknown_analyzer_is_refused() -> None:
    """The message names the file, what was written and what can be."""
    with pytest.raises(InvalidConfigException) as caught:
        TfidfFeaturizer.validate_config({"analyzer": "letters"})
    assert str(caught.value) == (
        "config.yml: TfidfFeaturizer: analyzer is 'letters'; write one of: word, char_wb, joined."
    )


@pytest.mark.parametrize("config", [{}, *({"analyzer": analyzer} for analyzer in VIEWS)])
def test_known_analyzers_are_accepted(config: Dict[str, Any]) -> None:
    """Each of the three views, and the default."""
    TfidfFeaturizer.validate_config(config)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(words=st.lists(st.sampled_from(" ".join(EXAMPLES).lower().split() + ["ny", "hur"]), max_size=12))
@pytest.mark.parametrize("analyzer", VIEWS)
def test_a_row_is_what_scikit_learn_gives(analyzer: str, words: List[str], tmp_path: Path) -> None:
    """The row is written out for speed; it must stay what the vectorizer itself makes of the text."""
    if analyzer not in FEATURIZERS:
        (tmp_path / analyzer).mkdir()
        FEATURIZERS[analyzer] = trained(LocalModelStorage.create(tmp_path / analyzer), analyzer)
    featurizer = FEATURIZERS[analyzer]
    message = Message({TEXT: " ".join(words) or "?"})
    theirs = featurizer._vectorizer.transform([featurizer._prepare(message)]).toarray()[0]
    assert row(featurizer, message.get(TEXT)) == pytest.approx(theirs, abs=1e-6)


FEATURIZERS: Dict[str, TfidfFeaturizer] = {}
"""Trained once for all texts that are tried."""
