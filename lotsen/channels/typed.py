"""What a user typed is text and nothing else."""

from __future__ import annotations

import re

from lotsen.privacy.layers import Layer, mask_at

MAX_TEXT = 2000
"""Characters in one message."""
_COMMAND_MARKS = re.compile(r"^[\s/]+")


def typed_text(text: str) -> str:
    """Return ``text`` storable, masked, and without the leading slash that Rasa takes for a command (``/intent{...}``).

    >>> typed_text(" / /restart ")
    'restart'
    """
    masked: str = mask_at(Layer.CHANNEL, storable(text))
    return _COMMAND_MARKS.sub("", masked).strip()


def storable(text: str) -> str:
    """Return ``text`` without what no database takes: NUL, and halves of characters that JSON can spell out."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
