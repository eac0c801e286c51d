"""The hand-off: what will be sent, the user's word on it, and the case.

The form asks at most three things: who has the problem (unless a guide was walked), what to add, and how the user can
be reached (unless known). Each but the last can be skipped. A resident's own problem never becomes a case: the FAQ
sends residents to 1177's national support.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from typing import Any, Dict, List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.types import DomainDict
from sqlalchemy.exc import SQLAlchemyError

from actions.case import (
    RESIDENT,
    case_words,
    category_of,
    contact_of,
    contact_slot,
    draft_of,
    impact_told,
    last_question,
    signed_in,
    target_of,
    topic,
)
from actions.disturbance import active_notice
from actions.saying import offer, say, tell, teller
from actions.sending import send_case
from actions.services import content, routes
from actions.slots import (
    CONTACT,
    ERROR_TEXT,
    HANDOFF_AFFECTED,
    HANDOFF_CONFIRMED,
    HANDOFF_CONTACT,
    HANDOFF_ID,
    HANDOFF_NOTE,
    latest_intent,
    read_journey,
)
from actions.walking import Walking
from lotsen.cases.case import Contact, Impact
from lotsen.cases.contact import contact_in, known_contact, lost_a_number, merged
from lotsen.cases.impact import impact_in
from lotsen.cases.wording import preview
from lotsen.channels.person import Person
from lotsen.guides.telling import Message
from lotsen.privacy.masking import mask
from lotsen.service_desks.config import answers_in_chat

logger = logging.getLogger(__name__)

TEAMS = "teams"
"""The channel; also what its button says of how to be reached (``handoff_contact_teams``)."""
RESIDENT_INTENT = "resident_cannot_log_in"
UNKNOWN = "okänt"
"""The question was passed over, or the answer tells nothing that we understand; the transcript has it."""
_NOTHING_TO_ADD = ("deny", "stop", "skip_step")
_SURE = 0.9
"""So sure the model must be that a text says "no"; a short description ("fel text") looks a little like it."""


class ActionBeginHandoff(Action):
    """Says where to call at once. A guide under way waits; the case tells how far it has come."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_begin_handoff"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Begin; the form asks the rest."""
        say(dispatcher, "handoff_begins", target=target_name(tracker))
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
        """Leave out what is known; ask nothing more when it is a resident's problem."""
        affected = tracker.get_slot(HANDOFF_AFFECTED)
        if affected == RESIDENT:
            return [HANDOFF_AFFECTED]
        question = last_question(tracker)
        ours = question is None or question.id != RESIDENT_INTENT
        again = tracker.get_slot("requested_slot") == HANDOFF_AFFECTED or _wants_to_change_affected(tracker)
        known = ours and (read_journey(tracker).told or impact_told(tracker) is not None)
        asked = [HANDOFF_AFFECTED] if affected is not None or again or not known else []
        return [*asked, HANDOFF_NOTE, HANDOFF_CONTACT, HANDOFF_CONFIRMED]

    async def extract_handoff_affected(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Dict[str, Any]:
        """Read who has the problem; a question of the FAQ asked instead is answered first, and this asked again."""
        if tracker.get_slot("requested_slot") != HANDOFF_AFFECTED:
            return {}
        return {HANDOFF_AFFECTED: _affected(tracker)} if not _asks_something_else(tracker) else {}

    async def extract_handoff_contact(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Dict[str, Any]:
        """Read how to reach the user; what earlier messages told of it is not asked for."""
        if tracker.get_slot("requested_slot") != HANDOFF_CONTACT:
            known = contact_of(tracker)
            if tracker.get_slot(HANDOFF_CONTACT) is not None or not known.reachable:
                return {}
            return {HANDOFF_CONTACT: contact_slot(known)}
        text = tracker.latest_message.get("text") or ""
        ways = set(tracker.get_latest_entity_values("contact_way"))
        if "chat" in ways:
            return {HANDOFF_CONTACT: contact_slot(merged(contact_of(tracker), Contact(chat=True)))}
        if TEAMS in ways:
            person = signed_in(tracker.events) or Person("")
            named = Contact(name=person.name, email=person.email)
            return {HANDOFF_CONTACT: contact_slot(merged(contact_of(tracker), named)) if named.reachable else None}
        heard = contact_in(mask(text))
        if heard.phone or heard.email or (heard.chat and _answers_in_chat(tracker)):
            return {HANDOFF_CONTACT: contact_slot(merged(contact_of(tracker), heard))}
        if latest_intent(tracker) == "stop" or _asks_something_else(tracker):
            return {}
        return {HANDOFF_CONTACT: None}

    def validate_handoff_note(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Dict[str, Any]:
        """Keep the text; "nej" means nothing to add, and a button says whom the problem stops."""
        if value is None:
            return {HANDOFF_NOTE: None}
        pressed = next(tracker.get_latest_entity_values("affected"), None)
        if str(value).startswith("/") and pressed is not None:
            return {HANDOFF_NOTE: "", HANDOFF_AFFECTED: pressed}
        return {HANDOFF_NOTE: "" if _adds_nothing(tracker) else mask(str(value)).strip()}

    async def extract_handoff_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Dict[str, Any]:
        """At the preview, "ändra" or "tillbaka" opens the text again, and two buttons open the other answers."""
        if tracker.get_slot("requested_slot") != HANDOFF_CONFIRMED:
            return {}
        intent = latest_intent(tracker)
        if intent == "go_back":
            return {HANDOFF_NOTE: None}
        text = mask(tracker.latest_message.get("text") or "")
        heard = contact_in(text)
        if intent == "change_contact" or known_contact([text]).reachable:
            if heard.phone or heard.email:  # What else was said is about the change, not for the desk.
                return {HANDOFF_CONTACT: contact_slot(merged(contact_of(tracker), replace(heard, said="")))}
            return {HANDOFF_CONTACT: None}
        if _wants_to_change_affected(tracker):
            return {HANDOFF_AFFECTED: None}
        if intent == "inform_affected" or impact_in(tracker.latest_message.get("text") or "") is not None:
            return {HANDOFF_AFFECTED: _affected(tracker)}
        return {}

    def validate_handoff_affected(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Dict[str, Any]:
        """Keep the answer, which was read when it was extracted."""
        return {HANDOFF_AFFECTED: value}

    def validate_handoff_contact(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Dict[str, Any]:
        """Keep the answer for the next case, too; what is to be asked anew forgets what was told before."""
        return {HANDOFF_CONTACT: value, CONTACT: value if value is not None else contact_slot(Contact())}


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
        question = last_question(tracker)
        if question is not None and "hsa_id" in question.needs and not tracker.get_slot("hsa_id"):
            say(dispatcher, "handoff_ask_hsa_id")
        else:
            say(dispatcher, "handoff_ask_addition" if topic(tracker) else "handoff_ask_problem")
        return []


class ActionAskHandoffContact(Action):
    """Asks how the user can be reached: the one question that cannot be passed over."""

    def name(self) -> str:
        """Return the name that the form looks for."""
        return "action_ask_handoff_contact"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Ask, or say what was wrong with the answer."""
        text = tracker.latest_message.get("text") or ""
        if _asked_before(tracker) != HANDOFF_CONTACT or _asks_something_else(tracker):
            asked = teller().say("handoff_ask_contact", target=target_name(tracker))
        elif TEAMS in tracker.get_latest_entity_values("contact_way"):
            asked = teller().say("handoff_no_teams_contact")
        else:
            asked = teller().say("handoff_masked_contact" if lost_a_number(text) else "handoff_no_contact")
        also = [
            *(["handoff_contact_chat"] if _answers_in_chat(tracker) else []),
            *(["handoff_contact_teams"] if tracker.get_latest_input_channel() == TEAMS else []),
        ]
        offers = [teller().say(name) for name in also]
        texts = [offer.text for offer in (asked, *offers)]
        buttons = [button for offer in (*offers, asked) for button in offer.buttons]
        tell(dispatcher, Message(" ".join(texts), tuple(buttons)))
        return []


class ActionAskHandoffConfirmed(Action):
    """Shows in plain words what will be sent, and asks whether to send it."""

    def name(self) -> str:
        """Return the name that the form looks for."""
        return "action_ask_handoff_confirmed"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Ask; the id made here makes sending twice one case."""
        draft = draft_of(tracker, active_notice(category_of(tracker).id) is not None)
        shown = teller().say("handoff_preview", summary=preview(draft, case_words()), target=draft.target_name)
        tell(dispatcher, shown, card="preview")
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
            send_case(dispatcher, tracker)
        except SQLAlchemyError:
            logger.exception("A case could not be stored; the user was asked to try again or call.")
            say(dispatcher, "handoff_failed")
            return [SlotSet(HANDOFF_CONFIRMED, None)]
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
    form = (HANDOFF_AFFECTED, HANDOFF_NOTE, HANDOFF_CONTACT, HANDOFF_CONFIRMED, HANDOFF_ID)
    return [SlotSet(name, None) for name in form]


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


def target_name(tracker: Tracker) -> str:
    """Return who takes over, by name."""
    return content().target(target_of(tracker))


def _answers_in_chat(tracker: Tracker) -> bool:
    """Tell whether who takes over can answer in the chat."""
    return answers_in_chat(routes(), target_of(tracker))


def _wants_to_change_affected(tracker: Tracker) -> bool:
    """Tell whether the preview's button was pressed that asks anew who has the problem."""
    return tracker.get_slot("requested_slot") == HANDOFF_CONFIRMED and (
        tracker.latest_message.get("text") == "/inform_affected"
    )


def _affected(tracker: Tracker) -> str:
    """Return who has the problem, as the latest message says.

    A resident named anywhere decides ("jag frågar åt en patient"), unless the patient is one who waits.
    """
    text = tracker.latest_message.get("text") or ""
    said = set(tracker.get_latest_entity_values("affected"))
    if text.startswith("/"):
        return next(iter(said), UNKNOWN)
    impact = impact_in(text)
    if impact is Impact.PATIENT_WAITS:
        return impact.value
    if RESIDENT in said:
        return RESIDENT
    if impact is not None:
        return impact.value
    return "personal" if said or latest_intent(tracker) == "inform_affected" else UNKNOWN


def _asked_before(tracker: Tracker) -> Optional[str]:
    """Return what the form had asked for when the user said the latest message."""
    asked, before = None, None
    for event in tracker.events:
        if event.get("event") == "user":
            before = asked
        elif event.get("event") == "slot" and event.get("name") == "requested_slot":
            asked = event.get("value")
    return before


def _asks_something_else(tracker: Tracker) -> bool:
    """Tell whether the latest message is a question of its own, typed or chosen, in place of an answer."""
    intent = latest_intent(tracker)
    return intent in content().questions or intent in ("case_status", "show_menu", "show_section", "bot_challenge")
