"""Text for pictures and paper: Markdown out of it, or safely into HTML; how wide it is without any font. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import List

from markupsafe import Markup, escape

_LINK = re.compile(r"\[([^\[\]]+)\]\(((?:https?://|mailto:|tel:)[^\s()<>*]+)\)")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)

# Widths in thousandths of the size of the letter, those of DejaVu Sans, which is as wide as any screen font in use:
# in a narrower font there is only more air.
_WIDTHS = {
    width: frozenset(letters)
    for width, letters in (
        (340, "ijl.,:;'|! "),
        (430, 'frt()[]/\\-”"“’·'),
        (560, "sczkJ?IL"),
        (660, "abdeghnopquvxyåäöéFETYSPZ0123456789+=_–"),
        (780, "ABCDGHKNOQRUVXÅÄÖ&"),
        (1000, "mwMW%@…—"),
    )
}
_OTHER, _WIDE, _BOLDER = 1000, 1300, 1.12


def plain(text: str) -> str:
    """Return a text on one line, without Markdown marks and without characters that XML cannot hold.

    >>> plain("Tryck på **F5**. Se [listan](https://a.se/b).")
    'Tryck på F5. Se listan.'
    """
    unmarked = _BOLD.sub(r"\1", _LINK.sub(r"\1", text))
    return " ".join("".join(c if _printable(c) else " " for c in unmarked).split())


def rendered(text: str) -> Markup:
    """Return a text as HTML: bold, and links to the web, mail and telephone; all else is escaped."""
    html = str(escape(text))
    html = _LINK.sub(r'<a href="\2">\1</a>', html)
    return Markup(_BOLD.sub(r"<strong>\1</strong>", html))  # noqa: S704 - escaped above


def width(text: str, size: int, bold: bool = False) -> int:
    """Return how wide a line is at most, in pixels. No font is measured, so that it is the same on any machine."""
    thousandths = sum(_letter(letter) for letter in text)
    return round(thousandths * size * (_BOLDER if bold else 1) / 1000)


def wrap(text: str, size: int, room: int, bold: bool = False) -> List[str]:
    """Return a text in lines that fit the room; a word that is longer than a line is cut, never lost."""
    lines: List[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if width(joined, size, bold) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
        while width(word, size, bold) > room and len(word) > 1:
            part = _longest(word, size, room, bold)
            lines.append(word[:part])
            word = word[part:]
        line = word
    return [*lines, line] if line else lines


def listed(names: List[str]) -> str:
    """Return names as Swedish lists them.

    >>> listed(["kort", "läsare", "Net iD"])
    'kort, läsare eller Net iD'
    """
    return " eller ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def duration(minutes: float) -> str:
    """Return a time in words: "en minut", "2,5 minuter", "30 sekunder"."""
    if minutes < 1:
        return f"{minutes * 60:.0f} sekunder"
    return "en minut" if minutes == 1 else f"{minutes:g} minuter".replace(".", ",")


def _letter(letter: str) -> int:
    """Return the width of a letter in thousandths of its size."""
    for width, letters in _WIDTHS.items():
        if letter in letters:
            return width
    return _WIDE if unicodedata.east_asian_width(letter) in "WF" else _OTHER


def _longest(word: str, size: int, room: int, bold: bool) -> int:
    """Return how many of a word's letters fit, one at least."""
    return max([1, *(n for n in range(1, len(word)) if width(word[:n], size, bold) <= room)])


def _printable(letter: str) -> bool:
    """Tell whether XML may hold a character, and a line of text too."""
    return unicodedata.category(letter) not in ("Cc", "Cs", "Cn", "Co", "Zl", "Zp")
