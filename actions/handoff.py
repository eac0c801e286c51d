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

from actions.guide import end_run
from actions.saying import say
from actions.services import case_store, content
from actions.slots import (
    ERROR_TEXT,
    GUIDE_RUN,
    HANDOFF_AFFECTED,
    HANDOFF_CONFIRMED,
    HANDOFF_ID,
    HANDOFF_NOTE,
    TRIED,
    active_run,
    latest_intent,
    said_intents,
    tried_runs,
)
from lotsen.cases.case import FACT_LABELS, CaseDraft, summary, tried_steps
from lotsen.content.catalogue import Question
from lotsen.guides.model import Status
from lotsen.privacy.masking import mask

logger = logging.getLogger(__name__)

RESIDENT = "invånare"
RESIDENT_INTENT = "resident_cannot_log_in"
_NOTHING_TO_ADD = ("deny", "stop")
_SURE = 0.9
"""So sure the model must be that a text says "no"; a short description ("fel text") looks a little like it."""


class ActionBeginHandoff(Action):
    """Says where to call at once, and puts away a guide that was under way."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_begin_handoff"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Begin; the form asks the rest."""
        say(dispatcher, "handoff_begins")
        run = active_run(tracker)
        return end_run(tracker, run, Status.HANDOFF) if run is not None else []


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
        if tried_runs(tracker) and (question is None or question.id != RESIDENT_INTENT):
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
        say(dispatcher, "handoff_preview", summary=summary(_draft(tracker)))
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
            return _cleared()
        if not tracker.get_slot(HANDOFF_CONFIRMED):
            say(dispatcher, "handoff_dropped")
            return _cleared()
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
        return [*_cleared(), SlotSet(TRIED, None), SlotSet(GUIDE_RUN, None), SlotSet(ERROR_TEXT, None)]


class ActionDropHandoff(Action):
    """Ends the hand-off because the user said stop. What was tried is kept for a later one."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_drop_handoff"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Say that nothing is sent."""
        say(dispatcher, "handoff_dropped")
        return [ActiveLoop(None), SlotSet("requested_slot", None), *_cleared(), FollowupAction("action_listen")]


def _cleared() -> List[EventType]:
    """Return the events that empty the form."""
    return [SlotSet(name, None) for name in (HANDOFF_AFFECTED, HANDOFF_NOTE, HANDOFF_CONFIRMED, HANDOFF_ID)]


def _adds_nothing(tracker: Tracker) -> bool:
    """Tell whether the latest message is a plain no, pressed or written."""
    intent = tracker.latest_message.get("intent") or {}
    return intent.get("name") in _NOTHING_TO_ADD and float(intent.get("confidence") or 0) >= _SURE


def _last_question(tracker: Tracker) -> Optional[Question]:
    """Return the question of the FAQ that the user asked last."""
    questions = content().questions
    return next((questions[intent] for intent in said_intents(tracker) if intent in questions), None)


def _topic(tracker: Tracker) -> Optional[str]:
    """Return what the problem is about, if the conversation tells.

    A walked guide does, an error text, and a question that the FAQ says to make a case about.
    """
    runs = tried_runs(tracker)
    if runs:
        return content().guides[runs[-1].guide].title if runs[-1].guide in content().guides else runs[-1].guide
    question = _last_question(tracker)
    if question is not None and question.needs:
        return question.title
    return tracker.get_slot(ERROR_TEXT)


def _draft(tracker: Tracker) -> CaseDraft:
    """Gather the case from what the conversation knows."""
    runs = tried_runs(tracker)
    note = tracker.get_slot(HANDOFF_NOTE) or ""
    topic = _topic(tracker)
    return CaseDraft(
        problem=topic or note,
        guide=runs[-1].guide if runs else None,
        reason=runs[-1].reason if runs else None,
        tried=tried_steps(content().guides, runs),
        facts={name: value for name in FACT_LABELS if (value := tracker.get_slot(name))},
        added=note if topic else "",
    )
