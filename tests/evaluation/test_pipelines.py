"""Training a pipeline on some sentences and ranking others: what Rasa is given, what comes back, and what is raised."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.loading import load_data
from ruamel.yaml import YAML

from lotsen.evaluation import pipelines
from lotsen.evaluation.lines import Line
from lotsen.evaluation.pipelines import PipelineFailed, rank, ranking_config
from lotsen.settings import ROOT

SENTENCES = {
    "login_error": [
        "jag kan inte logga in",
        "inloggningen fungerar inte",
        "det blir fel när jag loggar in",
        "kommer inte in med mitt kort",
        "fel vid inloggning",
        "varför kan jag inte logga in",
    ],
    "how_to_purge": [
        "hur gallrar jag en patient",
        "jag vill gallra gamla patienter",
        "gallring av avslutade behandlingar",
        "var hittar jag gallra",
        "hur tar jag bort en avslutad patient",
        "gallra bort en behandling",
    ],
    "resident_fee": [
        "vad kostar det för patienten",
        "är programmet gratis",
        "måste invånaren betala",
        "vilken avgift gäller",
        "kostar behandlingen något",
        "betalar patienten en avgift",
    ],
}
TRAINING = [Line(text, intent) for intent, texts in SENTENCES.items() for text in texts]
NEW = {
    "jag kan inte komma in, inloggningen ger fel": "login_error",
    "hur gallrar man gamla behandlingar": "how_to_purge",
    "vad kostar programmet för en invånare": "resident_fee",
}


def tiny(**featurizer: Any) -> Dict[str, Any]:
    """Return the smallest pipeline that can rank; ``featurizer`` are settings of its only featurizer."""
    understanding = "lotsen.understanding"
    return {
        "recipe": "default.v1",
        "language": "sv",
        "assistant_id": "tiny",
        "pipeline": [
            {"name": f"{understanding}.swedish.SwedishTokenizer"},
            {"name": f"{understanding}.reading.SwedishReader"},
            {"name": f"{understanding}.tfidf.TfidfFeaturizer", **featurizer},
            {"name": f"{understanding}.classifier.LinearIntentClassifier"},
        ],
    }


def component_names(config: Dict[str, Any]) -> List[str]:
    """Return the names in the pipeline."""
    return [str(entry["name"]) for entry in config["pipeline"]]


def read_back(path: Path) -> List[Tuple[str, str, Any]]:
    """Read a training file with Rasa's own reader: text, intent and entities of each example."""
    examples = load_data(str(path)).intent_examples
    return [(example.get("text"), example.get("intent"), example.get("entities")) for example in examples]


