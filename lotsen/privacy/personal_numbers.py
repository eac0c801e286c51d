"""Personnummer and samordningsnummer (day + 60) in what is seen of a text.

They have 10 or 12 digits, with or without separator (``-``, ``+`` from the year of 100, and what people type in their
place). With a usual separator or 12 digits a valid date is enough: a number with a typing error is still personal data.
Where that would take too much (ten bare digits, odd separators, letters stuck to it) the check digit must be right,
too, so that phone and case numbers survive. Two dates side by side are left alone. Organisation numbers have a "month"
of 20 or more and never match.
Rules: ``integrations.md`` section 5.1.
"""

from __future__ import annotations

import re
from typing import List, Optional, Tuple

from lotsen.privacy.dates import (
    CENTURY,
    DATE,
    GAP,
    SPACE,
    START,
    is_day,
    is_word_for_number,
    luhn,
    stuck_to,
)

_SPOKEN = (
    r"[ \n]{1,2}(?:och )?(?:med )?(?:de )?(?:(?:binde)?streck|minus|plus|(?:fyra|4) sista(?: siffrorna)?|"
    r"sista(?: (?:fyra|4))?(?: siffrorna)?|slutsiffror(?:na)?|kontrollsiffror(?:na)?)(?: är)?[ \n:=]{1,3}"
)
"""Separators in words: "streck", "sista fyra" ..."""
_ESCAPED = r"%2[0BD]|\\u(?:00a0|201[0-5])"
"""A space, plus or dash as addresses and JSON write them, which logs show."""
_SEPARATOR = rf"(?P<separator>{SPACE}[+./\-,:;_*~=|()]{{0,2}}{SPACE}|{_ESCAPED}|[,;.]?{_SPOKEN})"
_REST = rf"{_SEPARATOR}(?P<last>\d{{4}}|(?<=\d{{6}}[+\-])\d\d \d\d(?![.:]\d))(?!\d)"
_LONG = re.compile(rf"{CENTURY}{GAP}{DATE}{_REST}", re.IGNORECASE)
_SHORT = re.compile(DATE + _REST, re.IGNORECASE)
_ODD_MARK = re.compile(r"[,:;_*~=|()]")
_TIME = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
_USUAL_MARK = re.compile(r"[+./\-]")
_ISO_DATE = re.compile(rf"\d{{4}}[./\-]\d\d[./\-]\d\d(?P<space>{SPACE})\d{{4}}$")
_END_OF_RANGE = re.compile(
    rf"(?:18|19|20)\d\d[./\-][01]\d[./\-][0-3]\d(?![^\W_])(?!{SPACE}[+./\-]?{SPACE}\d{{4}}(?!\d))"
)
_NO_NUMBER = re.compile(
    r"(?:ocr|faktura|invoice|order|bank ?giro|plus ?giro|\bbg|\bpg|iban|isbn|issn|kort|serie|artikel|org|organisations|"
    r"leverans|kolli|referens|\bref|\btel|telefon|mobil|\bfax)\.?-?(?:n(?:umme)?r\.?|en|id)?[ :=#]{0,3}$",
    re.IGNORECASE,
)
"""Words right before ten bare digits that say that they are another number."""
_NEAR = 30
_PHONE = re.compile(r"0\d{3}[ \-]\d{6}|07017406\d\d")
"""An area's code before six digits, and the mobile numbers that are nobody's, which texts and tests use."""
_GROUPS = re.compile(r"\d{4} \d{4} \d{4} \d{4}")
"""The digits of a card or an account."""
_SIX = re.compile(r"(?!070)\d{6} ")
"""A date in one piece, and no mobile number in two."""


def personal_numbers(text: str) -> List[Tuple[int, int]]:
    """Return where numbers begin and end, in order. They may overlap, where digits could belong to either of two."""
    starts = (found.start() for found in START.finditer(text))
    found = [(start, end) for start in starts if (end := _end_of_number(text, start)) is not None]
    begins = {start for start, _ in found}

    def is_only_a_date(start: int, end: int) -> bool:
        """Tell whether the last four digits begin the real number instead: "2024-01-15 1912-12-12 1212"."""
        return end - 4 in begins and _ISO_DATE.match(text[start:end]) is not None

    return [(start, end) for start, end in found if not is_only_a_date(start, end)]


def _end_of_number(text: str, start: int) -> Optional[int]:
    """Return where the personal number that begins at ``start`` ends, None if none does."""
    letters = stuck_to(text, start)
    stuck = letters is not None and not is_word_for_number(letters)
    long = _LONG.match(text, start)
    if long is not None and _is_day(long, long["century"]):
        if _END_OF_RANGE.match(text, long.start("last")):
            return None
        other = _is_odd(long["separator"]) or _is_time_of_day(long) or _GROUPS.match(text, start)
        sure = not (stuck or other or _goes_on(text, long.end()))
        return long.end() if sure or _checked(long) else None
    short = _SHORT.match(text, start)
    if short is None or not _is_day(short, None):
        return None
    if not short["separator"]:
        return short.end() if _checked(short) and not _is_another(text, short, stuck) else None
    sure = _is_sure(short) and not (stuck or _is_odd(short["separator"]) or _goes_on(text, short.end()))
    return short.end() if sure or _checked(short) else None


def _is_another(text: str, found: re.Match[str], stuck: bool) -> bool:
    """Tell whether ten digits without separator are more likely another number, though they pass for one."""
    start = found.start()
    gaps = text[found.end("year") : found.start("month")], text[found.end("month") : found.start("day")]
    if gaps[0] != gaps[1]:  # "2026-12-02 061030"
        return True
    return stuck or bool(_PHONE.match(found[0]) or _NO_NUMBER.search(text[max(0, start - _NEAR) : start]))


def _is_sure(found: re.Match[str]) -> bool:
    """Tell whether ten digits with this separator are a number whatever the last one; beside a space few are."""
    if found["separator"].strip():
        return True
    return _SIX.match(found[0]) is not None and not _is_time_of_day(found)


def _is_odd(separator: str) -> bool:
    """Tell whether this is seldom typed inside a number, and often between two that are none."""
    if any(sign.isalpha() for sign in separator):
        return False
    return _ODD_MARK.search(separator) is not None or ("\n" in separator and _USUAL_MARK.search(separator) is None)


def _goes_on(text: str, end: int) -> bool:
    """Tell whether a letter sticks to the number's end."""
    return text[end : end + 1].isalpha()


def _is_day(found: re.Match[str], century: Optional[str]) -> bool:
    """Tell whether the parts are a date, also with the day of a samordningsnummer (61-91)."""
    day = int(found["day"])
    return is_day(century, found["year"], found["month"], day - 60 if day > 60 else day)


def _checked(found: re.Match[str]) -> bool:
    """Tell whether the check digit is right."""
    return luhn("".join(found[name] for name in ("year", "month", "day", "last")).replace(" ", ""))


def _is_time_of_day(found: re.Match[str]) -> bool:
    """Tell whether it is likelier a date of these years and a time: "2026-11-27 1430"."""
    recent = found.groupdict().get("century", "20") == "20" and 20 <= int(found["year"]) < 40
    return recent and not found["separator"].strip() and _TIME.match(found["last"]) is not None
