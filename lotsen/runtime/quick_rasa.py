"""What Rasa 3.6 does several times in each turn though once is enough, done once.

Each of these replaces one method of Rasa's by one that does the same. They are installed in the server of ``lotsen up``
and in ``lotsen ask``, not in Rasa's own commands; ``tests/runtime/test_quick_rasa.py`` compares each with Rasa's and
fails for another version of Rasa, whose methods must be read anew then. What each brings: ``docs/performance.md``.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any, Dict, List, Optional, Tuple

import rasa.core.processor
from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

RASA = "3.6.21"
"""The version whose methods are replaced."""


def install() -> None:
    """Replace the methods; a second time does nothing more."""
    rasa.core.processor.DaskGraphRunner = DirectGraphRunner
    RemoteAction._validate_action_result = _validate_action_result
    DialogueStateTracker.copy = copy_tracker
    Domain.is_empty = is_empty


class DirectGraphRunner(DaskGraphRunner):
    """Runs the components one after the other, in an order worked out once; Dask plans and books each run anew."""

    def run(self, inputs: Optional[Dict[str, Any]] = None, targets: Optional[List[str]] = None) -> Dict[str, Any]:
        """Return the targets' outputs.

        Raises:
            GraphRunError: if a component fails with an error that is not Rasa's own, or an input is missing.
        """
        wanted = tuple(targets or self._graph_schema.target_names)
        done: Dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, node, needs in self._plan(wanted):
                done[name] = node(*(done[need] for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        except KeyError as error:
            if error.args[0] in self._missing(wanted, done):
                raise GraphRunError(f"Missing input '{error.args[0]}'.") from error
            raise
        return dict(done[target] for target in wanted)

    def _plan(self, targets: Tuple[str, ...]) -> List[Tuple[str, GraphNode, Tuple[str, ...]]]:
        """Return the nodes to run for these targets, each after those that it needs."""
        plans: Dict[Tuple[str, ...], Any] = self.__dict__.setdefault("_plans", {})
        if targets not in plans:
            order: List[str] = []
            for target in targets:
                self._visit(target, order)
            plans[targets] = [
                (name, self._instantiated_nodes[name], tuple(self._graph_schema.nodes[name].needs.values()))
                for name in order
            ]
        return plans[targets]

    def _visit(self, name: str, order: List[str]) -> None:
        """Append a node to the order, after those that it needs; what is no node is an input."""
        node = self._graph_schema.nodes.get(name)
        if node is None or name in order:
            return
        for need in node.needs.values():
            self._visit(need, order)
        order.append(name)

    def _missing(self, targets: Tuple[str, ...], done: Dict[str, Any]) -> List[str]:
        """Return the inputs that the plan needs and nobody gave."""
        return [need for _, _, needs in self._plan(targets) for need in needs if need not in done]


@lru_cache(maxsize=1)
def _answer_validator() -> Any:
    """Return the validator for what an action server answers; Rasa checks its own schema anew at each call."""
    schema = RemoteAction.action_response_format_spec()
    return validator_for(schema)(schema)


def _validate_action_result(action: RemoteAction, result: Dict[str, Any]) -> bool:
    """Check an action server's answer.

    Raises:
        ValidationError: if it is not what Rasa can read.
    """
    try:
        _answer_validator().validate(result)
    except ValidationError as error:
        error.message += ". Failed to validate Action server response from API."
        raise
    return True


def copy_tracker(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """Return a tracker in the same state, with slots and events of its own; Rasa replays the whole conversation.

    Rasa takes a copy for each action it runs, so that an action that fails has changed nothing.
    """
    twin: DialogueStateTracker = copy.copy(tracker)
    twin.events = copy.copy(tracker.events)
    twin.slots = copy.copy(tracker.slots)
    for name, slot in tracker.slots.items():
        twin.slots[name] = copy.copy(slot)
    twin.active_loop = copy.copy(tracker.active_loop)
    return twin


def is_empty(domain: Domain) -> bool:
    """Tell whether a domain holds nothing; Rasa builds an empty one for each message of a user, to compare it."""
    return bool(domain.as_dict() == _empty_domain())


@lru_cache(maxsize=1)
def _empty_domain() -> Dict[str, Any]:
    """Return what an empty domain holds."""
    return dict(Domain.empty().as_dict())
