"""One line of somebody else's text, fit to be kept and shown."""

from __future__ import annotations

import unicodedata
from typing import Callable

from lotsen.privacy.masking import mask

_UNSEEN = {"Cc": " ", "Cf": "", "Cs": ""}
"""What stands in the place of control signs, format signs (they turn text, or hide in a number) and half characters."""


def masked_line(text: str, longest: int, hide: Callable[[str], str] = mask) -> str:
    r"""Return ``text`` as one line, masked and cut after ``longest`` characters.

    It holds nothing that a terminal would obey or no database takes. Signs that are not seen go before masking, so that
    none hides a number. ``hide`` masks: ``mask_transcript`` where no case needs an HSA-id.

    >>> masked_line("pat 19121212-1212\nkommer inte in", 100)
    'pat [personnummer] kommer inte in'
    """
    seen = "".join(_UNSEEN.get(unicodedata.category(sign), sign) for sign in text)
    said = hide(" ".join(seen.split()))
    while len(said) > longest:
        said = hide(said[:longest].rstrip())  # What is left of too long a row of digits may be a number.
    return said
