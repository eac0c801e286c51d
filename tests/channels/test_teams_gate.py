"""Who may speak as Teams, told by properties: whatever is sent, it is let in if all is right, and refused if not."""

from __future__ import annotations

import copy
import itertools
import json
import time
from contextlib import suppress
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Tuple

import pytest
from aiohttp import InvalidURL
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from jwt.algorithms import get_default_algorithms
from yarl import URL

from lotsen.channels.teams.config import CLOUDS, Cloud, TeamsConfig, read_teams
from lotsen.channels.teams.incoming import LEEWAY_SECONDS, MAX_TOKEN, Gate, NotTeams, allowed
from lotsen.channels.teams.keys import KeysUnavailable, SigningKey
from tests.support.microsoft import APP_ID, HOUR, ISSUER, TENANT, base64url, rsa_key
from tests.support.teams import BOT

OTHER_TENANT = "bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee"
HOST, HOSTS = "smba.trafficmanager.net", CLOUDS["public"].hosts
SERVICE = f"https://{HOST}/emea/{TENANT}/"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HEADER = {"alg": "RS256", "kid": "teams", "typ": "JWT"}
DOWN = "down"
RS256 = get_default_algorithms()["RS256"]


class Keys:
    """A signer with a key for Teams, one for web chat, and an id that it cannot tell of now."""

    def __init__(self) -> None:
        """Count who asks."""
        self.asked: List[str] = []

    async def find(self, id: str) -> Optional[SigningKey]:
        """Return the key with an id."""
        self.asked.append(id)
        if id == DOWN:
            raise KeysUnavailable("down")
        channels = {"teams": frozenset({"msteams"}), "web": frozenset({"webchat"})}
        return SigningKey(rsa_key("teams").public_key(), channels[id]) if id in channels else None


def config() -> TeamsConfig:
    """Return the settings of a bot with two tenants, in Microsoft's public cloud."""
    found = read_teams(
        {
            "LOTSEN_TEAMS_APP_ID": APP_ID,
            "LOTSEN_TEAMS_TENANT": TENANT,
            "LOTSEN_TEAMS_TENANTS": f"{TENANT}, {OTHER_TENANT}",
            "LOTSEN_TEAMS_SECRET": "a secret",
        }
    )
    assert found is not None
    return found


CONFIG = config()
KEYS = Keys()
GATE = Gate(CONFIG, KEYS)  # type: ignore[arg-type]
CLAIMS: Mapping[str, Any] = {"iss": ISSUER, "aud": APP_ID, "serviceurl": SERVICE}
ACTIVITY: Mapping[str, Any] = {
    "type": "message",
    "channelId": "msteams",
    "serviceUrl": SERVICE,
    "from": {"id": "29:user"},
    "conversation": {"id": "a:1", "tenantId": TENANT},
    "recipient": {"id": BOT},
    "channelData": {"tenant": {"id": TENANT}},
    "text": "hej",
}
NAMES = ["channelId", "serviceUrl", "conversation", "tenantId", "recipient", "channelData", "tenant", "id", "text"]
WORDS = ["msteams", SERVICE, TENANT, OTHER_TENANT, BOT, APP_ID, "emulator", "", "28:", f"https://{HOST}/"]
some = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
many = settings(some, max_examples=200)
MISSING = object()
"""In place of a part: it is left out."""

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=8)
json_values = st.recursive(
    scalars,
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), part, max_size=3)
    ),
    max_leaves=5,
)
PLACES: List[Tuple[str, ...]] = [
    ("channelId",), ("serviceUrl",), ("recipient",), ("recipient", "id"), ("conversation",),
    ("conversation", "tenantId"), ("channelData",), ("channelData", "tenant"), ("channelData", "tenant", "id"),
]  # fmt: skip


def refused(claims: Mapping[str, Any], activity: Mapping[str, Any]) -> Optional[int]:
    """Return the status with which an activity is refused; None if it is let in."""
    try:
        GATE.check(claims, activity)
    except NotTeams as error:
        return error.status
    return None


