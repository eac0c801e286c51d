"""How a case stands: asked for by its user, or told when a desk has said something."""

from __future__ import annotations

import logging
from typing import List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict
from sqlalchemy.exc import SQLAlchemyError

from actions.saying import say, teller
from actions.services import case_store, content, desk_hours
from actions.slots import TOLD_EVENTS
from lotsen.cases.access import number_in
from lotsen.cases.case import NUMBER_FORMAT, Status
from lotsen.cases.history import REPLY, STATUS, Event
from lotsen.cases.store import Case
from lotsen.channels.opened import OPENED, UNKNOWN

SHOWN = 3
"""So many of a conversation's cases are shown, the latest first."""

logger = logging.getLogger(__name__)


class ActionCaseStatus(Action):
    """Shows how one's own cases stand: those of this conversation, or one whose code was given.

    The channel checks number and code (``lotsen/channels/opened.py``), and hands over which case they open; no text of
    a user can name one.
    """

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_case_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Show the cases, or say what is needed to see them."""
        try:
            own = case_store().of_conversation(tracker.sender_id)
            opened = next(tracker.get_latest_entity_values(OPENED), None)
            number = number_in(tracker.latest_message.get("text") or "") if opened is None else None
            if opened is not None and str(opened) == UNKNOWN:
                say(dispatcher, "case_unknown")
            elif opened is not None:
                case = case_store().get(int(opened))
                _show(dispatcher, [case] if case is not None else [])
            elif number is not None and number not in {case.id for case in own}:
                say(dispatcher, "case_needs_code", number=NUMBER_FORMAT.format(number))
            else:
                _show(dispatcher, [case for case in own if number in (None, case.id)])
        except SQLAlchemyError:
            logger.exception("Cases could not be read.")
            say(dispatcher, "handoff_failed")
        return []


class ActionCaseNews(Action):
    """Tells what desks have said of this conversation's cases. No rule runs it, but the channel, when there is some."""

    def name(self) -> str:
        """Return the name that the channel uses."""
        return "action_case_news"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Tell all that is new, and note in a slot up to where.

        An event counts as told when it is handed out again and the slot says so: the slot is stored after the message.
        """
        history = case_store().history
        last = int(tracker.get_slot(TOLD_EVENTS) or 0)
        events = history.untold(tracker.sender_id)
        for event in events:
            if event.id > last:
                _tell(dispatcher, event)
        history.told([event.id for event in events if event.id <= last])
        told = max([last, *(event.id for event in events)])
        # No message of the user began this, so Rasa does not add by itself that the bot listens again.
        return [SlotSet(TOLD_EVENTS, told), ActionExecuted("action_listen")]


def _show(dispatcher: CollectingDispatcher, cases: List[Case]) -> None:
    """Say how the cases stand, each with the latest answer from the desk."""
    if not cases:
        say(dispatcher, "case_none")
    for case in cases[:SHOWN]:
        status = content().texts[f"status_{case.status.value}"].text
        sent = f"{case.created.astimezone(desk_hours().zone):%Y-%m-%d %H:%M}"
        said = teller().say("case_shown", number=case.number, problem=case.draft.problem, status=status, sent=sent).text
        reply = case_store().history.latest(case.id, REPLY)
        if reply is not None:
            at = f"{reply.at.astimezone(desk_hours().zone):%Y-%m-%d %H:%M}"
            answer = teller().say("case_reply", target=case.draft.target_name, at=at, text=quoted(reply.text)).text
            said = f"{said}\n\n{answer}"
        dispatcher.utter_message(text=said, buttons=[])


def _tell(dispatcher: CollectingDispatcher, event: Event) -> None:
    """Tell one event in words."""
    case: Optional[Case] = case_store().get(event.case)
    if case is None:
        return
    number, target = case.number, case.draft.target_name
    if event.kind == REPLY:
        say(dispatcher, "news_reply", number=number, target=target, text=quoted(event.text))
    elif event.kind == STATUS and event.text != Status.NEW.value:
        say(dispatcher, f"news_{event.text}", number=number, target=target)


def quoted(text: str) -> str:
    r"""Return what a desk wrote so that the chat shows it as it is, not as Markdown: people write stars and brackets.

    >>> quoted("Starta *om* [nu]")
    'Starta ∗om∗ (nu)'
    """
    return text.replace("*", "∗").replace("[", "(").replace("]", ")").replace("`", "'")
