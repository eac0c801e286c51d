"""The settings of the triage desk: what is read, what would be unsafe and is refused, and that no secret is shown."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotsen.desk.access import config
from lotsen.desk.access.config import TRIAGE_OPTIONS, TriageConfig, is_loopback, read_triage, safe_address, secret_names
from lotsen.desk.who import Role
from lotsen.options import Option
from lotsen.settings import ROOT, SettingError, Settings

PAGE = ROOT / "docs" / "triage-access.md"
SETTINGS = Settings.read({})
TENANT = "11111111-2222-4333-8444-555555555555"
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
OIDC = {config.ISSUER: ISSUER, config.CLIENT_ID: "lotsen", config.CLIENT_SECRET: "a-secret"}
PROXY = {config.PROXY_FROM: "10.0.0.5", config.PROXY_SECRET: "a-secret-of-the-proxy-1"}
HTTPS = {config.URL: "https://triage.example.se"}


def read(environment: Dict[str, str]) -> TriageConfig:
    """Return settings that are right."""
    return read_triage(environment, SETTINGS)


def wrong(environment: Dict[str, str]) -> List[str]:
    """Return what is said to be wrong, line by line."""
    with pytest.raises(SettingError) as error:
        read_triage(environment, SETTINGS)
    return str(error.value).split("\n")


def test_defaults() -> None:
    """Without any setting the desk is on this machine only, with the reserve account."""
    found = read({})
    assert (found.host, found.port, found.url, found.secure) == ("127.0.0.1", 5006, "http://localhost:5006", False)
    assert (found.idle, found.longest) == (timedelta(minutes=30), timedelta(hours=10))
    assert (found.oidc, found.proxy, found.local) == (None, None, True)
    assert found.roles == {role.value: frozenset({role}) for role in Role}


def test_oidc() -> None:
    """An identity provider replaces the reserve account, which can be asked for besides."""
    found = read({**OIDC, **HTTPS, config.SCOPES: " openid  profile roles "})
    assert found.oidc is not None and found.secure and not found.local
    assert (found.oidc.issuer, found.oidc.scopes, found.oidc.roles_claim) == (ISSUER, "openid profile roles", "roles")
    assert read({**OIDC, config.LOCAL: "ON"}).local


def test_proxy() -> None:
    """A proxy may have several addresses and networks, and any headers."""
    found = read(
        {**PROXY, **HTTPS, config.PROXY_FROM: "10.0.0.5, 10.1.0.7/29, fd00::/64", config.PROXY_USER: "Remote-User"}
    )
    assert found.proxy is not None and not found.local
    assert [str(network) for network in found.proxy.networks] == ["10.0.0.5/32", "10.1.0.0/29", "fd00::/64"]
    assert found.proxy.user == "Remote-User"


def test_secrets(tmp_path: Path) -> None:
    """Secrets may stand in files, are not shown, and are named so that only the desk gets them."""
    file = tmp_path / "secret"
    file.write_text("of-a-file-and-long-enough\n", encoding="utf-8")
    given = {**OIDC, **PROXY, **HTTPS, config.CLIENT_SECRET: "", config.PROXY_SECRET: ""}
    found = read({**given, f"{config.CLIENT_SECRET}_FILE": str(file), f"{config.PROXY_SECRET}_FILE": str(file)})
    assert found.oidc is not None and found.oidc.client_secret == "of-a-file-and-long-enough"
    assert found.proxy is not None and found.proxy.secret == "of-a-file-and-long-enough"
    assert "of-a-file" not in repr(found)
    assert secret_names() == {config.CLIENT_SECRET, config.PROXY_SECRET}
    assert (
        "cannot be read" in wrong({**OIDC, config.CLIENT_SECRET: "", f"{config.CLIENT_SECRET}_FILE": str(tmp_path)})[0]
    )


def test_roles() -> None:
    """The provider's names of roles may be several for one of ours, and one for several."""
    found = read({config.ROLE_NAMES[Role.AGENT]: "IT kundservice, desk", config.ROLE_NAMES[Role.LEAD]: "desk"})
    assert found.roles_of(("desk", "other")) == {Role.AGENT, Role.LEAD}
    assert found.roles_of(("IT kundservice",)) == {Role.AGENT}
    assert found.roles_of(("agent", "Owner", "")) == frozenset()


