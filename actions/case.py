"""Gathering a case from what the conversation knows. What is known is not asked for again."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Dict, Iterable, List, Mapping, Optional

from rasa_sdk import Tracker

from actions.services import all_sessions, content
from actions.slots import (
    CONTACT,
    ERROR_TEXT,
    HANDOFF_AFFECTED,
    HANDOFF_NOTE,
    read_journey,
    said_intents,
)
from lotsen.cases import letter_of
from lotsen.cases.case import CaseDraft, Category, Contact, Impact
from lotsen.cases.contact import known_contact
from lotsen.cases.impact import impact_of
from lotsen.cases.priority import priority_of
from lotsen.cases.transcript import transcript
from lotsen.cases.tried import tried_guides
from lotsen.cases.wording import FACTS, Words
from lotsen.channels.person import PERSON, Person
from lotsen.content.catalogue import Question
from lotsen.content.texts import words

RESIDENT = "invånare"
_LAST_CASE = "action_finish_handoff"
_IMPACTS = {"personal": Impact.ONE, "several": Impact.SEVERAL, "patient_waits": Impact.PATIENT_WAITS}


def case_words() -> Words:
    """Return the words that a case is told in."""
    return letter_of.case_words(content().texts)


def last_question(tracker: Tracker) -> Optional[Question]:
    """Return the question of the FAQ that the user asked last."""
    questions = content().questions
    return next((questions[intent] for intent in said_intents(tracker) if intent in questions), None)


def topic(tracker: Tracker) -> Optional[str]:
    """Return what the problem is about, if the conversation tells.

    A walked guide does, an error text, and a question that the FAQ says to make a case about.
    """
    run = read_journey(tracker).subject
    if run is not None:
        return content().guides[run.guide].title if run.guide in content().guides else run.guide
    question = last_question(tracker)
    if question is not None and question.needs:
        return question.title
    return tracker.get_slot(ERROR_TEXT)


def target_of(tracker: Tracker) -> str:
    """Return who takes over, by id: as the guide says, or the usual one."""
    subject = read_journey(tracker).subject
    return subject.target if subject is not None and subject.target else next(iter(content().targets), "")


def contact_of(tracker: Tracker) -> Contact:
    """Return how the user can be reached: as they answered, or else as an earlier message told."""
    stored = tracker.get_slot(CONTACT)
    told = Contact(**stored) if stored is not None else known_contact(typed(tracker.events))
    person = signed_in(tracker.events)
    return replace(told, name=told.name or person.name, unit=told.unit or person.unit) if person is not None else told


def signed_in(events: Iterable[Mapping[str, Any]]) -> Optional[Person]:
    """Return who the user is, if the page that embeds the chat has shown it."""
    for event in reversed(list(events)):
        if event.get("event") == "user" and (person := Person.from_json((event.get("metadata") or {}).get(PERSON))):
            return person
    return None


def contact_slot(contact: Contact) -> Dict[str, Any]:
    """Return a contact as the slot keeps it."""
    return asdict(contact)


def impact_told(tracker: Tracker) -> Optional[Impact]:
    """Return whom the problem stops: as answered, or else as told since the last case."""
    return _IMPACTS.get(tracker.get_slot(HANDOFF_AFFECTED) or "") or impact_of(typed(_since_last_case(tracker)))


def draft_of(tracker: Tracker, disturbance: bool = False) -> CaseDraft:
    """Gather the case; ``disturbance`` says that others have the same trouble now."""
    journey = read_journey(tracker)
    subject = journey.subject
    note = tracker.get_slot(HANDOFF_NOTE) or ""
    about = topic(tracker)
    target = target_of(tracker)
    contact = contact_of(tracker)
    facts = {name: value for name in FACTS if (value := tracker.get_slot(name)) and isinstance(value, str)}
    hsa_id = tracker.get_slot("hsa_id")
    return CaseDraft(
        problem=about or note or content().texts["handoff_no_problem"].text,
        category=category_of(tracker),
        reason=subject.reason or "" if subject is not None else "",
        target=target,
        target_name=content().target(target),
        tried=tried_guides(content().guides, journey.told, words(content().texts, "outcome")),
        facts=facts,
        contact=Contact(**{**asdict(contact), "hsa_id": contact.hsa_id or (hsa_id if isinstance(hsa_id, str) else "")}),
        impact=impact_told(tracker),
        priority=priority_of(impact_told(tracker), disturbance),
        added=note if about else "",
        transcript=transcript(all_sessions(tracker), content().texts["handoff_preview"].text.split("{")[0]),
    )


def category_of(tracker: Tracker) -> Category:
    """Return what the case is about: the guide walked, or the question asked last."""
    run, question = read_journey(tracker).subject, last_question(tracker)
    id = run.guide if run is not None else question.id if question is not None else ""
    known = content().questions.get(id)
    if known is not None:
        return Category(id, known.title, known.section)
    guide = content().guides.get(id)
    return Category(id, guide.title if guide is not None else "", "")


def typed(events: Iterable[Mapping[str, Any]]) -> List[str]:
    """Return what the user typed, oldest first; buttons are no words of theirs."""
    said = (event.get("text") or "" for event in events if event.get("event") == "user")
    return [text for text in said if text and not text.startswith("/")]


def _since_last_case(tracker: Tracker) -> List[Mapping[str, Any]]:
    """Return what has happened since a case was last sent or dropped."""
    ended = [number for number, event in enumerate(tracker.events) if event.get("name") == _LAST_CASE]
    return list(tracker.events)[ended[-1] + 1 if ended else 0 :]
