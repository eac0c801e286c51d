"""Telephone numbers and e-mail addresses in what is seen of a text, but those that the content itself gives.

``data/`` names the support that anybody may call; that number says nothing of who wrote.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import FrozenSet, List, Tuple

from lotsen.settings import CONTENT

_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}")
_PHONE = re.compile(
    r"(?<![\w@+\-])(?<!\d[.,:/])(?:\+\d{1,3}|00(?:4\d|3\d|1)|\(?0)[ .\-/]{0,2}(?:\(0\) ?)?\d"
    r"(?:[ \n.\-/)]{0,3}\d){5,11}(?![\w@])"
)
_DATE = re.compile(r"[0-3]\d([./\- ])[01]\d\1(?:19|20)\d\d")
_TIMES = re.compile(r"[0-2]\d[.:][0-5]\d ?- ?[0-2]\d[.:][0-5]\d")
_MOST, _LEAST = 15, 7
"""Digits of a telephone number, the world over and in Sweden with the area's."""


def emails(text: str) -> List[Tuple[int, int]]:
    """Return where e-mail addresses begin and end, in order."""
    return [
        (found.start(), found.start() + len(address))
        for found in _EMAIL.finditer(text)
        if (address := found[0].rstrip(".-")) and address.lower() not in public()
    ]


def phones(text: str) -> List[Tuple[int, int]]:
    """Return where telephone numbers begin and end, in order. Extensions and short numbers are left alone."""
    return [found.span() for found in _PHONE.finditer(text) if _is_phone(found[0])]


def _is_phone(written: str) -> bool:
    """Tell whether it is somebody's number: no date, no times of the day, not one of the content's."""
    digits = _digits(written)
    if _DATE.match(written) or _TIMES.match(written):
        return False
    return _LEAST <= len(digits) <= _MOST and digits not in public()


def _digits(written: str) -> str:
    return re.sub(r"\D", "", written)


@lru_cache(maxsize=1)
def public(content: Path = CONTENT) -> FrozenSet[str]:
    """Return the addresses, in small letters, and the digits of the numbers that stand in the content."""
    found: set[str] = set()
    for path in sorted(content.rglob("*.yml")):
        text = path.read_text(encoding="utf-8", errors="replace")
        found |= {one[0].rstrip(".-").lower() for one in _EMAIL.finditer(text)}
        found |= {_digits(one[0]) for one in _PHONE.finditer(text)}
    return frozenset(found)