@pytest.mark.parametrize(
    ("given", "local"),
    [
        ({config.HOST: "localhost"}, True),
        ({config.HOST: "::1"}, True),
        ({config.HOST: "0.0.0.0", config.LOCAL: "on"}, True),
        ({config.LOCAL: "on", **HTTPS}, True),
        ({config.LOCAL: "off", **OIDC}, False),
        (PROXY, False),
    ],
)
def test_when_the_reserve_account_is_on(given: Dict[str, str], local: bool) -> None:
    """It is on by itself only where nothing else is set, at home; elsewhere when somebody says so."""
    assert read(given).local == local


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({config.HOST: "0.0.0.0"}, "Nobody can sign in"),
        ({config.LOCAL: "off"}, "Nobody can sign in"),
        (HTTPS, "Nobody can sign in"),
        ({config.URL: "http://triage.example.se", **OIDC}, "write an https address"),
        ({config.URL: "http://triage.example.se", config.LOCAL: "on"}, "write an https address"),
        ({config.URL: "http://triage.example.se", **PROXY, **OIDC}, "write an https address"),
        ({config.URL: "http://triage.example.se", **PROXY, config.LOCAL: "on"}, "write an https address"),
        ({config.URL: "https://triage.example.se/desk"}, "scheme and host only"),
        ({config.URL: "https://user@triage.example.se"}, "scheme and host only"),
        ({config.URL: "https://triage.example.se:x"}, "scheme and host only"),
        ({config.URL: "triage.example.se"}, "scheme and host only"),
        ({config.URL: "ftp://triage.example.se"}, "scheme and host only"),
        ({config.PORT: "0"}, "a port from 1 to 65535"),
        ({config.PORT: "5005"}, "another port"),
        ({config.PORT: "5055"}, "another port"),
        ({config.IDLE: "0"}, "minutes"),
        ({config.IDLE: "nan"}, "minutes"),
        ({config.LONGEST: "25"}, "hours, at most 24"),
        ({config.LOCAL: "yes"}, "write on or off"),
        ({config.CLIENT_SECRET: "x"}, "needs all three"),
        ({config.ISSUER: ISSUER}, "needs all three"),
        ({**OIDC, config.ISSUER: "http://login.example.se"}, "https address"),
        ({**OIDC, config.ISSUER: "https://login.example.se?x=1"}, "https address"),
        ({**OIDC, config.ISSUER: "https://login.microsoftonline.com/common/v2.0"}, "write your tenant's id"),
        ({**OIDC, config.ISSUER: "https://login.microsoftonline.com/organizations/v2.0"}, "write your tenant's id"),
        ({**OIDC, config.SCOPES: "profile"}, "openid must be among them"),
        ({config.ROLE_NAMES[Role.AGENT]: " , "}, "write the name of a role"),
        ({**PROXY, config.PROXY_FROM: ""}, "is not set"),
        ({**PROXY, config.PROXY_SECRET: ""}, "too weak"),
        ({**PROXY, config.PROXY_SECRET: "short"}, "too weak"),
        ({**PROXY, config.PROXY_SECRET: "å" * 30}, "too weak"),
        ({**PROXY, config.PROXY_FROM: "proxy.example.se"}, "addresses or networks"),
        ({**PROXY, config.PROXY_FROM: "0.0.0.0/0"}, "which is everybody"),
        ({**PROXY, config.PROXY_FROM: "10.0.0.5, ::/0"}, "which is everybody"),
        ({**PROXY, config.PROXY_USER: "X_Forwarded_User"}, "letters, digits and hyphens"),
        ({**PROXY, config.PROXY_USER: "x-forwarded-groups"}, "must be three headers"),
        ({**PROXY, config.PROXY_NAME: config.SECRET_HEADER}, "must be three headers"),
    ],
)
def test_what_is_refused(given: Dict[str, str], said: str) -> None:
    """What cannot be right or would be unsafe is said with the variable's name."""
    lines = wrong(given)
    assert any(said in line and "LOTSEN_TRIAGE_" in line for line in lines), lines


def test_http_behind_a_named_proxy() -> None:
    """Plain http elsewhere than here is for a proxy that signs in by itself: the cookie alone opens nothing then."""
    assert read({config.URL: "http://triage.example.se", **PROXY}).url == "http://triage.example.se"


def test_all_faults_are_said() -> None:
    """Who has several things wrong is told all at once, without the secrets."""
    lines = wrong({config.PORT: "x", config.IDLE: "x", **OIDC, config.SCOPES: "x", config.PROXY_SECRET: "weak-secret"})
    assert len(lines) == 5 and "weak-secret" not in " ".join(lines)


@given(st.text(max_size=40))
def test_any_text(written: str) -> None:
    """No value makes anything but a SettingError."""
    for option in TRIAGE_OPTIONS:
        try:
            read({**OIDC, **PROXY, option.name: written})
        except SettingError as error:
            assert "LOTSEN_TRIAGE_" in str(error)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"])
def test_loopback(host: str) -> None:
    """These are this machine."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "10.0.0.1", "localhost.example.se", "127.0.0.1.example.se"])
def test_not_loopback(host: str) -> None:
    """These are not."""
    assert not is_loopback(host)


@pytest.mark.parametrize("address", ["https://a.se/x?y=1", "http://127.0.0.1:1/x", "http://localhost/"])
def test_safe_addresses(address: str) -> None:
    """Secrets may go there."""
    assert safe_address(address)


@pytest.mark.parametrize(
    "address",
    [
        None,
        7,
        "",
        "http://a.se/",
        "javascript:x",
        "https://u:p@a.se/",
        "https://a.se/#x",
        "https://",
        "//a.se",
        "https://a:x/",
    ],
)
def test_unsafe_addresses(address: object) -> None:
    """They may not go there."""
    assert not safe_address(address)


# The page for operators

_ROW = re.compile(r"^\| `(?P<name>LOTSEN_\w+)` \| (?P<default>[^|]*?) \|", re.MULTILINE)


@pytest.mark.parametrize("option", TRIAGE_OPTIONS, ids=lambda option: option.name)
def test_option_is_documented(option: Option) -> None:
    """docs/triage-access.md has a row for the setting, with its default."""
    rows = {found["name"]: found["default"] for found in _ROW.finditer(PAGE.read_text(encoding="utf-8"))}
    assert rows.get(option.name) == (f"`{option.default}`" if option.default else "(empty)")


def test_no_documented_setting_is_unknown() -> None:
    """Every variable of the page is one that is read."""
    known = {option.name for option in TRIAGE_OPTIONS} | {f"{name}_FILE" for name in secret_names()}
    known |= {"LOTSEN_SECRET", "LOTSEN_HOST", "LOTSEN_PORT"}
    assert set(re.findall(r"LOTSEN_\w*[A-Z](?!\w|\.\.)", PAGE.read_text(encoding="utf-8"))) <= known
