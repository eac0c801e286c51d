"""A text in sentences, as people write in a hurry: abbreviations, lists, lines that a mail program has broken. Pure."""

from __future__ import annotations

import re
from typing import List

_SHORT = (
    r"t\.ex|tex|bl\.a|dvs|d\.v\.s|osv|m\.fl|m\.m|pga|p\.g\.a|fr\.o\.m|t\.o\.m|ang|tel|tfn|kl|nr|ca|ev|avd|mott|pat|anv|"
    r"leg|dr|sek|min|ankn|resp|inkl|exkl|s\.k|jfr|psyk|fl"
)
_ABBREVIATED = re.compile(rf"(?:^|[\s(])(?:{_SHORT}|[A-ZÅÄÖ])\.$", re.IGNORECASE)
_ITEM = re.compile(r"^\s*(?:[-*•–·]|\(?\d{1,2}[.)]|[a-e]\))\s+")
_END = re.compile(r"(?<=[.!?…])[\"”)]?\s+")
_RUN_ON = re.compile(r"[.!?,;:…]$")


def sentences_of(text: str) -> List[str]:
    r"""Return the sentences of a text, in order.

    >>> sentences_of("Kommer ej in, se t.ex. bilden. Ring\nmig kl. 9!")
    ['Kommer ej in, se t.ex. bilden.', 'Ring mig kl. 9!']
    """
    found: List[str] = []
    for line in _paragraphs(text):
        begun = ""
        for part in _END.split(line):
            begun = f"{begun} {part}" if begun else part
            if not _ABBREVIATED.search(begun):
                found.append(begun)
                begun = ""
        found += [begun] if begun else []
    return [one for one in (part.strip() for part in found) if any(letter.isalnum() for letter in one)]


def _paragraphs(text: str) -> List[str]:
    """Return the lines of a text, those joined again that were broken in the middle of a sentence."""
    joined: List[str] = []
    open_line = False
    for line in text.split("\n"):
        said = line.strip()
        item = _ITEM.match(line)
        broken = said and open_line and item is None
        if broken and (said[:1].islower() or len(joined[-1]) >= _WRAPPED):
            joined[-1] = f"{joined[-1]} {said}"
        elif said:
            joined.append(_ITEM.sub("", line).strip())
        open_line = bool(said) and (not _RUN_ON.search(said) or said.endswith(","))
    return joined


_WRAPPED = 60
"""A line this long without an end was broken by a mail program."""
