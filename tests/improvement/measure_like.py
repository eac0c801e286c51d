"""Measures where likeness begins: ``python -m tests.improvement.measure_like``. No test; it needs a trained model.

The development sentences, which the model has not seen, are grouped by their embeddings. Printed is, for each cosine,
how many groups there are, how many pairs in a group ask the same (precision), and how many pairs that ask the same are
in one group (recall). A content owner reads a group as one question, so precision counts: 0.96 at 0.7.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Iterable, List

from rasa.core.agent import load_agent

from lotsen.channels.parse import read
from lotsen.content.catalogue import load_content
from lotsen.content.examples import read_sentences
from lotsen.improvement.grouping import groups
from lotsen.runtime.model import fitting
from lotsen.runtime.quick_rasa import install
from lotsen.settings import CONTENT, ROOT


def main() -> None:
    """Print the table."""
    install()
    agent, content = asyncio.run(load_agent(model_path=str(fitting(ROOT)))), load_content(CONTENT)
    paths = sorted((ROOT / "tests" / "understanding" / "development").glob("*.yml"))
    sentences = [sentence for path in paths for sentence in read_sentences(path, [])]
    vectors = [read(agent, content, sentence.text).vector for sentence in sentences]
    same = _pairs(Counter(sentence.intent for sentence in sentences).values())
    print("cosine  groups  precision  recall")
    for like in (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8):
        found = groups(vectors, like=like)
        intents: List[Counter[str]] = [Counter(sentences[place].intent for place in g.members) for g in found]
        right = sum(_pairs(counts.values()) for counts in intents)
        together = _pairs(sum(counts.values()) for counts in intents)
        print(f"{like:6}  {len(found):6}  {right / max(together, 1):9.2f}  {right / same:6.2f}")


def _pairs(counts: Iterable[int]) -> int:
    """Return how many pairs there are within groups of these sizes."""
    return sum(count * (count - 1) // 2 for count in counts)


if __name__ == "__main__":
    main()
