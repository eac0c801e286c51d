"""One path of the desk: how it is asked for, who may, and the view that answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, FrozenSet

from starlette.responses import Response

from lotsen.desk.asked import Asked
from lotsen.desk.services import Desk
from lotsen.desk.who import Role

View = Callable[[Desk, Asked], Response]
"""A view is a plain function; it runs in a thread, so it may wait for the database."""


@dataclass(frozen=True)
class Page:
    """A path with its view. The access matrix in the docs is made of these."""

    method: str
    path: str
    view: View
    roles: FrozenSet[Role]
    """Who may; one of these roles is enough."""
