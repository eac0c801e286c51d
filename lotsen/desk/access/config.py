"""How the triage desk is reached and signed in to: ``LOTSEN_TRIAGE_*``. Nothing is fetched here."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Callable, Dict, FrozenSet, List, Mapping, Optional, Tuple, TypeVar, Union
from urllib.parse import SplitResult, urlsplit

from lotsen.desk.who import Role
from lotsen.options import Option, Options
from lotsen.runtime.checks import reached
from lotsen.settings import SettingError, Settings

HOST, PORT, URL = "LOTSEN_TRIAGE_HOST", "LOTSEN_TRIAGE_PORT", "LOTSEN_TRIAGE_URL"
IDLE, LONGEST = "LOTSEN_TRIAGE_IDLE_MINUTES", "LOTSEN_TRIAGE_SESSION_HOURS"
ISSUER, CLIENT_ID = "LOTSEN_TRIAGE_OIDC_ISSUER", "LOTSEN_TRIAGE_OIDC_CLIENT_ID"
CLIENT_SECRET, SCOPES = "LOTSEN_TRIAGE_OIDC_CLIENT_SECRET", "LOTSEN_TRIAGE_OIDC_SCOPES"
NAME_CLAIM, ROLES_CLAIM = "LOTSEN_TRIAGE_OIDC_NAME_CLAIM", "LOTSEN_TRIAGE_OIDC_ROLES_CLAIM"
PROXY_FROM, PROXY_SECRET = "LOTSEN_TRIAGE_PROXY_FROM", "LOTSEN_TRIAGE_PROXY_SECRET"
PROXY_USER, PROXY_NAME = "LOTSEN_TRIAGE_PROXY_USER", "LOTSEN_TRIAGE_PROXY_NAME"
PROXY_ROLES, LOCAL = "LOTSEN_TRIAGE_PROXY_ROLES", "LOTSEN_TRIAGE_LOCAL"
RASA_URL = "LOTSEN_TRIAGE_RASA_URL"
ROLE_NAMES: Mapping[Role, str] = {role: f"LOTSEN_TRIAGE_ROLE_{role.name}" for role in Role}

TRIAGE_OPTIONS: Tuple[Option, ...] = (
    Option(HOST, "127.0.0.1", "The address that the desk listens on."),
    Option(PORT, "5006", "The desk's port."),
    Option(URL, "", "The address that browsers open, e.g. https://triage.example.se. Empty: localhost with the port."),
    Option(IDLE, "30", "After so many minutes without use one must sign in again."),
    Option(LONGEST, "10", "After so many hours one must sign in again in any case."),
    Option(ISSUER, "", "The identity provider, exactly as the `iss` of its tokens says. Empty: none."),
    Option(CLIENT_ID, "", "What the desk is called there."),
    Option(CLIENT_SECRET, "", "The desk's secret there.", secret=True),
    Option(SCOPES, "openid profile", "What is asked for, separated by spaces."),
    Option(NAME_CLAIM, "name", "The claim that has the user's name."),
    Option(ROLES_CLAIM, "roles", "The claim that has the user's roles; dots lead into it, as in realm_access.roles."),
    *(
        Option(name, role.value, f"What makes an {role.value}: roles of the provider, separated by commas.")
        for role, name in ROLE_NAMES.items()
    ),
    Option(PROXY_FROM, "", "Addresses or networks of a proxy that signs users in, separated by commas. Empty: none."),
    Option(PROXY_SECRET, "", "What it sends as X-Lotsen-Proxy-Secret with each request.", secret=True),
    Option(PROXY_USER, "X-Forwarded-User", "Its header with the user's lasting id."),
    Option(PROXY_NAME, "X-Forwarded-Preferred-Username", "Its header with the user's name."),
    Option(PROXY_ROLES, "X-Forwarded-Groups", "Its header with the user's roles, separated by commas."),
    Option(RASA_URL, "", "The Rasa server, which reads pasted texts. Empty: the one that LOTSEN_HOST and PORT name."),
    Option(LOCAL, "", "The reserve account: on or off. Empty: on where nothing else is, on this machine only."),
)
SECRET_HEADER = "X-Lotsen-Proxy-Secret"
MIN_SECRET = 20
"""Characters of the proxy's secret."""
MAX_HOURS = 24
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_ANY_TENANT = ("common", "organizations", "consumers", "{tenantid}")
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class OidcConfig:
    """The identity provider, and what the desk is there."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: str
    name_claim: str
    roles_claim: str


@dataclass(frozen=True)
class ProxyConfig:
    """The proxy that signs users in, and its headers."""

    networks: Tuple[Network, ...]
    secret: str = field(repr=False)
    user: str
    name: str
    roles: str


@dataclass(frozen=True)
class TriageConfig:
    """Where the desk is, how long a session lasts, and the ways in."""

    host: str
    port: int
    url: str
    """What browsers open: scheme and host, no path, no slash at the end."""
    idle: timedelta
    longest: timedelta
    roles: Mapping[str, FrozenSet[Role]]
    """Each name of a role at the provider, and what it makes its user here."""
    oidc: Optional[OidcConfig]
    proxy: Optional[ProxyConfig]
    local: bool
    rasa: str
    """The Rasa server's address, without a slash at the end."""

    @property
    def secure(self) -> bool:
        """Tell whether browsers reach the desk by https."""
        return self.url.startswith("https:")

    def roles_of(self, names: Tuple[str, ...]) -> FrozenSet[Role]:
        """Return our roles for those that somebody has at the provider."""
        return frozenset(role for name in names for role in self.roles.get(name, frozenset()))


