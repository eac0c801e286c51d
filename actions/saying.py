"""Saying a text of ``data/texts.yml``."""

from __future__ import annotations

from typing import Any, Sequence

from rasa_sdk.executor import CollectingDispatcher

from actions.services import content
from lotsen.content.texts import Button


def say(dispatcher: CollectingDispatcher, name: str, choices: Sequence[Button] = (), **values: Any) -> None:
    """Say the text ``name``, with ``choices`` before its own buttons and ``values`` in place of the words in braces."""
    text = content().texts[name]
    buttons = [{"title": button.title, "payload": button.payload} for button in (*choices, *text.buttons)]
    dispatcher.utter_message(text=text.text.format(**values).strip(), buttons=buttons)
