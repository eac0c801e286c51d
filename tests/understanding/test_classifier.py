"""The intent classifier: a linear verdict over sparse features and a nearness verdict over dense ones, added."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import pytest
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.svm import LinearSVC

from lotsen.understanding.classifier import LinearIntentClassifier

CONTEXT = ExecutionContext(GraphSchema({}))
RESOURCE = Resource("classifier")
Vector = Sequence[float]
Example = Tuple[str, Optional[Vector], Optional[Vector]]
"""An intent, its sparse features (words) and its dense ones (a place in the plane)."""

EXAMPLES: List[Example] = [
    ("login", (1, 0, 0, 1), (1, 0.1)),
    ("login", (1, 0, 0, 0), (3, -0.2)),
    ("fee", (0, 1, 0, 1), (-1, 1)),
    ("fee", (0, 1, 0, 0), (-2, 2.2)),
    ("card", (0, 0, 1, 1), (-1, -1)),
    ("card", (0, 0, 1, 0), (-0.5, -0.6)),
]
NUMBERS = itertools.count()
"""Each message has a text of its own: Rasa keeps only one of several equal examples."""
LOGIN, FEE, CARD = EXAMPLES[1], EXAMPLES[3], EXAMPLES[5]


def message(example: Example, *, sparse: bool = True, dense: bool = True) -> Message:
    """Return a message as the featurizers before the classifier leave it."""
    intent, words, place = example
    made = Message({TEXT: f"fråga {next(NUMBERS)}", INTENT: intent})
    if sparse and words is not None:
        row = scipy.sparse.csr_matrix(np.asarray([words], dtype=np.float32))
        made.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, "words"))
    if dense and place is not None:
        made.add_features(Features(np.asarray([place], dtype=np.float32), FEATURE_TYPE_SENTENCE, TEXT, "place"))
    return made


@pytest.fixture()
def storage(tmp_path: Path) -> LocalModelStorage:
    """An empty model."""
    return LocalModelStorage.create(tmp_path)


def trained(
    storage: LocalModelStorage, examples: Sequence[Message], settings: Optional[Dict[str, Any]] = None
) -> LinearIntentClassifier:
    """Train a classifier as ``rasa train`` does."""
    config = {**LinearIntentClassifier.get_default_config(), **(settings or {})}
    classifier = LinearIntentClassifier.create(config, storage, RESOURCE, CONTEXT)
    assert classifier.train(TrainingData(list(examples))) == RESOURCE
    return classifier


def loaded(storage: LocalModelStorage) -> LinearIntentClassifier:
    """Load the classifier as a running bot does."""
    return LinearIntentClassifier.load(LinearIntentClassifier.get_default_config(), storage, RESOURCE, CONTEXT)


def ranking(classifier: LinearIntentClassifier, asked: Message) -> Dict[str, float]:
    """Return the intents and their probabilities as they stand in the parse data, best first."""
    (done,) = classifier.process([asked])
    parsed = done.as_dict(only_output_properties=True)
    assert parsed[INTENT] == parsed[INTENT_RANKING_KEY][0]
    return {entry["name"]: entry["confidence"] for entry in parsed[INTENT_RANKING_KEY]}


def best(classifier: LinearIntentClassifier, asked: Message) -> str:
    """Return the intent that a message gets."""
    return next(iter(ranking(classifier, asked)))


@pytest.mark.parametrize(("sparse", "dense"), [(True, True), (True, False), (False, True)])
def test_its_own_examples_are_recognised(sparse: bool, dense: bool, storage: LocalModelStorage) -> None:
    """With both kinds of features or only one of them: a pipeline may leave out the other."""
    classifier = trained(storage, [message(example, sparse=sparse, dense=dense) for example in EXAMPLES])
    for example in EXAMPLES:
        assert best(classifier, message(example, sparse=sparse, dense=dense)) == example[0]


def test_every_intent_is_ranked_by_its_probability(storage: LocalModelStorage) -> None:
    """All are there, best first, and make one, as the decision expects."""
    classifier = trained(storage, [message(example) for example in EXAMPLES])
    for example in EXAMPLES:
        found = ranking(classifier, message(example))
        assert sorted(found) == ["card", "fee", "login"]
        assert sum(found.values()) == pytest.approx(1)
        assert list(found.values()) == sorted(found.values(), reverse=True)


@pytest.mark.parametrize(("sparse", "dense"), [(True, True), (True, False), (False, True)])
def test_stored_and_read_back_ranks_the_same(sparse: bool, dense: bool, storage: LocalModelStorage) -> None:
    """The running bot answers as the trained component would have."""
    before = trained(storage, [message(example, sparse=sparse, dense=dense) for example in EXAMPLES])
    after = loaded(storage)
    for example in [*EXAMPLES, ("", (1, 1, 0, 0), (0.3, 0.2)), ("", (0, 0, 0, 0), (0, 0))]:
        found = [ranking(one, message(example, sparse=sparse, dense=dense)) for one in (before, after)]
        assert list(found[0]) == list(found[1])
        assert found[0] == pytest.approx(found[1])


def test_what_is_stored_is_plain(storage: LocalModelStorage) -> None:
    """A model from elsewhere can run no code: names as JSON, weights as arrays, no pickle."""
    trained(storage, [message(example) for example in EXAMPLES])
    with storage.read_from(RESOURCE) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["intents.json", "weights.npz"]
        with np.load(folder / "weights.npz", allow_pickle=False) as stored:
            assert {name: stored[name].dtype.name for name in stored.files} == dict.fromkeys(
                ("weights", "bias", "middles"), "float32"
            )


def test_messages_together_are_ranked_as_one_by_one(storage: LocalModelStorage) -> None:
    """The parts of a message go through the pipeline with it, and each gets its own ranking."""
    classifier = trained(storage, [message(example) for example in EXAMPLES])
    done = classifier.process([message(example) for example in EXAMPLES])
    for one, example in zip(done, EXAMPLES, strict=True):
        together = {entry["name"]: entry["confidence"] for entry in one.get(INTENT_RANKING_KEY)}
        assert together == pytest.approx(ranking(classifier, message(example)), abs=1e-6)


@pytest.mark.parametrize("data", [{}, {TEXT: ""}, {TEXT: "hej"}])
def test_a_message_without_features_is_left_alone(data: Dict[str, str], storage: LocalModelStorage) -> None:
    """Nothing was seen in it, alone or among others, so nothing is said about it."""
    classifier = trained(storage, [message(example) for example in EXAMPLES])
    alone, among = Message(dict(data)), Message(dict(data))
    assert classifier.process([alone]) == [alone]
    other = message(LOGIN)
    assert classifier.process([among, other]) == [among, other]
    assert (alone.data, among.data) == (data, data)
    assert other.get(INTENT)["name"] == "login"


def test_each_verdict_has_its_weight(storage: LocalModelStorage) -> None:
    """Where words and place disagree, the one whose weight is not 0 decides."""
    examples = [message(example) for example in EXAMPLES]
    disagreeing = ("", LOGIN[1], FEE[2])
    assert best(trained(storage, examples, {"nearness": 0}), message(disagreeing)) == "login"
    assert best(trained(storage, examples, {"linear": 0}), message(disagreeing)) == "fee"


def test_nearness_is_a_matter_of_direction(storage: LocalModelStorage) -> None:
    """How long a vector is tells nothing; one without direction tells all intents alike."""
    classifier = trained(storage, [message(example, sparse=False) for example in EXAMPLES])
    near, far = (ranking(classifier, message(("", None, place))) for place in ((0.1, 0.05), (10, 5)))
    assert near == pytest.approx(far)
    none = ranking(classifier, message(("", None, (0, 0))))
    assert list(none.values()) == pytest.approx([1 / 3] * 3)


def test_nearness_is_to_the_middle_of_the_examples(storage: LocalModelStorage) -> None:
    """An intent asked about in two ways is near to what lies between them, though none of its examples is."""
    examples: List[Example] = [("wide", None, (1, 0)), ("wide", None, (0, 1)), ("narrow", None, (1, 0.2))]
    classifier = trained(storage, [message(example) for example in examples])
    assert best(classifier, message(("", None, (1, 1)))) == "wide"
    assert best(classifier, message(("", None, (1, 0.2)))) == "narrow"


def test_an_intent_with_few_examples_is_heard(storage: LocalModelStorage) -> None:
    """A word of all three examples of one intent, and of six of the forty of another, speaks for the first."""
    few: List[Example] = [("few", (1, 0, 0), None)] * 3
    many: List[Example] = [("many", (int(number < 6), 1, 0), None) for number in range(40)]
    rest: List[Example] = [("other", (0, 0, 1), None)] * 5
    classifier = trained(storage, [message(example) for example in [*few, *many, *rest]])
    assert best(classifier, message(("", (1, 0, 0), None))) == "few"


def test_the_linear_verdict_is_that_of_scikit_learn(storage: LocalModelStorage) -> None:
    """Kept as plain weights, it ranks as the model that they were taken from."""
    counts = (5, 1, 3, 1, 2, 1)
    examples = [example for example, count in zip(EXAMPLES, counts, strict=True) for _ in range(count)]
    trained(storage, [message(example, dense=False) for example in examples], {"C": 0.7})
    model = LinearSVC(C=0.7, class_weight="balanced", random_state=42)
    model.fit(np.asarray([words for _, words, _ in examples]), [intent for intent, _, _ in examples])
    for words in ((1, 1, 0, 1), (0, 0, 0, 1), (0, 0, 0, 0)):
        shares = np.exp(3.2 * model.decision_function([words])[0])
        expected = dict(zip(model.classes_, shares / shares.sum(), strict=True))
        assert ranking(loaded(storage), message(("", words, None))) == pytest.approx(expected, rel=1e-3)


def test_two_intents_are_told_apart_by_nearness(storage: LocalModelStorage) -> None:
    """The linear verdict needs three intents; with two the embedding alone decides."""
    examples = [message(example) for example in EXAMPLES if example[0] != "card"]
    classifier = trained(storage, examples)
    assert (best(classifier, message(LOGIN)), best(classifier, message(FEE))) == ("login", "fee")
    assert best(loaded(storage), message(("", LOGIN[1], FEE[2]))) == "fee"


def test_two_trainings_give_the_same(tmp_path: Path) -> None:
    """The same examples and seed give the same weights, so figures can be compared."""
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        classifier = trained(LocalModelStorage.create(tmp_path / name), [message(example) for example in EXAMPLES])
        found.append(ranking(classifier, message(("", (1, 1, 0, 1), (0.3, 0.2)))))
    assert found[0] == found[1]


def test_examples_without_features_are_not_learnt(storage: LocalModelStorage) -> None:
    """An example in which nothing was seen is no example."""
    blind = Message({TEXT: "?", INTENT: "blind"})
    classifier = trained(storage, [blind, *(message(example) for example in EXAMPLES)])
    assert "blind" not in ranking(classifier, message(LOGIN))


def test_nothing_learnt_is_nothing_said(storage: LocalModelStorage) -> None:
    """Without examples, before and after loading, messages pass as they came."""
    untrained = LinearIntentClassifier.create(LinearIntentClassifier.get_default_config(), storage, RESOURCE, CONTEXT)
    for classifier in (untrained, trained(storage, []), loaded(storage)):
        (done,) = classifier.process([message(CARD)])
        assert done.get(INTENT_RANKING_KEY) is None
        assert done.get(INTENT) == "card"
