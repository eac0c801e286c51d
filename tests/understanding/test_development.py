"""The development set is never trained on and large enough to tell, and the running bot needs no torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lotsen.content.located_yaml import read_yaml
from lotsen.evaluation.lines import DOUBLE, VAGUE, read_mixed
from lotsen.settings import CONTENT, ROOT
from lotsen.understanding.text import normalise

DEVELOPMENT = sorted((ROOT / "tests" / "understanding" / "development").glob("*.yml"))
TRAINED_ON = ("faq", "conversation", "out_of_scope")
"""The folders of ``data/`` that hold training examples."""


def training_examples(folder: str) -> set[str]:
    """Return every training example of one folder, normalised."""
    examples = set()
    for path in (CONTENT / folder).glob("*.yml"):
        for entry in read_yaml(path).data.get("nlu", []):
            examples |= {normalise(line.strip().removeprefix("- ")) for line in entry["examples"].splitlines()}
    return examples


def development_lines() -> list[str]:
    """Return every sentence of the development set."""
    return [text for path in DEVELOPMENT for texts in read_yaml(path).data.values() for text in texts]


def test_no_development_sentence_is_trained_on() -> None:
    """A sentence that the model has seen tells nothing about those it has not; no folder of examples is forgotten."""
    examples = {folder: training_examples(folder) for folder in TRAINED_ON}
    assert {path.parent.name for path in CONTENT.rglob("*.yml") if "nlu" in (read_yaml(path).data or {})} == set(
        examples
    )
    trained = set().union(*examples.values())
    assert len(trained) > 6000
    mixed = [message.text for path in (DOUBLE, VAGUE) for message in read_mixed(path)]
    assert [text for text in (*development_lines(), *mixed) if normalise(text) in trained] == []


def test_development_set_is_large_enough() -> None:
    """With 400 sentences, each asked once, one of them is a quarter of a point."""
    lines = [normalise(text) for text in development_lines()]
    assert len(lines) >= 400
    assert sorted(line for line in set(lines) if lines.count(line) > 1) == []


def test_running_bot_needs_no_torch(model: Path) -> None:
    """Loading the model and answering imports neither torch nor sentence-transformers."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from lotsen.content.catalogue import load_content\n"
        "from lotsen.runtime.ask import ask_all\n"
        "from lotsen.settings import CONTENT\n"
        "(answer,) = ask_all(Path(sys.argv[1]), load_content(CONTENT), ['hur går gallring till?'])\n"
        "print(answer.intent, [name for name in ('torch', 'sentence_transformers') if name in sys.modules])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(model)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip().splitlines()[-1] == "how_to_purge []"
