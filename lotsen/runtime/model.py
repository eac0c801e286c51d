"""Which trained model belongs to the present data, and training one when none does.

A model made here carries the fingerprint of what it was trained from in its name, so a second start finds it at once.
A plain ``rasa train`` gives another name; ``newest`` finds that one too.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import threading
from importlib.metadata import version
from pathlib import Path
from typing import Callable, List, Optional, Sequence

from lotsen.runtime.processes import Process

PREFIX = "lotsen-"
_PROGRESS = re.compile(r"Started validating.*|(?:Starting to train|Restored) component '\w+'|Sentence embedding: .*")
_LOOK_SECONDS = 0.2
UNFINISHED = ".training"
"""The folder in ``models/`` that Rasa writes to: nobody takes half a model for one that fits."""
KEPT = 3
"""How many models of ours are kept; older ones are removed after a training."""
_INPUTS = (
    *("config.yml", "decision.yml", "domain.yml", "data"),
    *("lotsen/understanding", "lotsen/dialogue/rules.py", "lotsen/content/words.py"),
)
_ENDINGS = (".yml", ".py")
_NOT_INPUTS = (
    *("data/guides", "data/texts.yml", "data/clarify.yml"),
    *("data/facts.yml", "data/targets.yml", "data/jargon.yml"),
)
"""These are read by the action server; changing one needs no training."""


class TrainingFailed(Exception):
    """``rasa train`` did not give a model; the message says why."""


def fingerprint(root: Path) -> str:
    """Return a short hash over everything that a model is made from, and Rasa's version."""
    digest = hashlib.sha256(version("rasa").encode())
    for path in _input_files(root):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def fitting(root: Path) -> Optional[Path]:
    """Return the model that was trained from the present data, if there is one."""
    path = root / "models" / f"{PREFIX}{fingerprint(root)}.tar.gz"
    return path if path.exists() else None


def newest(root: Path) -> Optional[Path]:
    """Return the model that was trained last, by whatever command."""
    models = sorted((root / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return models[-1] if models else None


def train(root: Path, log: Path, say: Callable[[str], None], stop: threading.Event) -> Path:
    """Train a model from the present data with ``rasa train``; all its output goes to ``log``, its steps to ``say``.

    Raises:
        TrainingFailed: if it does not succeed, or is stopped.
    """

    def on_line(line: str) -> None:
        progress = _PROGRESS.search(line)
        if progress:
            say(f"  {progress[0]}")

    name = f"{PREFIX}{fingerprint(root)}"
    unfinished = root / "models" / UNFINISHED / str(os.getpid())  # Two who train at once must not write one file.
    command = (*rasa_command("train"), "--fixed-model-name", name, "--out", str(unfinished))
    process = Process("training", command, "", log, rasa_environment(), on_line)
    process.start(root)
    while process.running and not stop.wait(_LOOK_SECONDS):
        pass
    process.stop()
    if stop.is_set():
        raise TrainingFailed("the training was stopped")
    made = unfinished / f"{name}.tar.gz"
    if process.exit_code != 0 or not made.exists():
        raise TrainingFailed(
            f"rasa train ended with exit code {process.exit_code}. The end of {log}:\n{process.last_lines()}"
        )
    path = made.replace(root / "models" / made.name)
    shutil.rmtree(unfinished)
    for old in _ours(root)[:-KEPT]:
        old.unlink()
    return path


def rasa_command(*arguments: str) -> Sequence[str]:
    """Return a command line for Rasa in this Python environment."""
    return (sys.executable, "-W", "ignore::DeprecationWarning", "-m", "rasa", *arguments)


def rasa_environment() -> dict[str, str]:
    """Return the environment for Rasa: no telemetry, no TensorFlow chatter."""
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }


def _ours(root: Path) -> List[Path]:
    """Return the models made by ``train``, oldest first."""
    return sorted((root / "models").glob(f"{PREFIX}*.tar.gz"), key=lambda path: path.stat().st_mtime)


def _input_files(root: Path) -> List[Path]:
    """Return the files that a model is made from, in a fixed order."""
    found: List[Path] = []
    for name in _INPUTS:
        path = root / name
        found += [path] if path.is_file() else [file for file in path.rglob("*") if file.suffix in _ENDINGS]
    return sorted(path for path in found if not any(path.is_relative_to(root / name) for name in _NOT_INPUTS))
