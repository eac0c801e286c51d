"""Settings of a part that not everybody has on: environment variables, and secrets that may stand in a file instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterable, Mapping

from lotsen.settings import Setting, SettingError, given


@dataclass(frozen=True)
class Option(Setting):
    """One variable of such a part."""


class Options:
    """What the environment says of a part's variables."""

    reason = "what is set beside it needs it"
    """Why a variable may be needed, as an error says it."""

    def __init__(self, options: Iterable[Option], environment: Mapping[str, str]) -> None:
        """Read the variables; files of secrets are read here.

        Raises:
            SettingError: if a file cannot be read.
        """
        self._values: Dict[str, str] = {option.name: given(option, environment).strip() for option in options}

    def get(self, name: str) -> str:
        """Return a variable's value or its default."""
        return self._values[name]

    def needed(self, name: str) -> str:
        """Return the value of a variable that the part cannot do without.

        Raises:
            SettingError: if it is empty.
        """
        value = self.get(name)
        if not value:
            raise SettingError(f"{name} is not set, and {self.reason}.")
        return value
