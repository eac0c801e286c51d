"""Reserve numbers, which patients get who have no personnummer or cannot show it, in what is seen of a text.

Each kind has twelve characters, most begin with a date. Forms: ``integrations.md`` section 5.1. What other regions use
is found where a word says that it is a reserve number.
"""

from __future__ import annotations

import re
from typing import Callable, FrozenSet, Iterator, List, Mapping, Pattern, Tuple

from lotsen.privacy.dates import CENTURY, DATE, GAP, SPACE, START, is_day, is_word_for_number, stuck_to

_SEPARATOR = rf"(?P<separator>{SPACE}[+./\-]?{SPACE})"
_END = r"(?![^\W_])(?!-[0-9a-f]{4}-)"
"""No letter or digit, and not the middle of a UUID."""
_NATIONAL = re.compile(
    rf"(?P<century>00|2[2-9]|[3-9]\d){GAP}{DATE}{_SEPARATOR}(?P<last>[A-HJ-NPR-UX-Z]{{2}}\d\d){_END}", re.IGNORECASE
)
_STOCKHOLM = re.compile(rf"99{GAP}(?P<year>\d{{4}}){GAP}\d\d{_SEPARATOR}\d{{4}}{_END}")
_LOCAL = re.compile(rf"{CENTURY}{GAP}{DATE}{_SEPARATOR}(?P<last>[A-Z0-9]{{4}}){_END}", re.IGNORECASE)
_SHORT_CARELINK = re.compile(rf"{DATE}{SPACE}[+\-]{SPACE}\d{{4}}{_END}")
_SHORT_LOCAL = re.compile(rf"{DATE}[+\-](?P<last>[A-Z]\d{{3}}|[A-Z]{{2}}\d\d){_END}")
_VGR = re.compile(r"[KMX]\d{3}", re.IGNORECASE)
_VARMLAND = re.compile(r"[A-Z]{2}\d\d", re.IGNORECASE)
_SKANE = re.compile(r"(?=.*[A-Z])(?=.*\d)", re.IGNORECASE)
_WORD = re.compile(r"(?:kl|nr|st|ca|vt|ht|pl|pm|am|el|fr)\d\d|[a-zåäö]{3}\d|\d{1,2}(?:h|kl)\d{0,2}|\d{1,3}[a-z]{1,3}")
"""What may stand behind a date and a space: "kl14", "rum4", "14h3", "30st"."""
_LETTERED = frozenset({"national", "vgr", "varmland", "skane"})
_GROUPS = re.compile(r"\d{4} \d{4} \d{4} \d{4}")
"""The digits of a card or an account."""
_YEARS = range(1870, 2050)
_NAMED = re.compile(
    r"(?<![^\W\d_])(?<!\[)reserv(?:n(?:umme)?r|-?id|identitet)(?:et)?(?: (?:är|var|nr))?[ \n:=(\"']{0,4}"
    r"(?P<number>(?=(?:[ .\-]?[A-Z])*(?:[ .\-]?\d){4})[A-Z0-9](?:[.\-]?[A-Z0-9]){7,13})(?![^\W_])",
    re.IGNORECASE,
)


def reserve_numbers(text: str, kinds: FrozenSet[str]) -> List[Tuple[int, int]]:
    """Return where reserve numbers of these ``kinds`` (``lotsen.settings.RESERVE_NUMBERS``) begin and end, in order."""
    forms = [*(_FORMS[kind] for kind in sorted(kinds)), *([_short] if kinds & _LETTERED else [])]
    found = [one.span("number") for one in _NAMED.finditer(text)] if kinds else []
    for begin in START.finditer(text):
        letters = stuck_to(text, begin.start())
        if letters is None or is_word_for_number(letters):
            ends = [end for form in forms for end in form(text, begin.start())]
            if ends:  # Of several forms that fit the longest, so that nothing is left of it.
                found.append((begin.start(), max(ends)))
    return sorted(found)


def _dated(form: Pattern[str], fits: Callable[[re.Match[str]], bool]) -> Callable[[str, int], Iterator[int]]:
    """Return what tells where a number of one form ends, if one begins at a place."""

    def ends(text: str, start: int) -> Iterator[int]:
        found = form.match(text, start)
        if found is not None and fits(found):
            yield found.end()

    return ends


def _has_day(found: re.Match[str]) -> bool:
    """Tell whether the number begins with a date; the national form writes its century in a code."""
    century = found["century"] if found["century"] in ("18", "19", "20") else None
    return is_day(century, found["year"], found["month"], int(found["day"]))


def _ends_as(form: Pattern[str]) -> Callable[[re.Match[str]], bool]:
    """Return what tells whether the last four characters are of the form, and are no word that stands behind a date."""

    def fits(found: re.Match[str]) -> bool:
        last = found["last"]
        apart = bool(found["separator"]) and not found["separator"].strip()
        return form.match(last) is not None and _has_day(found) and not (apart and _WORD.fullmatch(last))

    return fits


def _is_carelink(found: re.Match[str]) -> bool:
    """Tell whether the day is one of those that no month has (32-59)."""
    last = found.groupdict().get("last") or "0"
    if _GROUPS.match(found.string, found.start()):
        return False
    return last.isdecimal() and 32 <= int(found["day"]) <= 59 and 1 <= int(found["month"]) <= 12


def _carelink(text: str, start: int) -> Iterator[int]:
    """Yield where Carelink's number ends, written with century or without."""
    yield from _dated(_LOCAL, _is_carelink)(text, start)
    yield from _dated(_SHORT_CARELINK, _is_carelink)(text, start)


def _short(text: str, start: int) -> Iterator[int]:
    """Yield where a number with a letter or two ends that is written without its century: "121212-K123"."""
    found = _SHORT_LOCAL.match(text, start)
    if found is not None and is_day(None, found["year"], found["month"], int(found["day"])):
        yield found.end()


_FORMS: Mapping[str, Callable[[str, int], Iterator[int]]] = {
    "national": _dated(_NATIONAL, _has_day),
    "stockholm": _dated(_STOCKHOLM, lambda found: int(found["year"]) in _YEARS),
    "vgr": _dated(_LOCAL, _ends_as(_VGR)),
    "varmland": _dated(_LOCAL, _ends_as(_VARMLAND)),
    "skane": _dated(_LOCAL, _ends_as(_SKANE)),
    "carelink": _carelink,
}
