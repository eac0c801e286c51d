"""What actions say (``data/texts.yml``): texts with placeholders, and their buttons."""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from lotsen.cases.case import Impact, Level, Status
from lotsen.cases.priority import DISTURBANCE
from lotsen.cases.wording import FACTS
from lotsen.content.located_yaml import Document, read_yaml
from lotsen.content.problems import ContentError, Problem, did_you_mean

_STEP = frozenset({"heading", "step"})
_PLAIN: frozenset[str] = frozenset()
REASONS = (Impact.PATIENT_WAITS.value, Impact.SEVERAL.value, DISTURBANCE)
TOLD = (Status.OPEN, Status.WAITING, Status.RESOLVED, Status.REJECTED)
"""The statuses that a user hears of by themselves."""
_LABELS = (
    *("problem", "target", "level", "reason", *FACTS, "contact", "name", "unit", "hsa_id", "contact_said"),
    *("added", "transcript", "user", "bot"),
)
"""What stands before each part of a case (``lotsen/cases/wording.py``)."""
_TEAMS = (
    *("group", "file", "picture", "edited", "deleted", "reaction", "liked", "disliked", "code"),
    *("too_long", "too_fast", "old_choice"),
)
"""What is answered to things in Teams that are no words (``lotsen/channels/teams/inbox.py``)."""

