"""The one way into Rasa, with patients' numbers masked on it, whatever channel or command a message comes from.

Lotsen's channels have masked what they hand over. This is for channels that did not, Rasa's HTTP API, ``rasa shell``
and what else may come: events, the action server and logs inherit it. Installed by the tracker store that
``endpoints.yml`` names, so that Rasa's own commands have it, too, and by ``lotsen up`` and ``lotsen ask``.
"""

from __future__ import annotations

import functools
from typing import Any, Callable

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor

from lotsen.privacy.layers import Layer, mask_at

WRAPPED = (
    (Agent, "handle_message"),
    (Agent, "log_message"),
    (Agent, "parse_message"),
    (MessageProcessor, "log_message"),
)
"""The methods, each of which takes a message or its text first; Rasa's HTTP API calls the last past the agent."""
_DONE = "lotsen_masks"
_PARTS = ("text", "metadata", "parse_data")


def install() -> None:
    """Wrap the methods; a second time does nothing more."""
    for owner, name in WRAPPED:
        method = getattr(owner, name)
        if not hasattr(method, _DONE):
            setattr(owner, name, _masking(method))


def masked_message(message: UserMessage) -> UserMessage:
    """Return the message with its text, metadata and parse data masked, changed in place: its sender may look at it."""
    for part in _PARTS:
        said = getattr(message, part)
        masked = mask_at(Layer.AGENT, said)
        if masked is not said:
            setattr(message, part, masked)
    return message


def _masking(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method with its first argument masked."""

    @functools.wraps(method)
    def masking(self: Any, message: Any, *args: Any, **kwargs: Any) -> Any:
        masked = masked_message(message) if isinstance(message, UserMessage) else mask_at(Layer.AGENT, message)
        return method(self, masked, *args, **kwargs)

    setattr(masking, _DONE, True)
    return masking
