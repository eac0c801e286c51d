"""Which service desks cases go to: ``LOTSEN_DESKS`` names them, each with the targets that it takes."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from types import ModuleType
from typing import Dict, FrozenSet, List, Mapping, Tuple

from lotsen.service_desks.base import Desk
from lotsen.service_desks.options import Option, Options
from lotsen.settings import SettingError, Settings

DESKS: Tuple[str, ...] = ("email", "request_tracker", "servicenow", "jira", "topdesk", "zammad", "webhook")
"""The desks that there are: one module of this folder each."""

SILENT = ("email",)
"""Desks that tell us nothing of what became of a case: an answer does not come into the chat."""


@dataclass(frozen=True)
class Route:
    """One desk, and the targets whose cases it takes; none means all."""

    desk: str
    targets: FrozenSet[str] = frozenset()

    def takes(self, target: str) -> bool:
        """Tell whether a case for ``target`` goes to this desk."""
        return not self.targets or target in self.targets


def read_routes(written: str) -> Tuple[Route, ...]:
    """Read ``LOTSEN_DESKS``: names separated by commas, each perhaps with its targets.

    >>> [route.desk for route in read_routes("request_tracker:it_service, email:administration+it_service")]
    ['request_tracker', 'email']

    Raises:
        SettingError: if a desk is unknown or named twice.
    """
    routes: List[Route] = []
    for part in filter(None, (part.strip() for part in written.split(","))):
        name, _, targets = part.partition(":")
        if name not in DESKS:
            raise SettingError(f"LOTSEN_DESKS names '{name}'; the desks are {', '.join(DESKS)}.")
        if name in {route.desk for route in routes}:
            raise SettingError(f"LOTSEN_DESKS names '{name}' twice; join its targets: {name}:one+two.")
        routes.append(Route(name, frozenset(filter(None, targets.split("+")))))
    return tuple(routes)


def answers_in_chat(routes: Tuple[Route, ...], target: str) -> bool:
    """Tell whether an answer to a case for a target can come into the chat.

    >>> answers_in_chat(read_routes("email, webhook:administration"), "it_service")
    False

    With no desk at all nobody answers anywhere; the chat is then tried out, as with ``make run``.
    """
    return not routes or any(route.takes(target) and route.desk not in SILENT for route in routes)


def desk_settings() -> Dict[str, Tuple[Option, ...]]:
    """Return every desk's variables, by desk."""
    return {name: _module(name).SETTINGS for name in DESKS if importlib.util.find_spec(f"lotsen.service_desks.{name}")}


def secret_names() -> FrozenSet[str]:
    """Return the variables that hold desks' secrets, so that they are handed to nobody but the deliverer."""
    return frozenset(option.name for options in desk_settings().values() for option in options if option.secret)


def open_desks(settings: Settings, environment: Mapping[str, str]) -> Dict[str, Desk]:
    """Return the desks that the settings name.

    Raises:
        SettingError: with all that is wrong, a line each.
    """
    desks: Dict[str, Desk] = {}
    wrong: List[str] = []
    for route in read_routes(settings.desks):
        module = _module(route.desk)
        try:
            desks[route.desk] = module.open_desk(Options(module.SETTINGS, environment), settings.desk_hosts)
        except SettingError as error:
            wrong.append(str(error))
    if wrong:
        raise SettingError("\n".join(wrong))
    return desks


def _module(name: str) -> ModuleType:
    """Return a desk's module; loaded when needed, as most are not."""
    return importlib.import_module(f"lotsen.service_desks.{name}")
