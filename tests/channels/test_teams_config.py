"""The settings of the bot in Teams: what is read, what is wrong with them, and that no secret is shown."""

from __future__ import annotations

import hashlib
import itertools
import ssl
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Tuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from lotsen.channels.teams import config
from lotsen.channels.teams.config import SETTINGS, TeamsConfig, read_teams, secret_names
from lotsen.settings import ROOT, SettingError
from tests.support.microsoft import APP_ID, SECRET, TENANT, rsa_key

OTHER_TENANT = "99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee"
BASE = {config.APP_ID: APP_ID, config.TENANT: TENANT}
SET = {**BASE, config.SECRET: SECRET}
DAYS = timedelta(days=365)
EC = ec.generate_private_key(ec.SECP256R1())
UNKNOWN_KEY = (
    b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VzBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
    b"-----END PRIVATE KEY-----\n"
)
"""A key of a kind that nobody knows."""


def read(environment: Mapping[str, str]) -> TeamsConfig:
    """Return settings that are right."""
    found = read_teams(environment)
    assert found is not None
    return found


def wrong(environment: Mapping[str, str]) -> List[str]:
    """Return what is said to be wrong, line by line."""
    with pytest.raises(SettingError) as error:
        read_teams(environment)
    return str(error.value).split("\n")


