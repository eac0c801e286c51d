"""Signing in with the organisation's identity provider: OpenID Connect, authorization code with PKCE.

The browser is sent to the provider with a state that only this browser may bring back, and comes back with a code that
the desk trades for a token. Who it is and what they may is read from that token, never from the browser.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri

from lotsen.channels.typed import storable
from lotsen.desk.access.config import OidcConfig, TriageConfig
from lotsen.desk.access.id_token import BadToken, verify
from lotsen.desk.access.pending import SignIns
from lotsen.desk.access.provider import NotTraded, Provider
from lotsen.desk.who import Who
from lotsen.privacy.masking import mask

CALLBACK, SIGNED_OUT = "/sign-in/callback", "/signed-out"
MAX_PARAMETER = 4000
"""Characters of one thing that the provider puts into the address."""
MAX_NAME, MAX_ID = 200, 255
MAX_KEPT = 8000
"""A token longer than this is not kept to sign out with: no address may be so long."""


class Refused(Exception):
    """Somebody is not let in. ``reason``: ``stale``, ``denied``, ``not_believed``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """Keep why, and more of it for the log."""
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Found:
    """Somebody whom the provider has signed in. They may have no role here."""

    who: Who
    next: str
    kept: str
    """What is needed to sign out there."""


class Oidc:
    """One identity provider as a way into the desk."""

    way = "oidc"

    def __init__(
        self, triage: TriageConfig, config: OidcConfig, sign_ins: SignIns, provider: Provider, key: str
    ) -> None:
        """``key``: the server's secret; ids that are personal identity numbers are hidden with it."""
        self._triage, self._config, self._sign_ins = triage, config, sign_ins
        self._provider, self._key = provider, key

    def start(self, browser: str, next: str) -> str:
        """Return the provider's address to send a browser to.

        Raises:
            Unreachable: if the provider does not answer.
        """
        places = self._provider.places()
        begun = self._sign_ins.begin(browser, next)
        address = prepare_grant_uri(
            places.authorize,
            self._config.client_id,
            "code",
            self._triage.url + CALLBACK,
            self._config.scopes,
            begun.state,
            nonce=begun.nonce,
            code_challenge=begun.challenge,
            code_challenge_method="S256",
        )
        return str(address)

    def finish(self, said: List[Tuple[str, str]], browser: str) -> Found:
        """Return who has signed in; ``said``: what the provider put into the address.

        Raises:
            Refused: if nobody has, or it cannot be believed.
            Unreachable: if the provider does not answer.
        """
        given = dict(said)
        if len(given) != len(said) or any(len(value) > MAX_PARAMETER for value in given.values()):
            raise Refused("stale", "parameters")
        begun = self._sign_ins.take(given.get("state", ""), browser)
        if begun is None:
            raise Refused("stale", "state")
        issuer = given.get("iss")
        if issuer != self._config.issuer and (issuer is not None or self._provider.places().says_issuer):
            raise Refused("not_believed", "iss of the answer")
        if "error" in given or not given.get("code"):
            raise Refused(
                "denied" if given.get("error") == "access_denied" else "not_believed", "error of the provider"
            )
        try:
            tokens = self._provider.trade(given["code"], begun.verifier, self._triage.url + CALLBACK)
        except NotTraded as error:
            raise Refused("not_believed", f"the code was not taken: {error}") from error
        token, access = tokens.get("id_token"), tokens.get("access_token")
        access = access if isinstance(access, str) and access.isascii() else None
        try:
            claims = verify(token, access, self._provider, self._config.issuer, self._config.client_id, begun.nonce)
        except BadToken as error:
            raise Refused("not_believed", f"ID token: {error}") from error
        kept = token if isinstance(token, str) and len(token) <= MAX_KEPT else ""
        return Found(self._who(claims, access), begun.next, kept)

    def leave(self, kept: str) -> Optional[str]:
        """Return where the provider's own session is ended; None if it has no such place, or does not answer."""
        place = self._provider.places().end_session
        if place is None:
            return None
        hint = {"id_token_hint": kept} if kept else {}
        back = {"client_id": self._config.client_id, "post_logout_redirect_uri": self._triage.url + SIGNED_OUT}
        return str(add_params_to_uri(place, {**hint, **back}))

    def _who(self, claims: Dict[str, Any], access: Optional[str]) -> Who:
        """Return the user that a token tells of."""
        id = user_id(claims, self._config.issuer, self._key)
        name, roles = self._completed(claims, access)
        names = (roles,) if isinstance(roles, str) else tuple(roles) if isinstance(roles, list) else ()
        named = tuple(one for one in names if isinstance(one, str))
        return Who(id, person_name(name, id), self._triage.roles_of(named))

    def _completed(self, claims: Dict[str, Any], access: Optional[str]) -> Tuple[Any, Any]:
        """Return name and roles: as the token says, else as the provider's userinfo says of the same user."""
        wanted = (self._config.name_claim, self._config.roles_claim)
        name, roles = (claim(claims, path) for path in wanted)
        if access is None or (name is not None and roles is not None):
            return name, roles
        more = self._provider.userinfo(access)
        if more.get("sub") != claims["sub"]:
            return name, roles
        return tuple(claim(more, path) if had is None else had for path, had in zip(wanted, (name, roles), strict=True))


def user_id(claims: Mapping[str, Any], issuer: str, key: str) -> str:
    """Return a user's lasting id: tenant and object in Entra, else issuer and subject. Never an address or a name."""
    tenant, object = claims.get("tid"), claims.get("oid")
    if _is_uuid(tenant) and _is_uuid(object) and f"/{tenant}/" in f"{urlsplit(issuer).path}/":
        return f"entra:{str(tenant).lower()}:{str(object).lower()}"
    return lasting_id("oidc", f"{claims['sub']}@{issuer}", key)


def lasting_id(way: str, written: str, key: str) -> str:
    """Return an id fit to be stored: as it is if it may be, else its hash with the server's secret.

    >>> lasting_id("proxy", "anna", "secret")
    'proxy:anna'
    """
    plain = f"{way}:{written}"
    if len(plain) <= MAX_ID and mask(storable(plain)) == plain:
        return plain
    return f"{way}:{hmac.new(key.encode(), f'user:{plain}'.encode('utf-8', 'replace'), hashlib.sha256).hexdigest()}"


def person_name(written: Any, id: str) -> str:
    """Return a name for people to read: masked and short; the end of the id where there is none."""
    name = " ".join(mask(storable(written)).split())[:MAX_NAME] if isinstance(written, str) else ""
    return name or f"Utan namn ({id[-8:]})"


def claim(claims: Mapping[str, Any], path: str) -> Any:
    """Return a claim: the one with this whole name, else the one that the dots lead to; None if there is none.

    >>> claim({"realm_access": {"roles": ["agent"]}}, "realm_access.roles")
    ['agent']
    """
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _is_uuid(written: Any) -> bool:
    try:
        return isinstance(written, str) and str(uuid.UUID(written)) == written.lower()
    except ValueError:
        return False
