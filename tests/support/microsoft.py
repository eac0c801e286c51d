"""Microsoft as far as a bot in Teams sees it: who signs requests, who gives tokens, and where answers are posted.

Runs in a thread of its own on a free port, signs good tokens and bad ones, and can be slow, busy, broken or dead.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Deque, Dict, List, Mapping, Optional, Sequence, Tuple

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

APP_ID = "11111111-2222-4333-8444-555555555555"
TENANT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
ISSUER = "https://api.botframework.com"
SECRET = "a client secret"
HOUR = 3600
WAIT_SECONDS = 30.0


@cache
def rsa_key(name: str, bits: int = 2048) -> RSAPrivateKey:
    """Return a private key, the same for a name in one run: making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk(key: RSAPrivateKey, kid: str, endorsements: Optional[Sequence[str]] = ("msteams",)) -> Dict[str, Any]:
    """Return a public key as a JWKS has it."""
    found: Dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    endorsed = {"endorsements": list(endorsements)} if endorsements is not None else {}
    return {**found, "kid": kid, "use": "sig", **endorsed}


def base64url(data: bytes) -> str:
    """Return bytes as a token writes them."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class Behaviour:
    """How one call to the conversations' API is answered. ``hold``: the call waits until the event is set."""

    status: int = 201
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    hold: Optional[threading.Event] = None
    drop: bool = False
    """The connection is cut without an answer."""
    taken: bool = False
    """The message is taken, whatever the answer says."""
    endless: bool = False
    """The answer never ends."""


@dataclass(frozen=True)
class Call:
    """One call that the bot made to the conversations' API."""

    method: str
    path: str
    conversation: str
    authorization: str
    body: Any
    at: float
    raw: str = ""
    """The path as it was written."""


