"""The forms that a note may have to have."""

from __future__ import annotations

import re
from typing import Mapping, Optional

FORMATS: Mapping[str, "re.Pattern[str]"] = {
    # SE, ten digits, a hyphen, letters and digits without å, ä and ö; 31 characters at most (openEHR Sweden's guide).
    "hsa_id": re.compile(r"(?=.{1,31}$)SE\d{10}-[A-Z0-9]+", re.IGNORECASE),
}
_SPACED = re.compile(r"\b(SE\d{10})\s*[- –]\s*([A-Z0-9]+)\b", re.IGNORECASE)
"""An HSA-id that was written with spaces."""
MAX_NOTE = 500
"""Characters of a note that are kept: an error text, not a story."""


def fits(name: Optional[str], text: str) -> bool:
    """Tell whether ``text`` has the form; without a form, any text that is not empty does.

    >>> fits("hsa_id", "SE2321000040-1ABC"), fits("hsa_id", "jag vet inte")
    (True, False)
    """
    cleaned = text.strip()
    return bool(cleaned) and (name is None or FORMATS[name].fullmatch(cleaned) is not None)


def found(name: Optional[str], text: str) -> str:
    """Return what to keep of a note: the part that has the form ("mitt id är SE..."), else the text, not too long.

    >>> found("hsa_id", "det är se2321000040 - ab12.")
    'SE2321000040-AB12'
    """
    joined = _SPACED.sub(r"\1-\2", text) if name == "hsa_id" else text
    for word in joined.split() if name is not None else ():
        stripped = word.strip(".,;:()")
        if fits(name, stripped):
            return stripped.upper()
    return " ".join(text.split())[:MAX_NOTE]
