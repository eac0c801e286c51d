"""A desk's settings: environment variables, and secrets that may stand in a file instead."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, FrozenSet, Iterable, Mapping

from lotsen.service_desks.http import BadAddress, check_address
from lotsen.settings import Setting, SettingError


@dataclass(frozen=True)
class Option(Setting):
    """One variable of a desk. A secret ``NAME`` may be given as ``NAME_FILE``, a file that holds it."""

    secret: bool = False


class Options:
    """What the environment says of one desk's variables."""

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
        """Return the value of a variable that the desk cannot do without.

        Raises:
            SettingError: if it is empty.
        """
        value = self.get(name)
        if not value:
            raise SettingError(f"{name} is not set, and LOTSEN_DESKS names the desk that needs it.")
        return value

    def address(self, name: str, hosts: FrozenSet[str]) -> str:
        """Return the variable's value as an address that may be called, without a slash at its end.

        Raises:
            SettingError: if it may not.
        """
        try:
            return check_address(self.needed(name), hosts)
        except BadAddress as error:
            raise SettingError(f"{name}: {error}.") from error


def by_target(name: str, value: str) -> Dict[str, str]:
    """Read what differs by target: ``SOB`` or ``it_service=SOB, administration=Objekt``; the first is the usual one.

    >>> by_target("X", "it_service=A, administration=B")
    {'it_service': 'A', 'administration': 'B', '': 'A'}

    Raises:
        SettingError: if it is half of each.
    """
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if len(parts) == 1 and "=" not in parts[0]:
        return {"": parts[0]}
    pairs = [part.partition("=") for part in parts]
    if not pairs or not all(key.strip() and sign and text.strip() for key, sign, text in pairs):
        raise SettingError(f"{name} is '{value}'; write one name, or target=name for each, separated by commas.")
    found = {key.strip(): text.strip() for key, _, text in pairs}
    return {**found, "": next(iter(found.values()))}


def _from_file(name: str, environment: Mapping[str, str]) -> str:
    """Return what the file that a variable names holds; nothing if the variable is not set."""
    path = environment.get(name)
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(f"{name}: {path} cannot be read ({error.strerror}).") from error
