"""Beyond one process: two workers and two hosts on PostgreSQL and Redis, without sticky sessions, and what fails there.

The same end-to-end tests as on the embedded default run so with ``make test-outgrown``; here is what only this has.
"""

from __future__ import annotations

import secrets
import tempfile
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Iterator, List

import pytest

from lotsen.cases.access import WRONG_PER_CONVERSATION
from lotsen.cases.store import Case, CaseStore
from lotsen.storage.database import open_engine
from tests.e2e.test_web_channel import Stream
from tests.support import outgrown
from tests.support.chat import ChatClient
from tests.support.expected import answers, catalog, text
from tests.support.handoff import CHAT, eventually, number_and_code, send_case
from tests.support.microsoft import Microsoft
from tests.support.postgres import INSTALL, Postgres, binaries
from tests.support.redis import INSTALL as INSTALL_REDIS
from tests.support.redis import Redis, server
from tests.support.running import RunningLotsen, environment
from tests.support.teams import TeamsUser
from tests.support.workers import ScatteredChat, Way

FAULT = "Det står ”Webbsidan kan inte visas” när jag försöker logga in"
SECRET = {"LOTSEN_SECRET": secrets.token_urlsafe(48)}
ROWS = [row for row in catalog() if row["kind"] == "answer"][:3]
ASKED = [(row["question"], answers()[f"utter_{row['id']}"]) for row in ROWS]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that tests may stop and start."""
    if binaries() is None:
        pytest.skip(f"PostgreSQL is not installed: {INSTALL}")
    with tempfile.TemporaryDirectory(prefix="lotsen-postgres-") as folder:
        running = Postgres(Path(folder))
        yield running
        running.stop()


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    """A Redis that tests may stop and start."""
    if server() is None:
        pytest.skip(f"Redis is not installed: {INSTALL_REDIS}")
    with tempfile.TemporaryDirectory(prefix="lotsen-redis-") as folder:
        running = Redis(Path(folder))
        yield running
        running.stop()


@pytest.fixture(scope="module")
def own(
    model: Path, postgres: Postgres, redis: Redis, own_microsoft: Microsoft, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningLotsen]:
    """The first host, with two workers, the desk and all."""
    settings = {**outgrown.settings(postgres, redis), **SECRET, **own_microsoft.settings(), "SANIC_WORKERS": "3"}
    running = RunningLotsen(environment(tmp_path_factory.mktemp("outgrown"), **settings))
    yield running
    assert running.stop() == 0, "".join(running.output)


@pytest.fixture(scope="module")
def ways(own: RunningLotsen) -> List[Way]:
    """A connection to each worker."""
    servers = own.rasa_servers()
    assert len(servers) == outgrown.WORKERS
    return [Way(own, server) for server in servers]


@pytest.fixture
def chat(ways: List[Way]) -> ScatteredChat:
    """A user whose messages go to the workers in turn; what is said is asked for at the other one."""
    return ScatteredChat(ways)


def test_workers_are_as_many_as_set(own: RunningLotsen) -> None:
    """Rasa ignores SANIC_WORKERS without a word (trap 19): LOTSEN_WORKERS counts, and whoever set the other is told."""
    assert len(own.rasa_servers()) == outgrown.WORKERS
    assert any("SANIC_WORKERS" in line for line in own.output)


def test_a_guide_over_both_workers(chat: ScatteredChat) -> None:
    """Each step is taken at another worker than the one before; none is lost, and none is told twice."""
    chat.say(FAULT)
    for step in (2, 3, 4):
        assert chat.press("Klart")[-1].text.startswith(f"**Steg {step} av 8**")
    assert [message["id"] for message in chat.history()] == list(range(1, len(chat.history()) + 1))


def test_a_stream_at_one_worker_hears_the_other(own: RunningLotsen, chat: ScatteredChat, ways: List[Way]) -> None:
    """What is said, that the bot is at work, and that it is not any more."""
    listening = Way(own, ways[0].server)
    stream = Stream(ChatClient(own.base, chat.token), get=listening.session.get)
    other, actions = ScatteredChat([ways[1]], chat.token), own.action_server()
    actions.suspend()  # Else a turn is over sooner than it is told of.
    try:
        other.post("/messages", {"text": FAULT, "client_id": "other"})
        eventually(lambda: any(event["busy"] for event in stream.events))
    finally:
        actions.resume()
    eventually(lambda: stream.texts[-1:] and "**Steg 1 av 8**" in stream.texts[-1] and not stream.events[-1]["busy"])
    other.say("vad är ett moment?")
    eventually(lambda: answers()["utter_what_is_a_module"] in stream.texts and not stream.events[-1]["busy"])
    listening.session.close()


def test_messages_at_the_same_moment_are_answered_in_order(
    own: RunningLotsen, chat: ScatteredChat, ways: List[Way]
) -> None:
    """Three, at both workers at once: each is answered after the one before it, and all of them are."""
    before = len(chat.history())

    def post(number: int) -> int:
        way = Way(own, ways[number % 2].server)
        headers = {"Authorization": f"Bearer {chat.token}"}
        body = {"text": ASKED[number][0], "client_id": uuid.uuid4().hex}
        return way.session.post(f"{way.base}/messages", json=body, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(post, range(3))) == [202] * 3
    eventually(lambda: len(chat.history()) == before + 6)
    said = chat.history()[before:]
    asked = [message["text"] for message in said if message["author"] == "user"]
    replies = dict(ASKED)
    assert [message["text"] for message in said if message["author"] == "bot"] == [replies[one] for one in asked]


def test_a_case_that_is_sent_twice_at_once_is_one(own: RunningLotsen, chat: ScatteredChat, ways: List[Way]) -> None:
    """A double click that reaches both workers: one case, one number, and no second message of the user."""
    chat.say("jag vill prata med en människa")
    chat.press("Jag eller en kollega")
    problem = f"Knappen {uuid.uuid4().hex} är grå"
    chat.say(problem)
    chat.press(CHAT)
    yes = {"choice": chat.choice_id("Ja, skicka"), "client_id": uuid.uuid4().hex}
    at_once = threading.Barrier(2)

    def click(way: Way) -> int:
        at_once.wait()
        return ScatteredChat([way], chat.token).post("/messages", yes).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(click, ways)) == [202, 202]
    said = chat.listen()
    number, _ = number_and_code(said[0])
    stored = [case for case in CaseStore(open_engine(own.database_url)).all() if problem in case.draft.problem]
    assert [case.number for case in stored] == [number]


def test_guesses_are_counted_over_both_workers(own: RunningLotsen, chat: ScatteredChat) -> None:
    """Wrong codes for a case, at one worker and the other: after so many in all the right one opens nothing either."""
    number, code = send_case(own.chat(), "Får inget svar")
    for _ in range(WRONG_PER_CONVERSATION):
        assert chat.say(f"{number} 2222-2222")[0].text == text("case_unknown")
    assert chat.say(f"{number} {code}")[0].text == text("case_unknown")
    assert f"**{number}**" in own.chat().say(f"{number}, koden är {code}")[0].text


def test_teams_that_tells_again_elsewhere_is_answered_once(own: RunningLotsen, own_microsoft: Microsoft) -> None:
    """Eight times the same activity, at whichever worker: one turn, one reply."""
    user = TeamsUser(own_microsoft, own)
    activity = user.activity(text="hej")
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(user.send, [activity] * 8)} == {200}
    assert len(user.hear()) == 1


def test_redis_goes_and_comes(own: RunningLotsen, redis: Redis, chat: ScatteredChat) -> None:
    """Nobody notices: the database keeps order. The log says it once for each worker, without the password."""
    chat.say(FAULT)
    redis.stop()
    try:
        assert chat.press("Klart")[-1].text.startswith("**Steg 2 av 8**")
        assert chat.press("Klart")[-1].text.startswith("**Steg 3 av 8**")
        assert "Redis cannot be asked" in own.rasa_log()
    finally:
        redis.start()

    def used_again() -> bool:
        chat.say("vad är ett moment?")
        return "Redis answers again" in own.rasa_log()

    eventually(used_again)
    assert redis.password not in own.rasa_log()
    assert redis.url not in own.rasa_log()


def test_redis_holds_nothing_when_nobody_is_at_work(redis: Redis, chat: ScatteredChat) -> None:
    """Locks are there for as long as a turn, and nothing else ever is."""
    chat.say("vad är ett moment?")
    with redis.client() as client:
        eventually(lambda: not client.keys())


def test_postgresql_goes_and_comes(own: RunningLotsen, postgres: Postgres, chat: ScatteredChat) -> None:
    """Who writes meanwhile is told to try again; afterwards all are at their step, and what was confirmed is there."""
    other = own.chat()
    other.say("jag vill prata med en människa")
    other.press("Jag eller en kollega")
    other.say("Listan är tom")
    other.press(CHAT)
    number, _ = number_and_code(other.press("Ja, skicka")[0])
    chat.say(FAULT)
    chat.press("Klart")
    sent = {"choice": chat.choice_id("Klart"), "client_id": uuid.uuid4().hex}
    postgres.stop()
    try:
        refused = [chat.post("/messages", sent) for _ in range(4)]
    finally:
        postgres.start()
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (500, "failed")
        assert "försök igen" in answer.json()["error"]
        assert "psycopg2" not in answer.text
    eventually(lambda: chat.post("/messages", sent).status_code == 202)  # The page sends it again, under the same id.
    assert chat.listen()[-1].text.startswith("**Steg 3 av 8**")
    assert f"**{number}**" in other.say("hur går det med mitt ärende?")[0].text


@pytest.fixture(scope="module")
def elsewhere(
    own: RunningLotsen, own_microsoft: Microsoft, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningLotsen]:
    """A second host: a data folder of its own, the same secret, database and Redis; the desk is on the first."""
    shared = {name: own.env[name] for name in ("LOTSEN_DATABASE_URL", "LOTSEN_REDIS_URL")}
    settings = {**shared, **SECRET, **own_microsoft.settings(), "LOTSEN_PROCESSES": "actions,rasa"}
    running = RunningLotsen(environment(tmp_path_factory.mktemp("elsewhere"), **settings, LOTSEN_WORKERS="1"))
    yield running
    running.stop()


def test_two_hosts_behind_a_proxy(own: RunningLotsen, elsewhere: RunningLotsen) -> None:
    """A conversation that goes from host to host with each message: its token, its guide and its case are the same."""
    ways = [Way(own, own.rasa_server()), Way(elsewhere, elsewhere.rasa_server())]
    chat = ScatteredChat(ways)
    chat.say(FAULT)
    for step in (2, 3, 4):
        assert chat.press("Klart")[-1].text.startswith(f"**Steg {step} av 8**")
    chat.say("jag vill prata med en människa")
    assert [message["id"] for message in chat.history()] == list(range(1, len(chat.history()) + 1))


def test_a_host_that_dies_in_a_turn(own: RunningLotsen, elsewhere: RunningLotsen, redis: Redis) -> None:
    """All of it is killed at once. The other host tells the user, with the same buttons, and goes on at the step."""
    chat = ScatteredChat([Way(elsewhere, elsewhere.rasa_server())])
    chat.say(FAULT)
    elsewhere.action_server().suspend()
    sent = {"choice": chat.choice_id("Klart"), "client_id": uuid.uuid4().hex}
    assert chat.post("/messages", sent).status_code == 202
    elsewhere.kill()
    own.query("UPDATE chat_turns SET expires = 0")  # Its leases are over: 35 seconds that a test need not wait.
    with redis.client() as client:
        client.flushall()
    here = own.chat(chat.token)
    eventually(lambda: any(text("turn_failed") == message["text"] for message in here.history()))
    here.listen()
    assert here.press("Klart")[-1].text.startswith("**Steg 2 av 8**")


def test_a_crash_after_the_case_was_made(own: RunningLotsen, redis: Redis) -> None:
    """The case is stored, the conversation is not, and the server dies (trap 15): saying yes again makes no second."""
    servers = own.rasa_servers()
    chat = ScatteredChat([Way(own, servers[0])])
    chat.say("jag vill prata med en människa")
    chat.press("Jag eller en kollega")
    problem = f"Rutan {uuid.uuid4().hex} är tom"
    chat.say(problem)
    chat.press(CHAT)
    store = CaseStore(open_engine(own.database_url))

    def made() -> List[Case]:
        return [case for case in store.all() if problem in case.draft.problem]

    with open_engine(own.database_url).begin() as connection:
        connection.exec_driver_sql("LOCK TABLE events IN SHARE MODE")  # It can be read; the turn cannot be saved.
        sent = {"choice": chat.choice_id("Ja, skicka"), "client_id": uuid.uuid4().hex}
        assert chat.post("/messages", sent).status_code == 202
        eventually(made)
        servers[0].kill()
        servers[0].wait()
    own.query("UPDATE chat_turns SET expires = 0")  # Its leases are over: 35 seconds that a test need not wait.
    with redis.client() as client:
        client.flushall()
    again = ScatteredChat([Way(own, servers[1])], chat.token)
    eventually(lambda: any(text("turn_failed") == message["text"] for message in again.history()))
    again.listen()
    number, _ = number_and_code(again.press("Ja, skicka")[0])
    assert [case.number for case in made()] == [number]
