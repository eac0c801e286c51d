"""Times how long a model takes to understand a sentence; a process of its own, as the two models import other things.

``python -m lotsen.bench.parse MODEL < sentences``: prints one JSON list of seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import warnings
from pathlib import Path
from typing import List, Sequence

from lotsen.runtime.light_rasa import hide_tensorflow

WARM_UP = 20


async def times(model: Path, sentences: Sequence[str]) -> List[float]:
    """Return how long each sentence took, after some that are not counted."""
    from rasa.core.agent import load_agent

    from lotsen.runtime.quick_rasa import install

    if hide_tensorflow(model):
        install()
    agent = await load_agent(model_path=str(model))
    taken: List[float] = []
    for text in (*sentences[:WARM_UP], *sentences):
        began = time.perf_counter()
        await agent.parse_message(text)
        taken.append(time.perf_counter() - began)
    return taken[len(sentences[:WARM_UP]) :]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    chosen = Path(sys.argv[1])
    hide_tensorflow(chosen)
    print(json.dumps(asyncio.run(times(chosen, [line.strip() for line in sys.stdin if line.strip()]))))
