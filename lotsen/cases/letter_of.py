"""The letter that a desk gets of a case, from the content's words; also of what was said after it was sent. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo
from typing import Dict, List, Mapping, Sequence

from lotsen.cases.case import CaseDraft, Line
from lotsen.cases.history import LIVE, REPLY, SAID, Event
from lotsen.cases.wording import Words, letter_text
from lotsen.content.texts import Text, words

_USER = "user"


def case_words(texts: Mapping[str, Text]) -> Words:
    """Return the words that a case is told in, from ``data/texts.yml``."""
    return Words(words(texts, "label"), words(texts, "level"), words(texts, "because"), texts["contact_chat"].text)


def letter_of(
    draft: CaseDraft, texts: Mapping[str, Text], zone: tzinfo, since: Sequence[Event] = (), desk: str = ""
) -> str:
    """Return a case as desks get it, with what user and desk have said to each other ``since`` it was sent.

    Internal notes are not in it. ``desk`` names who answered where nobody's name is known.
    """
    told = case_words(texts)
    names: Dict[str, str] = {}
    lines: List[Line] = list(draft.transcript)
    for event in since:
        if event.kind == SAID:
            lines.append(Line(event.at.isoformat(timespec="seconds"), _USER, event.text))
        elif event.kind in (REPLY, LIVE):
            # A key that no label has, as somebody may be called like one.
            who = f"desk:{event.author}"
            names[who] = event.author or desk
            lines.append(Line(event.at.isoformat(timespec="seconds"), who, event.text))
    return letter_text(replace(draft, transcript=tuple(lines)), replace(told, labels={**told.labels, **names}), zone)
