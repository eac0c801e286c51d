"""The replaced methods of Rasa do what Rasa's own do, for the version that they were written for."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any, Dict, List

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

from lotsen.runtime import quick_rasa
from lotsen.runtime.quick_rasa import DirectGraphRunner, _validate_action_result, copy_tracker, is_empty

RASAS_COPY = DialogueStateTracker.copy
RASAS_IS_EMPTY = Domain.is_empty
DOMAIN = Domain.from_yaml(
    """
version: "3.1"
slots:
  note:
    type: text
    influence_conversation: false
    mappings:
    - type: custom
"""
)


def test_the_version_is_the_one_that_was_read() -> None:
    """For another version of Rasa, the replaced methods must be compared with its own again."""
    assert version("rasa") == quick_rasa.RASA


class Runner(DirectGraphRunner):
    """A runner over plain functions."""

    def __init__(self, functions: Dict[str, Any], needs: Dict[str, List[str]]) -> None:
        self.ran: List[str] = []
        nodes = {
            name: SchemaNode({need: need for need in needs[name]}, object, "create", "run", {})  # type: ignore[arg-type]
            for name in functions
        }
        self._graph_schema = GraphSchema(nodes)
        self._instantiated_nodes = {name: self._node(name, function) for name, function in functions.items()}
        self._execution_context = None

    def _node(self, name: str, function: Any) -> Any:
        def run(*received: Any) -> Any:
            self.ran.append(name)
            return name, function(*(value for _, value in received))

        return run


def runner() -> Runner:
    """Return a graph in which one node is needed twice, and one is not needed for ``sum``."""
    return Runner(
        {"other": lambda a: -a, "sum": lambda a, b: a + b, "one": lambda a: a + 1, "two": lambda a, b: a + b},
        {"other": ["input"], "sum": ["one", "two"], "one": ["input"], "two": ["one", "input"]},
    )


@pytest.mark.parametrize("targets", [["sum"], ["two", "sum"], ["other"], ["one", "other"]])
def test_the_runner_gives_what_dask_gives(targets: List[str]) -> None:
    """The same outputs, and each node that is needed run once."""
    ours, dask = runner(), runner()
    assert ours.run({"input": 1}, targets) == DaskGraphRunner.run(dask, {"input": 1}, targets)
    assert sorted(ours.ran) == sorted(dask.ran)


def test_a_missing_input_is_named() -> None:
    """The error says which input nobody gave."""
    with pytest.raises(GraphRunError, match="input"):
        runner().run({}, ["sum"])


def test_a_failing_component_is_rasas_error() -> None:
    """A runtime error is wrapped as Dask's runner does; a KeyError of a component stays what it is."""

    def fails(error: Exception) -> Runner:
        def fail(_: Any) -> Any:
            raise error

        return Runner({"a": fail}, {"a": ["input"]})

    with pytest.raises(GraphRunError):
        fails(RuntimeError("x")).run({"input": 1}, ["a"])
    with pytest.raises(KeyError):
        fails(KeyError("x")).run({"input": 1}, ["a"])


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"events": [], "responses": []}, id="empty"),
        pytest.param({"events": [{"event": "slot", "name": "a", "value": {"b": [1]}}], "responses": [{}]}, id="slot"),
        pytest.param({"events": [{"event": "followup", "name": "x"}]}, id="no responses"),
        pytest.param({"events": [{"event": "slot"}]}, id="a slot without a name"),
        pytest.param({"events": "none"}, id="events no list"),
        pytest.param({"responses": ["text"]}, id="response no object"),
        pytest.param([], id="no object"),
    ],
)
def test_the_same_answers_are_accepted(answer: Any) -> None:
    """An action server's answer is accepted or refused as by Rasa."""
    action = RemoteAction("action_x", None)

    def accepts(check: Any) -> bool:
        try:
            return bool(check(action, answer))
        except ValidationError:
            return False

    assert accepts(_validate_action_result) is accepts(RASAS_VALIDATION)


RASAS_VALIDATION = RemoteAction._validate_action_result


def conversation() -> DialogueStateTracker:
    """Return a tracker in the middle of a form."""
    events: List[Event] = [
        ActionExecuted("action_listen"),
        UserUttered("hej", {"name": "greet"}),
        SlotSet("note", "ett"),
        ActionExecuted("form"),
        ActiveLoop("form"),
        ActionExecuted("action_listen"),
        UserUttered("två", {"name": "inform"}),
    ]
    return DialogueStateTracker.from_events("a", events, DOMAIN.slots)


def state(tracker: DialogueStateTracker) -> Any:
    """Return all that a tracker knows."""
    return json.dumps(tracker.current_state(EventVerbosity.ALL), default=str)


def test_a_copy_is_what_a_replay_gives() -> None:
    """The copy is in the same state as Rasa's."""
    tracker = conversation()
    assert state(copy_tracker(tracker)) == state(RASAS_COPY(tracker)) == state(tracker)


def test_what_happens_to_a_copy_stays_there() -> None:
    """Whatever an action does to its copy, the conversation has not changed."""
    tracker = conversation()
    before = state(tracker)
    twin = copy_tracker(tracker)
    twin.update_with_events([SlotSet("note", "två"), ActiveLoop(None), ActionExecuted("action_listen")], DOMAIN)
    twin.interrupt_loop(True)
    twin.slots["note"].value = "tre"
    assert state(tracker) == before


@pytest.mark.parametrize("domain", [DOMAIN, Domain.empty()], ids=["with a slot", "empty"])
def test_the_same_domains_are_empty(domain: Domain) -> None:
    """A domain is found empty exactly when Rasa finds it so, at each asking."""
    assert [is_empty(domain), is_empty(domain)] == [RASAS_IS_EMPTY(domain)] * 2
