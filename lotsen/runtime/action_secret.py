"""The secret that Rasa shows the action server: whether there is one, whether it will do, and whether it is shown."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from typing import MutableMapping, Optional

from lotsen.settings import SettingError, Settings

SECRET = "LOTSEN_ACTIONS_SECRET"
MIN_SECRET = 16
"""Characters; ``openssl rand -hex 32`` makes 64."""
_EXAMPLE = "CHANGE-ME"
"""What the examples in ``deploy/`` have."""


def check_secret(host: str, secret: str) -> None:
    """Make sure that nobody but Rasa can run actions of a server that listens on ``host``.

    Raises:
        SettingError: if others than this machine can call and there is no secret, or if it can be guessed.
    """
    plain = secret.isascii() and secret.isprintable() and " " not in secret
    if secret and (len(secret) < MIN_SECRET or not plain or _EXAMPLE in secret.upper()):
        raise SettingError(
            f"{SECRET} is too short, an example's, or holds what a header cannot. "
            f"Write at least {MIN_SECRET} letters and digits; `openssl rand -hex 32` makes some."
        )
    if not secret and not is_loopback(host):
        raise SettingError(
            f"The action server would listen on {host} for everybody. Set {SECRET}, the same for it and for "
            f"the Rasa server (`openssl rand -hex 32` makes one), or let it listen on 127.0.0.1."
        )


def make_secret(settings: Settings, environment: MutableMapping[str, str]) -> None:
    """Put a secret for this run into the environment if the only callers of our actions run beside them.

    Other users of this machine can reach a loopback address, too.
    """
    alone = {"actions", "rasa"} <= settings.processes and not settings.actions_url
    if alone and is_loopback(settings.actions_host) and not settings.actions_secret:
        environment[SECRET] = secrets.token_hex(32)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that listens on ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def opens(shown: Optional[str], secret: str) -> bool:
    """Tell whether an ``Authorization`` header shows the secret; it takes as long whatever is wrong."""
    scheme, _, token = (shown or "").partition(" ")
    return hmac.compare_digest(token.strip().encode("utf-8", "replace"), secret.encode()) and scheme.lower() == "bearer"
