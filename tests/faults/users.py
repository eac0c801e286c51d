"""Users who are at work while something breaks, and who remember what they saw.

They do what the widget does: a message that could not be handed over is sent again under the same id until it is taken.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Dict, List, Optional

import aiohttp

from tests.bench.load_client import TURN_SECONDS, TurnFailed, WebTalk
from tests.bench.load_people import Act

AGAIN_SECONDS = 0.5
TAKEN_SECONDS = 120.0
"""So long a user tries to hand a message over."""
PAUSE = 0.4
"""How long users think; it is long enough to leave the server some rest."""
SOON = 2.0
"""Within so many seconds a user hears something: a rule of Lotsen's."""

PERSON, WHOLE = "jag vill prata med en människa", ("Jag eller en kollega", None, "Svara här i chatten")
CONFIRM = "Ja, skicka"
GUIDE = "Det står webbsidan kan inte visas"
GUIDE_STEPS = 8
QUESTIONS = ("Hur går gallring till?", "vilken webbläsare ska jag använda?", "Varför behöver vi gallra?")
ONWARD = ("Klart", "Gå vidare nu", "Hoppa över", "Det gick inte")

_STEP = re.compile(rf"\*\*Steg (\d+) av {GUIDE_STEPS}\*\*")
_CASE = re.compile(r"nummer \*\*(LOT-\d{6,})\*\*")


@dataclass
class Turn:
    """One message of a user, with when (monotonic seconds) it was sent, taken, first answered and answered in full."""

    user: str
    act: Act
    sent: float
    taken: Optional[float] = None
    first: Optional[float] = None
    over: Optional[float] = None
    heard: List[str] = field(default_factory=list)
    refused: List[str] = field(default_factory=list)
    """Why it could not be handed over at first."""

    @property
    def until_first(self) -> Optional[float]:
        """Return the seconds from handing it over until the first word."""
        return self.first - self.taken if self.first is not None and self.taken is not None else None


class PatientTalk(WebTalk):
    """A conversation whose user tries again."""

    async def turn(self, user: str, act: Act) -> Turn:
        """Do something until it is taken and answered, or there is no hope; return how it went."""
        turn = Turn(user, act, time.monotonic())
        body: Dict[str, str] = {"client_id": uuid.uuid4().hex}
        press = act.press and act.text in self._choices
        body.update({"choice": self._choices[act.text]} if press else {"text": act.text})
        over, before = self._expect(act.text), len(self.texts)
        while turn.taken is None and time.monotonic() - turn.sent < TAKEN_SECONDS:
            refused = await self._hand_over(body)
            if refused is None:
                turn.taken = time.monotonic()
            else:
                turn.refused.append(refused)
                await asyncio.sleep(AGAIN_SECONDS)
        if turn.taken is not None:
            try:
                await self._wait(over)
                turn.over = time.monotonic()
            except TurnFailed:
                turn.over = None
        answers = [number for number in range(before, len(self.texts)) if self.texts[number][0] == "bot"]
        turn.heard = [self.texts[number][1] for number in answers]
        turn.first = self.heard_at[answers[0]] if answers else None
        return turn

    async def _hand_over(self, body: Dict[str, str]) -> Optional[str]:
        """Post a message; return why it was not taken, None if it was."""
        limit = aiohttp.ClientTimeout(total=15)
        try:
            async with self._http.post(
                f"{self._base}/messages", json=body, headers=self._signed(), timeout=limit
            ) as answer:
                return None if answer.status == 202 else f"{answer.status}"
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError):
            return "no contact"


class User:
    """Somebody at work: sub-classes say with what."""

    def __init__(self, name: str, talk: PatientTalk) -> None:
        """``name`` is for reports."""
        self.name, self.talk = name, talk
        self.turns: List[Turn] = []
        self.wrong: List[str] = []
        """What must not happen, and did."""
        self.stopping = False

    async def live(self) -> None:
        """Chat until ``stopping``; what was begun is brought to its end."""
        await self.talk.begin()
        while not self.stopping:
            await self.round()

    async def round(self) -> None:
        """Do what this user does, once."""
        raise NotImplementedError

    async def do(self, text: str, press: bool = False) -> Turn:
        """Do one thing, and think a little."""
        turn = await self.talk.turn(self.name, Act(text, press))
        self.turns.append(turn)
        if turn.taken is None:
            self.wrong.append(f"{self.name}: {text!r} could not be handed over in {TAKEN_SECONDS:.0f} s")
        elif turn.over is None:
            self.wrong.append(f"{self.name}: {text!r} was taken, and not answered in {TURN_SECONDS:.0f} s")
        await asyncio.sleep(PAUSE)
        return turn


class Asker(User):
    """Asks one question after the other."""

    async def round(self) -> None:
        """Ask."""
        await self.do(QUESTIONS[len(self.turns) % len(QUESTIONS)])


class Walker(User):
    """Walks through a guide, and looks whether it ever leaves out a step."""

    async def round(self) -> None:
        """Begin the guide and walk on until it is over or the user stops."""
        step = self._step(await self.do(GUIDE), 0)
        while step is not None and not self.stopping:
            onward = next((title for title in ONWARD if title in self.talk.offered), None)
            if onward is None:
                return
            step = self._step(await self.do(onward, press=True), step)

    def _step(self, turn: Turn, before: int) -> Optional[int]:
        """Return the step where the guide stands after a turn; None if it is over."""
        shown = [int(found) for text in turn.heard for found in _STEP.findall(text)]
        if not shown:
            return before if turn.over is None or _kept_waiting(turn) else None
        if before and shown[-1] not in (before, before + 1):
            self.wrong.append(f"{self.name}: the guide went from step {before} to {shown[-1]}")
        return shown[-1]


class Sender(User):
    """Sends one case after the other, each about a problem of its own."""

    def __init__(self, name: str, talk: PatientTalk) -> None:
        """Keep what was confirmed."""
        super().__init__(name, talk)
        self.begun: List[str] = []
        """The problems of all cases that this user wanted to send."""
        self.confirmed: Dict[str, str] = {}
        """The number that the user was given, by problem."""

    async def round(self) -> None:
        """Send a case, however often a question must be answered."""
        problem = f"Knappen {_word()} är grå"
        await self.do(PERSON)
        for _ in range(12):
            offered = self.talk.offered
            if CONFIRM in offered:
                self.begun.append(problem)
                turn = await self.do(CONFIRM, press=True)
            elif "Nej, inget mer" in offered:
                turn = await self.do("Nej, inget mer", press=True)
            else:
                title = next((word for word in WHOLE if word is not None and word in offered), None)
                turn = await self.do(title, press=True) if title is not None else await self.do(problem)
            for text in turn.heard:
                found = _CASE.search(text)
                if found is not None:
                    self.confirmed[problem] = found[1]
                    return
            if self.stopping and not self.begun:
                return


def _word() -> str:
    """Return a word that nobody else uses; of letters only, as digits may be masked."""
    return uuid.uuid4().hex[:16].translate(str.maketrans("0123456789", "ghjklmnprs"))


def _kept_waiting(turn: Turn) -> bool:
    """Tell whether a turn ended without its answer: the guide stands where it stood."""
    return any("14141" in text for text in turn.heard)
