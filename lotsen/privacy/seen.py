"""A text as a reader sees it, so that no sign hides a number: nothing without width, one kind of digit, dash and space.

Where nothing is unusual, which is nearly always, the text itself is used.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import List, Optional

_UNSEEN = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0001\U000e0020-\U000e007f"
)
"""Signs that take no room, turn text, or only dress the sign before them."""
_DASHES = "\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63"
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t"
_LINES = "\r\v\f\u0085\u2028\u2029"
_WIDE = "\uff01-\uff5e"
"""Letters, digits and marks as wide as Chinese ones."""
_UNUSUAL = re.compile(rf"[{_UNSEEN}{_DASHES}{_SPACES}{_LINES}{_WIDE}]|(?![0-9])\d")
_MAY_BE_UNUSUAL = re.compile("[^\x00-\x7f\xa1-\xac\xae-\xff]")
"""Neither ASCII nor what else Western European text is full of: quick to look for."""
_CONTROLS = re.compile(r"[\t\r\v\f]")
_HIDDEN = re.compile(rf"[{_UNSEEN}]")
_DASH = re.compile(rf"[{_DASHES}]")
_SPACE = re.compile(rf"[{_SPACES}]")
_LINE = re.compile(rf"[{_LINES}]")
_WIDE_BY = 0xFEE0


@dataclass(frozen=True)
class Seen:
    """What is seen of a text, and where each of its characters stands in the text itself."""

    text: str
    places: Optional[List[int]] = None
    """None: in the same place."""

    @staticmethod
    def differs(text: str) -> bool:
        """Tell whether something in ``text`` is seen as something else."""
        return _MAY_BE_UNUSUAL.search(text) is not None and _UNUSUAL.search(text) is not None

    @classmethod
    def of(cls, text: str) -> Seen:
        r"""Look at ``text``.

        >>> Seen.of("12\u200b12\u20131212").text
        '1212-1212'
        """
        if not (cls.differs(text) or _CONTROLS.search(text)):
            return cls(text)
        signs, places = [], []
        for place, sign in enumerate(text):
            if _HIDDEN.match(sign) is None:
                signs.append(_usual(sign))
                places.append(place)
        return cls("".join(signs), places)

    def begin(self, start: int) -> int:
        """Return where the character ``start`` of what is seen stands in the text."""
        return start if self.places is None else self.places[start]

    def end(self, end: int) -> int:
        """Return where what is seen up to ``end`` ends in the text."""
        return end if self.places is None else self.places[end - 1] + 1


def _usual(sign: str) -> str:
    """Return the sign that is usually typed for one that looks like it."""
    if sign.isascii():
        return " " if sign == "\t" else "\n" if sign in "\r\v\f" else sign
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    if _DASH.match(sign):
        return "-"
    if _SPACE.match(sign):
        return " "
    if _LINE.match(sign):
        return "\n"
    return chr(ord(sign) - _WIDE_BY) if "\uff01" <= sign <= "\uff5e" else sign
