"""The decision in Rasa's pipeline: titles and thresholds are learnt and stored, parts are read and taken out again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from lotsen.understanding.decision import FALLBACK, Thresholds, calibrate
from lotsen.understanding.decision_classifier import BOTH, SHOWN, SUGGESTIONS, DecisionClassifier
from lotsen.understanding.questions import PART
from lotsen.understanding.thresholds import write_thresholds

LIMITS = Thresholds(
    temperature=0.5, refuse=0.6, answer=0.7, margin=0.1, suggest=0.05, option=0.1, both=0.5, max_options=3
)
TITLES = {"login": "Hur loggar jag in?", "fee": "Vad kostar det för patienten?", "cache": "Hur rensar jag cachen?"}
Ranking = List[Tuple[str, float]]
CLEAR: Ranking = [("login", 0.7), ("fee", 0.2), ("cache", 0.1)]
CLOSE: Ranking = [("login", 0.5), ("fee", 0.45), ("cache", 0.05)]


def example(intent: str, metadata: Dict[str, Any]) -> Message:
    """Return a training example as Rasa reads it from ``data/``."""
    return Message({TEXT: f"exempel på {intent}", INTENT: intent, METADATA: {METADATA_INTENT: metadata}})


TRAINING = TrainingData(
    [
        *(example(name, {"title": title, "section": "Inloggning"}) for name, title in TITLES.items()),
        example("out_of_scope_card", {"subject": "pin_puk"}),
        Message({TEXT: "hej", INTENT: "greet"}),
    ]
)


@pytest.fixture()
def thresholds(tmp_path: Path) -> Path:
    """A file of thresholds of its own for each test."""
    path = tmp_path / "decision.yml"
    write_thresholds(path, LIMITS, {}, "nothing")
    return path


@pytest.fixture()
def storage(tmp_path: Path) -> LocalModelStorage:
    """An empty model."""
    (tmp_path / "model").mkdir()
    return LocalModelStorage.create(tmp_path / "model")


def trained(thresholds: Path, storage: LocalModelStorage) -> DecisionClassifier:
    """Train the component as ``rasa train`` does."""
    context, resource = ExecutionContext(GraphSchema({})), Resource("decision")
    component = DecisionClassifier.create({"thresholds": str(thresholds)}, storage, resource, context)
    assert component.train(TRAINING) == resource
    return component


def loaded(thresholds: Path, storage: LocalModelStorage) -> DecisionClassifier:
    """Load the component as a running bot does."""
    config = {"thresholds": str(thresholds)}
    return DecisionClassifier.load(config, storage, Resource("decision"), ExecutionContext(GraphSchema({})))


@pytest.fixture()
def component(thresholds: Path, storage: LocalModelStorage) -> DecisionClassifier:
    """The component trained, stored and loaded again."""
    trained(thresholds, storage)
    return loaded(thresholds, storage)


def message(ranking: Ranking, **data: Any) -> Message:
    """Return a message as the classifier before the decision leaves it."""
    entries = [{"name": name, "confidence": share} for name, share in ranking]
    return Message({TEXT: "hur loggar jag in?", INTENT: entries[0], INTENT_RANKING_KEY: entries, **data})


def decided(component: DecisionClassifier, *messages: Message) -> Dict[str, Any]:
    """Return what Rasa writes into the parse data of one message and its parts."""
    (left,) = component.process(list(messages))
    return dict(left.as_dict(only_output_properties=True))


def test_a_clear_question_is_its_intent(component: DecisionClassifier) -> None:
    """Its confidence and ranking are the calibrated ones (at 1/2: the squares), and nothing is offered."""
    total = 0.49 + 0.04 + 0.01
    parsed = decided(component, message(CLEAR))
    assert parsed[INTENT] == {"name": "login", "confidence": pytest.approx(0.49 / total)}
    assert [entry["name"] for entry in parsed[INTENT_RANKING_KEY]] == ["login", "fee", "cache"]
    shares = [entry["confidence"] for entry in parsed[INTENT_RANKING_KEY]]
    assert shares == pytest.approx([0.49 / total, 0.04 / total, 0.01 / total])
    assert (parsed[SUGGESTIONS], parsed[BOTH]) == ([], False)


def test_unclear_questions_are_offered_with_their_titles(component: DecisionClassifier) -> None:
    """The actions get id and title of each, best first, under Rasa's own fallback intent."""
    parsed = decided(component, message(CLOSE))
    assert parsed[INTENT]["name"] == FALLBACK
    assert parsed[SUGGESTIONS] == [{"id": name, "title": TITLES[name]} for name in ("login", "fee")]
    assert parsed[BOTH] is False


