"""What the user did next, as a sign of whether a message was understood and answered. Pure: rows -> signs.

The strongest sign counts, in this order: a rating of that answer; "inget av detta"; a person asked for, or a case sent,
right after; asked again at once; what was pressed of the suggestions; thanks; how the guide went that was begun. Most
messages have no sign: who has got an answer is gone. No sign is not taken for a good one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Iterable, List, Optional, Protocol, Sequence, Set

from lotsen.content.similarity import SMALL_WORDS
from lotsen.guides.model import Status
from lotsen.outcomes.asked import Asked, Kind, words_of
from lotsen.outcomes.facts import Facts, Rated, Walked
from lotsen.understanding.text import fold

SOON = timedelta(minutes=30)
"""What comes within this time is about what was asked."""
AT_ONCE = timedelta(minutes=3)
"""Who asks again within this time has not been helped, if it is the same question."""
ENOUGH_WORDS = 0.5
"""Two messages are one question in other words when they share this part of the shorter one's telling words."""
THANKS = frozenset({"thanks", "goodbye"})
NONE_FITS, PERSON = "none_of_these", "talk_to_human"


class Turn(Protocol):
    """What is needed of a message to tell how its conversation ended; a row of the table is one, too."""

    @property
    def conversation(self) -> str:
        """Return the conversation's name."""

    @property
    def channel(self) -> str:
        """Return the channel."""

    @property
    def at(self) -> datetime:
        """Return when it was said."""

    @property
    def kind(self) -> str:
        """Return the kind, or its name."""

    @property
    def intent(self) -> str:
        """Return the intent acted on."""

    @property
    def pressed(self) -> Optional[str]:
        """Return the button pressed after it."""

    @property
    def outcome(self) -> Optional[str]:
        """Return how the conversation ended, if its user ended it."""


class Sign(str, Enum):
    """What the user did next."""

    RATED_UP = "rated_up"
    THANKED = "thanked"
    """Said thanks or goodbye right after."""
    PICKED = "picked"
    """Pressed what was offered first, or an answer to the bot's own question."""
    SOLVED = "solved"
    """The guide that was begun solved it."""
    RATED_DOWN = "rated_down"
    NONE_FITS = "none_fits"
    """Pressed "Inget av detta"."""
    HANDED_OFF = "handed_off"
    """Asked for a person, or sent a case, right after."""
    ASKED_AGAIN = "asked_again"
    """Asked the same in other words at once."""
    PICKED_OTHER = "picked_other"
    """Pressed another suggestion than the first, so the best guess was wrong."""
    LEFT_AT_ONCE = "left_at_once"
    """Left the guide without doing any step."""


GOOD = frozenset({Sign.RATED_UP, Sign.THANKED, Sign.PICKED, Sign.SOLVED})
"""Signs that the message was understood; the others say that it was not."""
_OFFERS = frozenset({Kind.SUGGESTED, Kind.CLARIFIED})
_SAID_SOMETHING = frozenset({Kind.ANSWERED, *_OFFERS})


@dataclass(frozen=True)
class Judged:
    """A message and what the user did next; None if nothing tells."""

    asked: Asked
    sign: Optional[Sign]

    @property
    def wrong(self) -> bool:
        """Tell whether it was taken for the wrong thing, or the answer did not help."""
        return self.sign is not None and self.sign not in GOOD


def judge(rows: Sequence[Asked], facts: Facts) -> List[Judged]:
    """Judge the messages of one conversation; ``rows`` are all of them, oldest first, and ``facts`` are of it only."""
    found: List[Judged] = []
    for place, asked in enumerate(rows):
        if asked.sign is not None or asked.outcome is not None:
            found.append(Judged(asked, Sign(asked.sign) if asked.sign else None))
            continue
        following = rows[place + 1] if place + 1 < len(rows) else None
        found.append(Judged(asked, _sign(asked, following, rows[place + 1 :], facts)))
    return found


