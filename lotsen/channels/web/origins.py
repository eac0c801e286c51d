"""Which web pages may talk to us: those of our own address, and those of ``LOTSEN_ORIGINS``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, FrozenSet, Optional
from urllib.parse import urlsplit

from lotsen.settings import SettingError

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")
PREFLIGHT_SECONDS = 600


@dataclass(frozen=True)
class Origins:
    """The allow-list."""

    allowed: FrozenSet[str] = frozenset()

    @classmethod
    def read(cls, written: str) -> Origins:
        """Read the setting: origins separated by commas.

        Raises:
            SettingError: for what is no origin. ``*`` is none: any page could then chat in a user's name.
        """
        origins = frozenset(filter(None, (one.strip().lower().rstrip("/") for one in written.split(","))))
        for origin in sorted(origins):
            if not _ORIGIN.fullmatch(origin):
                wanted = "write origins like https://intranet.example.se, separated by commas"
                raise SettingError(f"LOTSEN_ORIGINS has '{origin}'; {wanted}.")
        return cls(origins)

    def allows(self, origin: Optional[str], host: str) -> bool:
        """Tell whether a page of ``origin`` may call us at ``host``; a caller that is no page has no origin.

        Only the host is compared: behind a proxy that does TLS, we do not see the scheme that the browser sees.
        """
        if not origin:
            return True
        if origin.lower() in self.allowed:
            return True
        own = urlsplit(origin)
        return own.scheme in ("http", "https") and bool(host) and own.netloc.lower() == host.lower()

    def headers(self, origin: Optional[str], host: str) -> Dict[str, str]:
        """Return the CORS headers of an answer. Never a credential: there are no cookies."""
        if not origin or not self.allows(origin, host):
            return {"Vary": "Origin"}
        return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After", "Vary": "Origin"}


def preflight_headers() -> Dict[str, str]:
    """Return what an answer to a preflight adds: what an allowed page may send."""
    return {
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "authorization, content-type",
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    }
