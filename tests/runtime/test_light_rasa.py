"""Rasa without TensorFlow: hidden where no component needs it, there where one does, clear when used."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from lotsen.runtime.light_rasa import needs_tensorflow
from lotsen.settings import ROOT


def model_of(folder: Path, *uses: str) -> Path:
    """Write a model file that names these components."""
    nodes = {str(number): {"uses": name} for number, name in enumerate(uses)}
    (folder / "metadata.json").write_text(json.dumps({"predict_schema": {"nodes": nodes}}), encoding="utf-8")
    path = folder / "model.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder / "metadata.json", "./metadata.json")
    return path


def python(code: str, *arguments: str) -> str:
    """Run code in a Python of its own; return what it prints."""
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("uses", "needs"),
    [
        pytest.param("lotsen.understanding.swedish.SwedishTokenizer", False, id="ours"),
        pytest.param("rasa.core.policies.rule_policy.RulePolicy", False, id="Rasa's rules"),
        pytest.param("rasa.nlu.classifiers.diet_classifier.DIETClassifier", True, id="DIET"),
        pytest.param("rasa.core.policies.ted_policy.TEDPolicy", True, id="TED"),
        pytest.param("somebody.else.Component", True, id="unknown"),
    ],
)
def test_who_needs_tensorflow(uses: str, needs: bool, tmp_path: Path) -> None:
    """Rasa's neural components and those that we do not know do; ours and Rasa's others do not."""
    path = model_of(tmp_path, "lotsen.understanding.tfidf.TfidfFeaturizer", uses)
    assert needs_tensorflow(path) is needs


def test_our_model_needs_none(model: Path) -> None:
    """The model that is trained from config.yml runs without."""
    assert not needs_tensorflow(model)


def test_our_model_loads_without(model: Path) -> None:
    """The whole server is built and its model loaded, and TensorFlow's own code is never read."""
    code = """
import asyncio, sys
from pathlib import Path
from lotsen.runtime.light_rasa import hide_tensorflow
assert hide_tensorflow(Path(sys.argv[1]))
from rasa.core.agent import load_agent
agent = asyncio.run(load_agent(model_path=sys.argv[1]))
print(agent.is_ready(), hasattr(sys.modules["tensorflow"], "__file__"), "tensorflow.python.framework" in sys.modules)
"""
    assert python(code, str(model)).splitlines()[-1] == "True False False"


def test_a_use_is_named(model: Path) -> None:
    """Who uses it after all hears what, why and where to change it."""
    code = """
import sys
from pathlib import Path
from lotsen.runtime.light_rasa import TensorFlowHidden, hide_tensorflow
hide_tensorflow(Path(sys.argv[1]))
import tensorflow as tf
from tensorflow.keras.utils import Sequence
class Data(Sequence): pass
for use in (lambda: tf.constant(1), Data):
    try:
        use()
    except TensorFlowHidden as error:
        print(error)
"""
    first, second = python(code, str(model)).splitlines()
    assert first.startswith("tensorflow.constant needs a package")
    assert "light_rasa.py" in first
    assert "Data needs a package" in second


def test_it_steps_aside(tmp_path: Path) -> None:
    """With a neural component the real TensorFlow is imported."""
    path = model_of(tmp_path, "rasa.nlu.classifiers.diet_classifier.DIETClassifier")
    code = """
import sys
from pathlib import Path
from lotsen.runtime.light_rasa import hide_tensorflow
print(hide_tensorflow(Path(sys.argv[1])))
import tensorflow as tf
print(int(tf.constant(2) + 1))
"""
    assert python(code, str(path)).splitlines() == ["False", "3"]