def test_only_intents_with_a_title_are_offered(component: DecisionClassifier) -> None:
    """Small talk and refusals have no title in ``data/``, so no button can be made of them."""
    parsed = decided(component, message([("greet", 0.3), ("out_of_scope_card", 0.3), ("fee", 0.25), ("cache", 0.15)]))
    assert [option["id"] for option in parsed[SUGGESTIONS]] == ["fee", "cache"]


def test_two_questions_are_offered_together(component: DecisionClassifier) -> None:
    """The parts behind a message decide that it is two questions, and are not answered themselves."""
    parts = [message([(name, 0.8), ("cache", 0.2)], **{PART: True}) for name in ("fee", "login")]
    parsed = decided(component, message(CLEAR), *parts)
    assert parsed[INTENT]["name"] == FALLBACK
    assert parsed[SUGGESTIONS] == [{"id": name, "title": TITLES[name]} for name in ("login", "fee")]
    assert parsed[BOTH] is True


def test_parts_are_calibrated_like_the_message(component: DecisionClassifier) -> None:
    """0.45 is too little for a question of its own (0.5), but calibrated it is more."""
    part: Ranking = [("fee", 0.45), ("login", 0.25), ("cache", 0.2), ("greet", 0.1)]
    assert calibrate(part, LIMITS.temperature)[0][1] > LIMITS.both
    parts = [message([("login", 1.0)], **{PART: True}), message(part, **{PART: True})]
    assert decided(component, message(CLEAR), *parts)[BOTH] is True


def test_parts_belong_to_the_message_before_them(component: DecisionClassifier) -> None:
    """Several messages at once keep their order, and each is decided with its own parts."""
    both = [message([(name, 1.0)], **{PART: True}) for name in ("login", "fee")]
    messages = [message(CLEAR), message(CLEAR), *both, message(CLEAR), both[0]]
    left = component.process(list(messages))
    assert [id(one) for one in left] == [id(messages[0]), id(messages[1]), id(messages[4])]
    assert [one.get(BOTH) for one in left] == [False, True, False]


def test_a_part_without_a_ranking_counts_for_nothing(component: DecisionClassifier) -> None:
    """A part of which nothing was left to classify is dropped as well."""
    empty = Message({TEXT: "?", PART: True})
    assert decided(component, message(CLEAR), empty, empty)[INTENT]["name"] == "login"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {TEXT: ""},
        {TEXT: "hej"},
        {TEXT: "hej", INTENT_RANKING_KEY: []},
        {TEXT: "", INTENT_RANKING_KEY: [{"name": "login", "confidence": 1.0}]},
    ],
)
def test_a_message_without_text_or_ranking_is_left_alone(data: Dict[str, Any], component: DecisionClassifier) -> None:
    """There is nothing to decide about a message that nobody could classify."""
    one = Message(dict(data))
    (left,) = component.process([one])
    assert left is one
    assert left.data == data


def test_no_messages_are_no_messages(component: DecisionClassifier) -> None:
    """An empty list stays one."""
    assert component.process([]) == []


