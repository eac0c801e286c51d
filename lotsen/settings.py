"""Settings: every ``LOTSEN_*`` environment variable, its default, and what is wrong with a value.

``docs/operator.md`` lists them; a test holds that list to ``SETTINGS``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Mapping, Tuple, TypeVar

Number = TypeVar("Number", int, float)

ROOT = Path(__file__).resolve().parent.parent
CONTENT = ROOT / "data"
"""The content. Not a setting: Rasa trains from it too, and looks for it there."""


class SettingError(Exception):
    """A ``LOTSEN_*`` variable has a value that cannot be used."""


@dataclass(frozen=True)
class Setting:
    """One environment variable."""

    name: str
    default: str
    meaning: str


SETTINGS: Tuple[Setting, ...] = (
    Setting("LOTSEN_HOST", "127.0.0.1", "The address that the chat page is served on."),
    Setting("LOTSEN_PORT", "5005", "The port of the Rasa server and the chat page."),
    Setting("LOTSEN_ACTIONS_PORT", "5055", "The port of the action server. It only listens on 127.0.0.1."),
    Setting("LOTSEN_DATA_DIR", ".lotsen", "The folder for the database, logs and the secret, from the checkout."),
    Setting("LOTSEN_DATABASE_URL", "", "A database in place of SQLite in the data folder, e.g. postgresql://..."),
    Setting("LOTSEN_SECRET", "", "The key that signs chat sessions. Empty: one is made and kept in the data folder."),
    Setting("LOTSEN_GUIDE_HOURS", "72", "After so many hours without a word a guide left open counts as abandoned."),
    Setting("LOTSEN_MIN_FREE_MB", "300", "How much free disk space the data folder needs for a start."),
    Setting("LOTSEN_START_SECONDS", "120", "How long `lotsen up` waits for its processes to become healthy."),
)


@dataclass(frozen=True)
class Settings:
    """The settings as values of the right type."""

    host: str
    port: int
    actions_port: int
    data_dir: Path
    database_url: str
    secret: str
    guide_hours: float
    min_free_mb: int
    start_seconds: int

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the environment.

        Raises:
            SettingError: naming the variable, its value and what it should be.
        """
        env = os.environ if environment is None else environment
        raw = {setting.name: env.get(setting.name) or setting.default for setting in SETTINGS}
        data_dir = ROOT / raw["LOTSEN_DATA_DIR"]
        return cls(
            host=raw["LOTSEN_HOST"],
            port=_number(raw, "LOTSEN_PORT", _is_port, "a port from 1 to 65535"),
            actions_port=_number(raw, "LOTSEN_ACTIONS_PORT", _is_port, "a port from 1 to 65535"),
            data_dir=data_dir,
            database_url=raw["LOTSEN_DATABASE_URL"] or f"sqlite:///{data_dir / 'lotsen.db'}",
            secret=raw["LOTSEN_SECRET"],
            guide_hours=_number(raw, "LOTSEN_GUIDE_HOURS", _is_time, "a number of hours over 0", float),
            min_free_mb=_number(raw, "LOTSEN_MIN_FREE_MB", _is_size, "a number of megabytes, 0 or more"),
            start_seconds=_number(raw, "LOTSEN_START_SECONDS", _is_size, "a number of seconds, 0 or more"),
        )


def _is_port(value: int) -> bool:
    return 1 <= value <= 65535


def _is_size(value: int) -> bool:
    return value >= 0


def _is_time(value: float) -> bool:
    return 0 < value < float("inf")


def _number(
    raw: Mapping[str, str], name: str, fits: Callable[[Number], bool], wanted: str, kind: Callable[[str], Number] = int
) -> Number:
    """Return the variable as a number of the kind."""
    try:
        value = kind(raw[name])
    except ValueError:
        value = None
    if value is None or not fits(value):
        raise SettingError(f"{name} is '{raw[name]}'; write {wanted}.")
    return value
