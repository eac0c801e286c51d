"""Settings: defaults, every variable, and faults that name the variable."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from lotsen.settings import ROOT, SETTINGS, Keep, Setting, SettingError, Settings


def test_defaults() -> None:
    """Without any variable Lotsen runs on this machine only, and keeps everything in the checkout."""
    assert Settings.read({}) == Settings(
        host="127.0.0.1",
        port=5005,
        actions_port=5055,
        data_dir=ROOT / ".lotsen",
        database_url=f"sqlite:///{ROOT / '.lotsen' / 'lotsen.db'}",
        secret="",
        secret_before="",
        origins="",
        messages_per_minute=30,
        sessions_per_minute=600,
        takeover_minutes=10.0,
        sign_in_issuer="",
        sign_in_audience="",
        sign_in_keys="",
        sign_in_name="name",
        sign_in_unit="department",
        guide_hours=72.0,
        desks="",
        desk_hosts=frozenset(),
        desk_hours="",
        desk_closed="",
        due_minutes=(15, 120, 480),
        time_zone="Europe/Stockholm",
        delivery_tries=80,
        poll_seconds=30.0,
        disturbance_count=5,
        disturbance_minutes=30.0,
        min_free_mb=300,
        start_seconds=120,
        processes=frozenset({"actions", "rasa", "triage", "deliverer", "purge"}),
        workers=1,
        redis_url="",
        actions_host="127.0.0.1",
        actions_url="",
        actions_secret="",
        mask_also=frozenset(),
        reserve_numbers=frozenset({"national", "stockholm", "vgr", "varmland", "skane", "carelink"}),
        purge_at=time(3, 15),
        keep=Keep(conversations=30, questions=180, runs=365, letters=7, cases=730, logs=14, audit=730),
        metrics_port=5007,
        metrics_host="127.0.0.1",
        log_format="text",
        log_to="files",
        traces_url="",
    )


def test_the_root_is_the_checkout() -> None:
    """Relative folders begin where ``pyproject.toml`` stands, wherever Lotsen is started."""
    assert (ROOT / "pyproject.toml").is_file()


@pytest.mark.parametrize(
    ("variable", "written", "field", "value"),
    [
        ("LOTSEN_HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("LOTSEN_PORT", "8080", "port", 8080),
        ("LOTSEN_ACTIONS_PORT", "65535", "actions_port", 65535),
        ("LOTSEN_DATA_DIR", "/srv/lotsen", "data_dir", Path("/srv/lotsen")),
        ("LOTSEN_DATA_DIR", "other", "data_dir", ROOT / "other"),
        ("LOTSEN_DATABASE_URL", "postgresql://db/lotsen", "database_url", "postgresql://db/lotsen"),
        ("LOTSEN_SECRET", "hemlig", "secret", "hemlig"),
        ("LOTSEN_SECRET_BEFORE", "gammal", "secret_before", "gammal"),
        ("LOTSEN_ORIGINS", "https://intranet.example.se", "origins", "https://intranet.example.se"),
        ("LOTSEN_MESSAGES_PER_MINUTE", "5", "messages_per_minute", 5),
        ("LOTSEN_SESSIONS_PER_MINUTE", "9", "sessions_per_minute", 9),
        ("LOTSEN_SIGN_IN_ISSUER", "https://login.example.se", "sign_in_issuer", "https://login.example.se"),
        ("LOTSEN_SIGN_IN_AUDIENCE", "lotsen", "sign_in_audience", "lotsen"),
        ("LOTSEN_SIGN_IN_KEYS", "keys.json", "sign_in_keys", "keys.json"),
        ("LOTSEN_SIGN_IN_NAME", "displayName", "sign_in_name", "displayName"),
        ("LOTSEN_SIGN_IN_UNIT", "unit", "sign_in_unit", "unit"),
        ("LOTSEN_MIN_FREE_MB", "0", "min_free_mb", 0),
        ("LOTSEN_GUIDE_HOURS", "0.5", "guide_hours", 0.5),
        ("LOTSEN_START_SECONDS", "10", "start_seconds", 10),
        ("LOTSEN_DESKS", "email", "desks", "email"),
        ("LOTSEN_DESK_HOSTS", "RT.example.se, smtp.example.se", "desk_hosts", {"rt.example.se", "smtp.example.se"}),
        ("LOTSEN_DUE_MINUTES", " 5, 60,60 ", "due_minutes", (5, 60, 60)),
        ("LOTSEN_DELIVERY_TRIES", "3", "delivery_tries", 3),
        ("LOTSEN_POLL_SECONDS", "0.5", "poll_seconds", 0.5),
        ("LOTSEN_DISTURBANCE_COUNT", "0", "disturbance_count", 0),
        ("LOTSEN_PROCESSES", "rasa, actions", "processes", {"rasa", "actions"}),
        ("LOTSEN_WORKERS", "4", "workers", 4),
        ("LOTSEN_REDIS_URL", "redis://r:6379/0", "redis_url", "redis://r:6379/0"),
        ("LOTSEN_ACTIONS_URL", "http://actions:5055/", "actions_url", "http://actions:5055"),
        ("LOTSEN_MASK_ALSO", "phone,email", "mask_also", {"phone", "email"}),
        ("LOTSEN_PURGE_AT", "23:05", "purge_at", time(23, 5)),
        ("LOTSEN_PURGE_AT", "never", "purge_at", None),
        ("LOTSEN_METRICS_PORT", "0", "metrics_port", 0),
        ("LOTSEN_LOG_FORMAT", "json", "log_format", "json"),
        ("LOTSEN_LOG_TO", "stdout", "log_to", "stdout"),
    ],
)
def test_each_variable_is_read(variable: str, written: str, field: str, value: Any) -> None:
    """A variable sets its field, as the right type."""
    assert getattr(Settings.read({variable: written}), field) == value


def test_the_database_follows_the_data_folder() -> None:
    """Another data folder takes the SQLite file with it, unless a database is named."""
    moved = {"LOTSEN_DATA_DIR": "/srv/lotsen"}
    assert Settings.read(moved).database_url == "sqlite:////srv/lotsen/lotsen.db"
    assert Settings.read({**moved, "LOTSEN_DATABASE_URL": "sqlite://"}).database_url == "sqlite://"


@pytest.mark.parametrize("variable", [setting.name for setting in SETTINGS])
def test_an_empty_variable_is_its_default(variable: str) -> None:
    """``LOTSEN_X=`` in an environment file is the same as no line."""
    assert Settings.read({variable: ""}) == Settings.read({})


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an argument the process's own variables count."""
    monkeypatch.setenv("LOTSEN_PORT", "6001")
    assert Settings.read().port == 6001


