"""What a letter tells beside its question, how urgent that makes it, and what it leaves out. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Collection, Dict, List, Mapping, Optional, Sequence, Tuple

from lotsen.cases.case import Contact, Impact
from lotsen.cases.impact import impact_in
from lotsen.cases.wording import FACTS
from lotsen.channels.parse_wire import Read
from lotsen.content.catalogue import Content
from lotsen.desk.reading.letter import Letter
from lotsen.desk.reading.topics import LOGIN, Topic
from lotsen.guides.model import included
from lotsen.runtime.naming import offered_for

_QUOTED = re.compile(
    r"(?:\bstår\b|\bsäger\b|\bsyns\b|meddelande\w*|\btext\w*|\bruta\w*|\bdyker upp\b|\bkommer\b|\bfel\w*)"
    r"[^\"”“»\n]{0,50}[\"”“»]([^\"”“«\n]{6,160})[\"”“«]",
    re.IGNORECASE,
)
_NO_ERROR = re.compile(
    r"\b(?:ingen|inget|inga|utan)\s+(?:som helst\s+)?(?:fel\w*|ruta|meddelande\w*|text)\b|\bhänder ingenting\b|"
    r"\b(?:helt\s+)?(?:vit|svart|tom)\s+(?:sida|skärm|ruta)\b",
    re.IGNORECASE,
)
ONLY_ONE = re.compile(
    r"\b(?:bara|endast)\s+(?:jag|mig|hos mig|undertecknad)\b|\bingen annan\b|\b1\s+(?:anv\w*|person)\b|"
    r"\bkolleg\w*\s+(?:har inte|kommer in)\b",
    re.IGNORECASE,
)
"""Only the writer is stopped: nothing to ask about that."""


@dataclass(frozen=True)
class Told:
    """Whom the problem stops, and the words that say so."""

    impact: Optional[Impact] = None
    quote: str = ""


def facts_of(letter: Letter, reads: Sequence[Read]) -> Dict[str, str]:
    """Return the facts that a case has a place for, by slot. Several values of one kind are all kept."""
    found: Dict[str, Dict[str, None]] = {}
    for read in reads:
        for entity in read.entities:
            if entity.entity in FACTS:
                found.setdefault(entity.entity, {})[entity.value] = None
    quoted = _QUOTED.search(letter.body)
    if "error_text" not in found and quoted is not None:
        found["error_text"] = {quoted[1].strip(): None}
    return {name: ", ".join(found[name]) for name in FACTS if name in found}


def told_impact(letter: Letter, fault: bool) -> Told:
    """Return whom a letter says that the problem stops: the gravest that one sentence tells.

    Each is read alone, as what excludes it ("nästa vecka") belongs to its own sentence; a patient may also wait in two
    that follow ("Patienten är här. Hon väntar."). Several are stopped only by a ``fault``: "tre nya psykologer" in a
    question about the FAQ are what it is about.
    """
    sentences = [*([letter.subject] if letter.subject else []), *letter.sentences]
    pairs = [f"{one} {other}" for one, other in zip(sentences, sentences[1:], strict=False)]
    for impact, texts in (
        (Impact.PATIENT_WAITS, [*sentences, *pairs]),
        (Impact.SEVERAL, [text for text in sentences if fault and not ONLY_ONE.search(text)]),
    ):
        found = next((text for text in texts if impact_in(text) is impact), None)
        if found is not None:
            return Told(impact, found)
    return Told()


def is_fault(content: Content, topic: Optional[Topic]) -> bool:
    """Tell whether something does not work: what has a guide, what nobody has an answer for, what is unclear."""
    return topic is None or topic.out_of_scope or topic.id == LOGIN or topic.id in content.guides


def missing_of(
    content: Content,
    letter: Letter,
    topics: Sequence[Topic],
    facts: Mapping[str, str],
    contact: Contact,
    told: Told,
    read: bool = True,
) -> Tuple[str, ...]:
    """Return what the desk would have to ask for, in the order to ask it; ``templates/text_parts.html`` words it.

    It is what the bot asks: a guide for what its steps differ by, the hand-off for the rest. Without ``read`` the model
    has not said what the letter is about, so that is not asked for.
    """
    topic = next(iter(topics), None)
    text = f"{letter.subject}\n{letter.body}"
    screen = topic is not None and topic.id in {LOGIN, *offered_for(content, {}, LOGIN, [], False)}
    asked = _asked_by(content, topic.id) if topic is not None else set()
    question = content.questions.get(topic.id) if topic is not None else None
    found: List[Tuple[str, bool]] = [
        ("problem", topic is None and read),
        ("error_text", screen and "error_text" not in facts and not _NO_ERROR.search(text)),
        ("browser", (screen or "browser" in asked) and "browser" not in facts),
        ("place", "place" in asked and "place" not in facts),
        ("affected", screen and told.impact is None and not ONLY_ONE.search(text)),
        ("hsa_id", question is not None and "hsa_id" in question.needs and not contact.hsa_id),
        ("name", not contact.name),
        ("unit", not contact.unit),
        ("contact", not (contact.phone or contact.email)),
    ]
    return tuple(name for name, lacks in found if lacks)


def _asked_by(content: Content, id: str) -> Collection[str]:
    """Return the facts that a guide asks for, or one that it includes."""
    return {step.ask for guide in included(content.guides, id) for step in guide.steps if step.ask is not None}
