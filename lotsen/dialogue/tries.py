"""How often in a row the bot could not help: pure, shared by the action that offers a person and the policy."""

from __future__ import annotations

from typing import Iterable

from lotsen.understanding.decision import FALLBACK, is_out_of_scope

TRIES = 2
"""After so many failed tries in a row a person is offered."""
_NONE_OF_THESE = "none_of_these"


def failed_tries(intents: Iterable[str]) -> int:
    """Return how many of the user's messages in a row were not answered; ``intents`` are theirs, the latest first.

    "Menade du ...?" and "inget av dessa" after it are one try.
    """
    tries = 0
    later = ""
    for intent in intents:
        if not (is_out_of_scope(intent) or intent in (FALLBACK, _NONE_OF_THESE)):
            break
        if not (intent == FALLBACK and later == _NONE_OF_THESE):
            tries += 1
        later = intent
    return tries
