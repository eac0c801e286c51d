"""Calls to Teams: what is posted and where, what each answer means, how fast, and that the token goes nowhere else."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from bisect import bisect_left
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, AsyncIterator, Callable, Dict, FrozenSet, Iterator, List, Tuple, Type

import pytest
import pytest_asyncio

from lotsen.channels.person import Person
from lotsen.channels.teams.config import read_teams
from lotsen.channels.teams.connector import DEFAULT_PAUSE_SECONDS, PATIENCE_SECONDS, Connector, Gone, Later, Wrong
from lotsen.channels.teams.http import Answer, Http
from lotsen.channels.teams.references import Reference
from lotsen.channels.teams.token import BotToken
from tests.support.clock import Clock
from tests.support.microsoft import APP_ID, TENANT, Behaviour, Microsoft

OTHER_TENANT = "99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee"
HOSTS = frozenset({"127.0.0.1"})
HELLO = {"type": "message", "text": "hej"}
FAST = 5_000.0
"""Calls in a second, where pace is not what is tried."""
PER_SECOND = 50


class NotedHttp(Http):
    """A client that notes what it calls, and when."""

    def __init__(self, **about: Any) -> None:
        """Nothing is called yet."""
        super().__init__(**about)
        self.called: List[Tuple[str, float]] = []

    async def call(self, method: str, url: str, *about: Any, **more: Any) -> Answer:
        """Note the call and do it."""
        self.called.append((url, time.monotonic()))
        return await super().call(method, url, *about, **more)

    def moments(self, tenant: str) -> List[float]:
        """Return when a tenant was called."""
        return [at for url, at in self.called if f"/{tenant}/" in url]


@pytest.fixture
def microsoft() -> Iterator[Microsoft]:
    """A Microsoft of each test's own."""
    running = Microsoft()
    yield running
    running.close()


@pytest.fixture
def clock() -> Clock:
    """The connector's clock, where a test sets it."""
    return Clock()


Making = Callable[..., Connector]


@pytest_asyncio.fixture
async def make(microsoft: Microsoft) -> AsyncIterator[Making]:
    """Makes connectors of one bot."""
    made: List[Connector] = []

    def one(
        per_second: float = FAST,
        clock: Callable[[], float] = time.monotonic,
        hosts: FrozenSet[str] = HOSTS,
        http: Any = None,
    ) -> Connector:
        config = read_teams(microsoft.settings())
        assert config is not None
        http = http or Http()
        made.append(Connector(BotToken(config, http, {}), http, hosts, per_second, clock))
        return made[-1]

    yield one
    for each in made:
        await each.close()


def place(
    microsoft: Microsoft,
    tenant: str = TENANT,
    service: str = "",
    conversation: str = "a:1",
    user: str = "29:somebody",
) -> Reference:
    """Return where a conversation is held."""
    service = service or f"{microsoft.url}/emea/{tenant}/"
    return Reference("teams-1", tenant, service, conversation, user, f"28:{APP_ID}", False, 0, 0)


def nowhere() -> str:
    """Return an address that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def most_in_a_second(moments: List[float]) -> int:
    """Return the largest number of moments in any window of one second."""
    ordered = sorted(moments)
    return max(bisect_left(ordered, one + 1.0) - place for place, one in enumerate(ordered))


@pytest.mark.asyncio
async def test_a_message_is_addressed(make: Making, microsoft: Microsoft) -> None:
    """From the bot, to the user, in the conversation; Teams' id of it comes back."""
    assert await make().send(place(microsoft), HELLO) == "posted-1"
    (call,) = microsoft.posted
    assert (call.method, call.path, call.conversation) == ("POST", "activities", "a:1")
    assert call.authorization == "Bearer token 1"
    assert call.body == {
        **HELLO,
        "from": {"id": f"28:{APP_ID}"},
        "recipient": {"id": "29:somebody"},
        "conversation": {"id": "a:1"},
    }


@pytest.mark.parametrize("body", [None, [], "x", {"id": None}, {"id": 7}])
@pytest.mark.asyncio
async def test_an_answer_without_an_id(body: Any, make: Making, microsoft: Microsoft) -> None:
    """The message is taken all the same; it has no name then."""

    class Odd(Http):
        async def call(self, method: str, url: str, *about: Any, **more: Any) -> Answer:
            answer = await super().call(method, url, *about, **more)
            return answer if url.endswith("/token") else Answer(answer.status, body)

    assert await make(http=Odd()).send(place(microsoft), HELLO) == ""
    assert len(microsoft.posted) == 1


