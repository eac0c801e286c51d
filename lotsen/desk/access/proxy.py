"""Signing in through a proxy before the desk that has signed the user in and says so in headers.

The headers count only in a request that comes from the proxy's own address and carries its secret. A request with a
header twice, with an empty one, or with one that is spelled with underscores is not believed at all.

A session is begun from the headers, for its CSRF token and its time limits, but the session alone opens nothing: every
request must bring the headers of the same user again, and the roles of that request count. So whoever is signed out or
loses a role at the proxy loses it here with the next click, and a stolen cookie is of no use past the proxy.
"""

from __future__ import annotations

import dataclasses
import hmac
import ipaddress
import logging
from typing import TYPE_CHECKING, Dict, List, Optional

from starlette.requests import Request

from lotsen.channels.typed import storable
from lotsen.desk.access.config import SECRET_HEADER, ProxyConfig, TriageConfig, listed
from lotsen.desk.access.oidc import lasting_id, person_name
from lotsen.desk.access.sessions import Session, cookies_of
from lotsen.desk.who import Who
from lotsen.storage.secret import read_or_make_key

if TYPE_CHECKING:
    from lotsen.desk.services import Desk

WAY = "proxy"
MAX_VALUE = 4000
"""Characters of one header."""

logger = logging.getLogger(__name__)


class NotBelieved(Exception):
    """The request has headers of a proxy, but not as the proxy sends them. The text says what is wrong."""


def proxy_session(desk: "Desk", request: Request) -> Optional[Session]:
    """Return the proxy's user if the cookie is of their session; None if it is of another way in, or there is none.

    A session of this way that the headers do not bear out is ended.
    """
    from lotsen.desk.guard import LIVE_HEADER  # It imports us.

    token = cookies_of(request.cookies, desk.secure)
    session = desk.sessions.read(token, using=False) if token else None
    if session is None or session.way != WAY:
        return None
    who = believed(desk, request)
    if who is None or who.id != session.who.id or not who.roles:
        desk.sessions.end(token)
        return None
    if LIVE_HEADER not in request.headers:
        desk.sessions.read(token)
    return dataclasses.replace(session, who=who)


def believed(desk: "Desk", request: Request) -> Optional[Who]:
    """Return whom the proxy has signed in; None if the request is not the proxy's, or not as it should be."""
    if desk.config.proxy is None:
        return None
    try:
        key = read_or_make_key(desk.settings.secret, desk.settings.data_dir)
        return who_of(request, desk.config, desk.config.proxy, key)
    except NotBelieved as error:
        logger.warning("Headers of the sign-in proxy were not believed: %s", error)
        return None


def who_of(request: Request, triage: TriageConfig, proxy: ProxyConfig, key: str) -> Optional[Who]:
    """Return the user that the headers name; None if they name nobody at all.

    Raises:
        NotBelieved: if there are headers, and anything about them is wrong.
    """
    names = (SECRET_HEADER, proxy.user, proxy.name, proxy.roles)
    given = _given(request, [name.lower() for name in names])
    if not given:
        return None
    peer = request.client.host if request.client is not None else ""
    if not comes_from(peer, proxy):
        raise NotBelieved("the request is not from LOTSEN_TRIAGE_PROXY_FROM")
    secret, user, name, roles = (given.get(one.lower(), []) for one in names)
    if len(secret) != 1 or not hmac.compare_digest(secret[0].encode("latin-1"), proxy.secret.encode()):
        raise NotBelieved(f"{SECRET_HEADER} is missing or wrong")
    if not (user or name or roles):
        return None
    values = [_read(one, written) for one, written in zip(names[1:], (user, name, roles), strict=True)]
    return Who(
        lasting_id(WAY, values[0], key), person_name(values[1], values[0]), triage.roles_of(tuple(listed(values[2])))
    )


def comes_from(peer: str, proxy: ProxyConfig) -> bool:
    """Tell whether an address is the proxy's."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in network for network in proxy.networks)


def _given(request: Request, names: List[str]) -> Dict[str, List[str]]:
    """Return the values of our headers, each as often as it came.

    Raises:
        NotBelieved: if one is spelled with underscores: other servers take it for ours, and so might the proxy not.
    """
    found: Dict[str, List[str]] = {}
    for raw, value in request.headers.raw:
        name = raw.decode("latin-1").lower()
        if name not in names and name.replace("_", "-") in names:
            raise NotBelieved(f"there is a header {name}")
        if name in names:
            found.setdefault(name, []).append(value.decode("latin-1"))
    return found


def _read(name: str, values: List[str]) -> str:
    """Return the one value of a header."""
    if len(values) != 1:
        raise NotBelieved(f"{name} is there {len(values)} times")
    try:
        written = values[0].encode("latin-1").decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise NotBelieved(f"{name} is no text in UTF-8") from error
    if not written or len(written) > MAX_VALUE or not written.isprintable() or storable(written) != written:
        raise NotBelieved(f"{name} is empty, too long, or no text")
    return written
