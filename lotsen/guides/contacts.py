"""Phone numbers, links and e-mail addresses in a text: in a guide they must be those of the source."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import FrozenSet, Iterator, List, Tuple

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(
    r"https?://[^\s)\]>”\"]+|(?<![\w@.-])(?:[\w-]+\.)+(?:se|nu|com|net|org|eu)\b(?:/[^\s)\]>”\"]*)?", re.I
)
_NUMBER = re.compile(r"(?<![\w.:/-])\+?\d(?:[\d \u00a0–-]*\d)?(?![\w:])")
_NOT_A_PHONE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}\s*[–-]\s*\d{1,2}|[1-9]\d{0,2}([ \u00a0]\d{3})+")
_CALLING = re.compile(r"\b(ring|tel|telefon|nummer|numret|sms)\w*\W[^.!?]*$", re.IGNORECASE)
_LEAST, _LEAST_CALLING = 5, 3
"""Digits of a phone number: so many at least; fewer are enough after "ring"."""


@dataclass(frozen=True)
class Contacts:
    """What the source gives, in the form in which it is compared."""

    phones: FrozenSet[str] = field(default_factory=frozenset)
    links: FrozenSet[str] = field(default_factory=frozenset)
    mails: FrozenSet[str] = field(default_factory=frozenset)

    @classmethod
    def of_source(cls, text: str) -> Contacts:
        """Read the source; there every number counts, whatever stands before it."""
        mails, links, rest = _split(text)
        numbers = frozenset(_digits(number) for number in _NUMBER.findall(rest))
        return cls(numbers, frozenset(map(_address, links)), frozenset(mail.lower() for mail in mails))

    def unknown_in(self, text: str) -> Iterator[Tuple[str, str]]:
        """Yield what the source does not give, as it is written, after what it is in Swedish."""
        mails, links, rest = _split(text)
        yield from (("E-postadressen", mail) for mail in mails if mail.lower() not in self.mails)
        yield from (("Länken", link) for link in links if _address(link) not in self.links)
        for found in _NUMBER.finditer(rest):
            if _is_phone(found[0], rest[: found.start()]) and _digits(found[0]) not in self.phones:
                yield "Telefonnumret", found[0]


def _split(text: str) -> Tuple[List[str], List[str], str]:
    """Return the e-mail addresses, the links, and the text without them."""
    mails = _MAIL.findall(text)
    text = _MAIL.sub(" ", text)
    links = [found[0].rstrip(".,;:!?") for found in _LINK.finditer(text)]
    return mails, links, _LINK.sub(" ", text)


def _is_phone(number: str, before: str) -> bool:
    """Tell whether a number is one to call: long enough, and no date, span or amount."""
    if _NOT_A_PHONE.fullmatch(number) is not None:
        return False
    least = _LEAST_CALLING if _CALLING.search(before) else _LEAST
    return len(_digits(number)) >= least


def _digits(number: str) -> str:
    """Return the digits, as a number within Sweden."""
    digits = re.sub(r"[^\d+]", "", number)
    return re.sub(r"^(\+46|0046)", "0", digits)


def _address(link: str) -> str:
    """Return a link without what makes no difference."""
    return re.sub(r"^https?://(www\.)?|^www\.", "", link.rstrip(".,;:!?/").lower())
