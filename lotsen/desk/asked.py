"""A request as a view gets it: who asks, and what for, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Mapping, Optional, Sequence

from lotsen.channels.typed import storable
from lotsen.desk.errors import BadInput
from lotsen.desk.who import Who

MAX_FIELD = 5000
"""Characters in one text that somebody writes."""


@dataclass(frozen=True)
class Asked:
    """One request. ``query`` is what stands behind the question mark, ``form`` what was sent; both as text.

    Where a name comes several times the last one counts; ``several`` has them all.
    """

    who: Who
    path: Mapping[str, str] = field(default_factory=dict)
    """The parts of the path, e.g. ``case``."""
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    several: Mapping[str, Sequence[str]] = field(default_factory=dict)
    url: str = "/"
    """Path and query, to come back to."""
    csrf: str = ""
    """The token that forms must carry."""
    token: str = ""
    """The session's; it is never shown."""
    partial: bool = False
    """htmx asks for a part of the page."""
    said: Callable[[], str] = lambda: ""
    """Returns the sentence that the last change left, once."""

    def text(self, name: str, longest: int = MAX_FIELD, needed: bool = True) -> str:
        """Return a text that somebody wrote, trimmed and fit for a database.

        Raises:
            BadInput: if it is missing though needed, or too long.
        """
        written = storable(self.form.get(name, "")).replace("\r\n", "\n").strip()
        if needed and not written:
            raise BadInput(f"missing_{name}")
        if len(written) > longest:
            raise BadInput("too_long", longest=longest)
        return written

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Return a value that must be one of ``choices``.

        Raises:
            BadInput: if it is none of them.
        """
        written = self.form.get(name, "")
        if written not in choices:
            raise BadInput("no_such_choice")
        return written

    def number(self, name: str, default: Optional[int] = None) -> int:
        """Return a whole number of the form or the query, below ten digits.

        Raises:
            BadInput: if it is none, and there is no default.
        """
        written = self.form.get(name) or self.query.get(name) or ""
        if written.isascii() and written.isdigit() and len(written) < 10:
            return int(written)
        if default is None:
            raise BadInput("no_such_choice")
        return default
