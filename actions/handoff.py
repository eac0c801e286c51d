"""The hand-off: what will be sent, the user's word on it, and the case.

The form asks at most three things: who has the problem (unless known), what to add, and whether to send. A resident's
own problem never becomes a case: the FAQ sends residents to 1177's national support.
"""

from __future__ import annotations

import logging
import uuid
from typing import Any, Dict, List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.types import DomainDict
from sqlalchemy.exc import SQLAlchemyError

from actions.saying import offer, say
from actions.services import case_store, content
from actions.slots import (
    ERROR_TEXT,
    HANDOFF_AFFECTED,
    HANDOFF_CONFIRMED,
    HANDOFF_ID,
    HANDOFF_NOTE,
    latest_intent,
    read_journey,
    said_intents,
)
from actions.walking import Walking
from lotsen.cases.case import FACT_LABELS, CaseDraft, summary, tried_steps
from lotsen.content.catalogue import Question
from lotsen.content.texts import outcome_words
from lotsen.privacy.masking import mask

logger = logging.getLogger(__name__)

RESIDENT = "invånare"
RESIDENT_INTENT = "resident_cannot_log_in"
_NOTHING_TO_ADD = ("deny", "stop")
_SURE = 0.9
"""So sure the model must be that a text says "no"; a short description ("fel text") looks a little like it."""


class ActionBeginHandoff(Action):
    """Says where to call at once. A guide under way waits; the case tells how far it has come."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_begin_handoff"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Begin; the form asks the rest."""
        say(dispatcher, "handoff_begins")
        return []


