"""The menu of sections and questions."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.saying import say
from actions.services import content
from actions.slots import latest_intent
from lotsen.content.texts import Button


class ActionShowMenu(Action):
    """Shows the FAQ's sections as buttons, or the questions of the section that was asked for."""

    def name(self) -> str:
        """Return the name used in rules."""
        return "action_show_menu"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[EventType]:
        """Show buttons; a section that does not exist gives the whole menu."""
        section = self._section(tracker)
        if section is None:
            say(dispatcher, "menu", [Button(name, _section_payload(name)) for name in content().sections])
        else:
            questions = content().in_section(section)
            choices = [Button(question.title, f"/{question.id}") for question in questions]
            say(dispatcher, "menu_section", choices, section=section)
        return []

    @staticmethod
    def _section(tracker: Tracker) -> Optional[str]:
        """Return the section chosen by button or named in the text."""
        chosen = next(tracker.get_latest_entity_values("section"), None)
        if chosen in content().sections:
            return chosen
        if latest_intent(tracker) != "show_section":
            return None
        return content().section_named_in(tracker.latest_message.get("text") or "")


def _section_payload(name: str) -> str:
    """Return the payload that asks for the section ``name``."""
    return "/show_section" + json.dumps({"section": name}, ensure_ascii=False)
