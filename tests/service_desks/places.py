"""The desks as the contract sees them: a stand-in each, or the real Request Tracker."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any, Deque, Dict, List, Mapping, Optional

from lotsen.cases.case import Status
from lotsen.service_desks.options import Options
from tests.service_desks.stand_ins.base import Fault, StandIn, Ticket
from tests.support.request_tracker import RealRT

HOSTS = frozenset({"127.0.0.1"})
RT_WORDS = {
    Status.NEW: "new",
    Status.OPEN: "open",
    Status.WAITING: "stalled",
    Status.RESOLVED: "resolved",
    Status.REJECTED: "rejected",
}


class Place:
    """One desk with people at it."""

    def __init__(self, name: str, stand_in: Optional[StandIn], real: Optional[RealRT] = None) -> None:
        self.name, self._stand_in, self._real = name, stand_in, real
        self.module: Any = importlib.import_module(f"lotsen.service_desks.{name}")
        self.url: str = (stand_in or real).url  # type: ignore[union-attr]

    @property
    def stand_in(self) -> StandIn:
        assert self._stand_in is not None
        return self._stand_in

    @property
    def real(self) -> RealRT:
        assert self._real is not None
        return self._real

    @property
    def faults(self) -> Deque[Fault]:
        return self.stand_in.faults

    def environment(self) -> Dict[str, str]:
        return (self._stand_in or self._real).environment()  # type: ignore[union-attr]

    def secrets(self) -> List[str]:
        """Return the names of the secrets that are set."""
        return [one.name for one in self.module.SETTINGS if one.secret and self.environment().get(one.name)]

    def desk(self, more: Optional[Mapping[str, str]] = None, timeout: Optional[float] = None) -> Any:
        """Return the desk module's own desk."""
        options = Options(self.module.SETTINGS, {**self.environment(), **(more or {})})
        desk = self.module.open_desk(options, HOSTS)
        if timeout is not None:
            if hasattr(desk, "_http"):
                desk._http._timeout = timeout
            else:
                desk._server = replace(desk._server, timeout=timeout)
        return desk

    def with_key(self, key: str) -> List[Ticket]:
        return (self._stand_in or self._real).with_key(key)  # type: ignore[union-attr]

    def answer(self, ref: str, text: str) -> None:
        if self._real is not None:
            self._real.answer(ref, text)
        else:
            self.stand_in.answer(self.stand_in.find(ref), text)

    def note(self, ref: str, text: str) -> None:
        if self._real is not None:
            self._real.note(ref, text)
        else:
            self.stand_in.note(self.stand_in.find(ref), text)

    def set_status(self, ref: str, status: Status) -> None:
        if self._real is not None:
            self._real.set_status(ref, RT_WORDS[status])
        else:
            self.stand_in.set_status(self.stand_in.find(ref), status.value)

    def remove(self, ref: str) -> None:
        """Take a ticket out of the desk."""
        if self._real is not None:
            self._real.set_status(ref, "deleted")
        else:
            self.stand_in.tickets.remove(self.stand_in.find(ref))


def stand_in_of(name: str) -> StandIn:
    """Return a new stand-in of a desk, not yet started."""
    module = importlib.import_module(f"tests.service_desks.stand_ins.{name}")
    (found,) = (
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, StandIn) and one.name == name and one.__module__ == module.__name__
    )
    return found()
