"""What rankings look like from above: who is taken for whom, how honest probabilities are, what refusing buys."""

from __future__ import annotations

from collections import Counter
from typing import List, Sequence, Tuple

from lotsen.evaluation.folds import RankedLine
from lotsen.understanding.decision import is_out_of_scope

BINS = 10


def confusions(lines: Sequence[RankedLine]) -> Counter[Tuple[str, str]]:
    """Return how often an intent (first) was ranked behind another (second). Refusals count as one intent."""
    counts: Counter[Tuple[str, str]] = Counter()
    for line in lines:
        want, got = one_refusal(line.intents[0]), one_refusal(line.ranking[0][0])
        if want != got:
            counts[want, got] += 1
    return counts


def reliability(lines: Sequence[RankedLine]) -> List[Tuple[float, float, int]]:
    """Return, for each tenth of confidence that occurs: the mean confidence, the share that was right, the count."""
    bins: List[List[Tuple[float, bool]]] = [[] for _ in range(BINS)]
    for line in lines:
        share = line.ranking[0][1]
        bins[min(BINS - 1, int(share * BINS))].append((share, _right(line)))
    return [
        (sum(share for share, _ in found) / len(found), sum(right for _, right in found) / len(found), len(found))
        for found in bins
        if found
    ]


def calibration_error(lines: Sequence[RankedLine]) -> float:
    """Return the expected calibration error: how far confidence and accuracy lie apart, on average."""
    return sum(abs(share - right) * count for share, right, count in reliability(lines)) / max(1, len(lines))


def coverage(lines: Sequence[RankedLine]) -> List[Tuple[float, float]]:
    """Return the accuracy of the surest share of lines, for each share: (coverage, accuracy), from few to all."""
    sure = sorted(((line.ranking[0][1], _right(line)) for line in lines), key=lambda pair: -pair[0])
    points: List[Tuple[float, float]] = []
    right = 0
    for number, (share, hit) in enumerate(sure, start=1):
        right += hit
        if number == len(sure) or sure[number][0] < share:  # Lines that are equally sure are answered together.
            points.append((number / len(sure), right / number))
    return points


def _right(line: RankedLine) -> bool:
    """Tell whether the first guess is right; one refusal for another counts, here as in ``confusions``."""
    return one_refusal(line.ranking[0][0]) == one_refusal(line.intents[0])


def one_refusal(intent: str) -> str:
    """Return one name for all refusals."""
    return "out_of_scope" if is_out_of_scope(intent) else intent
