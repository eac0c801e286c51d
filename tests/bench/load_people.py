"""People who chat, each with something in mind: what they say or press next, from what they were offered. Pure.

Who they are is drawn from a seed. A person never presses a button that is not there, and goes home after some turns.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import Enum
from typing import Dict, List, Optional, Sequence, Tuple

MOST_TURNS = 14
"""Nobody stays longer."""


class Mind(Enum):
    """What somebody came for."""

    QUESTION = "questions"
    MEANT = "„Menade du“ and clarifying"
    GUIDE = "a guide"
    HAND_OFF = "a case"
    RESTART = "a guide begun anew"


MIX: Dict[Mind, int] = {Mind.QUESTION: 45, Mind.MEANT: 15, Mind.GUIDE: 25, Mind.HAND_OFF: 9, Mind.RESTART: 6}
"""Of a hundred conversations."""
QUESTIONS_ONLY: Dict[Mind, int] = {Mind.QUESTION: 1}
"""What stock Rasa can answer too."""

VAGUE = ("jag kan inte logga in", "det funkar inte", "kan inte spara", "behörighet", "kortet", "inloggning")
TROUBLE = (
    "Det står webbsidan kan inte visas",
    "det står sidan finns inte",
    "Ett fel har inträffat vid inloggningen",
    "hur rensar jag cacheminnet?",
    "sömndagboken går inte att spara",
)
PERSON = "jag vill prata med en människa"
PROBLEMS = ("Knappen Spara är grå", "Skärmen blir svart när jag öppnar momentet", "Det hänger sig hela tiden")
AGAIN = "börja om guiden"

FORM: Tuple[str, ...] = ("Jag eller en kollega", "Nej, inget mer", "Svara här i chatten", "Ja, skicka")
"""The buttons that lead from asking for a person to a case."""
ONWARD = ("Klart", "Gå vidare nu", "Hoppa över", "Ja, visa hur", "Det gick inte")
ASIDE = ("Hur gör jag?", "Tillbaka")
SENT = "Ja, skicka"


@dataclass(frozen=True)
class Act:
    """What somebody does: types a text, or presses the button that says it."""

    text: str
    press: bool = False


class Person:
    """One of them."""

    def __init__(self, mind: Mind, chance: random.Random, questions: Sequence[str]) -> None:
        """``questions`` are what people ask."""
        self.mind, self._chance, self._questions = mind, chance, questions
        self._left = chance.randint(1, 4) if mind in (Mind.QUESTION, Mind.MEANT) else chance.randint(4, MOST_TURNS)
        self._said = 0
        self._problem_told = self._done = False

    def next(self, offered: Sequence[str]) -> Optional[Act]:
        """Return what they do when these buttons are offered; None: they go home."""
        if self._done or self._said >= self._left:
            return None
        act = self._first() if self._said == 0 else self._onward(offered)
        self._said += 1
        return act

    def _first(self) -> Act:
        if self.mind is Mind.MEANT:
            self._left += 1
            return Act(self._chance.choice(VAGUE))
        if self.mind is Mind.HAND_OFF:
            return Act(PERSON)
        return self._ask() if self.mind is Mind.QUESTION else Act(self._chance.choice(TROUBLE))

    def _onward(self, offered: Sequence[str]) -> Optional[Act]:
        if self.mind is Mind.QUESTION or not offered and self.mind is not Mind.HAND_OFF:
            return self._ask()
        if self.mind is Mind.MEANT:
            return Act(self._chance.choice(offered), press=True)
        if self.mind is Mind.HAND_OFF:
            return self._fill_in(offered)
        if self.mind is Mind.RESTART and self._said == 3:
            return Act(AGAIN)
        return self._walk(offered)

    def _fill_in(self, offered: Sequence[str]) -> Act:
        """Answer the form; who has sent the case asks for nothing more."""
        for title in FORM:
            if title in offered:
                self._done = title == SENT
                return Act(title, press=True)
        if not self._problem_told:
            self._problem_told = True
            return Act(self._chance.choice(PROBLEMS))
        return self._ask()

    def _walk(self, offered: Sequence[str]) -> Act:
        """Take a guide's next step; one in eight asks how, or goes back."""
        asides = [title for title in ASIDE if title in offered]
        if asides and self._chance.random() < 1 / 8:
            return Act(self._chance.choice(asides), press=True)
        steps = [title for title in ONWARD if title in offered]
        if steps:
            return Act(steps[0], press=True)
        return Act(self._chance.choice(offered), press=True)

    def _ask(self) -> Act:
        return Act(self._chance.choice(self._questions))


class Crowd:
    """People who come one after the other."""

    def __init__(self, mix: Dict[Mind, int], seed: int, questions: Sequence[str]) -> None:
        """Draw them from ``mix``."""
        self._minds: List[Mind] = list(mix)
        self._weights = [mix[mind] for mind in self._minds]
        self._chance, self._questions = random.Random(seed), questions

    def come(self) -> Person:
        """Return the next."""
        mind = self._chance.choices(self._minds, self._weights)[0]
        return Person(mind, random.Random(self._chance.random()), self._questions)