def certificate_of(key: Any) -> bytes:
    """Return a certificate for a key, signed by itself, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lotsen")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAYS)
        .not_valid_after(now + DAYS)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def pem_of(key: Any, password: bytes = b"", old: bool = False) -> bytes:
    """Return a private key as PEM."""
    form = PrivateFormat.TraditionalOpenSSL if old else PrivateFormat.PKCS8
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(password) if password else NoEncryption())


def test_off_without_an_app_id() -> None:
    """Lotsen is not in Teams until it is said to be, whatever else is set."""
    assert read_teams({}) is None
    assert read_teams({config.APP_ID: "", config.CLOUD: "mars", config.RATE: "-1"}) is None


def test_the_usual_settings() -> None:
    """Three settings are enough, in the public cloud."""
    found = read(SET)
    assert (found.app_id, found.tenants, found.secret) == (APP_ID, frozenset({TENANT}), SECRET)
    assert found.token_url == f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"
    assert found.per_second == 50
    assert found.certificate is None


@pytest.mark.parametrize(
    ("cloud", "login", "signer", "keys", "hosts"),
    [
        (
            "public",
            "login.microsoftonline.com",
            "https://api.botframework.com",
            "https://login.botframework.com/v1/.well-known/openidconfiguration",
            {"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"},
        ),
        (
            "us_gov",
            "login.microsoftonline.us",
            "https://api.botframework.us",
            "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
            {"smba.infra.gov.teams.microsoft.us"},
        ),
        (
            "us_dod",
            "login.microsoftonline.us",
            "https://api.botframework.us",
            "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
            {"smba.infra.dod.teams.microsoft.us"},
        ),
        (
            "china",
            "login.partner.microsoftonline.cn",
            "https://api.botframework.azure.cn",
            "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
            {"teams.example.cn"},
        ),
    ],
)
def test_each_cloud_has_its_addresses(cloud: str, login: str, signer: str, keys: str, hosts: FrozenSet[str]) -> None:
    """Where tokens and keys are, who signs, and where answers may go; nobody knows that of China."""
    own = {config.HOSTS: "teams.example.cn"} if cloud == "china" else {}
    found = read({**SET, config.CLOUD: cloud, **own})
    assert found.token_url == f"https://{login}/{TENANT}/oauth2/v2.0/token"
    assert (found.issuer, found.resource, found.keys_url, found.hosts) == (signer, signer, keys, hosts)


def test_no_cloud_is_untested() -> None:
    """A new cloud needs a row above."""
    assert set(config.CLOUDS) == {"public", "us_gov", "us_dod", "china"}


def test_a_cloud_without_a_host_needs_one() -> None:
    """It is said before the first answer is lost."""
    (line,) = wrong({**SET, config.CLOUD: "china"})
    assert line.startswith(f"{config.HOSTS} is not set") and "china" in line


def test_own_addresses_come_first() -> None:
    """Each of the cloud's addresses can be replaced; issuer and resource stay the cloud's."""
    found = read(
        {
            **SET,
            config.TOKEN_URL: "https://token.example.se/t",
            config.KEYS_URL: "http://127.0.0.1:8080/keys",
            config.HOSTS: " A.example.se, b.example.se ,,",
            config.RATE: "12.5",
        }
    )
    assert found.token_url == "https://token.example.se/t"
    assert found.keys_url == "http://127.0.0.1:8080/keys"
    assert found.hosts == {"a.example.se", "b.example.se"}
    assert found.per_second == 12.5
    assert found.issuer == found.resource == "https://api.botframework.com"


def test_only_the_tenants_that_are_named_may_write() -> None:
    """A list of tenants replaces the one that the app is in; ids are compared as they come in activities."""
    found = read({**SET, config.TENANTS: f"{OTHER_TENANT.upper()} , {TENANT}"})
    assert found.tenants == {OTHER_TENANT, TENANT}
    assert read({**SET, config.TENANTS: OTHER_TENANT}).tenants == {OTHER_TENANT}
    assert read({**SET, config.APP_ID: APP_ID.upper()}).app_id == APP_ID


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (config.APP_ID, "lotsen", "'lotsen'; write an id like 00000000-"),
        (config.TENANT, "", "is not set"),
        (config.TENANT, "region.example.se", "'region.example.se'; write an id"),
        (config.TENANTS, f"{TENANT}, common", "'common'; write an id"),
        (config.CLOUD, "mars", "'mars'; write one of public, us_gov, us_dod, china"),
        (config.MANAGED_IDENTITY, "ja", "'ja'; write yes or no"),
        (config.TOKEN_URL, "http://login.example.se/token", "write an https address"),
        (config.TOKEN_URL, "login.example.se/token", "write an https address"),
        (config.TOKEN_URL, "https://", "write an https address"),
        (config.TOKEN_URL, "https://[", "write an https address"),
        (config.TOKEN_URL, "http://127.0.0.1.example.se/", "write an https address"),
        (config.TOKEN_URL, "http://127.0.0.1@example.se/", "write an https address"),
        (config.KEYS_URL, "ftp://127.0.0.1/keys", "write an https address"),
        (config.KEYS_URL, "https://user@example.se/", "write an https address"),
        (config.KEYS_URL, "https://:password@example.se/", "write an https address"),
        (config.RATE, "0", "'0'; write a number over 0, at most 50"),
        (config.RATE, "-1", "write a number over 0"),
        (config.RATE, "50.1", "write a number over 0"),
        (config.RATE, "nan", "write a number over 0"),
        (config.RATE, "inf", "write a number over 0"),
        (config.RATE, "många", "'många'; write a number over 0"),
        (config.HOSTS, "https://smba.trafficmanager.net/emea/", "write names of hosts"),
        (config.HOSTS, "smba.trafficmanager.net, smba.trafficmanager.net:443", "'smba.trafficmanager.net:443'"),
        (config.HOSTS, "*.trafficmanager.net", "write names of hosts"),
        (config.HOSTS, "smba.trafficmanager.net.", "write names of hosts"),
    ],
)
def test_a_wrong_setting_has_its_line(name: str, value: str, said: str) -> None:
    """The line names the variable, shows its value, and says what it should be."""
    (line,) = wrong({**SET, name: value})
    assert line.startswith(name) and said in line


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_plain_http_is_for_this_machine(host: str) -> None:
    """A stand-in on the same machine may speak http."""
    address = f"http://{host}:8080/token"
    assert read({**SET, config.TOKEN_URL: address, config.KEYS_URL: address}).token_url == address
    assert read({**SET, config.HOSTS: host.strip("[]")}).hosts == {host.strip("[]")}


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Who sets it up reads each mistake in one run."""
    mistakes = {
        config.APP_ID: "lotsen",
        config.TENANT: "region",
        config.TENANTS: "ett, två",
        config.CLOUD: "mars",
        config.MANAGED_IDENTITY: "kanske",
        config.CERTIFICATE: str(tmp_path / "none.pem"),
        config.TOKEN_URL: "http://example.se",
        config.KEYS_URL: "http://example.se",
        config.HOSTS: "https://example.se",
        config.RATE: "0",
    }
    lines = wrong(mistakes)
    assert sorted(line.split()[0].rstrip(":") for line in lines) == sorted([*mistakes, config.TENANTS])
    assert {option.name for option in SETTINGS} == set(mistakes) | {config.SECRET}


@pytest.mark.parametrize("ways", list(itertools.product([False, True], repeat=3)))
def test_the_bot_signs_in_in_one_way(ways: Tuple[bool, bool, bool], tmp_path: Path) -> None:
    """Secret, certificate, managed identity: exactly one; what is set too much is named."""
    path = tmp_path / "bot.pem"
    path.write_bytes(certificate_of(rsa_key("bot")) + pem_of(rsa_key("bot")))
    values = {config.SECRET: SECRET, config.CERTIFICATE: str(path), config.MANAGED_IDENTITY: "Yes"}
    chosen = {name: value for (name, value), on in zip(values.items(), ways, strict=True) if on}
    if sum(ways) == 1:
        found = read({**BASE, **chosen})
        assert (bool(found.secret), found.certificate is not None) == ways[:2]
        return
    (line,) = wrong({**BASE, **chosen})
    assert line.endswith(f"Set now: {', '.join(chosen) or 'none'}.")
    assert SECRET not in line


