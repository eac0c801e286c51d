"""HTTP to a service desk: https only, hosts on a list, no redirects, a time limit, and errors told apart.

A new connection for each request: an answer that comes late, or twice, is never taken for the next one's.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, FrozenSet, Mapping, Optional
from urllib.parse import urlsplit

import aiohttp

from lotsen.retrying import retry_after
from lotsen.service_desks.base import DeskError, DeskRefuses

TIMEOUT_SECONDS = 20.0
MAX_BYTES = 4_000_000
LOOPBACK = ("127.0.0.1", "::1", "localhost")
TOO_MANY, UNAVAILABLE = 429, 503
_WRONG = (400, 404, 405, 409, 410, 413, 415, 422)
"""What the desk would say again. 401 and 403 are not among them: a password that is put right helps."""


class BadAddress(ValueError):
    """A desk's address is not one that we may call; the message says why."""


def check_address(url: str, hosts: FrozenSet[str]) -> str:
    """Return ``url`` without a slash at its end.

    Plain http is for this machine only, which is how tests and a proxy beside us are reached.

    Raises:
        BadAddress: if it is not https, carries a password, or its host is not among ``hosts``.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise BadAddress("it must begin with https://")
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        raise BadAddress("it must be https://host/path, without user name, password, ? or #")
    if host not in hosts:
        raise BadAddress(f"its host {host} is not in LOTSEN_DESK_HOSTS")
    return url.rstrip("/")


class DeskHttp:
    """A client for one desk's interface."""

    def __init__(
        self,
        base: str,
        headers: Optional[Mapping[str, str]] = None,
        auth: Optional[aiohttp.BasicAuth] = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """Call addresses below ``base``, which ``check_address`` has let through."""
        self.base, self._headers, self._auth, self._timeout = base, dict(headers or {}), auth, timeout
        self._session: Optional[aiohttp.ClientSession] = None

    async def get(self, path: str, params: Optional[Mapping[str, str]] = None) -> Any:
        """Return what the desk has at ``path``, as JSON. Raises as ``send`` does."""
        return await self.send("GET", path, params=params)

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Optional[Mapping[str, str]] = None,
        data: Optional[bytes] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> Any:
        """Send a request, with ``body`` as JSON or ``data`` as it is; return the answer's JSON, None if it is empty.

        Raises:
            DeskRefuses: if the desk says that the request is wrong.
            DeskError: if it cannot be reached, is busy, or says what makes no sense.
        """
        if body is not None:
            # A half of a surrogate pair, which a page may send, has no bytes.
            data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        sent = {"Accept": "application/json", **self._headers, **(headers or {})}
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        try:
            async with self._open().request(
                method,
                f"{self.base}/{path.lstrip('/')}" if path else self.base,
                params=params,
                data=data,
                headers=sent,
                auth=self._auth,
                allow_redirects=False,
            ) as answer:
                content = await answer.content.read(MAX_BYTES + 1)
                while len(content) <= MAX_BYTES and not answer.content.at_eof():
                    content += await answer.content.read(MAX_BYTES + 1 - len(content))
                return self._read(answer, content)
        except aiohttp.ClientConnectorError as error:
            raise DeskError(f"{self._host} cannot be reached: {type(error).__name__}", arrived=False) from error
        except asyncio.TimeoutError as error:
            raise DeskError(f"{self._host} did not answer in {self._timeout:.0f} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise DeskError(f"{self._host} answered badly: {type(error).__name__}") from error

    async def close(self) -> None:
        """Let go of the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def _host(self) -> str:
        return urlsplit(self.base).hostname or ""

    def _open(self) -> aiohttp.ClientSession:
        """Return the session, opened in the loop that uses it. Proxies of the environment are not asked."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _read(self, answer: aiohttp.ClientResponse, content: bytes) -> Any:
        """Return the answer's JSON, or raise what its status means."""
        status = answer.status
        if 200 <= status < 300:
            if len(content) > MAX_BYTES:
                raise DeskError(f"{self._host} answered with more than {MAX_BYTES} bytes")
            return json.loads(content) if content.strip() else None
        said = f"{self._host} answered {status}"
        if 300 <= status < 400:
            raise DeskError(f"{said}: redirects are not followed", arrived=False)
        if status in _WRONG:
            raise DeskRefuses(said, arrived=False)
        wait = retry_after(answer.headers.get("Retry-After")) if status in (TOO_MANY, UNAVAILABLE) else None
        raise DeskError(said, wait, arrived=status not in (401, 403, TOO_MANY))
