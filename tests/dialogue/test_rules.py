"""The short rule policy predicts what Rasa's own does, from less; and a resume with nothing to resume is left out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Iterator, List, Optional, Tuple

import pytest
from rasa.core.agent import Agent, load_agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from lotsen.dialogue.rules import GUIDE_REPLY, RESUME, ShortRulePolicy, _recent, beside_the_rules, something_open
from lotsen.guides.reading import Expectation
from lotsen.guides.said import GUIDE_WORD
from lotsen.runtime.ask import InProcessActions

CONVERSATION = (
    "/greet",
    "/how_to_purge",
    "/login_problem",
    "/page_cannot_be_displayed",
    "/next_step",
    "/which_browser",
    "/go_back",
    "/next_step",
    "/problem_persists",
    "/stop",
    "/talk_to_human",
    '/inform_affected{"affected": "personal"}',
    "/how_to_purge",
    "/nlu_fallback",
    "/thanks",
    "/stop",
    "/talk_to_human",
    '/inform_affected{"affected": "personal"}',
    "/deny",
    "/why_purge",
    "/deny",
    "/out_of_scope",
    "/goodbye",
)


@pytest.fixture(scope="module")
def agent(model: Path, event_loop: asyncio.AbstractEventLoop) -> Agent:
    """The trained model, with actions in this process and conversations in memory."""
    endpoints = AvailableEndpoints(action=InProcessActions())
    return event_loop.run_until_complete(load_agent(model_path=str(model), endpoints=endpoints))


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Iterator[List[Tuple[Any, Any]]]:
    """Every prediction of a short policy from now on, each with what Rasa's own says to the whole history."""
    pairs: List[Tuple[Any, Any]] = []
    short = ShortRulePolicy._predict

    def both(policy: ShortRulePolicy, tracker: DialogueStateTracker, domain: Any) -> Any:
        ours, source = short(policy, tracker, domain)
        with monkeypatch.context() as patch:
            patch.setattr(ShortRulePolicy, "_prediction_states", RulePolicy._prediction_states)
            patch.setattr(ShortRulePolicy, "_find_action_from_rules", RulePolicy._find_action_from_rules)
            theirs, _ = short(policy, tracker, domain)
        pairs.append((described(ours), described(theirs)))
        return ours, source

    monkeypatch.setattr(ShortRulePolicy, "_predict", both)
    yield pairs


def described(prediction: Any) -> Any:
    """Return all that a prediction says."""
    return (prediction.probabilities, prediction.events, prediction.is_end_to_end_prediction, prediction.hide_rule_turn)


@pytest.mark.asyncio
async def test_it_predicts_what_rasa_does(agent: Agent, compared: List[Tuple[Any, Any]]) -> None:
    """In a long conversation with guides, the form, interruptions and the fallback, all predictions are the same."""
    for text in CONVERSATION:
        await agent.handle_message(UserMessage(text, CollectingOutputChannel(), "long"))
    assert len(compared) > 2 * len(CONVERSATION)
    for ours, theirs in compared:
        assert ours == theirs


@pytest.mark.asyncio
async def test_resume_is_only_called_with_something_open(agent: Agent) -> None:
    """After an answer the turn ends at once, but inside a guide the guide is offered again."""
    said = CollectingOutputChannel()
    for text in ("/how_to_purge", "/page_cannot_be_displayed", "/which_browser"):
        await agent.handle_message(UserMessage(text, said, "resume"))
    tracker = await agent.tracker_store.retrieve("resume")
    assert tracker is not None
    actions = [event.action_name for event in tracker.events if isinstance(event, ActionExecuted)]
    assert actions == [
        *("action_session_start", "action_listen"),
        *("utter_how_to_purge", "action_listen"),
        *("action_start_guide", "action_listen"),
        *("utter_which_browser", RESUME, "action_listen"),
    ]
    assert something_open(tracker)


def user(intent: str) -> UserUttered:
    """Return what a user said."""
    return UserUttered(intent, {"name": intent})


