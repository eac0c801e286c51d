"""Measures what happens inside Rasa: understanding, actions, saving; and notices which model is loaded.

Each of these wraps one method of Rasa's, which does the same as before. They are installed in the server of
``lotsen up``; a method that another version of Rasa does not have any more fails the start.
"""

from __future__ import annotations

import functools
import time
from pathlib import Path
from typing import Any, Callable

from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.agent import Agent
from rasa.core.processor import MessageProcessor

from lotsen.observability import metrics
from lotsen.observability.turns import part

_MARK = "_lotsen_measured"


def install() -> None:
    """Wrap the methods; a second time does nothing more."""
    _wrap(MessageProcessor, "parse_message", _understanding)
    _wrap(MessageProcessor, "save_tracker", _saving)
    _wrap(RemoteAction, "run", _acting)
    _wrap(Agent, "load_model", _loading)


def _wrap(owner: Any, name: str, wrapper: Callable[[Any], Any]) -> None:
    """Put a wrapper around a method, once."""
    method = getattr(owner, name)
    if not hasattr(method, _MARK):
        wrapped = functools.wraps(method)(wrapper(method))
        setattr(wrapped, _MARK, True)
        setattr(owner, name, wrapped)


def _understanding(method: Any) -> Any:
    async def parse_message(self: MessageProcessor, *args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        with part("understand"):
            parsed = await method(self, *args, **kwargs)
        metrics.understood(time.perf_counter() - began)
        return parsed

    return parse_message


def _saving(method: Any) -> Any:
    async def save_tracker(self: MessageProcessor, *args: Any, **kwargs: Any) -> None:
        began = time.perf_counter()
        with part("save"):
            await method(self, *args, **kwargs)
        metrics.saved(time.perf_counter() - began)

    return save_tracker


def _acting(method: Any) -> Any:
    async def run(self: RemoteAction, *args: Any, **kwargs: Any) -> Any:
        began, failed = time.perf_counter(), True
        try:
            with part(f"action {self.name()}"):
                events = await method(self, *args, **kwargs)
            failed = False
        except ActionExecutionRejection:  # A form that hands the message on: nothing is wrong.
            failed = False
            raise
        finally:
            metrics.acted(self.name(), time.perf_counter() - began, failed)
        return events

    return run


def _loading(method: Any) -> Any:
    def load_model(self: Agent, *args: Any, **kwargs: Any) -> Any:
        result = method(self, *args, **kwargs)
        if self.processor is not None:
            metrics.model_loaded(Path(str(self.processor.model_filename)).name)
        return result

    return load_model
