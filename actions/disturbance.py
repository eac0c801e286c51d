"""When several have the same trouble: new users are told, cases are added to one, and all hear when it is over."""

from __future__ import annotations

import logging
from typing import List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict
from sqlalchemy.exc import SQLAlchemyError

from actions.saying import say, tell, teller
from actions.services import audience, content, notices
from actions.slots import TOLD_OVER
from actions.walking import TRIAL_CHANNEL
from lotsen.clock import utc_now
from lotsen.content.texts import Button
from lotsen.dialogue.disturbance_news import ACTION
from lotsen.disturbances.notices import Notice
from lotsen.guides.telling import Message

_AGAIN = "/restart_guide"
"""In the text a button with this stands for the guide of the trouble, which the user need not be in any more."""

logger = logging.getLogger(__name__)


class ActionDisturbanceOver(Action):
    """Tells that disturbances are over. No rule runs it, but the channel (``lotsen/dialogue/disturbance_news.py``)."""

    def name(self) -> str:
        """Return the name that the channel uses."""
        return ACTION

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        """Tell of each trouble once, and note in a slot which notices that were.

        A notice counts as heard when it is handed out again and the slot has it: the slot is stored after the message.
        """
        events: List[EventType] = []
        told = set(tracker.get_slot(TOLD_OVER) or [])
        try:
            over = audience().over(tracker.sender_id)
            audience().heard(tracker.sender_id, [notice.id for notice in over if notice.id in told])
        except SQLAlchemyError:
            logger.exception("Ended disturbances could not be read; the user is told later.")
        else:
            new = [notice for notice in over if notice.id not in told]
            for kind in dict.fromkeys(notice.kind for notice in new):
                _tell_over(dispatcher, kind)
            events = [SlotSet(TOLD_OVER, [notice.id for notice in new] or None)]
        # No message of the user began this, so Rasa does not add by itself that the bot listens again.
        return [*events, ActionExecuted("action_listen")]


def active_notice(kind: str) -> Optional[Notice]:
    """Return the notice of a disturbance that is on for a guide or a question, if one is."""
    if not kind:
        return None
    try:
        return notices().active(kind, utc_now())
    except SQLAlchemyError:
        logger.exception("Notices could not be read; the user goes on without.")
        return None


def tell_disturbance(dispatcher: CollectingDispatcher, tracker: Tracker, kind: str) -> None:
    """Tell that others have the same trouble, before the guide begins that may help all the same."""
    notice = active_notice(kind)
    if notice is None:
        return
    if notice.text:
        say(dispatcher, "disturbance_worded", text=notice.text)
    else:
        say(dispatcher, "disturbance")
    note_told(tracker, notice)


def note_told(tracker: Tracker, notice: Notice) -> None:
    """Note that the user knows of a disturbance, and is to hear when it is over. Who only tries the bot is not.

    A database that fails does not stop the user: it is logged.
    """
    channel = tracker.get_latest_input_channel() or TRIAL_CHANNEL
    if channel == TRIAL_CHANNEL:
        return
    try:
        audience().told(notice.id, tracker.sender_id, channel)
    except SQLAlchemyError:
        logger.exception("Who knows of a disturbance could not be stored; the user will not hear when it is over.")


def _tell_over(dispatcher: CollectingDispatcher, kind: str) -> None:
    """Tell that a trouble is over; one whose guide is gone has no name that the user knows."""
    guide = content().guides.get(kind)
    if guide is None:
        return
    said = teller().say("disturbance_over", title=guide.title)
    buttons = (Button(one.title, f"/{kind}" if one.payload == _AGAIN else one.payload) for one in said.buttons)
    tell(dispatcher, Message(said.text, tuple(buttons)))
