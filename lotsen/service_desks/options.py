"""A desk's settings: what every part's are (``lotsen/options.py``), addresses that may be called, values by target."""

from __future__ import annotations

from typing import Dict, FrozenSet

from lotsen import options
from lotsen.options import Option as Option
from lotsen.service_desks.http import BadAddress, check_address
from lotsen.settings import SettingError


class Options(options.Options):
    """What the environment says of one desk's variables."""

    reason = "LOTSEN_DESKS names the desk that needs it"

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