def read_triage(environment: Mapping[str, str], settings: Settings) -> TriageConfig:
    """Read the settings.

    Raises:
        SettingError: with all that is wrong, a line each.
    """
    options, wrong = Options(TRIAGE_OPTIONS, environment), _Wrong()
    host = options.get(HOST)
    port = wrong.number(options, PORT, int, 65535, "a port from 1 to 65535")
    if port in (settings.port, settings.actions_port):
        wrong.append(f"{PORT} is {port}, which is LOTSEN_PORT or LOTSEN_ACTIONS_PORT; write another port.")
    idle = timedelta(minutes=wrong.number(options, IDLE, float, MAX_HOURS * 60, f"minutes, at most {MAX_HOURS * 60}"))
    longest = timedelta(hours=wrong.number(options, LONGEST, float, MAX_HOURS, f"hours, at most {MAX_HOURS}"))
    url = _url(URL, options.get(URL) or f"http://localhost:{port}", wrong)
    rasa = _url(RASA_URL, options.get(RASA_URL) or f"http://{reached(settings.host)}:{settings.port}", wrong)
    oidc, proxy = _oidc(options, wrong), _proxy(options, wrong)
    at_home = is_loopback(host) and is_loopback(url.hostname or "")
    local = wrong.choice(options, LOCAL, {"on": True, "off": False, "": oidc is None and proxy is None and at_home})
    if not (oidc or proxy or local) and not wrong:
        wrong.append(f"Nobody can sign in to the triage desk. Set {ISSUER}, {PROXY_FROM} or {LOCAL}=on.")
    if url.scheme == "http" and not is_loopback(url.hostname or "") and (oidc or local or not proxy):
        wrong.append(f"{URL} is '{options.get(URL)}'; write an https address, as passwords and cookies go there.")
    config = TriageConfig(
        host,
        port,
        _plain(url),
        idle,
        longest,
        _roles(options, wrong),
        oidc,
        proxy,
        local,
        _plain(rasa),
    )
    if wrong:
        raise SettingError("\n".join(wrong))
    return config


def secret_names() -> FrozenSet[str]:
    """Return the variables that hold secrets, so that they are handed to the desk's process only."""
    return frozenset(option.name for option in TRIAGE_OPTIONS if option.secret)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def safe_address(written: object) -> bool:
    """Tell whether secrets may go to an address: https, or this machine; no user or fragment in it."""
    try:
        parts = urlsplit(written if isinstance(written, str) else "")
        _ = parts.port
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    return bool(safe and parts.hostname and "@" not in parts.netloc and not parts.fragment)


class _Wrong(List[str]):
    """What is wrong, gathered while values are read."""

    def number(self, options: Options, name: str, kind: Callable[[str], Number], most: float, wanted: str) -> Number:
        """Return a number over 0, at most ``most``."""
        try:
            value = kind(options.get(name))
        except ValueError:
            value = kind("0")
        if not 0 < value <= most:
            self.append(f"{name} is '{options.get(name)}'; write {wanted}.")
            return kind("1")
        return value

    def choice(self, options: Options, name: str, choices: Mapping[str, bool]) -> bool:
        """Return what a word means."""
        written = options.get(name).lower()
        if written not in choices:
            self.append(f"{name} is '{written}'; write on or off.")
        return choices.get(written, False)


