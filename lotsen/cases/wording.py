"""A case in Swedish: the preview that the user says yes to, and the letter that a desk gets. Pure: words are handed in.

Both show the same, in the same order; only the transcript and the seconds are for the desk alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import List, Mapping, Sequence, Tuple

from lotsen.cases.case import CaseDraft, TriedStep

MORE_WORDS = 4
"""With fewer words than this beside the number, an answer says no more ("ring mig på")."""
FACTS = ("error_text", "browser", "place", "program", "region")
"""What the conversation may have told, in the order in which a case shows it."""


@dataclass(frozen=True)
class Words:
    """The words of a case, from ``data/texts.yml``: what stands before each part, and names of what is counted."""

    labels: Mapping[str, str]
    """``label_*``: problem, target, reason, the facts, tried, added ..."""
    levels: Mapping[str, str]
    """``level_*``: how each ``Level`` is called."""
    reasons: Mapping[str, str]
    """``because_*``: how each reason of a priority is called."""
    chat: str
    """``contact_chat``: that an answer in the chat will do."""


def preview(draft: CaseDraft, words: Words) -> str:
    """Return the draft as the user sees it before it is sent, in the chat's Markdown."""
    lines = [f"**{label}:** {value}" for label, value in _parts(draft, words)]
    shown = None
    for step in _steps(draft):
        if step.guide != shown:
            lines.append(f"**{words.labels['tried'].format(guide=step.guide)}:**")
            shown = step.guide
        lines.append(f"- {step.text} – {step.outcome}")
    if draft.added:
        lines.append(f"**{words.labels['added']}:** {draft.added}")
    return "\n".join(lines)


def letter_text(draft: CaseDraft, words: Words, zone: tzinfo) -> str:
    """Return the draft as a desk gets it: plain text, the time that each step took, and what was said."""
    lines = [f"{label}: {value}" for label, value in _parts(draft, words)]
    shown = None
    for step in _steps(draft):
        if step.guide != shown:
            lines += ["", f"{words.labels['tried'].format(guide=step.guide)}:"]
            shown = step.guide
        lines.append(f"- {_plain(step.text)} – {step.outcome}{_duration(step.seconds)}")
    if draft.added:
        lines += ["", f"{words.labels['added']}: {draft.added}"]
    if draft.transcript:
        lines += ["", f"{words.labels['transcript']}:"]
        for line in draft.transcript:
            at = datetime.fromisoformat(line.at).astimezone(zone)
            said = re.sub(r"\n+", "\n    ", _plain(line.text))
            lines.append(f"{at:%Y-%m-%d %H:%M} {words.labels[line.who]}: {said}")
    return "\n".join(lines)


def _parts(draft: CaseDraft, words: Words) -> List[Tuple[str, str]]:
    """Return what both show before the steps, each with what stands before it; what is not known is left out."""
    contact = draft.contact
    level = words.levels[draft.priority.level.value]
    because = ", ".join(words.reasons[reason] for reason in draft.priority.reasons)
    reached = [contact.phone, contact.email, *([words.chat] if contact.chat else [])]
    found = [
        ("problem", draft.problem),
        ("target", draft.target_name),
        ("level", f"{level} ({because})" if because else level),
        ("reason", draft.reason),
        *((name, draft.facts.get(name, "")) for name in FACTS),
        ("contact", ", ".join(filter(None, reached))),
        ("name", contact.name),
        ("unit", contact.unit),
        ("hsa_id", contact.hsa_id),
        ("contact_said", contact.said if _says_more(contact.said, [*reached, contact.name, contact.unit]) else ""),
    ]
    return [(words.labels[name], value) for name, value in found if value]


def _says_more(said: str, shown: Sequence[str]) -> bool:
    """Tell whether the answer to how to be reached holds more than what was found in it, e.g. when not to call."""
    rest = said
    for part in filter(None, shown):
        rest = rest.replace(part, " ")
    return len(re.findall(r"\w+", rest)) >= MORE_WORDS


def _steps(draft: CaseDraft) -> List[TriedStep]:
    """Return the steps of all guides, in order."""
    return [step for guide in draft.tried for step in guide.steps]


def _plain(text: str) -> str:
    """Return a text without marks for bold."""
    return text.replace("**", "")


def _duration(seconds: float) -> str:
    """Return how long a step took, if that is worth telling.

    >>> _duration(75)
    ' (1:15)'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f" ({minutes}:{rest:02d})" if seconds >= 1 else ""