class ValidateHandoffForm(FormValidationAction):
    """Decides what must be asked, and reads the answers."""

    def name(self) -> str:
        """Return the name that Rasa derives from the form's."""
        return "validate_handoff_form"

    async def required_slots(
        self,
        domain_slots: List[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> List[str]:
        """Ask who has the problem unless a guide was the last thing asked for; nothing more when it is a resident."""
        if tracker.get_slot(HANDOFF_AFFECTED) == RESIDENT:
            return [HANDOFF_AFFECTED]
        question = _last_question(tracker)
        if read_journey(tracker).told and (question is None or question.id != RESIDENT_INTENT):
            return [HANDOFF_NOTE, HANDOFF_CONFIRMED]
        return domain_slots

    def validate_handoff_affected(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Dict[str, Any]:
        """A resident named anywhere in the answer decides: "jag frågar åt en patient" is the patient's problem."""
        said = set(tracker.get_latest_entity_values("affected"))
        return {HANDOFF_AFFECTED: RESIDENT if RESIDENT in said else value}

    def validate_handoff_note(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Dict[str, Any]:
        """Keep the text; "nej" means nothing to add, unless nothing else says what the problem is."""
        if value is None:
            return {HANDOFF_NOTE: None}
        if not _adds_nothing(tracker):
            return {HANDOFF_NOTE: mask(str(value)).strip()}
        return {HANDOFF_NOTE: "" if _topic(tracker) else None}

    async def extract_handoff_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Dict[str, Any]:
        """At the preview, "ändra" or "tillbaka" opens the text again."""
        if tracker.get_slot("requested_slot") == HANDOFF_CONFIRMED and latest_intent(tracker) == "go_back":
            return {HANDOFF_NOTE: None}
        return {}


class ActionAskHandoffAffected(Action):
    """Asks who has the problem, as a resident's own problem goes to 1177's support."""

    def name(self) -> str:
        """Return the name that the form looks for."""
        return "action_ask_handoff_affected"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Ask."""
        say(dispatcher, "handoff_ask_affected")
        return []


class ActionAskHandoffNote(Action):
    """Asks what the problem is, or, when that is known, what to add."""

    def name(self) -> str:
        """Return the name that the form looks for."""
        return "action_ask_handoff_note"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Ask; an HSA-id that the case needs is asked for unless the user has given it."""
        question = _last_question(tracker)
        if question is not None and "hsa_id" in question.needs and not tracker.get_slot("hsa_id"):
            say(dispatcher, "handoff_ask_hsa_id")
        else:
            say(dispatcher, "handoff_ask_addition" if _topic(tracker) else "handoff_ask_problem")
        return []


class ActionAskHandoffConfirmed(Action):
    """Shows in plain words what will be sent, and asks whether to send it."""

    def name(self) -> str:
        """Return the name that the form looks for."""
        return "action_ask_handoff_confirmed"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Ask; the id made here makes sending twice one case."""
        draft = _draft(tracker)
        say(dispatcher, "handoff_preview", summary=summary(draft), target=draft.target or content().target(None))
        return [SlotSet(HANDOFF_ID, tracker.get_slot(HANDOFF_ID) or uuid.uuid4().hex)]


class ActionFinishHandoff(Action):
    """Stores the case and tells its number; or tells a resident's staff where to turn; or sends nothing."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_finish_handoff"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Do what the form's answers say."""
        if tracker.get_slot(HANDOFF_AFFECTED) == RESIDENT:
            say(dispatcher, "handoff_resident")
            return [*_cleared(), *_offer_guide(dispatcher, tracker)]
        if not tracker.get_slot(HANDOFF_CONFIRMED):
            say(dispatcher, "handoff_dropped")
            return [*_cleared(), *_offer_guide(dispatcher, tracker)]
        try:
            case = case_store().create(
                key=tracker.get_slot(HANDOFF_ID),
                draft=_draft(tracker),
                conversation=tracker.sender_id,
                channel=tracker.get_latest_input_channel() or "",
            )
        except SQLAlchemyError:
            logger.exception("A case could not be stored; the user was asked to try again or call.")
            say(dispatcher, "handoff_failed")
            return [SlotSet(HANDOFF_CONFIRMED, None)]
        say(dispatcher, "handoff_sent", number=case.number)
        return [*_cleared(), SlotSet(ERROR_TEXT, None), *_offer_guide(dispatcher, tracker, sent=True)]


class ActionDropHandoff(Action):
    """Ends the hand-off because the user said stop. What was tried is kept for a later one."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_drop_handoff"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Say that nothing is sent."""
        say(dispatcher, "handoff_dropped")
        events = [*_cleared(), *_offer_guide(dispatcher, tracker)]
        return [ActiveLoop(None), SlotSet("requested_slot", None), *events, FollowupAction("action_listen")]


def _cleared() -> List[EventType]:
    """Return the events that empty the form."""
    return [SlotSet(name, None) for name in (HANDOFF_AFFECTED, HANDOFF_NOTE, HANDOFF_CONFIRMED, HANDOFF_ID)]


def _offer_guide(dispatcher: CollectingDispatcher, tracker: Tracker, sent: bool = False) -> List[EventType]:
    """Offer to go on with the guide that waited for the hand-off; ``sent`` says that a case has told of all guides."""
    walking = Walking(tracker)
    if sent:
        walking.told_in_case()
    offer(dispatcher, walking)
    return walking.events()


def _adds_nothing(tracker: Tracker) -> bool:
    """Tell whether the latest message is a plain no, pressed or written; "ja, skicka" adds nothing either."""
    intent = tracker.latest_message.get("intent") or {}
    if float(intent.get("confidence") or 0) < _SURE:
        return False
    sends = intent.get("name") == "affirm" and "skicka" in (tracker.latest_message.get("text") or "").lower()
    return intent.get("name") in _NOTHING_TO_ADD or sends


def _last_question(tracker: Tracker) -> Optional[Question]:
    """Return the question of the FAQ that the user asked last."""
    questions = content().questions
    return next((questions[intent] for intent in said_intents(tracker) if intent in questions), None)


def _topic(tracker: Tracker) -> Optional[str]:
    """Return what the problem is about, if the conversation tells.

    A walked guide does, an error text, and a question that the FAQ says to make a case about.
    """
    run = read_journey(tracker).subject
    if run is not None:
        return content().guides[run.guide].title if run.guide in content().guides else run.guide
    question = _last_question(tracker)
    if question is not None and question.needs:
        return question.title
    return tracker.get_slot(ERROR_TEXT)


def _draft(tracker: Tracker) -> CaseDraft:
    """Gather the case from what the conversation knows."""
    journey = read_journey(tracker)
    runs, subject = journey.told, journey.subject
    note = tracker.get_slot(HANDOFF_NOTE) or ""
    topic = _topic(tracker)
    return CaseDraft(
        problem=topic or note,
        guide=subject.guide if subject is not None else None,
        reason=subject.reason if subject is not None else None,
        target=content().target(subject.target) if subject is not None and subject.target else "",
        tried=tried_steps(content().guides, runs, outcome_words(content().texts)),
        facts={name: value for name in FACT_LABELS if (value := tracker.get_slot(name))},
        added=note if topic else "",
    )
