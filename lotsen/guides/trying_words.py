"""What can be typed when a guide is tried in the terminal. No model is there, so it is a fixed list of words."""

from __future__ import annotations

import json
import re
from typing import Mapping, Tuple

from lotsen.guides.said import Said
from lotsen.understanding.text import fold, normalise

TIME = "time_is_up"
"""No intent of the bot's: the clock, which the terminal does not have."""

PHRASES: Mapping[str, Tuple[str, ...]] = {
    "next_step": ("klart", "färdig", "gjort", "nästa", "fortsätt", "gå vidare", "vidare"),
    "solved": ("det löste sig", "löst", "det gick", "det hjälpte", "det fungerar", "det funkar", "nu fungerar det"),
    "problem_persists": (
        *("det gick inte", "gick inte", "går inte", "det löste sig inte", "löste sig inte", "hjälpte inte"),
        *("det hjälpte inte", "fungerar inte", "funkar inte", "samma fel", "felet är kvar"),
    ),
    "affirm": ("ja", "japp", "ok", "okej"),
    "deny": ("nej", "nej tack"),
    "skip_step": ("hoppa över", "jag vet inte", "vet inte"),
    "already_done": ("det har jag redan gjort", "redan gjort", "har redan", "redan"),
    "go_back": ("tillbaka", "gå tillbaka", "backa", "ångra"),
    "ask_why": ("varför", "varför då"),
    "ask_how": ("hur", "hur gör jag", "hur då"),
    "repeat": ("upprepa", "igen", "visa igen"),
    "recall_step": ("vilket steg är jag på", "visa steg", "steg"),
    "wait_a_moment": ("jag kommer strax", "strax", "vänta lite"),
    "restart_guide": ("börja om",),
    "stop": ("avbryt", "sluta"),
    TIME: ("tiden har gått", "tiden"),
}
"""For each intent the words for it; the first is the one that "?" shows."""
_INSIDE = 0.5
"""How sure a phrase is that stands among other words: such a message may be a note just as well."""


def typed(text: str) -> Said:
    """Read a line as the model would, as well as a list of words can; the intent is empty if none is found."""
    words = fold(normalise(text))
    best, length = "", 0
    for intent, phrases in PHRASES.items():
        for phrase in map(fold, phrases):
            if phrase == words:
                return Said(intent, text)
            if len(phrase) > length and _inside(phrase, words):
                best, length = intent, len(phrase)
    return Said(best, text, _INSIDE)


def pressed(payload: str) -> Said:
    """Read a button."""
    intent, _, entities = payload.partition("{")
    carried = json.loads("{" + entities) if entities else {}
    return Said(intent.lstrip("/"), payload, entities={name: (str(carried[name]),) for name in carried}, typed=False)


def _inside(phrase: str, words: str) -> bool:
    """Tell whether a phrase stands among the words, and says no less than they do about "inte"."""
    negated = re.search(r"\binte\b", words) is not None
    return re.search(rf"\b{re.escape(phrase)}\b", words) is not None and negated == ("inte" in phrase.split())
