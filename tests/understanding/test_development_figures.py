"""The model in use does not fall behind the committed figures (``docs/measured``, written by ``make evaluate``)."""

from __future__ import annotations

from pathlib import Path

from lotsen.evaluation.lines import development_sets
from lotsen.evaluation.report import read_floor
from lotsen.evaluation.run import MEASURED, ask_sets, scores, training_lines
from lotsen.settings import ROOT

POINT = 0.01


def test_development_set_does_not_fall_more_than_a_point(model: Path) -> None:
    """Right at once, right or offered, and kept out: none may fall more than one point below its committed figure."""
    sets = development_sets()
    assert sum(len(lines) for lines in sets.values()) >= 400
    _, titles = training_lines(ROOT)
    found = scores(ask_sets(model, ROOT, sets), titles)
    committed = read_floor(ROOT / MEASURED / "understanding.json")
    assert set(committed) == set(found)
    fallen = [
        f"{name}: {share} {getattr(found[name], share):.3f}, committed {getattr(score, share):.3f}"
        for name, score in committed.items()
        for share in ("right", "offered", "kept_out")
        if getattr(found[name], share) < getattr(score, share) - POINT
    ]
    assert fallen == []