@pytest.mark.parametrize(
    "id",
    [
        "19:abc;messageid=12@thread.tacv2/..",
        "19:abc@thread.tacv2;messageid=1700000000000",
        "a:1/../../../token?x=y#z",
        "a:%2F%25 +&=?#",
        "a:åäö 😀",
        "29:1b/c\\d",
    ],
)
@pytest.mark.asyncio
async def test_ids_are_quoted(id: str, make: Making, microsoft: Microsoft) -> None:
    """Whatever an id holds, it stays one part of the address, and arrives as it was."""
    microsoft.members[id] = {"name": "Amina"}
    connector = make()
    await connector.send(place(microsoft, conversation=id), HELLO)
    assert await connector.person(place(microsoft, conversation=id, user=id)) == Person("Amina")
    sent, asked = microsoft.calls
    assert (sent.conversation, sent.path) == (id, "activities")
    assert (asked.conversation, asked.path) == (id, f"members/{id}")
    assert sent.raw.startswith(f"/emea/{TENANT}/v3/conversations/") and sent.raw.count("/") == 6
    assert asked.raw.count("/") == 7
    assert sent.body["conversation"]["id"] == id


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.asyncio
async def test_a_service_with_and_without_a_slash(slash: str, make: Making, microsoft: Microsoft) -> None:
    """Microsoft writes both."""
    await make().send(place(microsoft, service=f"{microsoft.url}/emea/{TENANT}{slash}"), HELLO)
    assert microsoft.calls[0].raw == f"/emea/{TENANT}/v3/conversations/a:1/activities"


@pytest.mark.parametrize(
    ("member", "read"),
    [
        ({"name": "Amina Öberg", "email": "amina@example.se"}, Person("Amina Öberg", "", "amina@example.se")),
        ({"name": "Amina", "userPrincipalName": "aob@example.se"}, Person("Amina", "", "aob@example.se")),
        (
            {"name": "Amina", "email": "a@example.se", "userPrincipalName": "b@example.se"},
            Person("Amina", "", "a@example.se"),
        ),
        ({"name": " Amina\r\n\tÖberg ", "email": " a@example.se\n"}, Person("Amina Öberg", "", "a@example.se")),
        ({"name": "Amina", "email": "amina@example.se\nBcc: b@example.se"}, Person("Amina")),
        ({"name": "Amina", "email": "ingen"}, Person("Amina")),
        ({"name": ["Amina"], "email": {"a": 1}}, Person("")),
        ({"id": "29:somebody"}, Person("")),
    ],
)
@pytest.mark.asyncio
async def test_who_the_user_is(member: Dict[str, Any], read: Person, make: Making, microsoft: Microsoft) -> None:
    """Name and address as Teams has them, each on one line; what is no address is left out."""
    microsoft.members["29:somebody"] = member
    assert await make().person(place(microsoft)) == read
    (call,) = microsoft.calls
    assert (call.method, call.path, call.body) == ("GET", "members/29:somebody", None)


@pytest.mark.asyncio
async def test_a_name_is_masked_and_short(make: Making, microsoft: Microsoft) -> None:
    """A personal number in a name does not get into a case."""
    microsoft.members["29:somebody"] = {"name": "Amina 19121212-1212 " + "x" * 500}
    found = await make().person(place(microsoft))
    assert "1212" not in found.name and len(found.name) <= 100


@pytest.mark.asyncio
async def test_a_user_who_is_not_there(make: Making, microsoft: Microsoft) -> None:
    """Teams knows nobody of this id."""
    with pytest.raises(Gone, match="404"):
        await make().person(place(microsoft))


@pytest.mark.asyncio
async def test_a_refused_token_is_replaced(make: Making, microsoft: Microsoft) -> None:
    """401 once: the same message with a new token, and nobody hears of it."""
    microsoft.behave(Behaviour(401))
    assert await make().send(place(microsoft), HELLO) == "posted-1"
    first, second = microsoft.calls
    assert (first.authorization, second.authorization) == ("Bearer token 1", "Bearer token 2")
    assert first.body == second.body


