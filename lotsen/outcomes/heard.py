"""From the events of a turn to what is kept of it in ``asked``. Pure.

What the bot did is read from its first action: the rules in ``data/`` give each kind of message one. A test holds the
names below to those rules.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Iterable, Iterator, List, Optional, Sequence, Tuple, Union

from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet, UserUttered

from lotsen.guides.said import GUIDE_WORDS
from lotsen.outcomes.asked import Asked, Kind
from lotsen.understanding.decision import FALLBACK, is_out_of_scope
from lotsen.understanding.decision_classifier import BOTH, SUGGESTIONS

GUIDE_REPLY, START_GUIDE, HANDOFF, ASK_ERROR = (
    "action_guide_reply",
    "action_start_guide",
    "action_begin_handoff",
    "action_ask_error",
)
FORM = frozenset({"handoff_form", "action_drop_handoff", "action_finish_handoff"})
"""The first action after a message that the open hand-off takes."""
TALK = frozenset({"greet", "thanks", "goodbye", "bot_challenge", "change_contact", "none_of_these"})
"""Intents with an answer of their own that are no questions."""
ASKS_BACK = frozenset({"login_problem", "other_login_problem"})
"""Intents whose answer is a question with buttons."""
BESIDE = frozenset({"none_of_these", "talk_to_human", "show_menu"})
"""Buttons that stand for no question."""
OPEN_GUIDE = "guide_run"
_LISTEN = "action_listen"
_PAYLOAD = re.compile(r"/([a-z_0-9]+)")


def noted(conversation: str, turn: Sequence[Event], text: str, before: Iterable[Event]) -> Union[Asked, str, None]:
    """Return what is to be kept of a turn: a message, the intent of a button that is to be noted, or nothing.

    ``turn`` begins with the user's message; ``text`` is that message, masked. ``before`` are the events before it, the
    latest first; they are read only as far as needed.
    """
    said = turn[0]
    assert isinstance(said, UserUttered), "a turn begins with a message"
    intent, did = said.intent_name or "", _first_action(turn[1:])
    if said.text is None or said.text.startswith("/"):
        follows = intent and intent not in GUIDE_WORDS and _was_question(before)
        return intent if follows else None
    if did is None or did in FORM or (did == GUIDE_REPLY and _something_open(before)):
        return None
    parsed = said.parse_data or {}
    offered = [question["id"] for question in parsed.get(SUGGESTIONS) or ()]
    kind = _kind(intent, did, turn, offered, bool(parsed.get(BOTH)))
    if kind is Kind.CLARIFIED:
        offered = _payloads(turn)
    elif kind is Kind.ANSWERED and intent == FALLBACK:
        intent = offered[0]
    at = datetime.fromtimestamp(said.timestamp, timezone.utc)
    share = float((parsed.get("intent") or {}).get("confidence") or 0.0)
    model = str((said.metadata or {}).get("model_id") or "")
    return Asked(conversation, said.input_channel or "", at, text, kind, intent, share, tuple(offered), model)


def _kind(intent: str, did: str, turn: Sequence[Event], offered: Sequence[str], both: bool) -> Kind:
    """Return what the bot did."""
    if is_out_of_scope(intent):
        return Kind.REFUSED
    if did == START_GUIDE or (did == ASK_ERROR and _opens_guide(turn)):
        return Kind.GUIDE
    if did == HANDOFF:
        return Kind.HANDOFF
    if intent == FALLBACK:
        buttons = _payloads(turn)
        if both and not buttons:
            return Kind.ANSWERED
        if not offered:
            return Kind.REFUSED
        return Kind.SUGGESTED if _titles(turn[0]) <= set(_button_titles(turn)) else Kind.CLARIFIED
    if intent in ASKS_BACK:
        return Kind.CLARIFIED
    return Kind.ANSWERED if did == f"utter_{intent}" and intent not in TALK else Kind.SMALL_TALK


def _first_action(events: Iterable[Event]) -> Optional[str]:
    """Return the first thing that the bot did; None if it did nothing before the user spoke again."""
    for event in events:
        if isinstance(event, UserUttered):
            return None
        if isinstance(event, ActionExecuted) and event.action_name != _LISTEN:
            return str(event.action_name)
    return None


def _was_question(before: Iterable[Event]) -> bool:
    """Tell whether the message before was typed, and no reply: a button may tell what it was about."""
    later: List[Event] = []
    for event in before:
        if isinstance(event, UserUttered):
            did = _first_action(reversed(later))
            typed = event.text is not None and not event.text.startswith("/")
            return typed and did is not None and did not in FORM and did != GUIDE_REPLY
        later.append(event)
    return False


def _something_open(before: Iterable[Event]) -> bool:
    """Tell whether a guide or a form waited for the message."""
    guide = form = False
    for event in before:
        if isinstance(event, SlotSet) and event.key == OPEN_GUIDE and not guide:
            if event.value:
                return True
            guide = True
        elif isinstance(event, ActiveLoop) and not form:
            if event.name:
                return True
            form = True
        if guide and form:
            return False
    return False


def _opens_guide(turn: Iterable[Event]) -> bool:
    """Tell whether a guide was begun."""
    return any(isinstance(event, SlotSet) and event.key == OPEN_GUIDE and event.value for event in turn)


def _buttons(turn: Iterable[Event]) -> Iterator[Tuple[str, str]]:
    """Yield the titles and payloads of all buttons that were offered."""
    for event in turn:
        if isinstance(event, BotUttered):
            for button in (event.data or {}).get("buttons") or ():
                yield str(button.get("title")), str(button.get("payload"))


def _button_titles(turn: Iterable[Event]) -> List[str]:
    """Return what the buttons said."""
    return [title for title, _ in _buttons(turn)]


def _payloads(turn: Iterable[Event]) -> List[str]:
    """Return the questions that the buttons stand for, each once; a guide's own buttons stand for none."""
    found = (_PAYLOAD.match(payload) for _, payload in _buttons(turn))
    names = dict.fromkeys(one[1] for one in found if one is not None)
    return [name for name in names if name not in BESIDE and name not in GUIDE_WORDS]


def _titles(said: UserUttered) -> set[str]:
    """Return the titles of what the decision found likely."""
    return {str(question["title"]) for question in (said.parse_data or {}).get(SUGGESTIONS) or ()}