TEXTS: Mapping[str, frozenset[str]] = {
    "menu": _PLAIN,
    "menu_section": frozenset({"section"}),
    "suggest_one": _PLAIN,
    "suggest": _PLAIN,
    "clarify": frozenset({"question"}),
    "both_answers": _PLAIN,
    "suggest_both": _PLAIN,
    "offer_person": _PLAIN,
    "ask_error": _PLAIN,
    "error_known": frozenset({"error"}),
    "turn_wait": _PLAIN,
    "turn_failed": _PLAIN,
    "guide_begins": frozenset({"title", "intro"}),
    "guide_heading": frozenset({"number", "total"}),
    "guide_heading_inner": frozenset({"title", "number", "total"}),
    "guide_see": frozenset({"see"}),
    "guide_do": _STEP,
    "guide_check": _STEP,
    "guide_choose": _STEP,
    "guide_wait": _STEP | {"minutes"},
    "guide_note": _STEP,
    "guide_include": _STEP,
    "guide_answers": _STEP,
    "guide_fact": frozenset({"step"}),
    "guide_end": _STEP,
    "guide_why": frozenset({"why"}),
    "guide_no_why": _PLAIN,
    "guide_how": frozenset({"how"}),
    "guide_if_not": frozenset({"if_not"}),
    "guide_no_how": _PLAIN,
    "guide_recall": frozenset({"number", "step"}),
    "guide_no_such_step": frozenset({"total"}),
    "guide_where": frozenset({"title", "number", "total"}),
    "guide_later": frozenset({"title", "number", "total"}),
    "guide_code": frozenset({"code"}),
    "guide_later_code": frozenset({"code"}),
    "guide_first": _PLAIN,
    "guide_time_is_up": _PLAIN,
    "guide_note_wrong": _PLAIN,
    "guide_already": frozenset({"steps"}),
    "guide_earlier": frozenset({"steps"}),
    "guide_lacks": frozenset({"thing"}),
    "guide_stale": _PLAIN,
    "guide_changed": frozenset({"title"}),
    "guide_gone": _PLAIN,
    "guide_expired": frozenset({"title"}),
    "guide_switched": frozenset({"title"}),
    "guide_waits": frozenset({"title"}),
    "guide_returns": frozenset({"title"}),
    "guide_did_not_fit": _PLAIN,
    "guide_already_here": _PLAIN,
    "guide_offer": frozenset({"title", "number", "total"}),
    "guide_resolved": _PLAIN,
    "guide_stopped": _PLAIN,
    "guide_unsolved": _PLAIN,
    "guide_to_handoff": frozenset({"target"}),
    "guide_none": _PLAIN,
    "outcome_done": _PLAIN,
    "outcome_solved": _PLAIN,
    "outcome_failed": _PLAIN,
    "outcome_not_helped": _PLAIN,
    "outcome_lacks": frozenset({"thing"}),
    "outcome_skipped": _PLAIN,
    "outcome_already": _PLAIN,
    "outcome_already_tried": _PLAIN,
    "outcome_earlier": _PLAIN,
    "handoff_begins": frozenset({"target"}),
    "handoff_ask_affected": _PLAIN,
    "handoff_ask_problem": _PLAIN,
    "handoff_ask_addition": _PLAIN,
    "handoff_ask_hsa_id": _PLAIN,
    "handoff_ask_contact": frozenset({"target"}),
    "handoff_contact_chat": _PLAIN,
    "handoff_no_contact": _PLAIN,
    "handoff_masked_contact": _PLAIN,
    "handoff_contact_teams": _PLAIN,
    "handoff_no_teams_contact": _PLAIN,
    "handoff_no_problem": _PLAIN,
    "handoff_preview": frozenset({"summary", "target"}),
    "handoff_resident": _PLAIN,
    "handoff_sent": frozenset({"number", "code", "target"}),
    "handoff_sent_chat": _PLAIN,
    "handoff_linked": _PLAIN,
    "handoff_closed": frozenset({"target", "day", "time"}),
    "handoff_dropped": _PLAIN,
    "handoff_failed": _PLAIN,
    "day_today": _PLAIN,
    "day_tomorrow": _PLAIN,
    **{f"day_{number}": _PLAIN for number in range(7)},
    **{f"label_{name}": _PLAIN for name in _LABELS},
    "label_tried": frozenset({"guide"}),
    "contact_chat": _PLAIN,
    **{f"level_{level.value}": _PLAIN for level in Level},
    **{f"because_{reason}": _PLAIN for reason in REASONS},
    **{f"status_{status.value}": _PLAIN for status in Status},
    "case_shown": frozenset({"number", "problem", "status", "sent"}),
    "case_reply": frozenset({"target", "at", "text"}),
    "case_none": _PLAIN,
    "case_needs_code": frozenset({"number"}),
    "case_unknown": _PLAIN,
    "news_reply": frozenset({"number", "target", "text"}),
    **{f"news_{status.value}": frozenset({"number", "target"}) for status in TOLD},
    "live_begins": frozenset({"who", "target"}),
    "live_name": frozenset({"who", "target"}),
    "live_ends": frozenset({"who", "target"}),
    "live_timed_out": frozenset({"who", "target"}),
    "live_file": _PLAIN,
    "live_picture": _PLAIN,
    "live_edited": _PLAIN,
    "news_reply_by": frozenset({"who", "number", "target", "text"}),
    "case_reply_by": frozenset({"who", "target", "at", "text"}),
    "answer_choice": frozenset({"target"}),
    "answer_more_choice": frozenset({"number"}),
    "answer_let_be_choice": _PLAIN,
    "answer_begins": frozenset({"target", "number"}),
    "answer_sent": frozenset({"target", "number"}),
    "answer_let_be": frozenset({"target", "number"}),
    "answer_timed_out": frozenset({"target"}),
    "answer_no_case": _PLAIN,
    "disturbance": _PLAIN,
    "disturbance_worded": frozenset({"text"}),
    "disturbance_over": frozenset({"title"}),
    "disturbance_case": frozenset({"title", "count", "minutes"}),
    **{f"teams_{name}": _PLAIN for name in _TEAMS},
}
"""Every text that an action says, and the words in braces that it must use, unless they are ``OPTIONAL``."""

OPTIONAL: Mapping[str, frozenset[str]] = {
    "menu_section": frozenset({"section"}),
    "guide_offer": frozenset({"number", "total"}),
    "guide_where": frozenset({"title", "total"}),
    "guide_later": frozenset({"title", "number", "total"}),
    "guide_wait": frozenset({"minutes"}),
    "guide_changed": frozenset({"title"}),
    "guide_expired": frozenset({"title"}),
    "guide_switched": frozenset({"title"}),
    "guide_waits": frozenset({"title"}),
    "guide_returns": frozenset({"title"}),
    "guide_recall": frozenset({"number"}),
    "guide_no_such_step": frozenset({"total"}),
    "guide_lacks": frozenset({"thing"}),
    "guide_to_handoff": frozenset({"target"}),
    "handoff_preview": frozenset({"target"}),
    "handoff_begins": frozenset({"target"}),
    "handoff_ask_contact": frozenset({"target"}),
    "handoff_sent": frozenset({"target"}),
    "handoff_closed": frozenset({"target", "day", "time"}),
    "case_shown": frozenset({"problem", "sent"}),
    "case_reply": frozenset({"target", "at"}),
    "case_needs_code": frozenset({"number"}),
    "news_reply": frozenset({"target"}),
    "news_reply_by": frozenset({"target"}),
    "case_reply_by": frozenset({"who", "target", "at"}),
    "live_begins": frozenset({"target"}),
    "live_name": frozenset({"target"}),
    "live_ends": frozenset({"who", "target"}),
    "live_timed_out": frozenset({"who", "target"}),
    "answer_choice": frozenset({"target"}),
    "answer_begins": frozenset({"number"}),
    "answer_sent": frozenset({"target"}),
    "answer_let_be": frozenset({"target", "number"}),
    "answer_timed_out": frozenset({"target"}),
    **{f"news_{status.value}": frozenset({"target"}) for status in TOLD},
    "disturbance_case": frozenset({"count", "minutes"}),
}
"""The words in braces that a text may do without: the user loses nothing that is not on the screen already."""

