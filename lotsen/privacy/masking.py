"""Masking of Swedish personal identity numbers, before anything is stored or logged.

Found are personnummer and samordningsnummer (day + 60), with 10 or 12 digits, with or without separator (``-``, ``+``
from the year of 100, white space, dashes and dots that people type in their place). With a separator or 12 digits a
valid date is enough: a number with a typing error is still personal data. Two dates side by side are left alone. Ten
bare digits must also pass the Luhn check, so that phone and case numbers survive. Organisation numbers have a "month"
of 20 or more and never match.
Rules: ``integrations.md`` section 5.1. Names and other free text cannot be found reliably and are not masked.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, List, Optional, Tuple

TOKEN = "[personnummer]"

_SPACE = r"[ \u00a0\u2009\u202f]{0,3}"
_DASH = r"\-\u2010-\u2015\u2212"
_GAP = rf"[ \u00a0\u2009\u202f.{_DASH}]?"
_DATE = rf"(?P<year>\d\d){_GAP}(?P<month>\d\d){_GAP}(?P<day>\d\d)"
_REST = rf"(?P<separator>{_SPACE}[+./{_DASH}]?{_SPACE})(?P<last>\d{{4}})(?![^\W_])"
_FOUR_DIGITS = re.compile(r"\d{4}")
_START = re.compile(r"(?<![^\W_])\d")
_LONG = re.compile(rf"(?P<century>18|19|20){_GAP}{_DATE}{_REST}")
_SHORT = re.compile(_DATE + _REST)
_ISO_DATE = re.compile(rf"\d{{4}}[./{_DASH}]\d\d[./{_DASH}]\d\d(?P<space>{_SPACE})\d{{4}}$")
_END_OF_RANGE = re.compile(
    rf"(?:18|19|20)\d\d[./{_DASH}][01]\d[./{_DASH}][0-3]\d(?![^\W_])(?!{_SPACE}[+./{_DASH}]?{_SPACE}\d)"
)


def mask(text: str) -> str:
    """Return ``text`` with each personal identity number replaced by ``[personnummer]``.

    >>> mask("pat 19121212-1212 kommer inte in")
    'pat [personnummer] kommer inte in'
    """
    if _FOUR_DIGITS.search(text) is None:  # Nearly every text: no number can end in it.
        return text
    parts, done = [], 0
    for start, end in _numbers(text):
        if start >= done:
            parts += [text[done:start], TOKEN]
        done = max(done, end)
    return "".join([*parts, text[done:]])


def mask_all(value: Any) -> Any:
    """Return plain data (lists, dicts, strings ...) with every string in it masked, keys left alone.

    What holds no number is returned itself, not a copy, so that ``is`` tells whether anything was masked.
    """
    return _masked(value) if _may_hold_number(value) else value


def _may_hold_number(value: Any) -> bool:
    """Tell whether some string in plain data has the four digits that every number ends in. Nearly none has."""
    if isinstance(value, str):
        return _FOUR_DIGITS.search(value) is not None
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return False
    return any(map(_may_hold_number, value))


def _masked(value: Any) -> Any:
    """Return plain data with every string in it masked; itself where nothing is."""
    if isinstance(value, str):
        masked = mask(value)
        return value if masked == value else masked
    if isinstance(value, dict):
        inner = {key: mask_all(part) for key, part in value.items()}
        return inner if any(inner[key] is not part for key, part in value.items()) else value
    parts = [mask_all(part) for part in value]
    return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value


def _numbers(text: str) -> List[Tuple[int, int]]:
    """Return where numbers begin and end, in order. They may overlap, where digits could belong to either of two."""
    starts = (found.start() for found in _START.finditer(text))
    found = [(start, end) for start in starts if (end := _end_of_number(text, start)) is not None]
    begins = {start for start, _ in found}

    def is_only_a_date(start: int, end: int) -> bool:
        """Tell whether the last four digits begin the real number instead: "2024-01-15 1912-12-12 1212"."""
        return end - 4 in begins and _ISO_DATE.match(text[start:end]) is not None

    return [(start, end) for start, end in found if not is_only_a_date(start, end)]


def _end_of_number(text: str, start: int) -> Optional[int]:
    """Return where the personal number that begins at ``start`` ends, None if none does."""
    long = _LONG.match(text, start)
    if long is not None and _is_date(int(long["century"] + long["year"]), long):
        return None if _END_OF_RANGE.match(text, long.start("last")) else long.end()
    short = _SHORT.match(text, start)
    if short is None or not any(_is_date(century + int(short["year"]), short) for century in (1800, 1900, 2000)):
        return None
    digits = "".join(short[name] for name in ("year", "month", "day", "last"))
    return short.end() if short["separator"].strip() or _luhn(digits) else None


def _is_date(year: int, found: re.Match[str]) -> bool:
    """Tell whether the parts are a date, also with the day of a samordningsnummer (61-91)."""
    day = int(found["day"])
    try:
        date(year, int(found["month"]), day - 60 if day > 60 else day)
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
