"""From a pasted text to a suggestion: what it is about, how urgent, what it tells and what it leaves out. Pure.

The model is asked in between (``understanding.py``): ``texts_of`` says what to have read, and ``suggest`` takes the
answers in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Mapping, Optional, Sequence, Tuple

from lotsen.cases.access import NUMBER
from lotsen.cases.case import Category, Contact, Level, Priority
from lotsen.cases.priority import priority_of
from lotsen.channels.parse_wire import Read
from lotsen.channels.typed import MAX_TEXT
from lotsen.content.catalogue import Content
from lotsen.desk.reading.contact import contact_of
from lotsen.desk.reading.facts import Told, facts_of, is_fault, missing_of, told_impact
from lotsen.desk.reading.letter import Letter, read_letter
from lotsen.desk.reading.lines import AUTOMATIC
from lotsen.desk.reading.topics import Topic, topics_of
from lotsen.privacy.masking import mask

MAX_SENTENCES = 80
"""So many sentences are read one by one; a longer text's rest counts in the whole only as far as that is read."""


@dataclass(frozen=True)
class Suggestion:
    """What the desk is shown of a text. Nothing of it is decided: all of it can be changed before there is a case."""

    letter: Letter
    topics: Tuple[Topic, ...]
    """What it may be about, best first; empty if nothing is worth showing."""
    automatic: bool
    """A machine has answered ("Automatiskt svar"), so there is nothing to do."""
    told: Told
    priority: Priority
    contact: Contact
    facts: Mapping[str, str]
    missing: Tuple[str, ...]
    cases: Tuple[int, ...]
    """The ids of the cases that it names."""

    @property
    def best(self) -> Optional[Topic]:
        """Return what it is most likely about."""
        return next(iter(self.topics), None)

    @property
    def both(self) -> bool:
        """Tell whether it asks two things: both stand out, each in a sentence of its own."""
        sure = [topic for topic in self.topics if topic.certainty >= _ALSO and topic.said and not topic.out_of_scope]
        return len(sure) > 1 and sure[0].said != sure[1].said


_ALSO = 0.6
"""With this much support a second topic is asked, too, and no runner-up."""


def read_text(text: str) -> Letter:
    """Take a pasted text apart, its personal identity numbers masked first."""
    return read_letter(mask(text))


def texts_of(letter: Letter) -> List[str]:
    """Return what the model is to read: the whole, then sentence by sentence; nothing of a text without words."""
    if not letter.whole:
        return []
    return [text[:MAX_TEXT] for text in (letter.whole, *letter.sentences[:MAX_SENTENCES])]


def suggest(
    content: Content, text: str, letter: Letter, reads: Sequence[Read], disturbance: bool = False
) -> Suggestion:
    """Make the suggestion from what the model has read; without that, of what the text alone tells.

    ``text`` is what was pasted, and ``disturbance`` says that others have the same trouble now.
    """
    automatic = AUTOMATIC.search(mask(text).strip()[:_BEGINNING]) is not None or _says_automatic(text)
    topics = topics_of(reads[0], reads[1:], content.questions) if reads and not automatic else ()
    told = told_impact(letter, is_fault(content, next(iter(topics), None)))
    contact, facts = contact_of(letter), facts_of(letter, reads)
    return Suggestion(
        letter=letter,
        topics=topics,
        automatic=automatic,
        told=told,
        priority=Priority(Level.NORMAL) if automatic else priority_of(told.impact, disturbance),
        contact=contact,
        facts=facts,
        missing=() if automatic else missing_of(content, letter, topics, facts, contact, told, bool(reads)),
        cases=tuple(dict.fromkeys(int(found[1]) for found in NUMBER.finditer(mask(text)))),
    )


_BEGINNING = 200


def _says_automatic(text: str) -> bool:
    """Tell whether the subject says that a machine has answered."""
    subjects = (
        line.partition(":")[2] for line in text.split("\n")[:12] if line.lower().startswith(("ämne:", "subject:"))
    )
    return any(AUTOMATIC.search(subject.strip()) for subject in subjects)


def category_of(content: Content, topic: Optional[Topic]) -> Category:
    """Return a topic as what a case is about; empty if it is no question of the FAQ."""
    question = content.questions.get(topic.id) if topic is not None else None
    return Category(question.id, question.title, question.section) if question is not None else Category()