def text_at(activity: Any, *names: str) -> Any:
    """Return what is at a path, MISSING if there is no such path or there is null."""
    for name in names:
        if not isinstance(activity, dict) or activity.get(name) is None:
            return MISSING
        activity = activity[name]
    return activity


def right(claims: Mapping[str, Any], activity: Mapping[str, Any]) -> bool:
    """Tell in plain words whether an activity may be let in, for a place that is ``SERVICE`` or none."""
    places = [text_at(activity, "conversation", "tenantId"), text_at(activity, "channelData", "tenant", "id")]
    tenants = [place for place in places if place is not MISSING]
    return (
        text_at(activity, "channelId") == "msteams"
        and text_at(activity, "serviceUrl") == claims.get("serviceurl") == SERVICE
        and text_at(activity, "recipient", "id") == BOT
        and len(tenants) > 0
        and all(tenant in (TENANT, OTHER_TENANT) for tenant in tenants)
    )


def placed(place: Tuple[str, ...], value: Any) -> Dict[str, Any]:
    """Return the good activity with something else at a place."""
    activity = copy.deepcopy(dict(ACTIVITY))
    where = activity
    for name in place[:-1]:
        where = where[name]
    if value is MISSING:
        where.pop(place[-1])
    else:
        where[place[-1]] = value
    return activity


@some
@given(
    st.dictionaries(st.sampled_from(NAMES), json_values, max_size=6),
    st.dictionaries(st.just("serviceurl"), json_values),
)
def test_arbitrary_activities_are_refused(activity: Dict[str, Any], claims: Dict[str, Any]) -> None:
    """Whatever JSON comes is refused with 403, unless it happens to be right; nothing else is raised."""
    assert refused(claims, activity) == (None if right(claims, activity) else 403)


@many
@given(st.sampled_from(PLACES), json_values | st.just(MISSING))
@example(("channelData",), MISSING)
@example(("conversation", "tenantId"), MISSING)
@example(("conversation", "tenantId"), OTHER_TENANT)
def test_one_wrong_part_is_enough(place: Tuple[str, ...], value: Any) -> None:
    """A good activity with something else in one place is let in only if that is right, too."""
    activity = placed(place, value)
    assert refused(CLAIMS, activity) == (None if right(CLAIMS, activity) else 403)


@some
@given(json_values)
def test_the_token_is_for_one_place(value: Any) -> None:
    """A good activity goes with a token for its own place only."""
    assume(value != SERVICE)
    assert refused({**CLAIMS, "serviceurl": value}, ACTIVITY) == 403


@some
@given(st.dictionaries(st.text(max_size=10), json_values, max_size=3))
def test_the_rest_does_not_matter(more: Dict[str, Any]) -> None:
    """What else is said in token and activity changes nothing."""
    assert refused({**more, **CLAIMS}, {**more, **ACTIVITY}) is None


@some
@given(st.permutations([OTHER_TENANT, TENANT, TENANT]), st.sampled_from(["", TENANT.upper(), "cccc", f" {TENANT}"]))
def test_both_tenants_must_be_ours(ours: List[str], other: str) -> None:
    """Each of the two places counts: a tenant of ours in one does not make up for another in the other."""
    for conversation, channel, status in ((ours[0], ours[1], None), (ours[0], other, 403), (other, ours[1], 403)):
        activity = placed(("conversation", "tenantId"), conversation)
        activity["channelData"] = {"tenant": {"id": channel}}
        assert refused(CLAIMS, activity) == status


@pytest.mark.parametrize(
    "nowhere", [{}, {"tenant": None}, {"tenant": {}}, {"tenant": {"id": None}}, None, "a text", []]
)
def test_a_tenant_must_be_named(nowhere: Any) -> None:
    """Who names no tenant in either place is nobody's."""
    activity = placed(("channelData",), nowhere)
    assert refused(CLAIMS, activity) is None
    activity["conversation"] = {"id": "a:1"}
    assert refused(CLAIMS, activity) == 403


