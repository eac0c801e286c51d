"""When a question was not clear: "Menade du ...?", and what follows a refusal.

Also a short question that separates the candidates, and two questions in one message. Two failed tries in a row offer
a person.
"""

from __future__ import annotations

from typing import Any, Dict, List

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.guide import resume, start_guide
from actions.saying import say
from actions.services import content
from actions.slots import ERROR_TEXT, read_journey, said_intents
from lotsen.content.clarify import clarify
from lotsen.content.texts import Button
from lotsen.dialogue.tries import TRIES, failed_tries


class ActionSuggest(Action):
    """Answers two questions asked at once, or offers the questions that the decision found likely."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_suggest"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[EventType]:
        """Answer, or ask; the last button says that none of the questions fits."""
        offered = tracker.latest_message.get("suggestions") or []
        ids = [question["id"] for question in offered]
        choices = [Button(question["title"], f"/{question['id']}") for question in offered]
        clarification = clarify(content().clarifications, ids)
        if tracker.latest_message.get("two_questions"):
            _answer_both(dispatcher, ids, choices)
        elif clarification is not None:
            question, options = clarification
            buttons = [Button(title, f"/{intent}") for title, intent in options]
            say(dispatcher, "clarify", _with_person(buttons, tracker), question=question)
        else:
            say(dispatcher, "suggest_one" if len(choices) == 1 else "suggest", _with_person(choices, tracker))
        return []


class ActionAfterRefusal(Action):
    """After a refusal: offers a person if it was not the first in a row, then goes back to what is open."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_after_refusal"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[EventType]:
        """Offer, and ask the open question again; where a guide waits, the person is one more answer to that."""
        if failed_tries(said_intents(tracker)) < TRIES:
            return resume(dispatcher, tracker)
        if read_journey(tracker).run is None:
            say(dispatcher, "offer_person")
            return resume(dispatcher, tracker)
        return resume(dispatcher, tracker, content().texts["offer_person"].buttons[:1])


class ActionAskError(Action):
    """Asks what the screen says when somebody cannot log in, unless the user has told already."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_ask_error"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[EventType]:
        """Begin the guide for the error text that is known, or ask for it."""
        known = tracker.get_slot(ERROR_TEXT)
        guide = content().guide_for_error(known) if known else None
        if guide is None:
            say(dispatcher, "ask_error")
            return []
        say(dispatcher, "error_known", error=known)
        return start_guide(dispatcher, tracker, guide)


def _answer_both(dispatcher: CollectingDispatcher, ids: List[str], choices: List[Button]) -> None:
    """Give both answers; a guide cannot be walked beside something else, so then both are offered."""
    if any(id in content().guides for id in ids):
        say(dispatcher, "suggest_both", choices)
        return
    say(dispatcher, "both_answers")
    for id in ids:
        dispatcher.utter_message(response=f"utter_{id}")


def _with_person(choices: List[Button], tracker: Tracker) -> List[Button]:
    """Add the way to a person if this is not the first try that failed."""
    if failed_tries(said_intents(tracker)) < TRIES:
        return choices
    person = content().texts["offer_person"].buttons[0]
    return [*choices, person]
