"""What a backup says of itself: the first member of its archive. Pure; whatever is read here may come from anybody."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Dict, Mapping

FORMAT = 1
"""Changes when an older Lotsen could not read a backup any more."""
NAME, DATABASE, SECRET = "manifest.json", "lotsen.db", "secret"
WIDGETS = "widget/"
_MEMBER = re.compile(rf"{DATABASE}|{SECRET}|{WIDGETS}widget-[0-9a-f]{{16}}\.js", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_REVISION = re.compile(r"[a-z]\d{4}|", re.ASCII)
_COUNTED = re.compile(r"[a-z_]{1,40}", re.ASCII)


class BadBackup(Exception):
    """A file is no backup, or not a whole one. Nothing was changed; the message says what is wrong."""


@dataclass(frozen=True)
class Member:
    """One file in a backup."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is in a backup, and how it can be checked."""

    version: str
    """Of Lotsen."""
    revision: str
    """Of the database's schema; empty for Lotsen 0.8 and older."""
    made: datetime
    members: Mapping[str, Member]
    rows: Mapping[str, int]
    """How many rows some tables have."""

    def to_json(self) -> str:
        """Return it as it stands in the archive."""
        return json.dumps({"format": FORMAT, **asdict(self), "made": self.made.isoformat()}, indent=1)


def is_member(name: str) -> bool:
    """Tell whether a backup may have a file of this name: neither a path elsewhere nor anything that is not ours."""
    return _MEMBER.fullmatch(name) is not None


def read(text: str) -> Manifest:
    """Read a manifest.

    Raises:
        BadBackup: if it is none.
    """
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("no object")
        if found.get("format") != FORMAT:
            raise BadBackup(f"The backup has format {found.get('format')!r}; this Lotsen reads format {FORMAT}.")
        members = {_fitting(name, _MEMBER): _member(one) for name, one in _object(found["members"]).items()}
        if DATABASE not in members:
            raise ValueError("no database")
        made = datetime.fromisoformat(found["made"])
        if made.tzinfo is None:
            raise ValueError("no time zone")
        return Manifest(
            str(found["version"]),
            _fitting(found["revision"], _REVISION),
            made,
            members,
            {_fitting(name, _COUNTED): _count(count) for name, count in _object(found["rows"]).items()},
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadBackup(f"Its manifest cannot be read ({type(error).__name__}: {error}).") from error


def _member(found: Any) -> Member:
    return Member(_count(_object(found)["size"]), _fitting(found["sha256"], _DIGEST))


def _object(found: Any) -> Dict[str, Any]:
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _count(found: Any) -> int:
    if type(found) is not int or found < 0:
        raise ValueError("no count")
    return found


def _fitting(found: Any, form: "re.Pattern[str]") -> str:
    if not isinstance(found, str) or form.fullmatch(found) is None:
        raise ValueError(f"{str(found)[:100]!r} is not allowed")
    return found