PARTS: List[List[str]] = [
    ["https", "HTTPS", "http", "ftp", "ws", "javascript", "https+http", ""],
    ["", "@", "a@", ":@", f"{HOST}@", f"{HOST}:443@", "a@b@"],
    [HOST, HOST.upper(), f"{HOST}.", f"{HOST}.evil.example", f"evil.{HOST}", "evil.example", "127.0.0.1", ""],
    ["", ":", ":443", ":0443", ":80", ":8443", ":0", ":99999", ":x", ":-1"],
    ["/emea/", "", "/", "//evil.example/", "/@evil.example", "/..", "/:80"],
    ["", "?x", "#x", "?@evil.example", "#@evil.example"],
]
"""Scheme, user name, host, port, path and what comes after; the first of each is good."""


def test_allowed_places() -> None:
    """Our token goes to https on its own port, to a host of the list; no user name, no query, no fragment."""
    right = set()
    for first, second in itertools.combinations(range(len(PARTS)), 2):
        two_vary = [part if index in (first, second) else part[:1] for index, part in enumerate(PARTS)]
        for scheme, user, host, port, path, end in itertools.product(*two_vary):
            own_port = port in ("", ":", ":443", ":0443")
            good = scheme.lower() == "https" and not user and host.lower() == HOST and own_port and not end
            place = f"{scheme}://{user}{host}{port}{path}{end}"
            assert allowed(place, HOSTS) == good, place
            right |= {place} if good else set()
    assert len(right) > 20


PIECES = [
    "https://", "http://", "https:", "//", "/", "\\", "@", ":", "?", "#", "%2f", "%40", "%00", ".", "[", "]", "::1",
    "\t", "\r", "\n", " ", "\0", "\u3002", "\uff0f", "\u2100", "\u00ad", "\u212a", "\u017f", HOST, HOST.upper(),
    "evil.example", "127.0.0.1", "localhost", "443", "80", "emea", "user", ";", "&", "|", "*", "å",
]  # fmt: skip
urls = st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join) | st.builds(
    lambda scheme, rest: scheme + "".join(rest),
    st.sampled_from(["https://", "http://"]),
    st.lists(st.sampled_from(PIECES), max_size=6),
)


@many
@given(urls, st.sampled_from([HOSTS, LOOPBACK]))
@example(f"https://{HOST}\n/emea/", HOSTS)
@example(f"https://{HOST}\\@evil.example/", HOSTS)
@example(f"https://{HOST}", HOSTS)
@example(f"https://{HOST}:443/emea/", HOSTS)
def test_what_is_allowed_is_where_our_token_goes(url: str, hosts: FrozenSet[str]) -> None:
    """aiohttp, which sends our token, reads an allowed address as we do: no host can be smuggled in between."""
    if not allowed(url, hosts):
        return
    with suppress(ValueError, InvalidURL):  # An address that cannot be called at all harms nobody.
        called = URL(f"{url.rstrip('/')}/v3/conversations/a%3A1/activities")
        assert called.host in hosts
        assert called.user is None and called.password is None
        assert (called.scheme, called.port) == ("https", 443) or (called.scheme == "http" and called.host in LOOPBACK)


@some
@given(urls, json_values)
@example(f"https://{HOST}", None)
def test_both_name_one_allowed_place(url: str, value: Any) -> None:
    """Token and activity that name one and the same place are let in only if it is an allowed one, and a text."""
    assert refused({**CLAIMS, "serviceurl": url}, placed(("serviceUrl",), url)) == (
        None if allowed(url, HOSTS) else 403
    )
    if not isinstance(value, str):
        assert refused({**CLAIMS, "serviceurl": value}, placed(("serviceUrl",), value)) == 403


