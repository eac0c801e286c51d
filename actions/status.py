"""How a case stands: asked for by its user, or told when a desk has said something."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Dict, List, Optional, Tuple

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict
from sqlalchemy.exc import SQLAlchemyError

from actions.saying import say, tell, teller
from actions.services import case_store, content, desk_hours
from actions.slots import TOLD_EVENTS
from lotsen.cases.access import number_in
from lotsen.cases.case import NUMBER_FORMAT, OVER, Status
from lotsen.cases.history import REPLY, STATUS, Event
from lotsen.cases.store import Case
from lotsen.channels.chat.lines import answer_payload
from lotsen.channels.chat.quoting import quoted
from lotsen.channels.opened import OPENED, UNKNOWN
from lotsen.content.texts import Button
from lotsen.guides.telling import Message

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
                mine = case is not None and case.conversation == tracker.sender_id
                _show(dispatcher, [case] if case is not None else [], mine)
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


def _show(dispatcher: CollectingDispatcher, cases: List[Case], own: bool = True) -> None:
    """Say how the cases stand, each with the latest answer from the desk; to one's ``own`` one can say more."""
    if not cases:
        say(dispatcher, "case_none")
    for case in cases[:SHOWN]:
        status = content().texts[f"status_{case.status.value}"].text
        said = teller().say(
            "case_shown", number=case.number, problem=case.draft.problem, status=status, sent=_local(case.created)
        )
        parts = [said.text]
        reply = case_store().history.latest(case.id, REPLY)
        if reply is not None:
            name, values = _by(reply, "case_reply")
            told = {"target": case.draft.target_name, "at": _local(reply.at), "text": quoted(reply.text)}
            parts.append(teller().say(name, **told, **values).text)
        asked = reply is not None or case.status is Status.WAITING
        tell(dispatcher, Message("\n\n".join(parts), tuple(_answers(case, asked)) if own else ()))


def _tell(dispatcher: CollectingDispatcher, event: Event) -> None:
    """Tell one event in words."""
    case: Optional[Case] = case_store().get(event.case)
    if case is None:
        return
    about = {"number": case.number, "target": case.draft.target_name}
    if event.kind == REPLY:
        name, values = _by(event, "news_reply")
        say(dispatcher, name, _answers(case), text=quoted(event.text), **about, **values)
    elif event.kind == STATUS and event.text != Status.NEW.value:
        waits = event.text == Status.WAITING.value
        say(dispatcher, f"news_{event.text}", _answers(case) if waits else (), **about)


def _answers(case: Case, asked: bool = True) -> List[Button]:
    """Return the button with which a case's user writes to the desk; none if the case is over.

    The channel obeys it (``lotsen/channels/chat/listening.py``); no rule knows its payload.
    """
    if case.status in OVER or not case.conversation:
        return []
    values = {"target": case.draft.target_name, "number": case.number}
    title = content().texts["answer_choice" if asked else "answer_more_choice"].text.format(**values)
    return [Button(title, answer_payload(case.id))]


def _by(event: Event, name: str) -> Tuple[str, Dict[str, str]]:
    """Return the text that tells a reply, and who wrote it, if that is somebody at the triage desk."""
    return (f"{name}_by", {"who": quoted(event.author)}) if event.author else (name, {})


def _local(at: datetime) -> str:
    """Return a time as users read it."""
    return f"{at.astimezone(desk_hours().zone):%Y-%m-%d %H:%M}"
