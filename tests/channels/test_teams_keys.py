"""The keys of Teams' signer: fetched once for all, kept as long as said, renewed unseen, and never taken from others.

The signer is the stand-in for Microsoft on a real port; only the clock is the tests' own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, Optional
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import web
from jwt.algorithms import RSAAlgorithm

from lotsen.channels.teams.http import MAX_BYTES, Http
from lotsen.channels.teams.http import Answer as HttpAnswer
from lotsen.channels.teams.keys import (
    AFTER_FAILURE_SECONDS,
    AGAIN_SECONDS,
    FRESH_SECONDS,
    OLDEST_SECONDS,
    KeyRing,
    KeysUnavailable,
    SigningKey,
)
from tests.support.clock import Clock
from tests.support.microsoft import ISSUER, WAIT_SECONDS, Microsoft, jwk, rsa_key
from tests.support.ports import free_port

DAY = FRESH_SECONDS
TEAMS = jwk(rsa_key("teams"), "teams")
NEW = jwk(rsa_key("new"), "new")
CALLERS = 200
PATIENCE = 20
"""Tries of a busy machine to answer in the short time that a test gives it."""
Answer = Callable[[], web.Response]


class Signer(Microsoft):
    """Microsoft, as far as it signs; tests say what it answers, and when."""

    metadata: Optional[Answer]
    """What makes an answer in place of the good metadata."""
    answer: Optional[Answer]
    """What makes an answer in place of the good list of keys."""
    gate: Optional[threading.Event]
    """The list of keys is not given before this is set."""

    def reset(self) -> None:
        """Be well, with one key, and asked by nobody yet."""
        self.keys = [TEAMS]
        self.metadata_requests = self.key_requests = 0
        self.metadata = self.answer = self.gate = None
        self.asked = threading.Event()

    async def _openid(self, request: web.Request) -> web.Response:
        self.metadata_requests += 1
        return self.metadata() if self.metadata is not None else await super()._openid(request)

    async def _keys(self, request: web.Request) -> web.Response:
        usual = await super()._keys(request)
        self.asked.set()
        if self.gate is not None:
            await asyncio.get_running_loop().run_in_executor(None, self.gate.wait, WAIT_SECONDS)
        return self.answer() if self.answer is not None else usual


@pytest.fixture(scope="module")
def listening() -> Iterator[Signer]:
    """A signer that listens."""
    signer = Signer()
    yield signer
    signer.close()


@pytest.fixture
def signer(listening: Signer) -> Signer:
    """The signer, well again for each test."""
    listening.reset()
    return listening


@pytest.fixture
def clock() -> Clock:
    """The time as the keys see it."""
    return Clock()


class NotingHttp(Http):
    """Calls as the bot does, and notes where to."""

    def __init__(self, timeout: float = WAIT_SECONDS) -> None:
        """Give up a call after ``timeout`` seconds."""
        super().__init__(timeout)
        self.called: List[str] = []

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self.close()

    async def call(self, method: str, url: str, *rest: Any, **more: Any) -> HttpAnswer:
        """Note the address, and call it."""
        self.called.append(url)
        return await super().call(method, url, *rest, **more)


@pytest_asyncio.fixture
async def client() -> AsyncIterator[NotingHttp]:
    """What fetches the keys."""
    client = NotingHttp()
    yield client
    await client.close()


@pytest.fixture
def ring(signer: Signer, clock: Clock, client: NotingHttp) -> KeyRing:
    """The keys of the signer."""
    return KeyRing(f"{signer.url}/openid", ISSUER, client, clock)


async def unavailable(ring: KeyRing, id: str = "teams") -> bool:
    """Tell whether nothing can be said of a key now."""
    try:
        await ring.find(id)
    except KeysUnavailable:
        return True
    return False


async def asked(signer: Signer) -> None:
    """Wait until the signer is asked for its keys."""
    assert await asyncio.get_running_loop().run_in_executor(None, signer.asked.wait, WAIT_SECONDS)


async def landed(ring: KeyRing) -> None:
    """Wait until the fetch that is under way has ended, if there is one: who looks for a new key waits for it."""
    with contextlib.suppress(KeysUnavailable):
        await ring.find("a key that there never was")


def key(name: str) -> Any:
    """Return the numbers of a public key."""
    return rsa_key(name).public_key().public_numbers()


def numbers(found: Optional[SigningKey]) -> Any:
    """Return the numbers of a key that was found."""
    assert found is not None
    return found.key.public_numbers()


@pytest.mark.asyncio
async def test_nothing_is_fetched_before_it_is_needed(signer: Signer, ring: KeyRing) -> None:
    """A server starts without the internet; the first who looks fetches."""
    assert (signer.metadata_requests, signer.key_requests) == (0, 0)
    found = await ring.find("teams")
    assert numbers(found) == key("teams")
    assert found is not None and found.endorsements == {"msteams"}
    assert (signer.metadata_requests, signer.key_requests) == (1, 1)


@pytest.mark.asyncio
async def test_fetched_once_for_all_who_wait(signer: Signer, ring: KeyRing) -> None:
    """Many who come at once wait for one fetch."""
    signer.gate = threading.Event()
    callers = [asyncio.ensure_future(ring.find("teams")) for _ in range(CALLERS)]
    await asked(signer)
    assert not any(caller.done() for caller in callers)
    signer.gate.set()
    assert all(numbers(found) == key("teams") for found in await asyncio.gather(*callers))
    assert (signer.metadata_requests, signer.key_requests) == (1, 1)


@pytest.mark.asyncio
async def test_who_gives_up_does_not_stop_the_others(signer: Signer, ring: KeyRing) -> None:
    """A request whose client is gone is cancelled; the fetch that it began goes on for the others."""
    signer.gate = threading.Event()
    first, second = (asyncio.ensure_future(ring.find("teams")) for _ in range(2))
    await asked(signer)
    first.cancel()
    signer.gate.set()
    assert numbers(await second) == key("teams")
    assert first.cancelled()
    assert signer.key_requests == 1


@pytest.mark.asyncio
async def test_fresh_for_a_day(signer: Signer, ring: KeyRing, clock: Clock) -> None:
    """Known keys cost nothing for a day."""
    await ring.find("teams")
    for seconds in (1.0, AGAIN_SECONDS, DAY / 2, DAY / 2 - AGAIN_SECONDS - 2):
        clock.now += seconds
        assert await ring.find("teams") is not None
        await asyncio.sleep(0)
    assert signer.key_requests == 1


@pytest.mark.asyncio
async def test_renewed_behind_the_back_of_who_has_a_key(signer: Signer, ring: KeyRing, clock: Clock) -> None:
    """After a day new keys are fetched, once; nobody with a known key waits for that."""
    await ring.find("teams")
    signer.gate = threading.Event()
    signer.asked.clear()
    signer.keys = [TEAMS, NEW]
    clock.now += DAY
    for _ in range(3):
        assert numbers(await ring.find("teams")) == key("teams")
    await asked(signer)
    for _ in range(3):
        assert numbers(await ring.find("teams")) == key("teams")
    late = asyncio.ensure_future(ring.find("new"))
    signer.gate.set()
    assert numbers(await late) == key("new")
    assert signer.key_requests == 2


@pytest.mark.asyncio
async def test_a_new_key_is_believed_after_one_refresh(signer: Signer, ring: KeyRing, clock: Clock) -> None:
    """Who signs with a new key is believed a minute later at the most, not a day."""
    await ring.find("teams")
    signer.keys = [TEAMS, NEW]
    clock.now += AGAIN_SECONDS - 1
    assert await ring.find("new") is None
    assert signer.key_requests == 1
    clock.now += 1
    assert numbers(await ring.find("new")) == key("new")
    assert numbers(await ring.find("teams")) == key("teams")
    assert signer.key_requests == 2


@pytest.mark.asyncio
async def test_a_withdrawn_key_is_not_believed(signer: Signer, ring: KeyRing, clock: Clock) -> None:
    """A key that the signer has no more is gone with the next refresh; so are endorsements that it took back."""
    signer.keys = [TEAMS, NEW]
    assert await ring.find("new") is not None
    signer.keys = [jwk(rsa_key("teams"), "teams", ["webchat"])]
    clock.now += DAY
    await ring.find("new")
    await landed(ring)
    assert await ring.find("new") is None
    found = await ring.find("teams")
    assert found is not None and found.endorsements == {"webchat"}
    assert signer.key_requests == 2


@pytest.mark.asyncio
async def test_another_key_under_a_known_name(signer: Signer, ring: KeyRing, clock: Clock) -> None:
    """What counts is the newest list, also where it has another key under the same id."""
    await ring.find("teams")
    signer.keys = [jwk(rsa_key("new"), "teams")]
    clock.now += DAY
    await ring.find("teams")
    await landed(ring)
    assert numbers(await ring.find("teams")) == key("new")


@pytest.mark.asyncio
async def test_unknown_keys_are_asked_for_once_a_minute(signer: Signer, ring: KeyRing, clock: Clock) -> None:
    """Bad tokens do not become requests, however many come at once and one after the other."""
    await ring.find("teams")
    for minute in range(3):
        found = await asyncio.gather(*(ring.find(f"unknown {number}") for number in range(CALLERS)))
        assert found == [None] * CALLERS
        assert signer.key_requests == minute + 1
        clock.now += AGAIN_SECONDS - 1
        assert await ring.find("unknown") is None
        assert signer.key_requests == minute + 1
        clock.now += 1


@pytest.mark.asyncio
async def test_unknown_keys_first(signer: Signer, ring: KeyRing, clock: Clock) -> None:
    """Bad tokens that come first fetch the keys once; then good ones need no fetch, and bad ones cause none."""
    assert await asyncio.gather(*(ring.find(f"unknown {number}") for number in range(CALLERS))) == [None] * CALLERS
    assert numbers(await ring.find("teams")) == key("teams")
    assert await ring.find("unknown") is None
    assert (signer.metadata_requests, signer.key_requests) == (1, 1)


@pytest.mark.asyncio
async def test_bad_tokens_hold_up_nobody(signer: Signer, ring: KeyRing, clock: Clock) -> None:
    """While an unknown key is looked for, and the signer is slow, known keys are found at once."""
    await ring.find("teams")
    clock.now += AGAIN_SECONDS
    signer.asked.clear()
    signer.gate = threading.Event()
    bad = asyncio.ensure_future(ring.find("unknown"))
    await asked(signer)
    assert numbers(await ring.find("teams")) == key("teams")
    assert not bad.done()
    signer.gate.set()
    assert await bad is None


@pytest.mark.asyncio
async def test_old_keys_count_while_there_are_no_new_ones(signer: Signer, ring: KeyRing, clock: Clock) -> None:
    """A signer that is out of reach changes nothing for five days; then nothing is believed until it is back."""
    await ring.find("teams")
    begun = clock.now
    signer.answer = text("", 500)
    for day in range(1, 5):
        clock.now = begun + day * DAY
        assert numbers(await ring.find("teams")) == key("teams")
        await landed(ring)
        assert signer.key_requests == day + 1
    clock.now = begun + OLDEST_SECONDS - 1
    assert numbers(await ring.find("teams")) == key("teams")
    await landed(ring)
    clock.now = begun + OLDEST_SECONDS
    assert await unavailable(ring)
    clock.now += AFTER_FAILURE_SECONDS
    assert await unavailable(ring)
    signer.answer = None
    clock.now += AFTER_FAILURE_SECONDS
    assert numbers(await ring.find("teams")) == key("teams")


@pytest.mark.asyncio
async def test_too_old_keys_wait_for_new_ones(signer: Signer, ring: KeyRing, clock: Clock) -> None:
    """After a long silence the first who comes gets the new keys, not the old ones."""
    await ring.find("teams")
    signer.keys = [NEW]
    clock.now += OLDEST_SECONDS
    assert await ring.find("teams") is None
    assert numbers(await ring.find("new")) == key("new")
    assert signer.key_requests == 2


def made(**parts: Any) -> Callable[[Signer], None]:
    """Let the signer say other things of itself; what is None is left out."""

    def wrong(signer: Signer) -> None:
        whole = {"issuer": ISSUER, "jwks_uri": f"{signer.url}/keys", **parts}
        signer.metadata = text(json.dumps({name: value for name, value in whole.items() if value is not None}))

    return wrong


def metadata(answer: Answer) -> Callable[[Signer], None]:
    """Let the signer answer so when it is asked for its metadata."""
    return lambda signer: setattr(signer, "metadata", answer)


def listed(answer: Answer) -> Callable[[Signer], None]:
    """Let the signer answer so when it is asked for its keys."""
    return lambda signer: setattr(signer, "answer", answer)


def text(body: str, status: int = 200, **headers: str) -> Answer:
    """Return what makes an answer."""
    return lambda: web.Response(text=body, status=status, headers=headers, content_type="application/json")


KEYS = json.dumps({"keys": [TEAMS]})
LONG = json.dumps({"keys": [TEAMS], "pad": "x" * MAX_BYTES})
DEEP = "[" * 100_000
FAILURES: Dict[str, Callable[[Signer], None]] = {
    "metadata of another issuer": made(issuer="https://evil.example"),
    "metadata with a slash after the issuer": made(issuer=f"{ISSUER}/"),
    "metadata without an issuer": made(issuer=None),
    "metadata with a list of issuers": made(issuer=[ISSUER]),
    "metadata that is a list": metadata(text("[]")),
    "metadata that is no JSON": metadata(text("{")),
    "metadata of deep nesting": metadata(text(DEEP)),
    "metadata: 404": metadata(text("{}", 404)),
    "metadata: 500": metadata(text("{}", 500)),
    "metadata moved": metadata(text("{}", 302, Location="/keys")),
    "no address of keys": made(jwks_uri=None),
    "keys at a number": made(jwks_uri=7),
    "keys at an empty address": made(jwks_uri=""),
    "keys over http from another machine": made(jwks_uri="http://keys.example/keys"),
    "keys over http, our machine as user name": made(jwks_uri="http://127.0.0.1@keys.example/keys"),
    "keys in a file": made(jwks_uri="file:///etc/passwd"),
    "keys at an address without a host": made(jwks_uri="https:///keys"),
    "keys at a broken address": made(jwks_uri="https://["),
    "keys at a host of odd characters": made(jwks_uri="https://\u2100.example/keys"),
    "keys at a port that is none": made(jwks_uri="http://127.0.0.1:99999/keys"),
    "keys: no JSON": listed(text("{")),
    "keys: half of them": listed(text(KEYS[:-10])),
    "keys: a page": listed(text("<html>")),
    "keys: a list": listed(text("[]")),
    "keys: none named": listed(text("{}")),
    "keys: a text": listed(text('{"keys": "teams"}')),
    "keys: an empty list": listed(text('{"keys": []}')),
    "keys: none that can be read": listed(text(json.dumps({"keys": [{**TEAMS, "n": "å"}]}))),
    "keys: deep nesting": listed(text(DEEP)),
    "keys: no text": listed(lambda: web.Response(body=b"\xff\xff")),
    "keys: nothing": listed(text("")),
    "keys: too long": listed(text(LONG)),
    "keys: 500": listed(text(KEYS, 500)),
    "keys: 503": listed(text(KEYS, 503)),
    "keys: moved": listed(text(KEYS, 302, Location="/keys")),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES.keys())
async def test_no_keys(
    signer: Signer, ring: KeyRing, client: NotingHttp, clock: Clock, fail: Callable[[Signer], None]
) -> None:
    """Nothing can be said of a token, nobody else is asked; it is tried again after some seconds, and all is well."""
    fail(signer)
    assert all(await asyncio.gather(*(unavailable(ring) for _ in range(10))))
    assert signer.metadata_requests == 1
    clock.now += AFTER_FAILURE_SECONDS - 1
    assert await unavailable(ring)
    assert signer.metadata_requests == 1
    assert {urlsplit(url).hostname for url in client.called} <= {"127.0.0.1", None}
    signer.metadata = signer.answer = None
    clock.now += 1
    assert numbers(await ring.find("teams")) == key("teams")
    assert signer.metadata_requests == 2


@pytest.mark.asyncio
@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES.keys())
async def test_no_new_keys(signer: Signer, ring: KeyRing, clock: Clock, fail: Callable[[Signer], None]) -> None:
    """Who has keys keeps them, and believes no others."""
    await ring.find("teams")
    fail(signer)
    clock.now += DAY
    assert numbers(await ring.find("teams")) == key("teams")
    await landed(ring)
    assert signer.metadata_requests == 2
    assert numbers(await ring.find("teams")) == key("teams")


@pytest.mark.asyncio
async def test_a_new_key_that_cannot_be_looked_for(signer: Signer, ring: KeyRing, clock: Clock) -> None:
    """A key that is not known may be a new one: while none can be had that cannot be said, so Teams is to try again."""
    await ring.find("teams")
    clock.now += AGAIN_SECONDS
    metadata(text("", 500))(signer)
    with pytest.raises(KeysUnavailable):
        await ring.find("new")
    assert numbers(await ring.find("teams")) == key("teams")


@pytest.mark.asyncio
async def test_nobody_is_there(client: NotingHttp, clock: Clock) -> None:
    """A signer that does not listen is one that cannot be asked, again and again."""
    ring = KeyRing(f"http://127.0.0.1:{free_port()}/openid", ISSUER, client, clock)
    for number in range(3):
        assert await unavailable(ring)
        assert len(client.called) == number + 1
        clock.now += AFTER_FAILURE_SECONDS


@pytest.mark.asyncio
async def test_an_answer_that_never_comes(signer: Signer, clock: Clock) -> None:
    """A signer that listens and says nothing is given up; it is asked again later."""
    signer.gate = threading.Event()
    async with contextlib.aclosing(NotingHttp(timeout=0.2)) as client:
        ring = KeyRing(f"{signer.url}/openid", ISSUER, client, clock)
        assert await unavailable(ring)
        signer.gate.set()
        for _ in range(PATIENCE):
            clock.now += AFTER_FAILURE_SECONDS
            if not await unavailable(ring):
                break
        assert numbers(await ring.find("teams")) == key("teams")


ODD: Dict[str, Any] = {
    "no object": "teams",
    "null": None,
    "for encryption": {**NEW, "use": "enc"},
    "of another kind": {**NEW, "kty": "EC"},
    "a secret": {"kty": "oct", "k": "c2VjcmV0", "kid": "new", "endorsements": ["msteams"]},
    "without a kid": {name: value for name, value in NEW.items() if name != "kid"},
    "with a kid that is a number": {**NEW, "kid": 7},
    "with a kid that is a list": {**NEW, "kid": ["new"]},
    "without a modulus": {name: value for name, value in NEW.items() if name != "n"},
    "with a modulus that is a number": {**NEW, "n": 7},
    "with a modulus that is a list": {**NEW, "n": [1, 2]},
    "with a modulus that is nothing": {**NEW, "n": ""},
    "with a modulus of odd characters": {**NEW, "n": "å!"},
    "with exponent 1": {**NEW, "e": "AQ"},
    "with an even exponent": {**NEW, "e": "Ag"},
    "private": {**json.loads(RSAAlgorithm.to_jwk(rsa_key("new"))), "kid": "new"},
    "of 1,024 bits": jwk(rsa_key("short", 1024), "new"),
    "of 2,047 bits": jwk(rsa_key("nearly", 2047), "new"),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
async def test_an_odd_key_is_passed_over(signer: Signer, ring: KeyRing, odd: Any) -> None:
    """A key that cannot be read, or is too weak, is none; the others count."""
    signer.keys = [odd, TEAMS, odd]
    assert await ring.find("new") is None
    assert numbers(await ring.find("teams")) == key("teams")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("written", "read"),
    [
        (None, []),
        ("msteams", []),
        ({"msteams": True}, []),
        ([], []),
        (["webchat"], ["webchat"]),
        ([7, None, "a"], ["a"]),
    ],
)
async def test_endorsements(signer: Signer, ring: KeyRing, written: Any, read: List[str]) -> None:
    """A key speaks for the channels that its list names; what is no list names none."""
    signer.keys = [{**TEAMS, "endorsements": written}]
    found = await ring.find("teams")
    assert found is not None and found.endorsements == set(read)
