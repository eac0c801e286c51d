"""What personnummer and reserve numbers have in common: a date, what people type between the parts, a check digit."""

from __future__ import annotations

import re
from datetime import date
from typing import Optional

GAP = r"[ .\-/]?"
"""Between the parts of the date."""
SPACE = r"[ \n]{0,3}"
DATE = rf"(?P<year>\d\d){GAP}(?P<month>\d\d){GAP}(?P<day>\d\d)"
CENTURY = r"(?P<century>18|19|20)"
_WORDS_BEFORE = re.compile(
    r"(?:personn(?:umme)?r|pers\.?nr|pnr|p-nr|pnummer|samordningsn(?:umme)?r|samnr|reserv(?:n(?:umme)?r|id)?|nr|nummer)$",
    re.IGNORECASE,
)
"""Words that a number may stick to."""
START = re.compile(rf"\d(?<!\d\d)(?=\d{GAP}\d\d{GAP}\d\d)")
"""Where a number may begin: six digits, apart as those of a date are."""


def stuck_to(text: str, start: int) -> Optional[str]:
    """Return the letters that a number at ``start`` sticks to; None if it stands for itself."""
    before = start
    while before and start - before < 20 and text[before - 1].isalpha():
        before -= 1
    return text[before:start] or None


def is_word_for_number(letters: str) -> bool:
    """Tell whether letters in front of a number say that it is one: "pnr", "personnummer" ..."""
    return _WORDS_BEFORE.search(letters) is not None


def is_day(century: Optional[str], year: str, month: str, day: int) -> bool:
    """Tell whether the parts are a day; without a century, in one of three."""
    for hundreds in (century,) if century is not None else ("18", "19", "20"):
        try:
            date(int(f"{hundreds}{year}"), int(month), day)
        except ValueError:
            continue
        return True
    return False


def luhn(digits: str) -> bool:
    """Tell whether the last digit is right (Luhn, every other digit doubled from the first)."""
    total = 0
    for index, digit in enumerate(digits):
        value = int(digit) * (2 if index % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