class Microsoft:
    """All of it. ``members`` is what Teams knows of users, by their id."""

    def __init__(self) -> None:
        """Start to listen."""
        # Beside the key that speaks for Teams: keys of the same signer that may not, or that nobody should believe.
        self.keys: List[Dict[str, Any]] = [
            jwk(rsa_key("teams"), "teams"),
            jwk(rsa_key("webchat-only"), "webchat-only", ["webchat"]),
            jwk(rsa_key("unendorsed"), "unendorsed", None),
            jwk(rsa_key("short", 1024), "short"),
        ]
        self.issuer = ISSUER
        self.behaviours: Deque[Behaviour] = deque()
        self.token_answers: Deque[Tuple[int, Any]] = deque()
        self.calls: List[Call] = []
        self.posted: List[Call] = []
        self.token_requests: List[Dict[str, str]] = []
        self.token_headers: List[Mapping[str, str]] = []
        """Of the requests for tokens."""
        self.token_hold: Optional[threading.Event] = None
        """Who asks for a token waits until it is set."""
        self.token_location = ""
        """The address that answers to requests for tokens point to."""
        self.key_requests = 0
        self.members: Dict[str, Dict[str, Any]] = {}
        self._new = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._runner: Optional[web.AppRunner] = None
        self._ports: List[int] = []
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        started.wait()

    @property
    def url(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self._ports[0]}"

    @property
    def service(self) -> str:
        """Return the ``serviceUrl`` of its activities."""
        return f"{self.url}/emea/{TENANT}/"

    def settings(self) -> Dict[str, str]:
        """Return the settings of a bot that takes it for Microsoft."""
        return {
            "LOTSEN_TEAMS_APP_ID": APP_ID,
            "LOTSEN_TEAMS_TENANT": TENANT,
            "LOTSEN_TEAMS_SECRET": SECRET,
            "LOTSEN_TEAMS_TOKEN_URL": f"{self.url}/token",
            "LOTSEN_TEAMS_KEYS_URL": f"{self.url}/openid",
            "LOTSEN_TEAMS_HOSTS": "127.0.0.1",
        }

    def claims(self, **changes: Any) -> Dict[str, Any]:
        """Return the claims of a good token, with changes; one that is None is left out."""
        now = int(time.time())
        good = {"iss": ISSUER, "aud": APP_ID, "serviceurl": self.service, "nbf": now - 60, "exp": now + HOUR}
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def token(self, key: str = "teams", kid: str = "teams", **changes: Any) -> str:
        """Return a signed token."""
        return jwt.encode(self.claims(**changes), rsa_key(key), algorithm="RS256", headers={"kid": kid})

    def behave(self, *behaviours: Behaviour) -> None:
        """Answer the next calls so, and well after that."""
        self.behaviours.extend(behaviours)

    def wait_for(self, look: Any, what: str, seconds: float = WAIT_SECONDS) -> Any:
        """Return what ``look`` finds, as soon as it finds something; it looks after each call that comes in.

        Raises:
            AssertionError: if there still is nothing after ``seconds``.
        """
        until = time.monotonic() + seconds
        with self._new:
            while not (found := look()):
                assert self._new.wait(until - time.monotonic()) or look(), f"{what} never came: {self.calls[-3:]}"
            return found

    def close(self) -> None:
        """Stop."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(WAIT_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_SECONDS)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        started.set()
        self._loop.run_forever()

    async def _listen(self) -> None:
        app = web.Application()
        app.router.add_get("/openid", self._openid)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        app.router.add_get("/msi", self._token)
        app.router.add_route("*", "/emea/{tenant}/v3/conversations/{conversation}/{rest:.+}", self._conversations)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._ports = [address[1] for address in self._runner.addresses]

    async def _close(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _openid(self, request: web.Request) -> web.Response:
        return web.json_response({"issuer": self.issuer, "jwks_uri": f"{self.url}/keys"})

    async def _keys(self, request: web.Request) -> web.Response:
        self.key_requests += 1
        return web.json_response({"keys": self.keys})

    async def _token(self, request: web.Request) -> web.Response:
        asked = dict(await request.post()) if request.method == "POST" else dict(request.query)
        self.token_headers.append(request.headers)
        self._note(self.token_requests, {name: str(value) for name, value in asked.items()})
        if self.token_hold is not None:
            await self._loop.run_in_executor(None, self.token_hold.wait, WAIT_SECONDS)
        if self.token_answers:
            status, body = self.token_answers.popleft()
            headers = {"Location": self.token_location} if self.token_location else None
            if isinstance(body, bytes):
                return web.Response(body=body, status=status, headers=headers)
            return web.json_response(body, status=status, headers=headers)
        return web.json_response(
            {"access_token": f"token {len(self.token_requests)}", "expires_in": HOUR, "token_type": "Bearer"}
        )

    async def _conversations(self, request: web.Request) -> web.StreamResponse:
        rest = request.match_info["rest"]
        body = await request.json() if request.can_read_body else None
        call = Call(
            request.method, rest, request.match_info["conversation"], request.headers.get("Authorization", ""), body,
            time.monotonic(), request.raw_path,
        )  # fmt: skip
        behaviour = self.behaviours.popleft() if self.behaviours and not _typing(call) else Behaviour()
        self._note(self.calls, call)
        if behaviour.hold is not None:
            await self._loop.run_in_executor(None, behaviour.hold.wait, WAIT_SECONDS)
        good = behaviour.status < 300 and not behaviour.drop and not behaviour.endless
        if good or behaviour.taken:
            self._note(self.posted, call)
        if behaviour.drop:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if behaviour.endless:
            return await _never_end(request)
        if rest.startswith("members/") and good:
            member = self.members.get(rest.partition("/")[2])
            return web.json_response(member or {}, status=200 if member else 404)
        answer = {"id": f"posted-{len(self.posted)}"} if good else behaviour.body or {"error": {"code": "Failed"}}
        return web.json_response(answer, status=behaviour.status, headers=behaviour.headers)

    def _note(self, where: List[Any], call: Any) -> None:
        with self._new:
            where.append(call)
            self._new.notify_all()


async def _never_end(request: web.Request) -> web.StreamResponse:
    """Answer until the one who asks has had enough."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):
        while True:
            await answer.write(b" " * 65536)
    return answer


def _typing(call: Call) -> bool:
    """Tell whether a call only shows that the bot is at work: when that comes is not for a test to say."""
    return isinstance(call.body, dict) and call.body.get("type") == "typing"
