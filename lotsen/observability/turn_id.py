"""The id of the turn that code works for: made in the channel, carried to the action server, in every log line."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Lotsen-Turn"
"""The header that carries it to the action server."""
_FITS = re.compile(r"[0-9a-f]{16}")

_current: ContextVar[str] = ContextVar("lotsen_turn", default="")


def begin() -> str:
    """Make an id for a turn (16 hexadecimal digits), and use it for what runs in this context from now on."""
    id = secrets.token_hex(8)
    _current.set(id)
    return id


def carry_on(id: str) -> None:
    """Use the id that another process began; what is no id, such as a header that a stranger made up, is dropped."""
    _current.set(id if _FITS.fullmatch(id) else "")


def current() -> str:
    """Return the id of the turn at hand; empty outside a turn."""
    return _current.get()
