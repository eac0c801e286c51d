"""Stock Rasa as the yardstick: its default pipeline on the same sentences, decided by its own FallbackClassifier."""

from __future__ import annotations

from typing import Dict, Mapping, Sequence

from lotsen.evaluation.lines import Line
from lotsen.evaluation.pipelines import Ranked
from lotsen.evaluation.scores import Verdict, share
from lotsen.understanding.decision import Thresholds, calibrate, decide, is_out_of_scope

THRESHOLD, AMBIGUITY = 0.3, 0.1
"""The defaults of ``rasa init``: below, Rasa says that it did not understand."""


def compare(
    lines: Sequence[Line],
    ours: Mapping[str, Ranked],
    stock: Mapping[str, Ranked],
    titles: Mapping[str, str],
    limits: Thresholds,
) -> Dict[str, float]:
    """Return shares for the same lines: right at once, among the first three, kept out; ours, then stock's."""
    inside = [line for line in lines if line.intent in titles]
    outside = [line for line in lines if is_out_of_scope(line.intent)]
    shares: Dict[str, float] = {}
    for name, rankings in (("Lotsen", ours), ("stock", stock)):
        top = [line.intent in [intent for intent, _ in rankings[line.text][:3]] for line in inside]
        if name == "Lotsen":
            answered = {line.text: _ours(rankings[line.text], titles, limits) for line in lines}
        else:
            answered = {line.text: _stock(rankings[line.text]) for line in lines}
        shares[f"{name}: right at once"] = share([answered[line.text] == line.intent for line in inside])
        shares[f"{name}: in first three"] = share(top)
        shares[f"{name}: kept out"] = share([answered[line.text] not in titles for line in outside])
    return shares


def _ours(ranking: Ranked, titles: Mapping[str, str], limits: Thresholds) -> str | None:
    """Return the intent that our decision answers, None if it asks or refuses."""
    return Verdict.of_decision(decide(calibrate(ranking, limits.temperature), titles, limits), titles).intent


def _stock(ranking: Ranked) -> str | None:
    """Return the intent that stock Rasa answers, None if its FallbackClassifier steps in."""
    if not ranking or ranking[0][1] < THRESHOLD:
        return None
    if len(ranking) > 1 and ranking[0][1] - ranking[1][1] < AMBIGUITY:
        return None
    return ranking[0][0]
