"""The Teams app package: the zip that a Teams administrator uploads, of ``deploy/teams`` and a few settings.

The same settings give the same bytes, so that it can be told whether a package is ours and unchanged. It holds nothing
secret. What an administrator does with it: ``docs/teams-administrator.md``.
"""

from __future__ import annotations

import dataclasses
import io
import json
import re
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Tuple
from urllib.parse import urlsplit

from lotsen.channels.teams import config
from lotsen.options import Option, Options
from lotsen.settings import SettingError

APP_ID = config.APP_ID
DEVELOPER, WEBSITE = "LOTSEN_TEAMS_DEVELOPER", "LOTSEN_TEAMS_WEBSITE"
PRIVACY, TERMS = "LOTSEN_TEAMS_PRIVACY", "LOTSEN_TEAMS_TERMS"
SETTINGS = (
    Option(DEVELOPER, "", "Who stands behind the app in Teams: the region's name, at most 32 characters."),
    Option(WEBSITE, "", "The https address of the page about Lotsen, shown in Teams."),
    Option(PRIVACY, "", "The https address of how personal data are handled, shown in Teams."),
    Option(TERMS, "", "The https address of the terms of use, shown in Teams."),
)

MANIFEST = "manifest.json"
FILES = (MANIFEST, "color.png", "outline.png", "en.json")
"""What the zip has, in this order, none of it in a folder."""
MAX_DEVELOPER, MAX_ADDRESS = 32, 2048
"""Characters, as Microsoft's schema says."""
_OLDEST = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip: the first that a zip can have."""
_VERSION = re.compile(r'^version = "(\d+\.\d+\.\d+)', re.MULTILINE)
_PLACE = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Fields:
    """What differs from one installation to the next: ``{app_id}`` and so on in ``deploy/teams/manifest.json``."""

    app_id: str
    version: str
    developer: str
    website: str
    privacy: str
    terms: str


def read_fields(environment: Mapping[str, str], version: str) -> Fields:
    """Read the settings.

    Raises:
        SettingError: with all that is wrong, a line each.
    """
    app = [option for option in config.SETTINGS if option.name == APP_ID]
    options = Options((*app, *SETTINGS), environment)
    wrong: List[str] = []
    for name, (fits, wanted) in _RULES.items():
        value = options.get(name)
        if not value:
            wrong.append(f"{name} is not set; write {wanted}.")
        elif not fits(value):
            wrong.append(f"{name} is '{value}'; write {wanted}.")
    if wrong:
        raise SettingError("\n".join(wrong))
    app_id = str(uuid.UUID(options.get(APP_ID)))
    return Fields(app_id, version, *(options.get(name) for name in (DEVELOPER, WEBSITE, PRIVACY, TERMS)))


def read_version(pyproject: str) -> str:
    """Return Lotsen's version of the text of ``pyproject.toml``; of ``1.2.0rc1`` only ``1.2.0``, as Teams asks for.

    Raises:
        ValueError: if it is not there.
    """
    found = _VERSION.search(pyproject)
    if found is None:
        raise ValueError('pyproject.toml has no version = "x.y.z"')
    return found[1]


def read_parts(folder: Path) -> Dict[str, bytes]:
    """Return the files that a package is made of, by name.

    Raises:
        OSError: if one cannot be read.
    """
    return {name: (folder / name).read_bytes() for name in FILES}


def build(fields: Fields, parts: Mapping[str, bytes]) -> bytes:
    """Return the zip. Nothing in it is compressed: what compression makes differs from one zlib to the next."""
    manifest = _fill(json.loads(parts[MANIFEST]), dataclasses.asdict(fields))
    written = {**parts, MANIFEST: (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode("utf-8")}
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as archive:
        for name in FILES:
            entry = zipfile.ZipInfo(name, _OLDEST)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, written[name])
    return package.getvalue()


def _fill(written: Any, values: Mapping[str, str]) -> Any:
    """Put values in place of texts that are ``{name}``. Whole texts only, so that no value can break the JSON."""
    if isinstance(written, dict):
        return {key: _fill(value, values) for key, value in written.items()}
    if isinstance(written, list):
        return [_fill(value, values) for value in written]
    if isinstance(written, str) and _PLACE.fullmatch(written):
        return values[written[1:-1]]
    return written


def _is_id(value: str) -> bool:
    try:
        return uuid.UUID(value).int != 0
    except ValueError:
        return False


def _is_developer(value: str) -> bool:
    return len(value) <= MAX_DEVELOPER and value.isprintable()


def _is_address(value: str) -> bool:
    if len(value) > MAX_ADDRESS or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False


_ADDRESS_RULE = (
    _is_address,
    f"an https address of at most {MAX_ADDRESS} characters, e.g. https://www.example.se/lotsen",
)
_RULES: Mapping[str, Tuple[Callable[[str], bool], str]] = {
    APP_ID: (_is_id, "the bot's app id in Entra ID, like 12345678-abcd-4ef0-9876-0123456789ab"),
    DEVELOPER: (_is_developer, f"the region's name, at most {MAX_DEVELOPER} characters"),
    WEBSITE: _ADDRESS_RULE,
    PRIVACY: _ADDRESS_RULE,
    TERMS: _ADDRESS_RULE,
}
