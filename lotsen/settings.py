"""Settings: every ``LOTSEN_*`` environment variable, its default, and what is wrong with a value.

``docs/operator.md`` lists them; a test holds that list to ``SETTINGS``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Callable, Mapping, Optional, Sequence, Tuple, TypeVar

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
    secret: bool = False
    """Whether ``NAME_FILE`` may name a file that holds it instead: container platforms hand secrets out so."""


SETTINGS: Tuple[Setting, ...] = (
    Setting("LOTSEN_HOST", "127.0.0.1", "The address that the chat page is served on."),
    Setting("LOTSEN_PORT", "5005", "The port of the Rasa server and the chat page."),
    Setting("LOTSEN_ACTIONS_PORT", "5055", "The port of the action server."),
    Setting("LOTSEN_DATA_DIR", ".lotsen", "The folder for the database, logs and the secret, from the checkout."),
    Setting(
        "LOTSEN_DATABASE_URL",
        "",
        "A database in place of SQLite in the data folder, e.g. postgresql://...",
        secret=True,
    ),
    Setting(
        "LOTSEN_SECRET",
        "",
        "The key that signs chat sessions. Empty: one is made and kept in the data folder.",
        secret=True,
    ),
    Setting("LOTSEN_SECRET_BEFORE", "", "The key before this one: what it signed still counts.", secret=True),
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
    Setting("LOTSEN_PROCESSES", "actions,rasa,triage,deliverer,purge", "What `lotsen up` runs on this machine."),
    Setting("LOTSEN_WORKERS", "1", "How many Rasa servers share the port of the chat."),
    Setting("LOTSEN_REDIS_URL", "", "A Redis for the locks of conversations, e.g. redis://host:6379/0.", secret=True),
    Setting("LOTSEN_ACTIONS_HOST", "127.0.0.1", "The address that the action server listens on."),
    Setting("LOTSEN_ACTIONS_URL", "", "Where the action server is, if another machine runs it."),
    Setting("LOTSEN_ACTIONS_SECRET", "", "What its callers show. Needed outside 127.0.0.1.", secret=True),
    Setting("LOTSEN_MASK_ALSO", "", "What is masked besides identity numbers: phone, email."),
    Setting(
        "LOTSEN_RESERVE_NUMBERS",
        "national,stockholm,vgr,varmland,skane,carelink",
        "The kinds of reserve numbers that are masked.",
    ),
    Setting("LOTSEN_PURGE_AT", "03:15", "When what is too old is deleted each day, or `never`."),
    Setting("LOTSEN_KEEP_CONVERSATIONS", "30", "Days after which a conversation that rests is deleted. 0: never."),
    Setting("LOTSEN_KEEP_QUESTIONS", "180", "Days after which a question and its rating are deleted. 0: never."),
    Setting("LOTSEN_KEEP_RUNS", "365", "Days after which a way through a guide is deleted. 0: never."),
    Setting("LOTSEN_KEEP_LETTERS", "7", "Days after which a case delivered to a desk loses its text. 0: never."),
    Setting("LOTSEN_KEEP_CASES", "730", "Days after which a case that is resolved is deleted. 0: never."),
    Setting("LOTSEN_KEEP_LOGS", "14", "Days after which a log file is deleted. 0: never."),
    Setting("LOTSEN_KEEP_AUDIT", "730", "Days after which the audit log's entries are deleted. 0: never."),
    Setting("LOTSEN_METRICS_PORT", "5007", "The port of metrics and of health for probes. 0: none."),
    Setting("LOTSEN_METRICS_HOST", "127.0.0.1", "The address that they are served on."),
    Setting("LOTSEN_LOG_FORMAT", "text", "How logs are written: text or json."),
    Setting("LOTSEN_LOG_TO", "files", "Where they go: files in the data folder, or stdout."),
    Setting("LOTSEN_TRACES_URL", "", "Where traces go (OTLP over HTTP), e.g. http://collector:4318/v1/traces."),
)


def given(setting: Setting, environment: Mapping[str, str]) -> str:
    """Return what the environment says of a variable, or the file it names; the default if nothing does.

    Raises:
        SettingError: if the file cannot be read.
    """
    value = environment.get(setting.name) or ""
    if not value and setting.secret:
        value = _from_file(f"{setting.name}_FILE", environment)
    return value or setting.default


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


PROCESSES = ("actions", "rasa", "triage", "deliverer", "purge")
MASKABLE = ("phone", "email")
RESERVE_NUMBERS = ("national", "stockholm", "vgr", "varmland", "skane", "carelink")


@dataclass(frozen=True)
class Keep:
    """For how many days each kind of data is kept; 0: for ever. The customer's *gallringsbeslut* decides."""

    conversations: int
    questions: int
    runs: int
    letters: int
    cases: int
    logs: int
    audit: int


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
    processes: frozenset[str]
    """Names of ``PROCESSES``."""
    workers: int
    redis_url: str
    actions_host: str
    actions_url: str
    actions_secret: str
    mask_also: frozenset[str]
    """Names of ``MASKABLE``."""
    reserve_numbers: frozenset[str]
    """Names of ``RESERVE_NUMBERS``."""
    purge_at: Optional[time]
    """Local time of the day; None: never."""
    keep: Keep
    metrics_port: int
    metrics_host: str
    log_format: str
    log_to: str
    traces_url: str

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the environment.

        Raises:
            SettingError: naming the variable, its value and what it should be.
        """
        env = os.environ if environment is None else environment
        raw = {setting.name: given(setting, env) for setting in SETTINGS}
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
            processes=_some_of(raw, "LOTSEN_PROCESSES", PROCESSES),
            workers=_number(raw, "LOTSEN_WORKERS", _is_count, "a number of servers from 1"),
            redis_url=raw["LOTSEN_REDIS_URL"],
            actions_host=raw["LOTSEN_ACTIONS_HOST"],
            actions_url=raw["LOTSEN_ACTIONS_URL"].rstrip("/"),
            actions_secret=raw["LOTSEN_ACTIONS_SECRET"],
            mask_also=_some_of(raw, "LOTSEN_MASK_ALSO", MASKABLE),
            reserve_numbers=_some_of(raw, "LOTSEN_RESERVE_NUMBERS", RESERVE_NUMBERS),
            purge_at=_time_of_day(raw, "LOTSEN_PURGE_AT"),
            keep=Keep(
                **{
                    kind: _number(raw, f"LOTSEN_KEEP_{kind.upper()}", _is_size, "a number of days, 0 or more")
                    for kind in Keep.__dataclass_fields__
                }
            ),
            metrics_port=_number(raw, "LOTSEN_METRICS_PORT", _is_port_or_none, "a port up to 65535, or 0 for none"),
            metrics_host=raw["LOTSEN_METRICS_HOST"],
            log_format=_one_of(raw, "LOTSEN_LOG_FORMAT", ("text", "json")),
            log_to=_one_of(raw, "LOTSEN_LOG_TO", ("files", "stdout")),
            traces_url=raw["LOTSEN_TRACES_URL"],
        )


def _is_port(value: int) -> bool:
    return 1 <= value <= 65535


def _is_port_or_none(value: int) -> bool:
    return 0 <= value <= 65535


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


def _one_of(raw: Mapping[str, str], name: str, known: Sequence[str]) -> str:
    """Return the variable if it is one of the ``known`` words."""
    if raw[name] not in known:
        raise SettingError(f"{name} is '{raw[name]}'; write one of: {', '.join(known)}.")
    return raw[name]


def _some_of(raw: Mapping[str, str], name: str, known: Sequence[str]) -> frozenset[str]:
    """Return the ``known`` words that the variable lists."""
    words = [word for part in raw[name].split(",") if (word := part.strip())]
    if not set(words) <= set(known):
        raise SettingError(f"{name} is '{raw[name]}'; write some of: {', '.join(known)}.")
    return frozenset(words)


def _time_of_day(raw: Mapping[str, str], name: str) -> Optional[time]:
    """Return the variable as a time of the day; None for the word never."""
    if raw[name] == "never":
        return None
    try:
        return datetime.strptime(raw[name], "%H:%M").time()  # noqa: DTZ007 - a time of the day has no zone
    except ValueError:
        raise SettingError(f"{name} is '{raw[name]}'; write a time of the day like 03:15, or never.") from None


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