def _url(name: str, written: str, wrong: List[str]) -> SplitResult:
    try:
        parts = urlsplit(written)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or not parts.hostname or more:
        wrong.append(f"{name} is '{written}'; write scheme and host only, like https://triage.example.se.")
        return urlsplit("http://localhost")
    return parts


def _plain(url: SplitResult) -> str:
    """Return scheme and host."""
    return f"{url.scheme}://{url.netloc}"


def _oidc(options: Options, wrong: List[str]) -> Optional[OidcConfig]:
    issuer, client_id, secret = (options.get(name) for name in (ISSUER, CLIENT_ID, CLIENT_SECRET))
    if not (issuer or client_id or secret):
        return None
    missing = [name for name in (ISSUER, CLIENT_ID, CLIENT_SECRET) if not options.get(name)]
    if missing:
        wrong.append(f"{', '.join(missing)} not set; an identity provider needs all three.")
    elif not safe_address(issuer) or urlsplit(issuer).query:
        wrong.append(f"{ISSUER} is '{issuer}'; write the provider's https address.")
    elif set(urlsplit(issuer).path.lower().split("/")) & set(_ANY_TENANT):
        wrong.append(f"{ISSUER} is '{issuer}', which is for everybody's tenants; write your tenant's id in it.")
    if "openid" not in options.get(SCOPES).split():
        wrong.append(f"{SCOPES} is '{options.get(SCOPES)}'; openid must be among them.")
    scopes = " ".join(options.get(SCOPES).split())
    return OidcConfig(issuer, client_id, secret, scopes, options.get(NAME_CLAIM), options.get(ROLES_CLAIM))


def _proxy(options: Options, wrong: List[str]) -> Optional[ProxyConfig]:
    written, secret = listed(options.get(PROXY_FROM)), options.get(PROXY_SECRET)
    if not (written or secret):
        return None
    if not written:
        wrong.append(f"{PROXY_FROM} is not set, and {PROXY_SECRET} is; write the proxy's address.")
    if len(secret) < MIN_SECRET or not (secret.isascii() and secret.isprintable()):
        wrong.append(f"{PROXY_SECRET} is missing or too weak; write at least {MIN_SECRET} characters, e.g. of openssl.")
    networks: List[Network] = []
    for part in written:
        try:
            networks.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            wrong.append(f"{PROXY_FROM} has '{part}'; write addresses or networks, like 10.0.0.5 or 10.0.0.0/29.")
    if any(network.prefixlen == 0 for network in networks):
        wrong.append(f"{PROXY_FROM} has '{options.get(PROXY_FROM)}', which is everybody; write the proxy's address.")
    names = [options.get(name) for name in (PROXY_USER, PROXY_NAME, PROXY_ROLES)]
    for name, header in zip((PROXY_USER, PROXY_NAME, PROXY_ROLES), names, strict=True):
        if not _HEADER.fullmatch(header):
            wrong.append(f"{name} is '{header}'; write a header's name: letters, digits and hyphens.")
    if len({name.lower() for name in (*names, SECRET_HEADER)}) != 4:
        wrong.append(f"{PROXY_USER}, {PROXY_NAME} and {PROXY_ROLES} must be three headers, none of them the secret's.")
    return ProxyConfig(tuple(networks), secret, *names)


def _roles(options: Options, wrong: List[str]) -> Mapping[str, FrozenSet[Role]]:
    """Return what each name at the provider means here; one name may stand for several roles."""
    found: Dict[str, FrozenSet[Role]] = {}
    for role, option in ROLE_NAMES.items():
        names = listed(options.get(option))
        if not names:
            wrong.append(f"{option} is '{options.get(option)}'; write the name of a role.")
        for name in names:
            found[name] = found.get(name, frozenset()) | {role}
    return found


def listed(written: str) -> List[str]:
    """Return the parts between commas.

    >>> listed(" a, b ,,")
    ['a', 'b']
    """
    return [part.strip() for part in written.split(",") if part.strip()]