@pytest.mark.parametrize(
    ("variable", "written", "wanted"),
    [
        ("LOTSEN_PORT", "http", "a port from 1 to 65535"),
        ("LOTSEN_PORT", "0", "a port from 1 to 65535"),
        ("LOTSEN_PORT", "65536", "a port from 1 to 65535"),
        ("LOTSEN_PORT", "5005.5", "a port from 1 to 65535"),
        ("LOTSEN_ACTIONS_PORT", "-1", "a port from 1 to 65535"),
        *(
            ("LOTSEN_DUE_MINUTES", written, "three numbers of minutes in order, like 15,120,480")
            for written in ("15", "15,120", "120,15,480", "0,1,2", "15,120,480,960", "15;120;480", "1,2,1000000")
        ),
        ("LOTSEN_MIN_FREE_MB", "-1", "a number of megabytes, 0 or more"),
        ("LOTSEN_MIN_FREE_MB", "300 MB", "a number of megabytes, 0 or more"),
        ("LOTSEN_START_SECONDS", "2m", "a number of seconds, 0 or more"),
        ("LOTSEN_PROCESSES", "rasa,web", "some of: actions, rasa, triage, deliverer, purge"),
        ("LOTSEN_MASK_ALSO", "name", "some of: phone, email"),
        ("LOTSEN_PURGE_AT", "25:00", "a time of the day like 03:15, or never"),
        ("LOTSEN_KEEP_CASES", "-1", "a number of days, 0 or more"),
        ("LOTSEN_METRICS_PORT", "65536", "a port up to 65535, or 0 for none"),
        ("LOTSEN_LOG_FORMAT", "xml", "one of: text, json"),
    ],
)
def test_a_wrong_value_is_named(variable: str, written: str, wanted: str) -> None:
    """The error says which variable, what it is, and what to write."""
    with pytest.raises(SettingError) as caught:
        Settings.read({variable: written})
    assert str(caught.value) == f"{variable} is '{written}'; write {wanted}."


@pytest.mark.parametrize("kind", Keep.__dataclass_fields__)
def test_how_long_each_kind_is_kept(kind: str) -> None:
    """Each kind has a variable of its own."""
    assert getattr(Settings.read({f"LOTSEN_KEEP_{kind.upper()}": "5"}).keep, kind) == 5


@pytest.mark.parametrize(
    "setting", [setting for setting in SETTINGS if setting.secret], ids=lambda setting: setting.name
)
def test_a_secret_may_stand_in_a_file(setting: Setting, tmp_path: Path) -> None:
    """``NAME_FILE`` names a file; the variable itself goes before it; a file that is not there is said."""
    file = tmp_path / "secret"
    file.write_text("from a file\n", encoding="utf-8")
    field = setting.name.removeprefix("LOTSEN_").lower()
    assert getattr(Settings.read({f"{setting.name}_FILE": str(file)}), field) == "from a file"
    both = {setting.name: "itself", f"{setting.name}_FILE": str(file)}
    assert getattr(Settings.read(both), field) == "itself"
    with pytest.raises(SettingError, match=f"{setting.name}_FILE: .* cannot be read"):
        Settings.read({f"{setting.name}_FILE": str(tmp_path / "none")})


def test_every_setting_has_a_name_of_ours_and_a_meaning() -> None:
    """The table is fit to be shown to an operator."""
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
    assert len(SETTINGS) == len(Settings.__dataclass_fields__) + len(Keep.__dataclass_fields__) - 1
    assert all(setting.name.startswith("LOTSEN_") and setting.meaning.endswith(".") for setting in SETTINGS)
