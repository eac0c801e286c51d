"""A whole content that is right and small: two questions of the FAQ, a greeting, every text. Tests break it."""

from __future__ import annotations

from pathlib import Path
from typing import Iterable

from lotsen.content.example_checks import MIN_EXAMPLES, MIN_FAQ_EXAMPLES
from lotsen.content.texts import TEXTS


def block(intent: str, examples: Iterable[str], metadata: str = "") -> str:
    """Return an entry under ``nlu``."""
    lines = "".join(f"    - {example}\n" for example in examples)
    return f"- intent: {intent}\n{f'  metadata: {metadata}' if metadata else '  # ingen'}\n  examples: |\n{lines}"


def numbered(word: str, count: int) -> list[str]:
    """Return examples that are all different, also to the check for near-duplicates."""
    return [f"{word} nummer{number}" for number in range(count)]


def rule(intent: str) -> str:
    """Return a rule for the intent."""
    return f"- rule: {intent}\n  steps:\n  - intent: {intent}\n  - action: utter_{intent}\n"


def texts() -> dict[str, str]:
    """Return the shortest right entry for each text of ``texts.yml``."""
    filled = {name: " ".join(f"{{{word}}}" for word in sorted(words)) for name, words in TEXTS.items()}
    return {name: f"{name}:\n  text: Hej {words}\n" for name, words in filled.items()}


def write_content(root: Path) -> Path:
    """Write the content below ``root``; return its folder."""
    folder = root / "data"
    for name in ("faq", "conversation", "guides", "out_of_scope"):
        (folder / name).mkdir(parents=True)
    alpha = block("ask_alpha", numbered("alfa", MIN_FAQ_EXAMPLES), "{section: Övrigt, title: Alfa?}")
    beta = block("ask_beta", numbered("beta", MIN_FAQ_EXAMPLES), "{section: Övrigt, title: Beta?}")
    answers = "responses:\n  utter_ask_alpha:\n  - text: Alfa.\n  utter_ask_beta:\n  - text: Beta.\n"
    files = {
        "faq/other.yml": f"nlu:\n{alpha}{beta}{answers}rules:\n{rule('ask_alpha')}{rule('ask_beta')}",
        "conversation/small.yml": f"nlu:\n{block('greet', numbered('hälsning', MIN_EXAMPLES))}rules:\n{rule('greet')}",
        "entities.yml": "browser:\n  Edge: []\n",
        "facts.yml": "browser:\n  question: Vilken?\n  options:\n    Edge: Edge\n    Chrome: Chrome\n",
        "targets.yml": "it_service: IT kundservice\n",
        "texts.yml": "".join(texts().values()),
        "../domain.yml": "intents:\n- ask_alpha\n- ask_beta\n- greet\nentities:\n- browser\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
