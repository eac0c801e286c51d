"""The sentence embedding: trained from nothing, read back without torch, or a sentence-transformers model by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lotsen.understanding.embedding import HubModelMissing, _hub_model, _read_static
from lotsen.understanding.static_embedding import train_static_embedding

TEXTS = ["hur gallrar man", "radera gamla moment", "gallra avslutade", "jag kan inte logga in", "inloggning strular"]
LABELS = ["purge", "purge", "purge", "login", "login"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small embedding, trained as ``rasa train`` does it."""
    target = tmp_path_factory.mktemp("embedding") / "static"
    train_static_embedding(TEXTS, LABELS, [], target, dimensions=16, pieces=60, epochs=40)
    return target


def test_same_intent_is_nearer(folder: Path) -> None:
    """After training, sentences of one intent lie nearer to each other than to those of another."""
    vectors = _read_static(folder).encode(TEXTS)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness = unit @ unit.T
    assert likeness[0, 1] > likeness[0, 3]
    assert likeness[3, 4] > likeness[3, 0]


def test_both_readers_agree(folder: Path) -> None:
    """The torch-free reader gives the vectors that sentence-transformers gives: a folder is a model like any other."""
    light, full = (np.asarray(read.encode(TEXTS)) for read in (_read_static(folder), _hub_model(str(folder))))
    np.testing.assert_allclose(light, full, atol=1e-5)


def test_missing_model_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that cannot be had is named, with what to do."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(HubModelMissing, match="write 'model: static'") as caught:
        _hub_model(str(tmp_path / "no-such-model"))
    assert "no-such-model" in str(caught.value)
