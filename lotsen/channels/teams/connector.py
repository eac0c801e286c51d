"""Calls of the Bot Connector's API, at the pace that Teams allows, and what its answers mean."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, Callable, Dict, FrozenSet, Mapping, Optional
from urllib.parse import quote

from aiolimiter import AsyncLimiter

from lotsen.channels.person import Person
from lotsen.channels.teams.http import Answer, Http, Unreachable
from lotsen.channels.teams.incoming import allowed
from lotsen.channels.teams.references import Reference
from lotsen.channels.teams.token import BotToken, NoToken
from lotsen.retrying import retry_after

PATIENCE_SECONDS = 5.0
"""So long a call waits by itself for a tenant that Teams has slowed down; who must wait longer tries again later."""
DEFAULT_PAUSE_SECONDS = 5.0
"""If Teams says that there were too many calls, and not how long to wait."""
_WRONG = (400, 413, 415, 422)
_GONE = (403, 404, 410)

logger = logging.getLogger(__name__)


class Later(Exception):
    """Teams cannot take it now; ``seconds`` if it has said when."""

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        """Keep the reason for the log: nothing of the message is in it."""
        super().__init__(reason)
        self.seconds = seconds


class Wrong(Exception):
    """Teams does not take this message."""


class Gone(Exception):
    """The user has taken the app away, or may not be written to."""


class Lost(Exception):
    """Nothing was sent: when its turn came, somebody else had it."""


class Connector:
    """Calls Teams for one bot."""

    def __init__(
        self,
        token: BotToken,
        http: Http,
        hosts: FrozenSet[str],
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        processes: int = 1,
    ) -> None:
        """Call ``hosts`` only, and for each tenant at most ``per_second`` times in a second.

        ``processes``: so many servers of this machine call for the same bot, and share that evenly. Other machines have
        a share of their own: Teams' answers slow down whoever is too fast all the same, and nothing is lost by that.
        """
        self._token, self._http, self._hosts, self._clock = token, http, hosts, clock
        self._per_second = per_second / processes
        self._paces: Dict[str, AsyncLimiter] = {}
        self._paused: Dict[str, float] = {}

    async def send(
        self, reference: Reference, activity: Mapping[str, Any], still: Callable[[], bool] = lambda: True
    ) -> str:
        """Post an activity to a conversation; return Teams' id of it, empty if it gives none.

        ``still`` is asked at the last moment, as one may wait long for one's turn.

        Raises:
            Later, Wrong, Gone: as the answer means.
            Lost: if it is not to be sent after all.
        """
        whole = {
            **activity,
            "from": {"id": reference.bot},
            "recipient": {"id": reference.user},
            "conversation": {"id": reference.teams_conversation},
        }
        answer = await self._call(reference, "POST", "activities", whole, still)
        id = answer.body.get("id") if isinstance(answer.body, dict) else None
        return id if isinstance(id, str) else ""

    async def person(self, reference: Reference) -> Person:
        """Return name and address of a conversation's user, as Teams has them. Only asked for after they agree.

        Raises:
            Later, Wrong, Gone: as the answer means.
        """
        answer = await self._call(reference, "GET", f"members/{quote(reference.user, safe='')}")
        said: Any = answer.body if isinstance(answer.body, dict) else {}
        address = said.get("email") or said.get("userPrincipalName")
        return Person.read(said.get("name"), "", address)

    async def close(self) -> None:
        """Let go of connections."""
        await self._token.close()
        await self._http.close()

    async def _call(
        self,
        reference: Reference,
        method: str,
        path: str,
        body: Any = None,
        still: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """Call, with a fresh token if the first is refused."""
        if not allowed(reference.service, self._hosts):
            raise Gone("its host is not in LOTSEN_TEAMS_HOSTS")
        where = (
            f"{reference.service.rstrip('/')}/v3/conversations/{quote(reference.teams_conversation, safe='')}/{path}"
        )
        for last in (False, True):
            await self._my_turn(reference.tenant)
            try:
                token = await self._token.get()
                if not still():
                    raise Lost("somebody else has gone on")
                answer = await self._http.call(method, where, body, headers={"Authorization": f"Bearer {token}"})
            except NoToken as error:
                raise Later(f"no token: {error}") from error
            except Unreachable as error:
                raise Later(str(error)) from error
            if answer.status != 401 or last:
                break
            self._token.drop(token)
        if answer.ok:
            return answer
        raise self._meaning(reference.tenant, answer)

    def _meaning(self, tenant: str, answer: Answer) -> Exception:
        """Return what an answer that is no success means."""
        error: Optional[Any] = answer.body.get("error") if isinstance(answer.body, dict) else None
        code = error.get("code") if isinstance(error, dict) else None
        said = f"{answer.status} {code if isinstance(code, str) else ''}".strip()[:100]
        if answer.status in _GONE:
            return Gone(said)
        if answer.status in _WRONG:
            return Wrong(said)
        wait = retry_after(answer.retry_after) or 0.0
        if answer.status == 429:
            wait = wait or DEFAULT_PAUSE_SECONDS
            self._paused[tenant] = max(self._paused.get(tenant, 0.0), self._clock() + wait)
        return Later(said, wait)

    async def _my_turn(self, tenant: str) -> None:
        """Return when a tenant may be called.

        Raises:
            Later: if that takes long.
        """
        pace = self._paces.get(tenant)
        if pace is None:
            # One at a time, evenly: a burst and what follows it would be too many in some second.
            pace = self._paces[tenant] = AsyncLimiter(1, 1 / self._per_second)
        await pace.acquire()
        while (left := self._paused.get(tenant, 0.0) - self._clock()) > 0:
            if left > PATIENCE_SECONDS:
                raise Later("too many calls", left)
            await asyncio.sleep(left)
            await pace.acquire()  # Again: all who wait for the end of the pause would else call at once.
