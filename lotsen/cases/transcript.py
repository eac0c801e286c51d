"""The conversation as the desk reads it: masked, buttons by their titles, without codes that open it."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, List, Mapping, Tuple

from lotsen.cases.case import Line
from lotsen.channels.resume import ALPHABET, HALF
from lotsen.privacy.masking import mask_transcript

MAX_LINES = 200
"""So many of the latest messages go into a case."""
_CODE = f"[{ALPHABET}]{{{HALF}}}-[{ALPHABET}]{{{HALF}}}"
CODE = re.compile(rf"\b(?:{_CODE}|(?i:(?=[A-Z-]*\d){_CODE}))\b")
"""Codes that lead to a conversation or a case. In small letters they need a digit, as "psyk-team" is none."""
HIDDEN = "[kod]"


def transcript(events: Iterable[Mapping[str, Any]], leave_out: str = "") -> Tuple[Line, ...]:
    """Return what was said, from the events of a Rasa tracker, oldest first.

    What was typed is shown masked, HSA-ids too: those that the case needs are in its fields. A pressed button, which
    Rasa knows by its payload, is shown by the title that the user saw. ``leave_out``: how messages of the bot begin
    that say what the case says.
    """
    lines: List[Line] = []
    titles: Dict[str, str] = {}
    for event in events:
        text = str(event.get("text") or "").strip()
        if event.get("event") == "bot":
            buttons = (event.get("data") or {}).get("buttons") or ()
            titles.update({button["payload"]: button["title"] for button in buttons})
            if leave_out and text.startswith(leave_out):
                continue
        elif event.get("event") == "user":
            text = titles.get(text, "" if text.startswith("/") else text)
        else:
            continue
        if text:
            lines.append(
                Line(_time(event.get("timestamp")), str(event["event"]), CODE.sub(HIDDEN, mask_transcript(text)))
            )
    return tuple(lines[-MAX_LINES:])


def _time(timestamp: Any) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(float(timestamp or 0), timezone.utc).isoformat(timespec="seconds")