def test_the_ranking_is_cut_only_after_the_decision(component: DecisionClassifier) -> None:
    """What is stored with each message is short; the share of refusals far down still counts."""
    refusals = [(f"out_of_scope_{number}", 0.045) for number in range(20)]
    parsed = decided(component, message([("login", 0.1), *refusals]))
    assert parsed[INTENT]["name"] == "out_of_scope_0"
    assert parsed[INTENT]["confidence"] > LIMITS.refuse
    assert len(parsed[INTENT_RANKING_KEY]) == SHOWN == 10
    assert parsed[INTENT_RANKING_KEY][0]["name"] == "login"


def test_stored_and_read_back_decides_the_same(thresholds: Path, storage: LocalModelStorage) -> None:
    """A running bot needs nothing but the model: the file may even be gone."""
    before = trained(thresholds, storage)
    thresholds.unlink()
    after = loaded(thresholds, storage)
    for ranking in (CLEAR, CLOSE, [("out_of_scope", 0.9), ("fee", 0.1)]):
        parts = [[message([(name, 1.0)], **{PART: True}) for name in names] for names in ([], ["fee", "login"])]
        for behind in parts:
            found = [decided(component, message(ranking), *behind) for component in (before, after)]
            assert found[0] == found[1]
            assert found[0]


def test_what_is_stored_can_be_read(thresholds: Path, storage: LocalModelStorage) -> None:
    """The model holds the titles in plain Swedish and no more than needed."""
    trained(thresholds, storage)
    with storage.read_from(Resource("decision")) as folder:
        text = (folder / "decision.json").read_text(encoding="utf-8")
    assert json.loads(text)["titles"] == TITLES
    assert "Vad kostar det för patienten?" in text


def test_a_model_without_a_threshold_is_refused(thresholds: Path, storage: LocalModelStorage) -> None:
    """A model of another version says so when it is loaded, not at the first message."""
    trained(thresholds, storage)
    with storage.write_to(Resource("decision")) as folder:
        stored = json.loads((folder / "decision.json").read_text(encoding="utf-8"))
        del stored["thresholds"]["both"]
        (folder / "decision.json").write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(InvalidConfigException) as caught:
        loaded(thresholds, storage)
    assert str(caught.value) == "decision.json: both is None; write 'both: {value: <a number>}'."


def test_missing_thresholds_stop_the_training(tmp_path: Path, storage: LocalModelStorage) -> None:
    """Without thresholds there is no decision, so there is no model either."""
    with pytest.raises(InvalidConfigException, match=r"none\.yml is missing\. Write it with: make fit$"):
        trained(tmp_path / "none.yml", storage)


def test_wrong_thresholds_stop_the_training(thresholds: Path, storage: LocalModelStorage) -> None:
    """A value of 70 (for percent) is refused with its name before anything is trained on it."""
    thresholds.write_text(thresholds.read_text(encoding="utf-8").replace("0.7", "70"), encoding="utf-8")
    with pytest.raises(InvalidConfigException, match=r"decision\.yml: answer is 70; write a number from 0 to 1\.$"):
        trained(thresholds, storage)


def test_changed_thresholds_need_a_new_training(thresholds: Path) -> None:
    """Rasa is told that the file has changed, though it does not read it itself."""
    config = {"thresholds": str(thresholds)}
    before = DecisionClassifier.fingerprint_addon(config)
    assert DecisionClassifier.fingerprint_addon(config) == before
    thresholds.write_text(thresholds.read_text(encoding="utf-8").replace("0.7", "0.75"), encoding="utf-8")
    assert DecisionClassifier.fingerprint_addon(config) not in (None, before)
    thresholds.unlink()
    assert DecisionClassifier.fingerprint_addon(config) is None


def test_the_default_file_is_that_of_the_folder(thresholds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without settings it is ``decision.yml`` where ``rasa train`` runs, for the fingerprint too."""
    assert DecisionClassifier.get_default_config() == {"thresholds": "decision.yml"}
    monkeypatch.chdir(thresholds.parent)
    assert DecisionClassifier.fingerprint_addon({}) == DecisionClassifier.fingerprint_addon(
        {"thresholds": str(thresholds)}
    )
