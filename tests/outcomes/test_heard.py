"""What is kept of a turn, from its events, and that the names in the code are those of the rules in data/."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

import pytest
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet, UserUttered

from lotsen.content.catalogue import Content
from lotsen.content.check import read_training_files
from lotsen.content.located_yaml import read_yaml
from lotsen.outcomes.asked import Asked, Kind
from lotsen.outcomes.heard import ASK_ERROR, ASKS_BACK, GUIDE_REPLY, HANDOFF, START_GUIDE, TALK, noted
from lotsen.settings import CONTENT


def said(text: str, intent: str, suggestions: Sequence[str] = (), both: bool = False) -> UserUttered:
    """Return a message as the model reads it."""
    parsed: Dict[str, Any] = {
        "intent": {"name": intent, "confidence": 0.9},
        "suggestions": [{"id": id, "title": id.upper()} for id in suggestions],
        "two_questions": both,
    }
    return UserUttered(text, parsed["intent"], [], parsed, input_channel="web", metadata={"model_id": "m1"})


def buttons(*intents: str, titles: Sequence[str] = ()) -> BotUttered:
    """Return what the bot says with buttons."""
    named = titles or [intent.upper() for intent in intents]
    return BotUttered("?", {"buttons": [{"title": t, "payload": f"/{i}"} for t, i in zip(named, intents, strict=True)]})


def kept(turn: List[Event], before: Sequence[Event] = ()) -> Any:
    """Return what is kept of a turn."""
    assert isinstance(turn[0], UserUttered)
    return noted("web-1", turn, turn[0].text or "", reversed(before))


def did(name: str) -> ActionExecuted:
    """Return an action."""
    return ActionExecuted(name)


LISTEN = ActionExecuted("action_listen")
QUESTION = [said("hur gallrar man", "how_to_purge"), did("utter_how_to_purge"), LISTEN]


@pytest.mark.parametrize(
    ("turn", "kind", "intent", "suggestions"),
    [
        (QUESTION, Kind.ANSWERED, "how_to_purge", ()),
        ([said("hej", "greet"), did("utter_greet"), buttons("login_problem")], Kind.SMALL_TALK, "greet", ()),
        ([said("klart", "next_step"), did(GUIDE_REPLY)], Kind.SMALL_TALK, "next_step", ()),
        ([said("lunch?", "out_of_scope"), did("utter_out_of_scope")], Kind.REFUSED, "out_of_scope", ()),
        ([said("?", "nlu_fallback"), did("action_suggest")], Kind.REFUSED, "nlu_fallback", ()),
        ([said("fel", "login_error"), did(START_GUIDE)], Kind.GUIDE, "login_error", ()),
        ([said("person", "talk_to_human"), did(HANDOFF), did("handoff_form")], Kind.HANDOFF, "talk_to_human", ()),
        (
            [said("?", "nlu_fallback", ["a", "b"]), did("action_suggest"), buttons("a", "b", "none_of_these")],
            Kind.SUGGESTED,
            "nlu_fallback",
            ("a", "b"),
        ),
        (
            [said("?", "nlu_fallback", ["a", "b"]), did("action_suggest"), buttons("a", "c", titles=("Min", "Annan"))],
            Kind.CLARIFIED,
            "nlu_fallback",
            ("a", "c"),
        ),
        (
            [said("?", "nlu_fallback", ["a", "b"], both=True), did("action_suggest"), BotUttered("A"), BotUttered("B")],
            Kind.ANSWERED,
            "a",
            ("a", "b"),
        ),
        (
            [said("?", "nlu_fallback", ["a", "b"], both=True), did("action_suggest"), buttons("repeat", "stop")],
            Kind.ANSWERED,
            "a",
            ("a", "b"),
        ),
        (
            [said("?", "login_problem"), did(ASK_ERROR), buttons("login_error", "other_login_problem")],
            Kind.CLARIFIED,
            "login_problem",
            ("login_error", "other_login_problem"),
        ),
        (
            [said("?", "login_problem"), did(ASK_ERROR), SlotSet("guide_run", {"id": "x"})],
            Kind.GUIDE,
            "login_problem",
            (),
        ),
    ],
)
def test_what_the_bot_did(turn: List[Event], kind: Kind, intent: str, suggestions: Sequence[str]) -> None:
    """Each kind of turn is told by its first action and its buttons."""
    found = kept(turn)
    assert isinstance(found, Asked)
    assert (found.kind, found.intent, found.suggestions) == (kind, intent, tuple(suggestions))
    assert (found.conversation, found.channel, found.confidence, found.model) == ("web-1", "web", 0.9, "m1")


@pytest.mark.parametrize(
    ("turn", "before"),
    [
        ([said("klart", "next_step"), did(GUIDE_REPLY)], [SlotSet("guide_run", {"id": "x"})]),
        ([said("ja", "affirm"), did(GUIDE_REPLY)], [ActiveLoop("handoff_form"), SlotSet("guide_run", None)]),
        ([said("det hänger sig", "login_error"), did("handoff_form")], [ActiveLoop("handoff_form")]),
        ([said("avbryt", "stop"), did("action_drop_handoff")], [ActiveLoop("handoff_form")]),
        ([said("hej", "greet")], []),
        ([said("/next_step", "next_step"), did(GUIDE_REPLY)], QUESTION),
        ([said("/how_to_purge", "how_to_purge"), did("utter_how_to_purge")], []),
    ],
)
def test_what_is_no_question(turn: List[Event], before: List[Event]) -> None:
    """Replies to a guide or a form, turns without a reply, and buttons that follow no question are not kept."""
    assert kept(turn, before) is None


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        (QUESTION, "none_of_these"),
        ([*QUESTION, said("klart", "next_step"), did(GUIDE_REPLY), LISTEN], None),
        ([*QUESTION, said("/how_to_purge", "how_to_purge"), did("utter_how_to_purge"), LISTEN], None),
        ([said("telefon", "affirm"), did("handoff_form"), LISTEN], None),
    ],
)
def test_the_button_after_a_question(before: List[Event], wanted: Optional[str]) -> None:
    """Only the first button right after a typed question tells something about it."""
    assert kept([said("/none_of_these", "none_of_these"), did("utter_none_of_these")], before) == wanted


def test_a_guide_that_was_left_is_not_open() -> None:
    """The latest state counts: a guide and a form that were open before are over."""
    before = [SlotSet("guide_run", {"id": "x"}), ActiveLoop("handoff_form"), SlotSet("guide_run"), ActiveLoop(None)]
    found = kept([said("klart", "next_step"), did(GUIDE_REPLY)], before)
    assert isinstance(found, Asked) and found.kind is Kind.SMALL_TALK


def test_the_rules_have_the_actions_that_are_looked_for(content: Content) -> None:
    """Every intent of data/ is kept as what it is: a question answered or walked, a refusal, a hand-off or talk."""
    first = dict(_first_actions())
    for intent, action in sorted(first.items()):
        found = kept([said("x", intent, ["a"]), did(action), buttons("a")])
        assert isinstance(found, Asked), intent
        if intent in content.guides:
            wanted = Kind.GUIDE
        elif intent in content.questions:
            wanted = Kind.ANSWERED
        elif intent.startswith("out_of_scope"):
            wanted = Kind.REFUSED
        elif intent == "talk_to_human":
            wanted = Kind.HANDOFF
        elif intent == "nlu_fallback":
            wanted = Kind.SUGGESTED
        else:
            wanted = Kind.CLARIFIED if intent in ASKS_BACK else Kind.SMALL_TALK
        assert found.kind is wanted, intent
    assert set(first) >= TALK | ASKS_BACK


def _first_actions() -> List[tuple[str, str]]:
    """Return each intent of the rules with the first action that follows it."""
    found = []
    files = {file.file for file in read_training_files(CONTENT, [])}
    assert files, "there are files with rules"
    for path in sorted(path for folder in ("faq", "conversation") for path in (CONTENT / folder).glob("*.yml")):
        for rule in (read_yaml(path).data or {}).get("rules") or ():
            steps = rule["steps"]
            intents = [one["intent"] for step in steps for one in step.get("or", [step]) if "intent" in one]
            action = next((step["action"] for step in steps if "action" in step), None)
            if action is not None and "active_loop" not in steps[0] and not rule.get("condition"):
                found += [(intent, action) for intent in intents]
    return found
