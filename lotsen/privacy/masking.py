"""Masking of Swedish personal identity numbers, before anything is stored or logged.

Found are personnummer and samordningsnummer (day + 60), with 10 or 12 digits, with or without separator (``-``, ``+``
from the year of 100, white space, dashes and dots that people type in their place). With a separator or 12 digits a
valid date is enough: a number with a typing error is still personal data. Ten bare digits must also pass the Luhn
check, so that phone and case numbers survive. Organisation numbers have a "month" of 20 or more and never match.
Rules: ``integrations.md`` section 5.1. Names and other free text cannot be found reliably and are not masked.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

TOKEN = "[personnummer]"

_GAP = r"[ \u00a0\u2009\u202f.\u2010-\u2015\u2212-]?"
_CANDIDATE = re.compile(
    rf"(?<![\w])(?P<century>(?:18|19|20){_GAP})?(?P<year>\d\d){_GAP}(?P<month>\d\d){_GAP}(?P<day>\d\d)"
    r"(?P<separator>[ \u00a0\u2009\u202f]*[-+.\u2010-\u2015\u2212/]?[ \u00a0\u2009\u202f]*)(?P<last>\d{4})(?![\w])"
)


def mask(text: str) -> str:
    """Return ``text`` with each personal identity number replaced by ``[personnummer]``.

    >>> mask("pat 19121212-1212 kommer inte in")
    'pat [personnummer] kommer inte in'
    """
    return _CANDIDATE.sub(lambda found: TOKEN if _is_personal(found) else found.group(), text)


def mask_all(value: Any) -> Any:
    """Return plain data (lists, dicts, strings ...) with every string in it masked, keys left alone."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: mask_all(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_all(inner) for inner in value]
    return value


def _is_personal(found: "re.Match[str]") -> bool:
    """Tell whether a run of digits that looks like a personal number is one."""
    year, month, day = (int(found[name]) for name in ("year", "month", "day"))
    century = re.sub(r"\D", "", found["century"] or "")
    years = [int(century) * 100 + year] if century else [1800 + year, 1900 + year, 2000 + year]
    if not any(_is_date(full, month, day) for full in years):
        return False
    if century or found["separator"].strip():
        return True
    return _luhn("".join(found[name] for name in ("year", "month", "day", "last")))


def _is_date(year: int, month: int, day: int) -> bool:
    """Tell whether the parts are a date, also with the day of a samordningsnummer (61-91)."""
    try:
        date(year, month, day - 60 if day > 60 else day)
    except ValueError:
        return False
    return True


def _luhn(digits: str) -> bool:
    """Tell whether the last digit is right (Luhn, every other digit doubled from the first)."""
    total = 0
    for index, digit in enumerate(digits):
        value = int(digit) * (2 if index % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
