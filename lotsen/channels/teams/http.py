"""Calls to Microsoft: time limits on everything, no redirects, answers of a bounded size.

Proxies of the environment (``HTTPS_PROXY``, ``NO_PROXY``) are used: a region's servers often reach Microsoft in no
other way, and the host's certificate is checked all the same. An Azure machine's own token service is asked without.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Mapping, Optional

import aiohttp

TIMEOUT_SECONDS = 15.0
"""For one call as a whole."""
CONNECT_SECONDS = 5.0
MAX_BYTES = 1_000_000


class Unreachable(Exception):
    """No answer, or none that can be read; the reason holds nothing of what was sent."""


@dataclass(frozen=True)
class Answer:
    """An answer of Microsoft's."""

    status: int
    body: Any
    """The JSON; None if there is none."""
    retry_after: Optional[str] = None

    @property
    def ok(self) -> bool:
        """Tell whether the call did what it should."""
        return 200 <= self.status < 300


class _Request(aiohttp.ClientRequest):
    """A request that keeps its own ``Authorization``. When aiohttp looks for proxies, it puts a ``.netrc``'s there."""

    def update_auth(self, auth: Optional[aiohttp.BasicAuth], trust_env: bool = False) -> None:
        """Set what the call itself says."""
        super().update_auth(auth, trust_env=False)


class Http:
    """A client, opened in the event loop that first uses it."""

    def __init__(self, timeout: float = TIMEOUT_SECONDS, proxies: bool = True) -> None:
        """Give up a call after ``timeout`` seconds; ``proxies`` says whether those of the environment are used."""
        self._timeout, self._proxies = timeout, proxies
        self._session: Optional[aiohttp.ClientSession] = None

    async def call(
        self,
        method: str,
        url: str,
        body: Any = None,
        form: Optional[Mapping[str, str]] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> Answer:
        """Send a request with ``body`` as JSON or ``form`` as a form; return the answer, whatever its status.

        Raises:
            Unreachable: if there is none.
        """
        try:
            async with self._open().request(
                method, url, json=body, data=form, headers=headers, allow_redirects=False
            ) as answer:
                content = b""
                while len(content) <= MAX_BYTES and not answer.content.at_eof():
                    content += await answer.content.read(MAX_BYTES + 1 - len(content))
                if len(content) > MAX_BYTES:
                    raise Unreachable("too long an answer")
                return Answer(answer.status, _json(content), answer.headers.get("Retry-After"))
        except asyncio.TimeoutError as error:
            raise Unreachable(f"no answer in {self._timeout:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreachable(type(error).__name__) from error

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout, connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=self._proxies,
                request_class=_Request,
                connector=aiohttp.TCPConnector(limit=100, limit_per_host=50),
            )
        return self._session


def _json(content: bytes) -> Any:
    """Return what is written; None if it is no JSON, as an error page is."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
