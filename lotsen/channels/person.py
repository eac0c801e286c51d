"""Who a user is, as the channel has shown it: the host page's sign-in, or Teams once the user has said yes."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Dict, Mapping, Optional

from lotsen.privacy.line import masked_line

PERSON = "person"
"""Where a message's metadata has who its user is."""
MAX_NAME = 100
MAX_EMAIL = 254
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True)
class Person:
    """A user's name, unit and e-mail address; each may be empty."""

    name: str
    unit: str = ""
    email: str = ""

    @classmethod
    def read(cls, name: Any, unit: Any = None, email: Any = None) -> Person:
        """Return a person as a case may show it: one line each, masked; what is no text or no address is left out."""
        address = email.strip() if isinstance(email, str) else ""
        fits = len(address) <= MAX_EMAIL and _EMAIL.fullmatch(address) is not None
        return cls(_clean(name), _clean(unit), address if fits else "")

    def to_json(self) -> Dict[str, str]:
        """Return it as a message's metadata carries it."""
        return asdict(self)

    @classmethod
    def from_json(cls, written: Any) -> Optional[Person]:
        """Read it from a message's metadata; None if it has none."""
        if not isinstance(written, Mapping):
            return None
        return cls(*(str(written.get(name) or "") for name in ("name", "unit", "email")))


def _clean(value: Any) -> str:
    return masked_line(value, MAX_NAME) if isinstance(value, str) else ""
