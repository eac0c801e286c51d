"""Replies of a desk as plain text: people there write HTML without knowing it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import List

_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "pre"})
_SILENT = frozenset({"script", "style", "head", "title"})
MAX_HTML = 100_000
"""Characters that are read of one reply."""
_NO_TAG = re.compile(r"<(?![a-zA-Z/][^<>]*>)")


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
    # Python's parser takes hours for many tags that do not end, and fails at declarations that it does not know.
    reader.feed(_NO_TAG.sub("&lt;", _without_declarations(html[:MAX_HTML])))
    reader.close()
    lines = [line.strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_declarations(html: str) -> str:
    """Return the markup without comments, and without what else begins with ``<!`` or ``<?``."""
    kept: List[str] = []
    at = 0
    for found in re.finditer(r"<!--|<[!?]", html):
        if found.start() < at:
            continue
        mark = "-->" if found[0] == "<!--" else ">"
        end = html.find(mark, found.end())
        if end < 0:
            break
        kept.append(html[at : found.start()])
        at = end + len(mark)
    return "".join([*kept, html[at:]])


def cut(text: str, length: int, mark: str = "…") -> str:
    """Return a text that is no longer than ``length``; ``mark`` stands where the rest was.

    >>> cut("LOT-000001 Sidan", 11)
    'LOT-000001…'
    """
    return text if len(text) <= length else text[: length - len(mark)].rstrip() + mark
