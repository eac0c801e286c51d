"""How Lotsen is a bot in Teams: ``LOTSEN_TEAMS_*``, and where each of Microsoft's clouds has what a bot needs.

Nothing is fetched here: a server starts without the internet, and a wrong setting is said before it does.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, FrozenSet, List, Mapping, Optional
from urllib.parse import urlsplit

from lotsen.channels.teams.certificate import BadCertificate, Certificate
from lotsen.options import Option, Options
from lotsen.settings import ROOT, SettingError

APP_ID, TENANT, TENANTS = "LOTSEN_TEAMS_APP_ID", "LOTSEN_TEAMS_TENANT", "LOTSEN_TEAMS_TENANTS"
SECRET, CERTIFICATE = "LOTSEN_TEAMS_SECRET", "LOTSEN_TEAMS_CERTIFICATE"
MANAGED_IDENTITY, CLOUD = "LOTSEN_TEAMS_MANAGED_IDENTITY", "LOTSEN_TEAMS_CLOUD"
TOKEN_URL, KEYS_URL, HOSTS = "LOTSEN_TEAMS_TOKEN_URL", "LOTSEN_TEAMS_KEYS_URL", "LOTSEN_TEAMS_HOSTS"
RATE = "LOTSEN_TEAMS_RATE"

SETTINGS = (
    Option(APP_ID, "", "The bot's app id in Entra ID. Empty: Lotsen is not in Teams."),
    Option(TENANT, "", "The tenant that the app is registered in."),
    Option(TENANTS, "", "The tenants whose users may write, separated by commas. Empty: that one."),
    Option(SECRET, "", "The app's client secret.", secret=True),
    Option(CERTIFICATE, "", "In place of a secret: a PEM file with the app's certificate and its private key."),
    Option(MANAGED_IDENTITY, "no", "In place of both, in Azure: `yes` if the app is a user-assigned managed identity."),
    Option(CLOUD, "public", "Microsoft's cloud: `public`, `us_gov`, `us_dod` or `china`."),
    Option(TOKEN_URL, "", "Where the bot's tokens come from, if not from the cloud's usual place."),
    Option(KEYS_URL, "", "The OpenID metadata of who signs Teams' requests, if not the cloud's usual."),
    Option(RATE, "50", "How many calls to Teams in a second, for each tenant. Share 50 among several servers."),
    Option(HOSTS, "", "The hosts that answers may be sent to, separated by commas, if not the cloud's usual."),
)
MAX_RATE = 50
"""Calls in a second for each app and tenant, as Microsoft's rate limit says."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


@dataclass(frozen=True)
class Cloud:
    """Where one of Microsoft's clouds has what a bot needs.

    From ``GovernmentAuthenticationConstants`` of Microsoft's botbuilder, "Deploy Bots to Azure operated by 21Vianet",
    and ``TeamsServiceEndpoints`` of its Agents SDK. Only ``public`` has been read about by anybody who uses it here.
    """

    login: str
    resource: str
    """Whom the bot's tokens are for; also who issues those of incoming requests."""
    keys: str
    hosts: FrozenSet[str]


CLOUDS: Mapping[str, Cloud] = {
    "public": Cloud(
        "https://login.microsoftonline.com",
        "https://api.botframework.com",
        "https://login.botframework.com/v1/.well-known/openidconfiguration",
        frozenset({"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"}),
    ),
    "us_gov": Cloud(
        "https://login.microsoftonline.us",
        "https://api.botframework.us",
        "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
        frozenset({"smba.infra.gov.teams.microsoft.us"}),
    ),
    "us_dod": Cloud(
        "https://login.microsoftonline.us",
        "https://api.botframework.us",
        "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
        frozenset({"smba.infra.dod.teams.microsoft.us"}),
    ),
    # No host: 21Vianet's is in no document that we found. LOTSEN_TEAMS_HOSTS must name it.
    "china": Cloud(
        "https://login.partner.microsoftonline.cn",
        "https://api.botframework.azure.cn",
        "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
        frozenset(),
    ),
}


@dataclass(frozen=True)
class TeamsConfig:
    """The bot, whom it listens to and how it signs in."""

    app_id: str
    tenants: FrozenSet[str]
    issuer: str
    keys_url: str
    hosts: FrozenSet[str]
    resource: str
    token_url: str
    per_second: float
    secret: str = field(default="", repr=False)
    certificate: Optional[Certificate] = None
    """With neither a secret nor a certificate the app is a managed identity."""