@some
@given(st.text() | urls)
def test_any_text_is_an_answer(url: str) -> None:
    """Whatever the text, it is allowed or not; with an empty list nothing is."""
    assert allowed(url, HOSTS) in (True, False)
    assert not allowed(url, frozenset())


@pytest.mark.parametrize("cloud", CLOUDS.values(), ids=CLOUDS.keys())
@pytest.mark.parametrize(
    "place", ["http://127.0.0.1:8080/", "http://localhost/", "http://[::1]/", "https://127.0.0.1/"]
)
def test_this_machine_is_allowed_only_if_named(cloud: Cloud, place: str) -> None:
    """Plain http and other ports are for tests: they need a host of this machine in the list, and no cloud has one."""
    assert not allowed(place, cloud.hosts)
    assert allowed(place, LOOPBACK)


def signed(header: Any, claims: Any) -> str:
    """Return a token whose signature is right, whatever it says."""
    parts = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{parts}.{base64url(RS256.sign(parts.encode(), rsa_key('teams')))}"


def good_claims(**changes: Any) -> Dict[str, Any]:
    """Return the claims of a good token, with changes."""
    now = int(time.time())
    return {**CLAIMS, "nbf": now - 60, "exp": now + HOUR, **changes}


async def entered(authorization: str) -> Any:
    """Return what the token of an ``Authorization`` header says, or the status with which it is refused."""
    try:
        return await GATE.claims(authorization)
    except NotTeams as error:
        assert not [part for part in authorization.split(".") if len(part) > 20 and part in str(error)]
        return error.status


@pytest.mark.asyncio
async def test_a_good_token() -> None:
    """It is let in, with what it says; a refusal below is no accident of the test's."""
    claims = good_claims()
    assert await entered(f"Bearer {signed(HEADER, claims)}") == claims
    assert await entered(f"bearer {signed(HEADER, claims)}") == claims


@pytest.mark.asyncio
@some
@given(st.text() | st.text(alphabet="Bearer .e30=\udcff\0\t").map("Bearer ".__add__))
@example("Bearer")
@example("Bearer ..")
@example("Bearer " + base64url(b"[" * 3_000) + ".e30.e30")
async def test_any_text_is_refused(authorization: str) -> None:
    """What is no token is refused with 401, whatever it is; nothing else is raised."""
    assert await entered(authorization) == 401


@pytest.mark.asyncio
@some
@given(
    json_values | st.dictionaries(st.sampled_from(["alg", "kid", "crit", "b64"]), json_values), json_values, st.binary()
)
@example({**HEADER}, dict(CLAIMS), b"")
async def test_unsigned_tokens_are_refused(header: Any, claims: Any, signature: bytes) -> None:
    """Three parts, each any JSON, and any signature."""
    parts = [base64url(json.dumps(part).encode()) for part in (header, claims)]
    assert await entered("Bearer " + ".".join([*parts, base64url(signature)])) == 401


@pytest.mark.asyncio
@some
@given(
    st.dictionaries(st.text(max_size=8), json_values, max_size=3),
    st.sampled_from(["RS256"] * 3 + ["none", "HS256", "RS512", "PS256", "rs256", "", None, ["RS256"], 0]),
    st.sampled_from(["teams"] * 3 + ["web", "unknown", "", "TEAMS", None, ["teams"], 7]),
    st.sampled_from([{}, {}, {}, {"crit": []}, {"crit": ["exp"]}, {"crit": ["b64"], "b64": True}, {"crit": None}]),
)
@example({}, "RS256", "teams", {})
@example({}, "RS256", "web", {})
@example({}, "RS256", "teams", {"crit": ["b64"], "b64": True})
async def test_headers(more: Dict[str, Any], alg: Any, kid: Any, critical: Dict[str, Any]) -> None:
    """Only RS256 and the id of a key that may speak for Teams are let in; other algorithms cause no look for keys."""
    assume(not more.keys() & {"b64", "crit"})
    header = {**more, "alg": alg, "kid": kid, **critical}
    before = len(KEYS.asked)
    claims = good_claims()
    got = await entered(f"Bearer {signed(header, claims)}")
    right = alg == "RS256" and not critical
    assert got == (claims if right and kid == "teams" else 403 if right and kid == "web" else 401)
    assert len(KEYS.asked) - before == (1 if right and isinstance(kid, str) else 0)