def _sign(asked: Asked, following: Optional[Asked], later: Sequence[Asked], facts: Facts) -> Optional[Sign]:
    """Return the strongest sign."""
    if asked.kind is Kind.GUIDE:
        return _of_guide(asked, following, facts.runs)
    if asked.kind not in _SAID_SOMETHING:
        return None
    rating = _rating(asked, later, facts.ratings)
    if rating is not None:
        return Sign.RATED_UP if rating.up else Sign.RATED_DOWN
    if asked.pressed == NONE_FITS:
        return Sign.NONE_FITS
    if _handed_off(asked, following, facts):
        return Sign.HANDED_OFF
    if following is not None and again(asked, following):
        return Sign.ASKED_AGAIN
    if asked.kind in _OFFERS and asked.pressed in asked.suggestions:
        first = asked.kind is Kind.CLARIFIED or asked.pressed == asked.suggestions[0]
        return Sign.PICKED if first else Sign.PICKED_OTHER
    return Sign.THANKED if following is not None and thanked(asked, following) else None


def thanked(asked: Turn, following: Turn) -> bool:
    """Tell whether thanks or goodbye came right after an answer, or after one of the bot's suggestions was pressed."""
    if following.intent not in THANKS or following.at - asked.at > SOON:
        return False
    chosen = asked.pressed is not None and asked.pressed not in (NONE_FITS, PERSON)
    return asked.kind == Kind.ANSWERED or (asked.kind in _OFFERS and chosen)


def again(asked: Asked, following: Asked) -> bool:
    """Tell whether the next message asks the same in other words, at once.

    A message that was only offered choices is asked again whatever the words: "Menade du ...?" was no help.
    """
    if following.kind in (Kind.SMALL_TALK, Kind.HANDOFF) or following.at - asked.at > AT_ONCE:
        return False
    if asked.kind in _OFFERS:
        return asked.pressed is None
    if asked.intent == following.intent:
        return True
    one, other = _telling(asked), _telling(following)
    return bool(one and other) and len(one & other) >= ENOUGH_WORDS * min(len(one), len(other))


def _telling(asked: Asked) -> Set[str]:
    """Return the words that tell what is asked."""
    words = fold(asked.words or words_of(asked.text)).replace("-", " ").split()
    return {word for word in words if word not in SMALL_WORDS}


def _rating(asked: Asked, later: Iterable[Asked], ratings: Sequence[Rated]) -> Optional[Rated]:
    """Return how the answer was rated: the last rating, until the same answer was given again."""
    if asked.kind is not Kind.ANSWERED:
        return None
    answers = {asked.intent, *asked.suggestions}
    until = next((other.at for other in later if other.intent == asked.intent), None)
    given = [one for one in ratings if one.answer in answers and one.at >= asked.at]
    return next((one for one in reversed(given) if until is None or one.at < until), None)


def _handed_off(asked: Asked, following: Optional[Asked], facts: Facts) -> bool:
    """Tell whether a person was asked for, or a case sent, before anything else was asked."""
    if asked.pressed == PERSON:
        return True
    if following is not None and following.kind is Kind.HANDOFF and following.at - asked.at <= SOON:
        return True
    until = following.at if following is not None else asked.at + SOON
    return any(asked.at <= case.at < min(until, asked.at + SOON) for case in facts.cases)


def _of_guide(asked: Asked, following: Optional[Asked], runs: Sequence[Walked]) -> Optional[Sign]:
    """Return what the run tells that this message began. A case at the end of a guide says nothing of the message."""
    until = following.at if following is not None and following.kind is Kind.GUIDE else None
    run = next((run for run in runs if run.guide == asked.intent and _begun(run.began, asked.at, until)), None)
    if run is None:
        return None
    if run.status is Status.RESOLVED:
        return Sign.SOLVED
    left = run.status in (Status.STOPPED, Status.SWITCHED) and run.last is None
    return Sign.LEFT_AT_ONCE if left else None


def _begun(began: datetime, at: datetime, until: Optional[datetime]) -> bool:
    """Tell whether a run began with a message; the two clocks may be a little apart."""
    return at - timedelta(seconds=5) <= began <= at + timedelta(minutes=1) and (until is None or began < until)
