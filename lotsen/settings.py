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
    Setting("LOTSEN_SECRET_BEFORE", "", "The key before this one: what it signed still counts."),
    Setting("LOTSEN_ORIGINS", "", "The pages that may embed the chat, e.g. https://intranet.example.se."),
    Setting("LOTSEN_MESSAGES_PER_MINUTE", "30", "How many messages one conversation may send in a minute."),
    Setting("LOTSEN_SESSIONS_PER_MINUTE", "600", "How many conversations may begin in a minute, for everybody."),
    Setting("LOTSEN_TAKEOVER_MINUTES", "10", "After so long without a word from the desk Lotsen answers again."),
    Setting("LOTSEN_SIGN_IN_ISSUER", "", "Who signs the token that a host page hands over, as its `iss` says."),
    Setting("LOTSEN_SIGN_IN_AUDIENCE", "", "Whom that token is for, as its `aud` says."),
    Setting("LOTSEN_SIGN_IN_KEYS", "", "Where the keys are that sign it: the address or the file of a JWKS."),
    Setting("LOTSEN_SIGN_IN_NAME", "name", "The claim that has the user's name."),
    Setting("LOTSEN_SIGN_IN_UNIT", "department", "The claim that has the user's unit."),
    Setting("LOTSEN_GUIDE_HOURS", "72", "After so many hours without a word a guide left open counts as abandoned."),
    Setting("LOTSEN_DESKS", "", "The service desks that cases go to, e.g. request_tracker, email:administration."),
    Setting("LOTSEN_DESK_HOSTS", "", "The hosts that may be called for that, separated by commas."),
    Setting("LOTSEN_DESK_HOURS", "", "When the desk is staffed, e.g. mon-fri 07:30-16:30. Empty: nothing is said."),
    Setting("LOTSEN_DESK_CLOSED", "", "Days when it is not, in spite of that: 2026-12-24, 2026-12-25."),
    Setting("LOTSEN_DUE_MINUTES", "15,120,480", "Within so many minutes somebody should look: urgent, high, normal."),
    Setting("LOTSEN_TIME_ZONE", "Europe/Stockholm", "The time zone of those hours, and of times that users read."),
    Setting("LOTSEN_DELIVERY_TRIES", "80", "After so many failed attempts a letter waits for `lotsen cases retry`."),
    Setting("LOTSEN_POLL_SECONDS", "30", "How often a desk is asked for answers and statuses."),
    Setting("LOTSEN_DISTURBANCE_COUNT", "5", "So many users with the same trouble mark a disturbance. 0: never."),
    Setting("LOTSEN_DISTURBANCE_MINUTES", "30", "Within so many minutes; the mark lasts as long after the last one."),
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
    secret_before: str
    origins: str
    messages_per_minute: int
    sessions_per_minute: int
    takeover_minutes: float
    sign_in_issuer: str
    sign_in_audience: str
    sign_in_keys: str
    sign_in_name: str
    sign_in_unit: str
    guide_hours: float
    desks: str
    desk_hosts: frozenset[str]
    desk_hours: str
    desk_closed: str
    due_minutes: Tuple[int, ...]
    """Three, none less than the one before: for urgent cases, for those that are high, for normal ones."""
    time_zone: str
    delivery_tries: int
    poll_seconds: float
    disturbance_count: int
    disturbance_minutes: float
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
            secret_before=raw["LOTSEN_SECRET_BEFORE"],
            origins=raw["LOTSEN_ORIGINS"],
            messages_per_minute=_number(raw, "LOTSEN_MESSAGES_PER_MINUTE", _is_count, "a number of messages from 1"),
            sessions_per_minute=_number(raw, "LOTSEN_SESSIONS_PER_MINUTE", _is_count, "a number from 1"),
            takeover_minutes=_number(raw, "LOTSEN_TAKEOVER_MINUTES", _is_time, "a number of minutes over 0", float),
            sign_in_issuer=raw["LOTSEN_SIGN_IN_ISSUER"],
            sign_in_audience=raw["LOTSEN_SIGN_IN_AUDIENCE"],
            sign_in_keys=raw["LOTSEN_SIGN_IN_KEYS"],
            sign_in_name=raw["LOTSEN_SIGN_IN_NAME"],
            sign_in_unit=raw["LOTSEN_SIGN_IN_UNIT"],
            guide_hours=_number(raw, "LOTSEN_GUIDE_HOURS", _is_time, "a number of hours over 0", float),
            desks=raw["LOTSEN_DESKS"],
            desk_hosts=frozenset(filter(None, (host.strip().lower() for host in raw["LOTSEN_DESK_HOSTS"].split(",")))),
            desk_hours=raw["LOTSEN_DESK_HOURS"],
            desk_closed=raw["LOTSEN_DESK_CLOSED"],
            due_minutes=_minutes(raw, "LOTSEN_DUE_MINUTES"),
            time_zone=raw["LOTSEN_TIME_ZONE"],
            delivery_tries=_number(raw, "LOTSEN_DELIVERY_TRIES", _is_count, "a number of attempts from 1"),
            poll_seconds=_number(raw, "LOTSEN_POLL_SECONDS", _is_time, "a number of seconds over 0", float),
            disturbance_count=_number(raw, "LOTSEN_DISTURBANCE_COUNT", _is_size, "a number of users, 0 or more"),
            disturbance_minutes=_number(
                raw, "LOTSEN_DISTURBANCE_MINUTES", _is_time, "a number of minutes over 0", float
            ),
            min_free_mb=_number(raw, "LOTSEN_MIN_FREE_MB", _is_size, "a number of megabytes, 0 or more"),
            start_seconds=_number(raw, "LOTSEN_START_SECONDS", _is_size, "a number of seconds, 0 or more"),
        )


def _is_port(value: int) -> bool:
    return 1 <= value <= 65535


def _is_size(value: int) -> bool:
    return value >= 0


def _is_count(value: int) -> bool:
    return value >= 1


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


def _minutes(raw: Mapping[str, str], name: str) -> Tuple[int, ...]:
    """Return the variable as three whole numbers in order."""
    wrong = SettingError(f"{name} is '{raw[name]}'; write three numbers of minutes in order, like 15,120,480.")
    try:
        minutes = tuple(int(part) for part in raw[name].split(","))
    except ValueError:
        raise wrong from None
    if len(minutes) != 3 or list(minutes) != sorted(minutes) or not 1 <= minutes[0] <= minutes[2] <= 100_000:
        raise wrong
    return minutes
