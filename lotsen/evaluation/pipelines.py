"""Training an NLU pipeline on some sentences and ranking others: Rasa's own training, in a folder of its own.

Ours and stock Rasa's go the same way, so what is compared is the pipeline and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ruamel.yaml import YAML

from lotsen.evaluation.lines import Line
from lotsen.runtime.model import rasa_command, rasa_environment
from lotsen.understanding.decision import FALLBACK

Config = Dict[str, Any]
Ranked = List[Tuple[str, float]]

_DECIDES = ("QuestionSplitter", "DecisionClassifier")
"""Components that act on the ranking; what is fitted here is what they need."""


class PipelineFailed(Exception):
    """A pipeline could not be trained; the message has the end of Rasa's log."""


@dataclass(frozen=True)
class Rankings:
    """What a freshly trained pipeline makes of some texts, and what the training took."""

    rankings: Dict[str, Ranked]
    seconds: float
    model_bytes: int


def ranking_config(config_file: Path) -> Config:
    """Return our pipeline without the components that decide: it gives plain rankings."""
    config: Config = YAML(typ="safe").load(config_file.read_text(encoding="utf-8"))
    pipeline = [entry for entry in config["pipeline"] if entry["name"].rpartition(".")[2] not in _DECIDES]
    return {**config, "pipeline": pipeline}


def rank(config: Config, training: Sequence[Line], texts: Sequence[str], folder: Path, root: Path) -> Rankings:
    """Train ``config`` on ``training`` and rank each of ``texts``. ``folder`` is filled; ``root`` is the checkout.

    Raises:
        PipelineFailed: if Rasa cannot train it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_training(training, folder / "nlu.json")
    with (folder / "config.yml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(config, file)
    began = time.monotonic()
    model = _train(folder, root)
    seconds = time.monotonic() - began
    return Rankings(asyncio.run(_rank_all(model, list(dict.fromkeys(texts)))), seconds, model.stat().st_size)


def _train(folder: Path, root: Path) -> Path:
    """Run ``rasa train nlu`` and return the model."""
    command = rasa_command(
        *("train", "nlu", "--config", str(folder / "config.yml"), "--nlu", str(folder / "nlu.json")),
        *("--out", str(folder), "--fixed-model-name", "model"),
    )
    log = folder / "train.log"
    environment = {**rasa_environment(), "RASA_CACHE_DIRECTORY": str(folder / "cache")}
    with log.open("w", encoding="utf-8") as file:
        ended = subprocess.run(command, cwd=root, env=environment, stdout=file, stderr=subprocess.STDOUT, check=False)
    models = list(folder.glob("*model*.tar.gz"))
    if ended.returncode != 0 or not models:
        end = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        raise PipelineFailed(f"rasa train nlu ended with exit code {ended.returncode}. The end of {log}:\n{end}")
    return models[0]


async def _rank_all(model: Path, texts: Sequence[str]) -> Dict[str, Ranked]:
    """Load the model and parse every text."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    agent = Agent.load(str(model))
    found: Dict[str, Ranked] = {}
    for text in texts:
        parsed: Mapping[str, Any] = await agent.parse_message(text)
        entries = parsed.get("intent_ranking") or []
        found[text] = [(e["name"], float(e["confidence"])) for e in entries if e["name"] != FALLBACK]
    return found


def _write_training(lines: Sequence[Line], path: Path) -> None:
    """Write the sentences in Rasa's JSON form, in which none is read as one with entity marks."""
    examples = [{"text": line.text, "intent": line.intent, "entities": []} for line in lines]
    data = {"rasa_nlu_data": {"common_examples": examples}}
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