_FIELDS = ("text", "buttons")


@dataclass(frozen=True)
class Button:
    """What a button says, and the payload that Rasa gets when it is pressed."""

    title: str
    payload: str


@dataclass(frozen=True)
class Text:
    """One text with its buttons."""

    text: str
    buttons: Tuple[Button, ...] = ()


def load_texts(path: Path) -> Dict[str, Text]:
    """Read the file.

    Raises:
        ContentError: with every problem: a text missing, unknown or empty, a placeholder that nobody fills in,
            one that must be there.
    """
    document = read_yaml(path)
    written = document.data if isinstance(document.data, dict) else {}
    problems: List[Problem] = []
    for name in TEXTS:
        if name not in written:
            problems.append(document.problem(f"Texten '{name}' saknas. Skriv '{name}:' och 'text: ...' under."))
    texts = {name: _text(name, entry, document, problems) for name, entry in written.items()}
    if problems:
        raise ContentError(problems)
    return texts


def words(texts: Mapping[str, Text], family: str) -> Dict[str, str]:
    """Return the texts whose names begin with ``family`` and an underscore, by the rest of their names."""
    start = f"{family}_"
    return {name[len(start) :]: text.text for name, text in texts.items() if name.startswith(start)}


def _text(name: str, entry: Any, document: Document, problems: List[Problem]) -> Text:
    """Read one text, adding what is wrong to ``problems``."""
    if name not in TEXTS:
        problems.append(document.problem(f"Ingen använder texten '{name}'.{did_you_mean(name, TEXTS)}", name))
        return Text("")
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str) or not entry["text"].strip():
        problems.append(document.problem(f"Texten '{name}' är tom. Skriv 'text: ...' under.", name))
        return Text("")
    for field in entry:
        if field not in _FIELDS:
            problems.append(document.problem(f"Okänt fält: '{field}'.{did_you_mean(field, _FIELDS)}", name, field))
    used = _placeholders(entry["text"])
    for unknown in sorted(used - TEXTS[name]):
        allowed = ", ".join(f"{{{word}}}" for word in sorted(TEXTS[name])) or "inga"
        message = f"'{{{unknown}}}' fylls inte i här. Det som fylls i: {allowed}."
        problems.append(document.problem(message, name, "text"))
    for missing in sorted(TEXTS[name] - OPTIONAL.get(name, _PLAIN) - used):
        message = f"Texten '{name}' saknar '{{{missing}}}'. Utan det ser användaren inte det som fylls i där."
        problems.append(document.problem(message, name, "text"))
    return Text(entry["text"].strip(), tuple(_buttons(name, entry.get("buttons") or [], document, problems)))


def _buttons(name: str, written: Any, document: Document, problems: List[Problem]) -> Iterator[Button]:
    """Yield the buttons of one text."""
    if not isinstance(written, list):
        message = "Under 'buttons' ska det stå en lista: '- {title: Klart, payload: /next_step}'."
        problems.append(document.problem(message, name, "buttons"))
        return
    for index, button in enumerate(written):
        title, payload = (button.get("title"), button.get("payload")) if isinstance(button, dict) else (None, None)
        if title and isinstance(title, str) and isinstance(payload, str) and payload.startswith("/"):
            yield Button(title, payload)
        else:
            message = "En knapp ska se ut så här: {title: Klart, payload: /next_step}."
            problems.append(document.problem(message, name, "buttons", index))


def _placeholders(text: str) -> set[str]:
    """Return the words in braces; a stray brace counts as one."""
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError:
        return {"klammer utan par"}
    names = {name for _, name, _, _ in parsed if name is not None}
    return names.union(*(_placeholders(spec) for _, _, spec, _ in parsed if spec))
