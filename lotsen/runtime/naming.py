"""What a decision is called: the word for what the bot does with a message, the id answered, the ids offered. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence

from lotsen.content.catalogue import Content
from lotsen.content.clarify import clarify
from lotsen.understanding.decision import FALLBACK, is_out_of_scope

PAYLOAD_INTENT = re.compile(r"/([a-z_0-9]+)")
VAGUE = {"login_problem": "ask_error"}
"""Intents whose rule asks back, and the text of ``data/texts.yml`` that does; its buttons are what is offered."""


@dataclass(frozen=True)
class Named:
    """What the bot does with a message."""

    decision: str
    """``answer``, ``guide``, ``suggest``, ``refuse``, ``handoff``, ``smalltalk`` or ``clarify``."""
    intent: Optional[str]
    """The id answered; None when it asks or refuses."""
    suggestions: List[str]
    """The questions offered, best first; both, when two that were asked at once are answered."""


def named(
    content: Content, intent: Optional[str], suggested: Sequence[str], both: bool, offered: Sequence[str]
) -> Named:
    """Name a decision, from the intent acted on and what goes with it.

    ``suggested`` and ``both`` are the decision's own, and ``offered`` the questions on the buttons that were said.
    """
    if intent is None or intent == FALLBACK:
        return _unsure(content, suggested, both, offered)
    if is_out_of_scope(intent):
        return Named("refuse", None, [])
    if intent in content.guides:
        return Named("guide", intent, [])
    if intent in content.questions:
        return Named("answer", intent, [])
    if intent == "talk_to_human":
        return Named("handoff", intent, [])
    return Named("clarify" if offered else "smalltalk", None if offered else intent, list(offered))


def offered_for(
    content: Content,
    responses: Mapping[str, Sequence[Mapping[str, Any]]],
    intent: str,
    suggested: Sequence[str],
    both: bool,
) -> List[str]:
    """Return the questions on the buttons that the bot would say, without letting it say them.

    ``responses`` are the domain's. Two questions at once are offered, not answered, where one of them is a guide.
    """
    if intent == FALLBACK:
        return list(suggested) if both and any(id in content.guides for id in suggested) else []
    text = content.texts.get(VAGUE.get(intent, ""))
    asked = [button.payload for button in text.buttons] if text is not None else []
    said = [button for variant in responses.get(f"utter_{intent}", ()) for button in variant.get("buttons") or ()]
    return offered_by(content, [*asked, *(str(button.get("payload")) for button in said)])


def offered_by(content: Content, payloads: Sequence[str]) -> List[str]:
    """Return the questions that buttons with these payloads stand for, each once."""
    found = (PAYLOAD_INTENT.match(payload) for payload in payloads)
    return list(dict.fromkeys(one[1] for one in found if one is not None and one[1] in content.questions))


def _unsure(content: Content, suggested: Sequence[str], both: bool, offered: Sequence[str]) -> Named:
    """Name what came of a message that the decision did not answer with one intent."""
    ids = list(suggested)
    if both and not offered:
        return Named("answer", ids[0], ids)
    if clarify(content.clarifications, ids):
        return Named("clarify", None, ids)
    return Named("suggest" if ids else "refuse", None, ids)