def read_teams(environment: Mapping[str, str]) -> Optional[TeamsConfig]:
    """Read the settings; None if Lotsen is not in Teams.

    Raises:
        SettingError: with all that is wrong, a line each.
    """
    options = Options(SETTINGS, environment)
    if not options.get(APP_ID):
        return None
    wrong: List[str] = []
    cloud = CLOUDS.get(options.get(CLOUD))
    if cloud is None:
        wrong.append(f"{CLOUD} is '{options.get(CLOUD)}'; write one of {', '.join(CLOUDS)}.")
        cloud = CLOUDS["public"]
    app_id, tenant = (_uuid(options, name, wrong) for name in (APP_ID, TENANT))
    tenants = [_read_uuid(TENANTS, part, wrong) for part in _list(options.get(TENANTS))] or [tenant]
    token_url = _address(options, TOKEN_URL, f"{cloud.login}/{tenant}/oauth2/v2.0/token", wrong)
    keys_url = _address(options, KEYS_URL, cloud.keys, wrong)
    hosts = frozenset(_host(host.lower(), wrong) for host in _list(options.get(HOSTS))) or cloud.hosts
    if not hosts:
        wrong.append(f"{HOSTS} is not set, and the cloud '{options.get(CLOUD)}' has no usual one; write Teams' host.")
    per_second = _rate(options.get(RATE), wrong)
    certificate = _credential(options, wrong)
    if wrong:
        raise SettingError("\n".join(wrong))
    return TeamsConfig(
        app_id, frozenset(tenants), cloud.resource, keys_url, hosts, cloud.resource, token_url,
        per_second, options.get(SECRET), certificate,
    )  # fmt: skip


def secret_names() -> FrozenSet[str]:
    """Return the variables that hold secrets, so that they are handed to the Rasa server only."""
    return frozenset(option.name for option in SETTINGS if option.secret)


def _credential(options: Options, wrong: List[str]) -> Optional[Certificate]:
    """Return the certificate if that is how the bot signs in; exactly one way must be set."""
    managed = options.get(MANAGED_IDENTITY).lower()
    if managed not in ("yes", "no"):
        wrong.append(f"{MANAGED_IDENTITY} is '{managed}'; write yes or no.")
    ways: Dict[str, bool] = {
        SECRET: bool(options.get(SECRET)),
        CERTIFICATE: bool(options.get(CERTIFICATE)),
        MANAGED_IDENTITY: managed == "yes",
    }
    if sum(ways.values()) != 1:
        found = ", ".join(name for name, on in ways.items() if on) or "none"
        wrong.append(f"Set one of {', '.join(ways)}: the way in which the bot signs in. Set now: {found}.")
        return None
    if not ways[CERTIFICATE]:
        return None
    try:
        return Certificate.read(Path(ROOT / options.get(CERTIFICATE)))
    except BadCertificate as error:
        wrong.append(f"{CERTIFICATE}: {error}.")
        return None


def _rate(written: str, wrong: List[str]) -> float:
    try:
        rate = float(written)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= MAX_RATE:
        wrong.append(f"{RATE} is '{written}'; write a number over 0, at most {MAX_RATE}.")
    return rate


def _uuid(options: Options, name: str, wrong: List[str]) -> str:
    try:
        return _read_uuid(name, options.needed(name), wrong)
    except SettingError as error:
        wrong.append(str(error))
        return ""


def _read_uuid(name: str, written: str, wrong: List[str]) -> str:
    try:
        return str(uuid.UUID(written))
    except ValueError:
        wrong.append(f"{name} is '{written}'; write an id like 00000000-0000-0000-0000-000000000000.")
        return ""


def _address(options: Options, name: str, usual: str, wrong: List[str]) -> str:
    """Return an address of the settings, or the usual one. Plain http is for this machine only."""
    written = options.get(name) or usual
    try:
        parts = urlsplit(written)
    except ValueError:
        parts = urlsplit("")
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.password:
        wrong.append(f"{name} is '{written}'; write an https address.")
    return written


def _host(written: str, wrong: List[str]) -> str:
    """Return the name of a host; an address would never be found to be one."""
    if written not in LOOPBACK and not _HOST.fullmatch(written):
        wrong.append(f"{HOSTS} has '{written}'; write names of hosts, like smba.trafficmanager.net.")
    return written


def _list(written: str) -> List[str]:
    return [part.strip() for part in written.split(",") if part.strip()]
