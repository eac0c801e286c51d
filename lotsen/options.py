"""Settings of a part that not everybody has on: environment variables, and secrets that may stand in a file instead."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, Mapping

from lotsen.settings import Setting, SettingError


@dataclass(frozen=True)
class Option(Setting):
    """One variable. A secret ``NAME`` may be given as ``NAME_FILE``, a file that holds it."""

    secret: bool = False


class Options:
    """What the environment says of a part's variables."""

    reason = "what is set beside it needs it"
    """Why a variable may be needed, as an error says it."""

    def __init__(self, options: Iterable[Option], environment: Mapping[str, str]) -> None:
        """Read the variables; files of secrets are read here.

        Raises:
            SettingError: if a file cannot be read.
        """
        self._values: Dict[str, str] = {}
        for option in options:
            value = environment.get(option.name) or option.default
            if option.secret and not value:
                value = _from_file(f"{option.name}_FILE", environment)
            self._values[option.name] = value.strip()

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


def _from_file(name: str, environment: Mapping[str, str]) -> str:
    """Return what the file that a variable names holds; nothing if the variable is not set."""
    path = environment.get(name)
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(f"{name}: {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise SettingError(f"{name}: {path} is no text in UTF-8.") from error
