"""The held-out sentences are held out, and the running bot needs no torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lotsen.content.located_yaml import read_yaml
from lotsen.settings import CONTENT, ROOT
from lotsen.understanding.text import normalise

HELD_OUT = sorted((ROOT / "tests" / "understanding" / "held_out").glob("*.yml"))


def training_examples() -> set[str]:
    """Return every training example, normalised."""
    examples = set()
    for path in [*(CONTENT / "faq").glob("*.yml"), *(CONTENT / "conversation").glob("*.yml")]:
        for entry in read_yaml(path).data["nlu"]:
            examples |= {normalise(line.removeprefix("- ")) for line in entry["examples"].splitlines()}
    return examples


def test_no_held_out_sentence_is_trained_on() -> None:
    """A sentence that the model has seen tells nothing about those it has not."""
    trained = training_examples()
    assert len(trained) > 3000
    leaked = [
        text
        for path in HELD_OUT
        for texts in read_yaml(path).data.values()
        for text in texts
        if normalise(text) in trained
    ]
    assert leaked == []


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
