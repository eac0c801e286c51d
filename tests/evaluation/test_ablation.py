"""The ablation: each variant takes out (or puts in) just what it names, and the shares are counted rightly."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import pytest

from lotsen.evaluation import ablation
from lotsen.evaluation.ablation import ablate, shares, variants
from lotsen.evaluation.lines import Line
from lotsen.evaluation.pipelines import Config, Ranked, Rankings, rank, ranking_config
from lotsen.settings import ROOT

TFIDF = [("TfidfFeaturizer", alias) for alias in ("words", "letters", "joined")]
REMOVED: Dict[str, List[Tuple[str, Any]]] = {
    "as it is": [],
    "without the reader (spelling)": [("SwedishReader", None)],
    "without words": [("TfidfFeaturizer", "words")],
    "without letters": [("TfidfFeaturizer", "letters")],
    "without joined letters": [("TfidfFeaturizer", "joined")],
    "without the sentence embedding": [("SentenceEmbeddingFeaturizer", None)],
    "embedding alone": TFIDF,
    "with entities as features": [],
}
ENTITIES = {"name": "lotsen.evaluation.entity_features.EntityFeaturizer"}


@pytest.fixture
def config() -> Config:
    """The real pipeline, as it is measured."""
    return ranking_config(ROOT / "config.yml")


def named(entries: Sequence[Dict[str, Any]]) -> List[Tuple[str, Any]]:
    """Return class name and alias of each entry."""
    return [(str(entry["name"]).rpartition(".")[2], entry.get("alias")) for entry in entries]


def test_every_variant_is_tested() -> None:
    """A new variant needs a line in ``REMOVED``; the first is what the others are held against."""
    assert list(variants()) == list(REMOVED)


@pytest.mark.parametrize("name", REMOVED)
def test_a_variant_removes_what_it_names_and_only_that(name: str, config: Config) -> None:
    """A component that was renamed in ``config.yml`` would otherwise be measured as if it brought nothing."""
    before = copy.deepcopy(config)
    changed = variants()[name](copy.deepcopy(config))
    gone = [entry for entry in before["pipeline"] if entry not in changed["pipeline"]]
    assert named(gone) == REMOVED[name]
    kept = [entry for entry in changed["pipeline"] if entry != ENTITIES]
    assert kept == [entry for entry in before["pipeline"] if entry not in gone]
    assert {**changed, "pipeline": None} == {**before, "pipeline": None}


def test_entity_features_stand_behind_the_extractor_and_nowhere_else(config: Config) -> None:
    """They can only be made of entities that have been found."""
    found = {name: change(copy.deepcopy(config))["pipeline"] for name, change in variants().items()}
    assert [name for name, pipeline in found.items() if ENTITIES in pipeline] == ["with entities as features"]
    pipeline = found["with entities as features"]
    place = pipeline.index(ENTITIES)
    assert named(pipeline)[place - 1] == ("SwedishEntityExtractor", None)
    assert len(pipeline) == len(config["pipeline"]) + 1


@pytest.mark.parametrize("name", REMOVED)
def test_a_variant_leaves_the_pipeline_given_as_it_was(name: str, config: Config) -> None:
    """The next variant starts from the whole pipeline again."""
    before = copy.deepcopy(config)
    variants()[name](config)
    assert config == before


def ranking(*names: str) -> Ranked:
    """Return a ranking of these intents, best first."""
    return [(name, 1 / (place + 2)) for place, name in enumerate(names)]


def test_shares_by_hand() -> None:
    """Right first; among the first three and no more; and lines outside that are seen as that."""
    wanted = {"1": "a", "2": "a", "3": "a", "4": "a", "5": "out_of_scope"}
    rankings = {
        "1": ranking("a", "b"),
        "2": ranking("b", "a"),
        "3": ranking("b", "c", "d", "a"),
        "4": ranking("out_of_scope", "b", "a"),
        "5": ranking("a", "out_of_scope"),
    }
    assert shares(wanted, rankings) == {"first": 1 / 5, "first three": 4 / 5, "outside seen as outside": 0}


def test_refusals_count_as_one() -> None:
    """Which refusal it is matters less than that it is one."""
    wanted = {"1": "out_of_scope", "2": "out_of_scope_card", "3": "out_of_scope_card", "4": "out_of_scope"}
    rankings = {
        "1": ranking("out_of_scope_card", "a"),
        "2": ranking("out_of_scope_card"),
        "3": ranking("a", "b", "out_of_scope"),
        "4": ranking("a", "b", "c", "out_of_scope"),
    }
    assert shares(wanted, rankings) == {"first": 1 / 2, "first three": 3 / 4, "outside seen as outside": 1 / 2}


def test_of_nothing_every_share_is_nothing() -> None:
    """No lines, or none outside, is no division by zero."""
    assert shares({}, {}) == {"first": 0, "first three": 0, "outside seen as outside": 0}
    assert shares({"1": "a"}, {"1": ranking("a")})["outside seen as outside"] == 0


def test_every_variant_is_trained_on_the_same_fold(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same training, the same unseen sentences, one variant after the other; each is told as it is done."""
    seen: List[Tuple[Config, List[Line], List[str]]] = []

    def rank(made: Config, training: Sequence[Line], texts: Sequence[str], folder: Path, root: Path) -> Rankings:
        assert folder.is_dir()
        assert root == ROOT
        seen.append((made, list(training), list(texts)))
        return Rankings({"två": ranking("b", "a"), "tre": ranking("a")}, float(len(seen)), 1)

    monkeypatch.setattr(ablation, "rank", rank)
    before, said = copy.deepcopy(config), [""]
    training, held_out = [Line("ett", "a")], [Line("två", "a"), Line("tre", "a")]
    found = ablate(config, (training, held_out), ROOT, said.append)
    assert [made for made, _, _ in seen] == [change(copy.deepcopy(before)) for change in variants().values()]
    assert all((used, texts) == (training, ["två", "tre"]) for _, used, texts in seen)
    assert config == before
    assert found["as it is"] == {
        "first": 0.5,
        "first three": 1.0,
        "outside seen as outside": 0.0,
        "training seconds": 1.0,
    }
    assert [values["training seconds"] for values in found.values()] == [float(place) for place in range(1, 9)]
    assert said[1:] == [f"  {name}: 50.0% first, 100.0% among three" for name in variants()]


def test_entity_features_can_be_trained(tmp_path: Path) -> None:
    """The one component that only the ablation uses: Rasa builds it, trains it and reads it back."""
    lines = [
        Line("jag kör Chrome", "browser"),
        Line("kör Edge", "browser"),
        Line("hej", "greet"),
        Line("god dag", "greet"),
    ]
    pipeline = [
        {"name": "lotsen.understanding.swedish.SwedishTokenizer"},
        {"name": "lotsen.understanding.swedish.SwedishEntityExtractor"},
        ENTITIES,
        {"name": "CountVectorsFeaturizer"},
        {"name": "LogisticRegressionClassifier"},
    ]
    config = {"recipe": "default.v1", "language": "sv", "assistant_id": "tiny", "pipeline": pipeline, "policies": []}
    ranked = rank(config, lines * 3, ["jag har Firefox", "hej hej"], tmp_path, ROOT).rankings
    assert [ranked[text][0][0] for text in ("jag har Firefox", "hej hej")] == ["browser", "greet"]
