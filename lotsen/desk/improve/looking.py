"""Which questions a content owner looks at, in groups, with what the model makes of them and where they may belong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Dict, Iterable, List, Optional, Sequence, Tuple

from lotsen.clock import utc_now
from lotsen.desk.improve import improving
from lotsen.desk.improve.readings import Found, Nearest
from lotsen.desk.services import Desk
from lotsen.improvement.corpus import Corpus, corpus
from lotsen.improvement.grouping import groups
from lotsen.improvement.questions import Question, Which, worth_a_look
from lotsen.outcomes import facts
from lotsen.outcomes.deflection import judged
from lotsen.outcomes.signs import GOOD
from lotsen.settings import CONTENT, ROOT

MAX_MESSAGES = 20_000
"""So many messages are judged for one page, the latest of the period."""
MAX_QUESTIONS = 2_000
"""So many wordings are grouped."""
QUESTIONS = f"{improving.HOME}/questions"


@dataclass(frozen=True)
class View:
    """What was chosen on the page."""

    span: int
    which: Which
    handled: bool

    @property
    def query(self) -> str:
        """Return the choice as it stands in an address."""
        return f"days={self.span}&which={self.which.value}&handled={int(self.handled)}"


@dataclass(frozen=True)
class Looked:
    """What was found."""

    questions: List[Question]
    cut: bool
    """Whether there was more than is looked at."""


@dataclass(frozen=True)
class Shown:
    """One question in a group."""

    question: Question
    nearest: Tuple[Nearest, ...]
    likeness: float


@dataclass(frozen=True)
class Card:
    """One group."""

    title: str
    weight: int
    """How often its questions were asked, in all."""
    shown: Tuple[Shown, ...]
    more: int
    """So many of its questions are not shown."""


def look(desk: Desk, view: View) -> Looked:
    """Return the questions of a period to look at."""
    since, now = improving.since(view.span), utc_now() + timedelta(minutes=1)
    rows = improving.store_of(desk).between(since, now, limit=MAX_MESSAGES)
    with desk.engine.connect() as connection:
        known = facts.between(connection, rows[0].at if rows else since, now)
    found = worth_a_look(judged(rows, known), view.which, view.handled)
    return Looked(found[:MAX_QUESTIONS], len(rows) == MAX_MESSAGES or len(found) > MAX_QUESTIONS)


def cards(found: Sequence[Question], read: Found, most: Optional[int] = None) -> List[Card]:
    """Group questions, the group that was asked most often first; ``most``: show so many of each."""
    vectors = [read.readings[question.text].vector if question.text in read.readings else () for question in found]
    made = []
    for group in groups(vectors, [question.count for question in found]):
        shown = [
            Shown(found[place], nearest(found[place], read), near)
            for place, near in list(zip(group.members, group.likeness, strict=True))[:most]
        ]
        made.append(Card(found[group.centre].text, group.weight, tuple(shown), len(group.members) - len(shown)))
    return made


def nearest(question: Question, read: Found) -> Tuple[Nearest, ...]:
    """Return the intents that the model finds likely; none if it has not read the question yet."""
    reading = read.readings.get(question.text)
    return reading.nearest if reading is not None else ()


def suggestion(known: Corpus, question: Question, guesses: Iterable[Nearest]) -> str:
    """Return the key of the place that a question may belong to: what its user chose, or what the model finds likely.

    What it was wrongly taken for is not suggested. Empty if nothing is likely.
    """
    rejected = question.intent if question.sign is not None and question.sign not in GOOD else ""
    for intent in [question.pressed, *(guess.id for guess in guesses), *question.suggestions]:
        key = known.nearest_spot(intent, question.text) if intent and intent != rejected else ""
        if key:
            return key
    return ""


def present() -> Corpus:
    """Return the examples as they are on the disk now."""
    return corpus(ROOT, CONTENT)


def places(desk: Desk, known: Corpus) -> List[Tuple[str, List[Tuple[str, str]]]]:
    """Return where examples may go, for a list to choose from: by folder, each with its key and its name."""
    by_folder: Dict[str, List[Tuple[str, str]]] = {}
    for key, spot in known.spots.items():
        folder = spot.path.split("/")[-2]
        by_folder.setdefault(desk.say(f"improve_folder_{folder}"), []).append((key, place_name(desk, key)))
    return list(by_folder.items())


def place_name(desk: Desk, key: str) -> str:
    """Return what a place is called: the title of its question, and the subject if it has one."""
    intent, _, subject = key.partition("/")
    title = improving.title_of(desk, intent)
    return f"{title}: {subject}" if subject else title