times = st.integers(-3 * LEEWAY_SECONDS, 3 * LEEWAY_SECONDS).filter(
    lambda seconds: abs(abs(seconds) - LEEWAY_SECONDS) > 60
)


@pytest.mark.asyncio
@some
@given(times, times, st.none() | times)
async def test_times(exp: int, nbf: int, iat: Optional[int]) -> None:
    """Five minutes are allowed for clocks that differ, on either side."""
    now = int(time.time())
    made = {"iat": now + iat} if iat is not None else {}
    got = await entered(f"Bearer {signed(HEADER, good_claims(exp=now + exp, nbf=now + nbf, **made))}")
    assert (got != 401) == (exp > -LEEWAY_SECONDS and nbf < LEEWAY_SECONDS and (iat or 0) < LEEWAY_SECONDS)


@pytest.mark.asyncio
@some
@given(st.sampled_from(["iss", "aud", "exp", "serviceurl"]), json_values)
@example("aud", [APP_ID])
@example("iss", [ISSUER])
async def test_one_wrong_claim_is_enough(name: str, value: Any) -> None:
    """A well signed token with another value in one place is refused; its place is for ``check`` to look at."""
    assume(name != "exp" or not isinstance(value, (int, float)) or value < time.time() - HOUR or value == float("inf"))
    got = await entered(f"Bearer {signed(HEADER, good_claims(**{name: value}))}")
    assert (got != 401) == (name == "serviceurl" and value is not None)


@pytest.mark.asyncio
@pytest.mark.parametrize("exp", ["4000000000", " 4000000000", "4_000_000_000"])
async def test_an_expiry_is_a_number(exp: str) -> None:
    """A time in quotes is none (RFC 7519, 2)."""
    assert await entered(f"Bearer {signed(HEADER, good_claims(exp=exp))}") == 401


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["iss", "aud", "exp", "serviceurl"])
async def test_one_missing_claim_is_enough(name: str) -> None:
    """A well signed token that leaves out one of four things is refused."""
    claims = {key: value for key, value in good_claims().items() if key != name}
    assert await entered(f"Bearer {signed(HEADER, claims)}") == 401


@pytest.mark.asyncio
@some
@given(st.data())
async def test_one_wrong_character_is_enough(data: st.DataObject) -> None:
    """A good token with a character changed, left out or put in is refused."""
    token = signed(HEADER, good_claims())
    place = data.draw(st.integers(0, len(token) - 1))
    new = data.draw(st.sampled_from(["", *"Aa9-_. /+\0é"]))
    end = place + data.draw(st.integers(0, 1))
    changed = token[:place] + new + token[end:]
    assume(changed != token)
    assert await entered(f"Bearer {changed}") == 401


@pytest.mark.asyncio
async def test_too_long_a_token_is_not_looked_at() -> None:
    """Over the limit nothing is read of it, and no key is looked for."""
    before = len(KEYS.asked)
    token = signed(HEADER, good_claims(pad="x" * MAX_TOKEN))
    assert await entered(f"Bearer {token}") == 401
    assert len(KEYS.asked) == before


@pytest.mark.asyncio
async def test_a_key_that_cannot_be_had_is_no_refusal() -> None:
    """While nobody knows the keys, a token may be good: that is said, and not that it is bad."""
    with pytest.raises(KeysUnavailable):
        await GATE.claims(f"Bearer {signed({**HEADER, 'kid': DOWN}, good_claims())}")
