"""The held-out sentences are held out, and the running bot needs no torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lotsen.content.check import TESTS, examples_in
from lotsen.content.example_checks import leaks
from lotsen.content.similarity import Sentences
from lotsen.settings import CONTENT, ROOT


def test_no_test_sentence_is_trained_on() -> None:
    """A sentence that the model has seen, or nearly, tells nothing about those it has not."""
    examples = examples_in(CONTENT)
    assert len(examples) > 3000
    assert list((ROOT / TESTS / "held_out").glob("*.yml"))
    leaked = leaks(examples, Sentences([example.text for example in examples]), ROOT / TESTS)
    assert [str(problem) for problem in leaked] == []


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
