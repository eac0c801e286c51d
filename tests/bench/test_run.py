"""The bench's run: its questions, and models that are used again only where they fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import List

import pytest

from lotsen.bench import bots
from lotsen.bench.bots import BenchFailed, Bot, train
from lotsen.bench.load import RestChat
from lotsen.bench.run import questions, write
from lotsen.runtime.processes import Process
from lotsen.settings import ROOT


def test_questions_are_many_and_always_in_the_same_order() -> None:
    """Both bots are asked the same, in the order that every run has."""
    assert questions(ROOT) == questions(ROOT)
    assert len(set(questions(ROOT))) > 100


def test_result_is_json(tmp_path: Path) -> None:
    """What is written can be read, å, ä and ö as they are."""
    path = tmp_path / "new" / "bench.json"
    write({"table": "åäö"}, path)
    assert json.loads(path.read_text(encoding="utf-8")) == {"table": "åäö"}
    assert "åäö" in path.read_text(encoding="utf-8")


def bot(folder: Path, epochs: int) -> Bot:
    """Return a bot with a model that took 12 seconds for one epoch."""
    found = Bot("stock", folder / "config.yml", folder / "stock.tar.gz", RestChat, epochs)
    found.model.write_bytes(b"")
    made = {"data": bots.fingerprint(ROOT), "epochs": 1, "seconds": 12.0}
    found.made_from.write_text(json.dumps(made), encoding="utf-8")
    return found


def test_a_model_that_fits_is_used_again(tmp_path: Path) -> None:
    """With --reuse nothing is trained, and the time that it took is remembered."""
    assert train(bot(tmp_path, 1), ROOT, [], reuse=True) == 12.0


@pytest.mark.parametrize(("epochs", "reuse"), [(2, True), (1, False)])
def test_another_model_is_trained(epochs: int, reuse: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of other epochs is not used, and none without --reuse; a training that fails is told with its log."""
    started: List[Process] = []
    monkeypatch.setattr(Process, "start", lambda process, root: started.append(process))
    with pytest.raises(BenchFailed, match="training of stock"):
        train(bot(tmp_path, epochs), ROOT, [], reuse)
    assert len(started) == 1
