"""What a user typed is text and nothing else."""

from __future__ import annotations

import re

from lotsen.privacy.masking import mask

_COMMAND_MARKS = re.compile(r"^[\s/]+")


def typed_text(text: str) -> str:
    """Return ``text`` masked, and without the leading slash that Rasa takes for a command (``/intent{...}``).

    >>> typed_text(" / /restart ")
    'restart'
    """
    return _COMMAND_MARKS.sub("", mask(text)).strip()