def say_instead(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Run a small Python program in the place of Rasa."""
    monkeypatch.setattr(pipelines, "rasa_command", lambda *arguments: (sys.executable, "-c", program, *arguments))


def test_only_the_deciding_components_are_dropped() -> None:
    """A plain ranking is fitted on, so what splits and decides goes; the rest stays as ``config.yml`` has it."""
    real = YAML(typ="safe").load((ROOT / "config.yml").read_text(encoding="utf-8"))
    found = ranking_config(ROOT / "config.yml")
    deciding = {
        "lotsen.understanding.questions.QuestionSplitter",
        "lotsen.understanding.decision_classifier.DecisionClassifier",
    }
    assert set(component_names(real)) - set(component_names(found)) == deciding
    assert found["pipeline"] == [entry for entry in real["pipeline"] if entry["name"] not in deciding]
    assert {**found, "pipeline": None} == {**real, "pipeline": None}


def test_a_component_is_dropped_by_its_whole_class_name(tmp_path: Path) -> None:
    """A name without a module is known, too; one that only ends alike is another component."""
    config = tmp_path / "config.yml"
    config.write_text(
        "pipeline:\n- name: QuestionSplitter\n- name: a.NoDecisionClassifier\n- name: b.DecisionClassifier\n",
        encoding="utf-8",
    )
    assert ranking_config(config) == {"pipeline": [{"name": "a.NoDecisionClassifier"}]}


@pytest.mark.parametrize(
    "text",
    [
        "- jag börjar med ett streck",
        "- - två streck",
        "-utan mellanslag",
        ": ett kolon först",
        "felet: det går inte",
        "# inte en kommentar",
        "det här # är inte en kommentar",
        '"citat" i början',
        "'enkla' citat",
        "det står ”Webbsidan kan inte visas”",
        "[personnummer] kommer inte in",
        "{a: b}",
        "| lodrätt",
        "> större",
        "* stjärna",
        "& och",
        "! utrop",
        "%procent",
        "@alla",
        "? fråga",
        "back\\slash \\n",
        "ja",
        "null",
        "1.0",
        "2024-01-15",
        "ö " + "mycket lång mening " * 60 + "slut",
        "[a](b)",
        "se [länken](sidan) här",
    ],
)
def test_a_sentence_that_looks_like_code_is_trained_on_as_it_is(text: str, tmp_path: Path) -> None:
    """Users write anything; a measurement on other sentences than the given ones would measure something else."""
    path = tmp_path / "nlu.json"
    pipelines._write_training([Line(text, "odd"), Line("hej", "plain"), Line("hej igen", "odd")], path)
    assert read_back(path) == [(text, "odd", None), ("hej", "plain", None), ("hej igen", "odd", None)]


letters = st.characters(whitelist_categories=("L", "N", "P", "S"), blacklist_characters="[]")
words = st.text(letters, min_size=1, max_size=8)


@settings(max_examples=40)
@given(texts=st.lists(st.lists(words, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=6, unique=True))
def test_sentences_come_back_as_they_were_written(texts: List[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """No sentence of letters, digits and signs is changed, lost or given an entity on its way through Rasa's reader."""
    path = tmp_path_factory.mktemp("nlu") / "nlu.json"
    pipelines._write_training([Line(text, "one") for text in texts], path)
    assert read_back(path) == [(text, "one", None) for text in texts]


def test_a_small_pipeline_is_trained_and_ranks(tmp_path: Path) -> None:
    """End to end, through Rasa: each text has every intent, best first, and a clear sentence has its own at the top."""
    texts = [*NEW, *NEW]
    result = rank(tiny(analyzer="char_wb", min_ngram=2, max_ngram=4), TRAINING, texts, tmp_path / "new", ROOT)
    assert set(result.rankings) == set(NEW)
    for text, intent in NEW.items():
        names = [name for name, _ in result.rankings[text]]
        found = [share for _, share in result.rankings[text]]
        assert names[0] == intent
        assert sorted(names) == sorted(SENTENCES)
        assert found == sorted(found, reverse=True)
        assert sum(found) == pytest.approx(1, abs=1e-5)
    (model,) = (tmp_path / "new").glob("*.tar.gz")
    assert result.model_bytes == model.stat().st_size
    assert result.seconds > 0.5


def test_a_broken_pipeline_says_what_rasa_said(tmp_path: Path) -> None:
    """Whoever reads the error sees the end of the log, where Rasa names the fault, and where the whole log is."""
    with pytest.raises(PipelineFailed) as caught:
        rank(tiny(analyzer="telepathy"), TRAINING, ["hej"], tmp_path, ROOT)
    said = str(caught.value)
    assert said.startswith("rasa train nlu ended with exit code 1. The end of ")
    assert str(tmp_path / "train.log") in said
    assert "TfidfFeaturizer: analyzer is 'telepathy'; write one of: word, char_wb, joined." in said


def test_only_the_end_of_the_log_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last fifteen lines have the fault; the hundreds before them stay in the file."""
    say_instead(monkeypatch, "import sys; [print('rad', n) for n in range(40)]; sys.exit(3)")
    with pytest.raises(PipelineFailed) as caught:
        rank(tiny(), TRAINING, ["hej"], tmp_path, ROOT)
    head, *end = str(caught.value).splitlines()
    assert head == f"rasa train nlu ended with exit code 3. The end of {tmp_path / 'train.log'}:"
    assert end == [f"rad {number}" for number in range(25, 40)]


def test_a_training_without_a_model_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa can end well and leave no model, e.g. without training data; that is not taken for success."""
    say_instead(monkeypatch, "print('No training data given.')")
    with pytest.raises(PipelineFailed, match=r"ended with exit code 0\.(.|\n)*No training data given\."):
        rank(tiny(), TRAINING, ["hej"], tmp_path, ROOT)