@pytest.mark.asyncio
async def test_a_token_refused_twice(make: Making, microsoft: Microsoft) -> None:
    """401 for the new one too: later, and not again and again now."""
    microsoft.behave(Behaviour(401), Behaviour(401))
    with pytest.raises(Later, match="401"):
        await make().send(place(microsoft), HELLO)
    assert (len(microsoft.calls), len(microsoft.token_requests)) == (2, 2)


@pytest.mark.asyncio
async def test_many_refused_tokens_are_replaced_once(make: Making, microsoft: Microsoft) -> None:
    """All calls that an old token was refused for share the new one."""
    connector, held = make(), threading.Event()
    microsoft.behave(*[Behaviour(401, hold=held)] * 20)
    sending = asyncio.gather(*(connector.send(place(microsoft, conversation=f"a:{n}"), HELLO) for n in range(20)))
    look = lambda: len(microsoft.calls) == 20  # noqa: E731
    await asyncio.get_running_loop().run_in_executor(None, microsoft.wait_for, look, "20 calls")
    held.set()
    await sending
    assert len(microsoft.token_requests) == 2
    assert {call.authorization for call in microsoft.posted} == {"Bearer token 2"}


@pytest.mark.asyncio
async def test_no_token_is_later(make: Making, microsoft: Microsoft) -> None:
    """Teams is not called without one."""
    microsoft.token_answers.append((400, {"error": "invalid_client", "error_description": "AADSTS7000222: expired"}))
    with pytest.raises(Later, match="no token: 400 invalid_client AADSTS7000222"):
        await make().send(place(microsoft), HELLO)
    assert microsoft.calls == []


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        *[(status, Later) for status in (402, 405, 406, 408, 409, 412, 429, 500, 501, 502, 503, 504)],
        *[(status, Gone) for status in (403, 404, 410)],
        *[(status, Wrong) for status in (400, 413, 415, 422)],
    ],
)
@pytest.mark.asyncio
async def test_what_an_answer_means(status: int, meaning: Type[Exception], make: Making, microsoft: Microsoft) -> None:
    """Each is told from the others, with Teams' code and nothing of the message."""
    microsoft.behave(Behaviour(status, body={"error": {"code": "SomeCode", "message": "hej"}}))
    with pytest.raises(meaning) as error:
        await make().send(place(microsoft), HELLO)
    assert str(error.value) == f"{status} SomeCode"
    assert len(microsoft.calls) == 1


