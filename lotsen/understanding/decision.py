"""The decision: answer, ask "Menade du ...?", or refuse. Pure: a ranking goes in, what to do comes out.

Rasa's FallbackClassifier knows one threshold. Here three signals count: how likely the best intent is, how far the
second is behind, and how much of the probability lies on the out-of-scope intents together. A wrong answer given with
confidence is the worst outcome, a clarifying question with the right option the second best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import List, Mapping, Sequence, Tuple

FALLBACK = "nlu_fallback"
"""Rasa's own name for "not understood" (``DEFAULT_NLU_FALLBACK_INTENT_NAME``)."""
OUT_OF_SCOPE = "out_of_scope"

Ranking = Sequence[Tuple[str, float]]
"""Intents and their probabilities, best first."""


@dataclass(frozen=True)
class Thresholds:
    """Probabilities between 0 and 1, read from ``decision.yml``; ``lotsen evaluate`` fits and writes them."""

    temperature: float
    """Calibration: probabilities are raised to ``1 / temperature`` and made to sum to 1 again."""
    refuse: float
    """Refuse when the out-of-scope intents together have this much."""
    answer: float
    """Answer at once when the best intent has this much ..."""
    margin: float
    """... and is this far ahead of the second."""
    suggest: float
    """Suggest when the best question has at least this much; below, refuse."""
    option: float
    """A third question is offered only with this much."""
    both: float
    """Two parts of a message that are each at least this likely to be a question of its own are two questions."""
    max_options: int = 3
    """At most so many guesses are offered."""


@dataclass(frozen=True)
class Decision:
    """What to do with a message: the intent to act on, and the questions to offer if it is the fallback."""

    intent: str
    confidence: float
    suggestions: Tuple[str, ...] = ()
    both: bool = False
    """The suggestions are two questions that were both asked, not guesses at one."""


def is_out_of_scope(intent: str) -> bool:
    """Tell whether ``intent`` is a refusal (its name begins with ``out_of_scope``)."""
    return intent.startswith(OUT_OF_SCOPE)


def calibrate(ranking: Ranking, temperature: float) -> List[Tuple[str, float]]:
    """Return the ranking with its probabilities made to mean what they say; the order stays.

    Temperature scaling (Guo et al. 2017): one number, fitted on cross-validated rankings, cannot change which intent
    is best, only how sure we are.
    """
    logs = [(name, math.log(max(share, 1e-12)) / temperature) for name, share in ranking]
    top = max((value for _, value in logs), default=0.0)
    weights = [(name, math.exp(value - top)) for name, value in logs]
    total = sum(weight for _, weight in weights)
    return [(name, weight / total) for name, weight in weights]


def decide(ranking: Ranking, titles: Mapping[str, str], limits: Thresholds, parts: Sequence[Ranking] = ()) -> Decision:
    """Decide from calibrated rankings: of the whole message, and of its parts if it may be two questions.

    Only intents in ``titles`` are offered as suggestions: they are the questions a user can recognise.
    """
    asked = _two_questions(ranking, titles, limits, parts)
    if asked:
        return Decision(FALLBACK, sum(share for name, share in ranking if name in asked), asked, both=True)
    refusals = [(name, share) for name, share in ranking if is_out_of_scope(name)]
    refused = sum(share for _, share in refusals)
    refusal = Decision(refusals[0][0] if refusals else OUT_OF_SCOPE, refused)
    if refused >= limits.refuse:
        return refusal
    inside = [(name, share) for name, share in ranking if not is_out_of_scope(name)]
    if not inside:
        return refusal
    best, confidence = inside[0]
    second = max((share for name, share in ranking if name != best), default=0.0)
    if confidence >= limits.answer and confidence - second >= limits.margin:
        return Decision(best, confidence)
    questions = [(name, share) for name, share in inside if name in titles]
    if questions and questions[0][1] >= limits.suggest:
        return Decision(FALLBACK, confidence, _offered(questions, limits))
    if best not in titles and confidence >= limits.suggest:
        return Decision(best, confidence)
    return refusal


def _offered(questions: Ranking, limits: Thresholds) -> Tuple[str, ...]:
    """Return the questions to offer: the two best, and more while they are likely enough."""
    return tuple(
        name
        for place, (name, share) in enumerate(questions[: limits.max_options])
        if place < 2 or share >= limits.option
    )


def _two_questions(
    ranking: Ranking, titles: Mapping[str, str], limits: Thresholds, parts: Sequence[Ranking]
) -> Tuple[str, ...]:
    """Return the two questions that the message asks, the likelier first, or nothing.

    Each must stand in a part of its own, be sure there, and be seen in the whole message too: a long story's
    sentences often look like questions when read alone.
    """
    seen = [name for name, _ in ranking[: limits.max_options + 1]]
    found: List[str] = []
    for name, share in (part[0] for part in parts if part):
        if name in titles and share >= limits.both and name in seen and name not in found:
            found.append(name)
    return tuple(sorted(found, key=seen.index)) if len(found) == 2 else ()