def test_a_short_history_is_not_cut() -> None:
    """All events of a conversation with fewer actions are kept."""
    events: List[Event] = [ActionExecuted("action_listen"), user("a"), ActionExecuted("utter_a")]
    assert _recent(events, 2) == (events, False)


def test_a_cut_history_knows_the_last_words_and_the_form() -> None:
    """What the user last said, and the form that was open, are still known after the cut."""
    events: List[Event] = [ActionExecuted("action_listen"), user("a"), ActiveLoop("form"), SlotSet("note", "x")]
    latest: List[Event] = [ActionExecuted("form"), ActionExecuted("action_listen")]
    assert _recent([*events, *latest], 2) == ([events[1], events[2], *latest], True)


WAITS = Expectation("fact", {"Edge": ["edge"], "Chrome": ["chrome", "google chrome"]}, {"kortläsare": ["kortlasare"]})
NOTE = Expectation("note")


def in_guide(
    text: str, intent: str, waits: Expectation, share: float = 0.9, word: str = "", likely: float = 0.0
) -> Any:
    """Return a tracker in which a guide is open that waits for something, and somebody has just written a text."""
    slots = [AnySlot("guide_run", mappings=[{}], influence_conversation=False)]
    tracker = DialogueStateTracker("a", slots)
    parsed: Any = {"intent": {"name": intent, "confidence": share}}
    if word:
        parsed[GUIDE_WORD] = {"name": word, "confidence": likely}
    tracker.update(SlotSet("guide_run", {"waits": waits.to_json()}))
    tracker.update(ActionExecuted("action_listen"))
    tracker.update(UserUttered(text, parsed["intent"], parse_data=parsed))
    return tracker


@pytest.mark.parametrize(
    ("tracker", "action"),
    [
        pytest.param(in_guide("jag kör Chrome", "which_browser", WAITS), GUIDE_REPLY, id="an answer to its question"),
        pytest.param(in_guide("vilken ska man ha, Chrome?", "which_browser", WAITS), None, id="a question is none"),
        pytest.param(
            in_guide("jag har ingen kortläsare", "out_of_scope_card", WAITS), GUIDE_REPLY, id="what is missing"
        ),
        pytest.param(in_guide("det står Error 500", "out_of_scope", NOTE), GUIDE_REPLY, id="a note"),
        pytest.param(in_guide("/greet", "greet", NOTE), None, id="a button is no note"),
        pytest.param(in_guide("tack", "thanks", WAITS), None, id="small talk"),
        pytest.param(in_guide("klart", "next_step", WAITS), None, id="a guide word has a rule of its own"),
        pytest.param(
            in_guide("varför då?", "why_purge", WAITS, 0.6, "ask_why", 0.3), GUIDE_REPLY, id="likelier in a guide"
        ),
        pytest.param(in_guide("varför gallra?", "why_purge", WAITS, 0.97, "ask_why", 0.02), None, id="sure of another"),
    ],
)
def test_what_an_open_guide_takes(tracker: DialogueStateTracker, action: Optional[str]) -> None:
    """A message that the guide waits for goes to the guide, whatever rule its intent has; others go by the rules."""
    assert beside_the_rules(tracker) == action


def test_the_turn_is_over_after_such_a_reply() -> None:
    """No rule fits the intent after the guide's reply: without this, Rasa would say its fallback ten times."""
    tracker = in_guide("jag kör Chrome", "which_browser", WAITS)
    tracker.update(ActionExecuted(GUIDE_REPLY))
    assert beside_the_rules(tracker) == "action_listen"


def test_a_form_comes_before_the_guide() -> None:
    """What is written into the hand-off is not for the guide that waits."""
    tracker = in_guide("det står Error 500", "out_of_scope", NOTE)
    tracker.update(ActiveLoop("handoff_form"))
    assert beside_the_rules(tracker) is None


def test_without_a_guide_the_rules_decide() -> None:
    """Nothing is open, so nothing is taken."""
    tracker = in_guide("jag kör Chrome", "which_browser", WAITS)
    tracker.update(SlotSet("guide_run", None))
    assert beside_the_rules(tracker) is None
