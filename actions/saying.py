"""Saying something: a text of ``data/texts.yml``, or what is to be told about a guide."""

from __future__ import annotations

from typing import Any, Sequence

from rasa_sdk.executor import CollectingDispatcher

from actions.services import content
from actions.walking import Walking
from lotsen.content.texts import Button
from lotsen.guides.telling import Message, Teller


def say(dispatcher: CollectingDispatcher, name: str, choices: Sequence[Button] = (), **values: Any) -> None:
    """Say the text ``name``, with ``choices`` before its own buttons and ``values`` in place of the words in braces."""
    said = teller().say(name, **values)
    tell(dispatcher, Message(said.text, (*choices, *said.buttons)))


def tell(dispatcher: CollectingDispatcher, *messages: Message, card: str = "") -> None:
    """Say messages, one after the other; ``card`` says what they are to channels that show cards."""
    about = {"card": card} if card else {}
    for message in messages:
        buttons = [{"title": button.title, "payload": button.payload} for button in message.buttons]
        step = {"step": {"number": message.step[0], "total": message.step[1]}} if message.step is not None else {}
        dispatcher.utter_message(text=message.text, buttons=buttons, **step, **about)


def teller() -> Teller:
    """Return what puts guides into words."""
    return Teller(content().texts, content().targets)


def show_step(dispatcher: CollectingDispatcher, walking: Walking) -> None:
    """Say the step that waits for a reply."""
    if walking.run is not None:
        tell(dispatcher, teller().step(walking.scene, walking.run))
        walking.pause(False)


def offer(dispatcher: CollectingDispatcher, walking: Walking, choices: Sequence[Button] = ()) -> None:
    """Ask whether to go on with the guide that waits, if one does; ``choices`` are offered beside that."""
    if walking.run is not None:
        said = teller().offer(walking.scene, walking.run)
        tell(dispatcher, Message(said.text, (*said.buttons, *choices)))
        walking.pause()