@pytest.mark.parametrize(
    "order",
    [
        lambda key: certificate_of(key) + pem_of(key),
        lambda key: pem_of(key) + certificate_of(key),
        lambda key: certificate_of(key) + pem_of(key, old=True),
        lambda key: b"Bag Attributes\n    friendlyName: lotsen\n" + certificate_of(key) + b"\n\n" + pem_of(key),
    ],
)
def test_a_certificate_with_its_key_is_read(order: Callable[[Any], bytes], tmp_path: Path) -> None:
    """In either order and notation; its thumbprint is the SHA-256 of what the certificate encodes."""
    path = tmp_path / "bot.pem"
    path.write_bytes(order(rsa_key("bot")))
    found = read({**BASE, config.CERTIFICATE: str(path)}).certificate
    assert found is not None
    written = path.read_text()
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    alone = written[written.index(begin) : written.index(end) + len(end)] + "\n"
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(alone)).digest()
    assert found.thumbprint == urlsafe_b64encode(digest).decode().rstrip("=")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda key, other: b"", "has no certificate"),
        (lambda key, other: pem_of(key), "has no certificate"),
        (lambda key, other: ssl.PEM_cert_to_DER_cert(certificate_of(key).decode()), "has no certificate"),
        (lambda key, other: certificate_of(key), "has no private key"),
        (lambda key, other: certificate_of(key) + pem_of(key, b"x"), "without a password"),
        (
            lambda key, other: certificate_of(key) + pem_of(key, b"x", old=True),
            "without a password",
        ),
        (lambda key, other: certificate_of(key) + UNKNOWN_KEY, "has no private key that can be read"),
        (lambda key, other: certificate_of(key) + pem_of(other), "is not that of the certificate"),
        (lambda key, other: certificate_of(EC) + pem_of(EC), "is no RSA key"),
        (lambda key, other: certificate_of(key) + pem_of(EC), "is no RSA key"),
    ],
)
def test_a_certificate_that_cannot_be_used(content: Callable[[Any, Any], bytes], said: str, tmp_path: Path) -> None:
    """What is wrong with the file is said, and nothing of the key."""
    path = tmp_path / "bot.pem"
    path.write_bytes(content(rsa_key("bot"), rsa_key("another")))
    (line,) = wrong({**BASE, config.CERTIFICATE: str(path)})
    assert line.startswith(f"{config.CERTIFICATE}: {path}") and said in line
    assert "BEGIN PRIVATE" not in line


def test_a_certificate_that_is_not_there(tmp_path: Path) -> None:
    """A missing file, and a folder; a path is counted from the checkout."""
    (line,) = wrong({**BASE, config.CERTIFICATE: str(tmp_path / "none.pem")})
    assert "none.pem cannot be read (No such file or directory)" in line
    (line,) = wrong({**BASE, config.CERTIFICATE: str(tmp_path)})
    assert "cannot be read (Is a directory)" in line
    (line,) = wrong({**BASE, config.CERTIFICATE: "no-such-folder/bot.pem"})
    assert str(ROOT / "no-such-folder" / "bot.pem") in line


def test_no_secret_is_shown(tmp_path: Path) -> None:
    """Settings may be logged: neither the secret nor the key is in what they look like."""
    path = tmp_path / "bot.pem"
    path.write_bytes(certificate_of(rsa_key("bot")) + pem_of(rsa_key("bot")))
    by_secret, by_key = read(SET), read({**BASE, config.CERTIFICATE: str(path)})
    assert SECRET not in f"{by_secret!r} {by_secret}"
    assert by_key.certificate is not None
    shown = f"{by_key!r} {by_key} {by_key.certificate!r}"
    assert "key=" not in shown and "RSAPrivateKey" not in shown
    assert by_key.certificate.thumbprint in shown
    # It compares by all it has, shown or not.
    assert read(SET) == by_secret != read({**SET, config.SECRET: "another"})


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """Without the line's end; what the variable itself says comes first."""
    file: Dict[str, str] = {f"{config.SECRET}_FILE": str(tmp_path / "secret")}
    (tmp_path / "secret").write_text("ur en fil: å\n", encoding="utf-8")
    assert read({**BASE, **file}).secret == "ur en fil: å"
    assert read({**SET, **file}).secret == SECRET
    (tmp_path / "secret").write_text("\n")
    (line,) = wrong({**BASE, **file})
    assert line.endswith("Set now: none.")


def test_a_file_of_a_secret_that_is_not_there(tmp_path: Path) -> None:
    """It is named."""
    (line,) = wrong({**BASE, f"{config.SECRET}_FILE": str(tmp_path / "none")})
    assert line.startswith(f"{config.SECRET}_FILE") and "none cannot be read" in line


def test_only_the_secret_is_one() -> None:
    """What other processes must not get."""
    assert secret_names() == {config.SECRET}