@pytest.mark.parametrize(
    "body", [[], "hej", {"error": "hej"}, {"error": {"code": ["hej"]}}, {"error": {"code": "x" * 500}}]
)
@pytest.mark.asyncio
async def test_an_error_that_cannot_be_read(body: Any, make: Making, microsoft: Microsoft) -> None:
    """The status is enough; the reason stays short."""
    microsoft.behave(Behaviour(500, body=body))
    with pytest.raises(Later) as error:
        await make().send(place(microsoft), HELLO)
    assert str(error.value).startswith("500") and len(str(error.value)) <= 100
    assert "hej" not in str(error.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ({"Retry-After": "60"}, 60.0),
        ({"Retry-After": "Fri, 27 Nov 2026 08:01:30 GMT"}, 90.0),
        ({}, DEFAULT_PAUSE_SECONDS),
        ({"Retry-After": "0"}, DEFAULT_PAUSE_SECONDS),
        ({"Retry-After": "Fri, 27 Nov 2026 07:00:00 GMT"}, DEFAULT_PAUSE_SECONDS),
        ({"Retry-After": "senare"}, DEFAULT_PAUSE_SECONDS),
    ],
)
@pytest.mark.asyncio
async def test_a_busy_tenant_rests(
    header: Dict[str, str],
    seconds: float,
    make: Making,
    microsoft: Microsoft,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After 429 no conversation of the tenant calls until the time is over; other tenants go on."""
    monkeypatch.setattr("lotsen.retrying.utc_now", lambda: datetime(2026, 11, 27, 8, tzinfo=timezone.utc))
    monkeypatch.setattr("lotsen.channels.teams.connector.PATIENCE_SECONDS", 0.0)
    connector = make(clock=clock)
    microsoft.behave(Behaviour(429, header))
    with pytest.raises(Later) as error:
        await connector.send(place(microsoft), HELLO)
    assert error.value.seconds == seconds
    clock.now += seconds - 1
    for conversation in ("a:1", "a:2"):
        with pytest.raises(Later) as error:
            await connector.send(place(microsoft, conversation=conversation), HELLO)
        assert error.value.seconds == 1
    with pytest.raises(Later):
        await connector.person(place(microsoft))
    await connector.send(place(microsoft, OTHER_TENANT), HELLO)
    assert [f"/{OTHER_TENANT}/" in call.raw for call in microsoft.calls] == [False, True]
    clock.now += 1
    await connector.send(place(microsoft), HELLO)
    assert len(microsoft.posted) == 2


@pytest.mark.asyncio
async def test_a_longer_rest_is_not_cut_short(make: Making, microsoft: Microsoft, clock: Clock) -> None:
    """Of two calls under way the later answer asks for less: the longer time counts."""
    connector, held = make(clock=clock), threading.Event()
    microsoft.behave(Behaviour(429, {"Retry-After": "100"}), Behaviour(429, {"Retry-After": "10"}, hold=held))
    both = [asyncio.ensure_future(connector.send(place(microsoft, conversation=id), HELLO)) for id in ("a:1", "a:2")]
    (early,), _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    held.set()
    late = next(one for one in both if one is not early)
    await asyncio.wait(both)
    waits = [error.seconds for one in (early, late) if isinstance(error := one.exception(), Later)]
    assert waits == [100, 10]
    clock.now += 99 - PATIENCE_SECONDS
    with pytest.raises(Later, match="too many calls"):
        await connector.send(place(microsoft), HELLO)


@pytest.mark.asyncio
async def test_a_short_rest_is_waited_for(make: Making, microsoft: Microsoft) -> None:
    """Who need not wait long does, and is not put off. What comes then comes evenly too."""
    http = NotedHttp()
    connector = make(20, http=http)
    microsoft.behave(Behaviour(429, {"Retry-After": "1"}))
    with pytest.raises(Later):
        await connector.send(place(microsoft), HELLO)
    (refused,) = http.moments(TENANT)
    await asyncio.gather(*(connector.send(place(microsoft, conversation=f"a:{n}"), HELLO) for n in range(30)))
    after = http.moments(TENANT)[1:]
    assert len(microsoft.posted) == len(after) == 30
    assert min(after) >= refused + 1
    assert most_in_a_second(after) <= 21


@pytest.mark.parametrize("status", [412, 500, 503])
@pytest.mark.asyncio
async def test_a_fault_of_teams_may_say_when(status: int, make: Making, microsoft: Microsoft, clock: Clock) -> None:
    """The time is passed on; the rest of the tenant need not wait for it."""
    connector = make(clock=clock)
    microsoft.behave(Behaviour(status, {"Retry-After": "60"}))
    with pytest.raises(Later) as error:
        await connector.send(place(microsoft), HELLO)
    assert error.value.seconds == 60
    await connector.send(place(microsoft), HELLO)


@pytest.mark.asyncio
async def test_teams_is_dead(make: Making, microsoft: Microsoft) -> None:
    """Nobody answers."""
    with pytest.raises(Later, match="ClientConnectorError"):
        await make().send(place(microsoft, service=nowhere()), HELLO)


@pytest.mark.asyncio
async def test_teams_is_slow(make: Making, microsoft: Microsoft) -> None:
    """A call is given up after the time limit, not after the answer."""
    held = threading.Event()
    microsoft.behave(Behaviour(hold=held))
    with pytest.raises(Later, match=r"no answer in 0\.2 s"):
        await make(http=Http(timeout=0.2)).send(place(microsoft), HELLO)
    held.set()


@pytest.mark.asyncio
async def test_the_connection_is_cut(make: Making, microsoft: Microsoft) -> None:
    """Nobody knows whether the message was taken: later."""
    microsoft.behave(Behaviour(drop=True))
    with pytest.raises(Later, match="ServerDisconnectedError"):
        await make().send(place(microsoft), HELLO)


@pytest.mark.parametrize("status", [201, 500])
@pytest.mark.asyncio
async def test_an_answer_without_end(status: int, make: Making, microsoft: Microsoft) -> None:
    """It is not read without end."""
    microsoft.behave(Behaviour(status, endless=True))
    with pytest.raises(Later, match="too long an answer"):
        await make().send(place(microsoft), HELLO)
    await make().send(place(microsoft), HELLO)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.asyncio
async def test_redirects_are_not_followed(status: int, make: Making, microsoft: Microsoft) -> None:
    """The token is for the address that the conversation has."""
    other = Microsoft()
    microsoft.behave(Behaviour(status, {"Location": f"{other.service}v3/conversations/a:1/activities"}))
    with pytest.raises(Later, match=str(status)):
        await make().send(place(microsoft), HELLO)
    assert (len(microsoft.calls), other.calls) == (1, [])
    other.close()


@pytest.mark.parametrize(
    "service",
    [
        "https://example.se/emea/",
        "https://127.0.0.1.example.se/",
        "https://127.0.0.1@example.se/",
        "https://example.se/?127.0.0.1",
        "https://127.0.0.1:8443/",
        "https://127.0.0.1/?x=y",
        "https://127.0.0.1/#x",
        "http://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net.example.se/",
        "https://user:password@smba.trafficmanager.net/",
        "ftp://127.0.0.1/",
        "//127.0.0.1/",
        "127.0.0.1",
        "https://[",
        "https://127.0.0.1:port/",
        "",
    ],
)
@pytest.mark.asyncio
async def test_only_hosts_of_the_list_are_called(service: str, make: Making, microsoft: Microsoft) -> None:
    """The token, and what was said, would be given away."""
    http = NotedHttp()
    connector = make(hosts=frozenset({"127.0.0.1", "smba.trafficmanager.net"}), http=http)
    reference = Reference("teams-1", TENANT, service, "a:1", "29:x", "28:y", False, 0, 0)
    for call in (connector.send(reference, HELLO), connector.person(reference)):
        with pytest.raises(Gone, match="LOTSEN_TEAMS_HOSTS"):
            await call
    assert (http.called, microsoft.token_requests) == ([], [])


@pytest.mark.asyncio
async def test_a_host_that_was_taken_off_the_list(make: Making, microsoft: Microsoft) -> None:
    """What was stored before does not count."""
    with pytest.raises(Gone):
        await make(hosts=frozenset({"smba.trafficmanager.net"})).send(place(microsoft), HELLO)
    assert (microsoft.calls, microsoft.token_requests) == ([], [])


@pytest.mark.asyncio
async def test_a_netrc_does_not_replace_the_token(
    make: Making, microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a machine's user keeps for other programs is not sent to Teams."""
    (tmp_path / "netrc").write_text("default login somebody password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    await make().send(place(microsoft), HELLO)
    assert microsoft.calls[0].authorization == "Bearer token 1"


@pytest.mark.asyncio
async def test_the_pace_of_a_tenant(make: Making, microsoft: Microsoft) -> None:
    """At most 50 calls in a second, evenly, whatever there is to do; another tenant does not wait for it.

    Judged exactly by when the calls are made. A busy machine may note some of them late, so that a few more arrive
    together; a burst would be twice as many.
    """
    http = NotedHttp()
    connector = make(PER_SECOND, http=http)
    many = [connector.send(place(microsoft, conversation=f"a:{n}"), HELLO) for n in range(110)]
    few = [connector.send(place(microsoft, OTHER_TENANT, conversation=f"b:{n}"), HELLO) for n in range(10)]
    await asyncio.gather(*many, *few)
    made = http.moments(TENANT)
    assert len(made) == 110
    assert most_in_a_second(made) <= PER_SECOND + 1
    assert most_in_a_second([call.at for call in microsoft.calls if f"/{TENANT}/" in call.raw]) <= 1.5 * PER_SECOND
    others = [number for number, call in enumerate(microsoft.calls) if f"/{OTHER_TENANT}/" in call.raw]
    assert len(others) == 10 and max(others) < 60


@pytest.mark.asyncio
async def test_a_second_try_keeps_the_pace_too(make: Making, microsoft: Microsoft) -> None:
    """Calls that are made anew with a new token count like all."""
    http = NotedHttp()
    connector = make(20, http=http)
    microsoft.behave(*[Behaviour(401)] * 15)
    await asyncio.gather(*(connector.send(place(microsoft, conversation=f"a:{n}"), HELLO) for n in range(15)))
    assert len(http.moments(TENANT)) == 30
    assert most_in_a_second(http.moments(TENANT)) <= 21
