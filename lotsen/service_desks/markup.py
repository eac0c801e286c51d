"""Replies of a desk as plain text: people there write HTML without knowing it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import List

_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "pre"})
_SILENT = frozenset({"script", "style", "head", "title"})


class _Text(HTMLParser):
    """Collects the text of a page, a new line for each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: List[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BLOCKS - {"br"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain_text(html: str) -> str:
    r"""Return the text of ``html``, its blocks as lines; more than one empty line in a row is one.

    >>> plain_text("<p>Starta <b>om</b>.</p><p>H&auml;lsningar</p>")
    'Starta om.\n\nHälsningar'
    """
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = [line.strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def cut(text: str, length: int, mark: str = "…") -> str:
    """Return a text that is no longer than ``length``; ``mark`` stands where the rest was.

    >>> cut("LOT-000001 Sidan", 11)
    'LOT-000001…'
    """
    return text if len(text) <= length else text[: length - len(mark)].rstrip() + mark
