"""Rasa's RulePolicy, which predicts the same from less.

Rasa's looks at every turn since the conversation began, although no rule is longer than a few, and every answer ends
with a call of ``action_resume`` over HTTP, although it mostly has nothing to say. Measured: ``docs/performance.md``.
"""

from __future__ import annotations

import json
import warnings
from typing import Any, Dict, List, Optional, Set, Tuple

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

from lotsen.dialogue.tries import TRIES, failed_tries
from lotsen.guides.reading import Expectation, expected
from lotsen.guides.said import GUIDE_WORDS, Said

RESUME = "action_resume"
GUIDE_REPLY = "action_guide_reply"
AFTER_REFUSAL = "action_after_refusal"
OPEN_GUIDE = "guide_run"

# Rasa's validator looks for the very class RulePolicy, not for one made from it, and warns that /restart will not work.
warnings.filterwarnings("ignore", message="'RulePolicy' is not included in the model's policy configuration")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class ShortRulePolicy(RulePolicy):
    """Listens at once where ``action_resume`` would say nothing, and only looks back as far as the longest rule."""

    _longest: Optional[int] = None
    """How many turns the longest rule has; None while training, when rules still come and go."""
    _indexes: Dict[int, Dict[Tuple[Optional[str], Optional[str]], Dict[str, str]]]
    """For each table of rules, its parts by what the rules' last states ask for."""
    _by_text: bool = True
    """Whether a rule may match the very text of the user; ours ask for intents."""

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ShortRulePolicy:
        """Read the trained rules, and measure them."""
        policy: ShortRulePolicy = super().load(config, model_storage, resource, execution_context, **kwargs)
        rules = [json.loads(key) for part in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH) for key in policy.lookup[part]]
        policy._longest = max((len(states) for states in rules), default=0)
        policy._indexes = {}
        policy._by_text = any(_may_match_text(states[-1]) for states in rules)
        return policy

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[str, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predict as the rules say, but for a resume with nothing to resume: then the turn is over."""
        beside = beside_the_rules(tracker)
        if beside is not None:
            return self._rule_prediction(self._prediction_result(beside, tracker, domain), "")
        prediction, source = self._predict(tracker, domain)
        predicted = domain.action_names_or_texts[prediction.max_confidence_index]
        if prediction.max_confidence > 0 and nothing_to_say(predicted, tracker):
            return self._rule_prediction(self._prediction_result(ACTION_LISTEN_NAME, tracker, domain), source or "")
        return prediction

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> Any:
        """Find the matching rule; Rasa asks twice, by text and by intent, and the first is in vain without such rules.

        Inside a form both are asked: what Rasa does there depends on more than the rules' text.
        """
        if use_text_for_last_user_input and not self._by_text and tracker.active_loop_name is None:
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _get_possible_keys(self, lookup: Dict[str, str], states: List[State]) -> Set[str]:
        """Return the rules that fit; only those are looked at whose last state asks for this action and intent."""
        if self._longest is None or not states:
            return super()._get_possible_keys(lookup, states)
        index = self._indexes.setdefault(id(lookup), {})
        if not index:
            for key in lookup:
                index.setdefault(_last_asks_for(json.loads(key)), {})[key] = lookup[key]
        action, intent = _last_asks_for(states)
        candidates: Dict[str, str] = {}
        for asked in ((action, intent), (action, None), (None, intent), (None, None)):
            candidates.update(index.get(asked, {}))
        return super()._get_possible_keys(candidates, states)

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: Optional[Dict[str, Any]] = None,
    ) -> List[State]:
        """Return the latest states: one more than the longest rule has, as no rule can tell the rest apart."""
        short = tracker
        if self._longest is not None and not any(slot.has_features() for slot in domain.slots):
            short = _Recent(tracker, self._longest + 1)
        states: List[State] = super()._prediction_states(
            short, domain, use_text_for_last_user_input=use_text_for_last_user_input, rule_only_data=rule_only_data
        )
        # A cut history begins with a state without an action before it, which would look like a conversation's start.
        return states[1:] if isinstance(short, _Recent) and short.cut else states


def _last_asks_for(states: List[State]) -> Tuple[Optional[str], Optional[str]]:
    """Return the action and the intent of the last state; None where a rule asks for none, or for its absence."""
    action = states[-1].get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    intent = states[-1].get(USER, {}).get(INTENT)
    return (None if action == SHOULD_NOT_BE_SET else action, None if intent == SHOULD_NOT_BE_SET else intent)


def _may_match_text(latest: State) -> bool:
    """Tell whether a rule with this latest state could match what the user has just said, whatever its intent."""
    action = latest.get(PREVIOUS_ACTION, {}).get(ACTION_NAME, ACTION_LISTEN_NAME)
    return action == ACTION_LISTEN_NAME and not latest.get(USER, {}).get(INTENT)


def nothing_to_say(action: str, tracker: DialogueStateTracker) -> bool:
    """Tell whether the action server would answer this call with silence: nothing to resume, nobody to offer."""
    if action not in (RESUME, AFTER_REFUSAL) or something_open(tracker):
        return False
    if action == RESUME:
        return True
    said = (event.intent_name or "" for event in reversed(tracker.events) if isinstance(event, UserUttered))
    return failed_tries(said) < TRIES


def beside_the_rules(tracker: DialogueStateTracker) -> Optional[str]:
    """Return the action for a message that an open guide takes although its intent has another rule, or None.

    After the guide's reply no rule fits such a message, so the turn is over then.
    """
    if tracker.active_loop_name is not None or tracker.latest_message is None:
        return None
    if tracker.latest_action_name == GUIDE_REPLY and tracker.latest_message.intent_name not in GUIDE_WORDS:
        return str(ACTION_LISTEN_NAME)
    return GUIDE_REPLY if for_open_guide(tracker) else None


def for_open_guide(tracker: DialogueStateTracker) -> bool:
    """Tell whether the user has just written something for the open guide, whatever intent the model saw in it.

    "Chrome" answers "which browser?", and any text will do where the guide asks for an error text. What the guide waits
    for stands in the slot beside the run, as this process knows no guides.
    """
    stored = tracker.slots[OPEN_GUIDE].value
    waits = stored.get("waits") if isinstance(stored, dict) else None  # Rasa's own tests fill slots with anything.
    if waits is None or tracker.latest_action_name != ACTION_LISTEN_NAME:
        return False
    message = tracker.latest_message
    if message is None or message.text is None or message.text.startswith("/"):
        return False
    said = Said.in_guide(message.parse_data or {}, message.text)
    if expected(Expectation.from_json(waits), said) is not None:
        return True
    return said.intent in GUIDE_WORDS and said.intent != message.intent_name


def something_open(tracker: DialogueStateTracker) -> bool:
    """Tell whether a guide or a form waits for the user, so that ``action_resume`` has something to say."""
    return tracker.active_loop_name is not None or bool(tracker.slots[OPEN_GUIDE].value)


class _Recent(DialogueStateTracker):
    """A tracker of the last turns only, which leads to the same states as the whole one."""

    def __init__(self, tracker: DialogueStateTracker, turns: int) -> None:
        """Keep the events from the last ``turns`` actions on, and what counts of those before."""
        self.__dict__.update(tracker.__dict__)  # Only read; a copy of each slot would take longer than the rest.
        self._applied, self.cut = _recent(tracker.applied_events(), turns)

    def applied_events(self) -> List[Event]:
        """Return the events that states are made from."""
        return self._applied


def _recent(events: List[Event], turns: int) -> Tuple[List[Event], bool]:
    """Return the events from the last ``turns`` actions on, and whether some were left out.

    What the user last said before, and which form was open then, go first: they count on.
    """
    start, seen = len(events), 0
    while start > 0 and seen < turns:
        start -= 1
        seen += isinstance(events[start], ActionExecuted)
    before: List[Event] = []
    for kind in (UserUttered, ActiveLoop):
        last = next((event for event in reversed(events[:start]) if isinstance(event, kind)), None)
        before += [last] if last is not None else []
    return [*before, *events[start:]], any(isinstance(event, ActionExecuted) for event in events[:start])
