"""Which desks there are and what they may be told: routes, targets, addresses, secrets from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from lotsen.desk.access.config import read_triage
from lotsen.retrying import retry_after
from lotsen.runtime.servers import describe_servers
from lotsen.service_desks.config import DESKS, answers_in_chat, desk_settings, open_desks, read_routes, secret_names
from lotsen.service_desks.http import BadAddress, check_address
from lotsen.service_desks.options import Option, Options, by_target
from lotsen.settings import ROOT, SettingError, Settings

HOSTS = frozenset({"rt.example.se", "127.0.0.1"})


def test_routes() -> None:
    """A desk takes the targets that are named with it, or all."""
    rt, email = read_routes(" request_tracker:it_service+administration , email")
    assert rt.takes("it_service") and rt.takes("administration") and not rt.takes("other")
    assert email.takes("other")
    assert read_routes("") == ()


@pytest.mark.parametrize(
    ("written", "message"),
    [("requesttracker", "'requesttracker'; the desks are email, "), ("email, email:a", "'email' twice")],
)
def test_wrong_routes_are_named(written: str, message: str) -> None:
    """An unknown desk is said with those that there are; one that stands twice cannot have two sets of targets."""
    with pytest.raises(SettingError, match=message):
        read_routes(written)


@pytest.mark.parametrize(
    ("routes", "target", "answers"),
    [
        ("", "it_service", True),
        ("email", "it_service", False),
        ("email, request_tracker", "it_service", True),
        ("email, request_tracker:administration", "it_service", False),
    ],
)
def test_whether_an_answer_can_come_into_the_chat(routes: str, target: str, answers: bool) -> None:
    """E-mail says nothing back; who has no desk at all tries the chat out."""
    assert answers_in_chat(read_routes(routes), target) is answers


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("SOB", {"": "SOB"}),
        ("it_service=SOB, administration=Objekt", {"": "SOB", "it_service": "SOB", "administration": "Objekt"}),
    ],
)
def test_one_value_or_one_for_each_target(written: str, found: dict[str, str]) -> None:
    """The first of several is the usual one."""
    assert by_target("X", written) == found


@pytest.mark.parametrize("written", ["", "a=1, b", "=1", "a=", "a, b"])
def test_half_of_each_is_refused(written: str) -> None:
    """A setting that can be read two ways is read in none."""
    with pytest.raises(SettingError, match="LOTSEN_X"):
        by_target("LOTSEN_X", written)


@pytest.mark.parametrize(
    "url",
    [
        "http://rt.example.se",
        "ftp://rt.example.se",
        "https://elsewhere.example.se",
        "https://user:secret@rt.example.se",
        "https://rt.example.se/?a=b",
        "https://rt.example.se@elsewhere.example.se",
        "https://",
        "rt.example.se",
    ],
)
def test_addresses_that_may_not_be_called(url: str) -> None:
    """Only https, only hosts on the list, nothing hidden in the address; what is wrong is said without a password."""
    with pytest.raises(BadAddress) as failed:
        check_address(url, HOSTS)
    assert "secret" not in str(failed.value)


@pytest.mark.parametrize("url", ["https://rt.example.se/rt/", "http://127.0.0.1:8080"])
def test_addresses_that_may(url: str) -> None:
    """Plain http is for this machine."""
    assert check_address(url, HOSTS) == url.rstrip("/")


@pytest.mark.parametrize(("header", "seconds"), [("120", 120.0), (None, None), ("", None), ("soon", None), ("²", None)])
def test_retry_after(header: str, seconds: float) -> None:
    """What is no number and no date asks for nothing."""
    assert retry_after(header) == seconds


def test_a_date_in_the_past_asks_for_no_wait() -> None:
    """Dates count from now, and never backwards."""
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """The variable itself goes first; a file that is not there is named."""
    option = Option("LOTSEN_X_TOKEN", "", "A token.", secret=True)
    (tmp_path / "token").write_text("from-file\n", encoding="utf-8")
    named = {"LOTSEN_X_TOKEN_FILE": str(tmp_path / "token")}
    assert Options([option], named).needed("LOTSEN_X_TOKEN") == "from-file"
    assert Options([option], {**named, "LOTSEN_X_TOKEN": "direct"}).needed("LOTSEN_X_TOKEN") == "direct"
    with pytest.raises(SettingError, match=r"LOTSEN_X_TOKEN_FILE: .*gone"):
        Options([option], {"LOTSEN_X_TOKEN_FILE": str(tmp_path / "gone")})
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingError, match=r"LOTSEN_X_TOKEN_FILE: .*bytes is no text"):
        Options([option], {"LOTSEN_X_TOKEN_FILE": str(tmp_path / "bytes")})


def test_all_that_is_wrong_is_said_at_once() -> None:
    """Each desk's first fault, a line each."""
    settings = Settings.read({"LOTSEN_DESKS": "request_tracker, zammad", "LOTSEN_DESK_HOSTS": "rt.example.se"})
    with pytest.raises(SettingError) as failed:
        open_desks(settings, {"LOTSEN_RT_URL": "https://rt.example.se"})
    assert [line.split()[0] for line in str(failed.value).split("\n")] == ["LOTSEN_RT_TOKEN", "LOTSEN_ZAMMAD_URL"]


def test_every_desk_has_settings_of_its_own() -> None:
    """Their names begin alike, none stands in two desks, and each has a secret but perhaps e-mail."""
    settings = desk_settings()
    names = [option.name for options in settings.values() for option in options]
    assert set(settings) == set(DESKS)
    assert len(names) == len(set(names))
    assert all(any(option.secret for option in options) for options in settings.values())


def test_only_the_deliverer_gets_the_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Rasa server gets the webhook's, as it checks what comes back; the action server none."""
    for name in secret_names():
        monkeypatch.setenv(name, "hemligt")
    settings = Settings.read(
        {"LOTSEN_DESKS": "email", "LOTSEN_DATA_DIR": str(tmp_path)},
    )
    *others, deliverer = describe_servers(settings, read_triage({}, settings), ROOT, Path("model"))
    has = {process.name: {name for name in secret_names() if name in process._env} for process in others}
    assert has == {"action server": set(), "Rasa server": {"LOTSEN_WEBHOOK_SECRET"}, "triage desk": set()}
    assert secret_names() <= set(deliverer._env)


def test_without_a_desk_there_is_no_deliverer(tmp_path: Path) -> None:
    """Three servers are all."""
    settings = Settings.read({"LOTSEN_DATA_DIR": str(tmp_path)})
    names = [process.name for process in describe_servers(settings, read_triage({}, settings), ROOT, Path("model"))]
    assert names == ["action server", "Rasa server", "triage desk"]
