"""Personnummer that are written or mistyped in ways that ``personal_numbers`` would take for something else.

Each rule asks for something that makes up for what is missing: a word that says what it is, a right check digit, or a
year of birth that no date of today has.
"""

from __future__ import annotations

import re
from typing import Iterator, List, Optional, Tuple

from lotsen.privacy.dates import is_day, luhn
from lotsen.privacy.personal_numbers import personal_numbers

_NAMED = re.compile(
    r"(?<![^\W\d_])(?<!\[)(?:personn(?:umme)?r|pers\.? ?nr|pnr|p-nr|pnummer|samordningsn(?:umme)?r|samnr)(?:et)?"
    r"(?: (?:är|var|nr))?[ \n:=(\"']{0,4}(?P<number>\d(?:[ .\-]?\d){8,12})(?!\d)",
    re.IGNORECASE,
)
_APART = re.compile(r"\d(?<!\d\d)(?=(?:[ \-]?\d){9})")
_TWELVE_APART = re.compile(r"(?:18|1 8|19|1 9|20|2 0)(?:[ \-]?\d){10}(?![ .:\-]?\d)(?![^\W_])")
_TEN_APART = re.compile(r"(?<![^\W_])(?<!\d[ .\-])(?<!\+)[1-9](?:[ \-]?\d){9}(?![ .:\-]?\d)(?![^\W_])")
_OF_A_BIRTH = re.compile(
    r"(?<![^\W_])(?:1[89]\d\d|200\d|201[0-2])(?:\d{4}[+\-]\d{3,5}|\d{3}[+\-]\d{4}|\d{5}[+\-]\d{4})(?![^\W_])(?!-\d)"
)
"""A date of birth with a mistake in it, or with a digit too few or many, before or after the hyphen."""
_LOOKS_LIKE_DIGIT = re.compile(r"[OoIl|](?:(?<=\d.)(?=[\dOoIl|+\-])|(?<=\d[OoIl|].)(?=[\d+\-])|(?<=[+\-].)(?=\d))")
_DIGITS = str.maketrans("OoIl|", "00111")


def mistyped_numbers(text: str) -> List[Tuple[int, int]]:
    """Return where such numbers begin and end, in order. Some may be personal numbers of the usual forms, too."""
    return sorted({*_named(text), *_apart(text), *_of_a_birth(text), *_with_letters(text)})


def _named(text: str) -> Iterator[Tuple[int, int]]:
    """Yield digits of which a word says that they are a number, whatever their date: "pnr 19121312-121"."""
    lower = text.lower()
    if "nr" in lower or "nummer" in lower:
        yield from (found.span("number") for found in _NAMED.finditer(text))


def _apart(text: str) -> Iterator[Tuple[int, int]]:
    """Yield numbers with gaps anywhere: "19 12 12 12 12 12". A telephone's ten digits begin with 0."""
    for begin in _APART.finditer(text):
        found = _TWELVE_APART.match(text, begin.start()) or _TEN_APART.match(text, begin.start())
        if found is not None and not found[0].isdecimal():
            digits = re.sub(r"\D", "", found[0])
            century, ten = digits[:-10] or None, digits[-10:]
            if luhn(ten) and _has_day(century, ten):
                yield found.span()


def _of_a_birth(text: str) -> Iterator[Tuple[int, int]]:
    """Yield what must have been meant for a number: no date of today, and no usual number, is written so."""
    return (found.span() for found in _OF_A_BIRTH.finditer(text))


def _with_letters(text: str) -> Iterator[Tuple[int, int]]:
    """Yield numbers with letters that look like digits: "19l212I2-1212"."""
    if _LOOKS_LIKE_DIGIT.search(text) is None:
        return iter(())
    read = _LOOKS_LIKE_DIGIT.sub(lambda found: found[0].translate(_DIGITS), text)
    return iter(personal_numbers(read))


def _has_day(century: Optional[str], ten: str) -> bool:
    """Tell whether ten digits begin with a date, also of a samordningsnummer."""
    day = int(ten[4:6])
    return is_day(century, ten[:2], ten[2:4], day - 60 if day > 60 else day)
