"""The web channel over HTTP: streams, limits, sessions that cannot be stolen, whatever is sent, and several servers."""

from __future__ import annotations

import contextlib
import json
import random
import string
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.support.chat import TIMEOUT_SECONDS, ChatClient
from tests.support.expected import answers
from tests.support.handoff import eventually
from tests.support.running import RunningLotsen, environment

FAULT = "Det står ”Webbsidan kan inte visas” när jag försöker logga in"
FUZZ = 5000
ISSUER, AUDIENCE = "https://login.example.se", "lotsen"


class Stream:
    """A browser's stream of news, read in a thread."""

    def __init__(self, chat: ChatClient, after: int = 0, get: Callable[..., requests.Response] = requests.get) -> None:
        """Open it from a message on."""
        headers = {"Authorization": f"Bearer {chat.token}"}
        address = f"{chat.base}/events?after={after}"
        self.answer = get(address, headers=headers, stream=True, timeout=TIMEOUT_SECONDS)
        self.events: List[Dict[str, Any]] = []
        self.ended = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def texts(self) -> List[str]:
        """Return what has been heard."""
        return [message["text"] for event in self.events for message in event.get("messages", [])]

    def _read(self) -> None:
        kind = ""
        with contextlib.suppress(requests.ConnectionError, requests.exceptions.ChunkedEncodingError):  # It was killed.
            for line in self.answer.iter_lines(chunk_size=1, decode_unicode=True):
                field, _, value = line.partition(": ")
                if field == "event":
                    kind = value
                elif field == "data":
                    self.events.append({"event": kind, **json.loads(value)})
            self.ended.set()


def test_a_stream_tells_each_message_once(chat: ChatClient) -> None:
    """Two streams hear the greeting and what comes, once and in order; one that comes later goes on where it was."""
    first, second = Stream(chat), Stream(chat)
    assert first.answer.headers["Content-Type"].startswith("text/event-stream")
    chat.say("vad är ett moment?")
    for stream in (first, second):
        eventually(lambda stream=stream: len(stream.texts) == 3 and not stream.events[-1]["busy"])
        ids = [message["id"] for event in stream.events for message in event["messages"]]
        assert ids == [1, 2, 3]
    later = Stream(chat, after=2)
    eventually(lambda: later.texts == [answers()["utter_what_is_a_module"]])


def test_a_stream_ends_with_its_session(chat: ChatClient) -> None:
    """Who starts over ends it everywhere: streams are told, and the token opens nothing any more."""
    stream = Stream(chat)
    eventually(lambda: stream.texts)
    ended = requests.delete(f"{chat.base}/session", headers={"Authorization": f"Bearer {chat.token}"}, timeout=60)
    assert ended.status_code == 204
    assert stream.ended.wait(20)
    assert stream.events[-1]["event"] == "over"
    for answer in (
        chat.get("/messages?after=0"),
        chat.get("/events"),
        chat.post("/messages", {"text": "hej", "client_id": "a"}),
    ):
        assert answer.status_code == 401
        assert answer.json()["code"] == "over"


def test_starting_over_leaves_nothing_of_the_chat(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """The code to come back is dead too, and nothing that was said is in the chat's table."""
    secret = f"hemlighet {uuid.uuid4().hex}"
    chat.say(secret)
    said = chat.say(FAULT)
    code = next(one.text.split("koden **")[1].split("**")[0] for one in said if "koden **" in one.text)
    requests.delete(f"{chat.base}/session", headers={"Authorization": f"Bearer {chat.token}"}, timeout=60)
    refused = lotsen.chat().post("/messages", {"text": code, "client_id": "a"})
    assert (refused.status_code, refused.json()["code"]) == (404, "no_such_code")
    rows = lotsen.query("SELECT body FROM chat_messages")
    assert not any(secret in body for (body,) in rows)


def test_a_session_cannot_be_stolen(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """Neither a sender id, nor a token changed in any part, nor one in the address or a cookie opens a conversation."""
    chat.say(FAULT)
    claims = jwt.decode(chat.token, options={"verify_signature": False})
    (sender,) = {row[0] for row in lotsen.query("SELECT conversation FROM chat_messages ORDER BY id DESC LIMIT 1")}
    head, body, signature = chat.token.split(".")
    forged = [
        jwt.encode({**claims, "of": sender}, "a" * 64, algorithm="HS256"),
        jwt.encode({**claims, "of": sender}, "", algorithm="none"),
        f"{head}.{body}.",
        f"{head}.{body}.{signature[::-1]}",
        sender,
        "",
    ]
    for token in forged:
        thief = ChatClient(lotsen.base, token)
        assert thief.get("/messages?after=0").status_code == 401
        assert thief.post("/messages", {"text": "klart", "client_id": "t"}).status_code == 401
        assert (
            requests.delete(
                f"{lotsen.base}/session", headers={"Authorization": f"Bearer {token}"}, timeout=60
            ).status_code
            == 401
        )
    for options in ({"params": {"token": chat.token}}, {"cookies": {"token": chat.token, "lotsen-token": chat.token}}):
        assert requests.get(f"{lotsen.base}/messages", timeout=60, **options).status_code == 401  # type: ignore[arg-type]
    other = lotsen.chat()
    assert other.token != chat.token
    assert other.post("/feedback", {"message": 3, "rating": "up"}).status_code == 404
    assert len(other.history()) == 1
    assert chat.press("Klart")[-1].text.startswith("**Steg 2 av 8**")


def test_only_answers_can_be_rated(chat: ChatClient) -> None:
    """The greeting, the user's own words and what is not there cannot; a rating must be one."""
    chat.say("vad är ett moment?")
    assert chat.post("/feedback", {"message": 3, "rating": "up"}).status_code == 204
    assert chat.history()[2]["rated"] == "up"
    for body, status in (
        ({"message": 1, "rating": "up"}, 404),
        ({"message": 2, "rating": "up"}, 404),
        ({"message": 99, "rating": "up"}, 404),
        ({"message": 3, "rating": "best"}, 400),
        ({"message": "3; DROP TABLE feedback", "rating": "up"}, 400),
        ({"message": 3, "rating": "up", "comment": "x" * 501}, 422),
        ({"message": 3, "rating": "up", "comment": 5}, 400),
    ):
        assert chat.post("/feedback", body).status_code == status, body


def test_nothing_that_is_sent_breaks_the_channel(lotsen: RunningLotsen) -> None:
    """5,000 requests of every shape: no 5xx, no trace of the program, no injection, and the chat goes on as before."""
    draw = random.Random(6)
    victim = lotsen.chat()
    victim.say(FAULT)
    before = victim.history()
    tokens = [lotsen.chat().token for _ in range(4)] + ["", "null", "a.b.c"]
    session = threading.local()

    def shoot(shot: Dict[str, Any]) -> None:
        if not hasattr(session, "http"):
            session.http = requests.Session()
        answer = session.http.request(timeout=TIMEOUT_SECONDS, **shot)
        assert answer.status_code < 500 or answer.json().get("code") == "full", (shot, answer.status_code, answer.text)
        for trace in ("Traceback", "sqlite", "sqlalchemy", "site-packages", 'File "'):
            assert trace not in answer.text, (shot, answer.text)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(shoot, [_shot(draw, lotsen.base, tokens) for _ in range(FUZZ)]))
    eventually(lambda: lotsen.query("SELECT COUNT(*) FROM chat_turns") == [(0,)], 120)
    assert victim.history() == before
    assert victim.press("Klart")[-1].text.startswith("**Steg 2 av 8**")
    assert lotsen.chat().say("vad är ett moment?")[0].text == answers()["utter_what_is_a_module"]
    commands = lotsen.query("SELECT COUNT(*) FROM chat_messages WHERE author = 'user' AND body LIKE '{\"text\": \"/%'")
    assert commands == [(0,)]


NASTY = [
    "/restart",
    '/inform_affected{"affected": "invånare"}',
    "'; DROP TABLE chat_messages; --",
    "\x00",
    "\ud800",
    "😀" * 50,
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "%s%n",
    "../../etc/passwd",
    "a" * 3000,
    "\u202e",
    "\r\n\r\n",
    "[länk](javascript:alert(1))",
    "LOT-000001 AAAA-AAAA",
    "K7QM-2XPD",
    "NaN",
    "１２",
    " ",
]
VALUES: List[Any] = [None, True, -1, 0, 1e308, 2**70, [], {}, [[]], {"a": {"b": []}}, *NASTY]


def _shot(draw: random.Random, base: str, tokens: List[str]) -> Dict[str, Any]:
    """Return one request, somewhere between right and nonsense."""
    method = draw.choice(["POST", "POST", "POST", "GET", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"])
    path = draw.choice(
        [
            "/messages",
            "/messages",
            "/messages",
            "/feedback",
            "/events",
            "/session",
            "/",
            "/widget.js",
            "/x" + _word(draw),
        ]
    )
    if method == "GET" and path in ("/events", "/messages"):
        path += "?after=" + draw.choice(["x", "-1", "9" * 30, "%00", "1e3", "'", "９"])
    if method == "DELETE" and path == "/session":
        path = "/messages"
    keys = draw.sample(["text", "choice", "client_id", "message", "rating", "comment", "identity", _word(draw)], 4)
    body: Any = {key: draw.choice([*VALUES, _word(draw), uuid.UUID(int=draw.getrandbits(128)).hex]) for key in keys}
    if draw.random() < 0.5:
        body["client_id"] = uuid.UUID(int=draw.getrandbits(128)).hex
    if path == "/session" and method == "POST":
        method = "PUT"
    data = draw.choice(
        [json.dumps(body), json.dumps(body), json.dumps(draw.choice(VALUES)), "[" * 5000, "{", _word(draw)]
    )
    headers = {
        "Authorization": draw.choice([f"Bearer {draw.choice(tokens)}"] * 6 + ["Basic eDp4", "Bearer", ""]),
        "Content-Type": draw.choice(["application/json"] * 8 + ["text/plain", "multipart/form-data", ""]),
    }
    return {"method": method, "url": base + path, "data": data.encode("utf-8", "replace"), "headers": headers}


def _word(draw: random.Random) -> str:
    return "".join(draw.choice(string.printable[:62]) for _ in range(draw.randint(0, 12)))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The intranet's key, and the file with its public half."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_text(json.dumps({"keys": [{**public, "kid": "1", "use": "sig"}]}))
    return private, path


@pytest.fixture(scope="module")
def strict(model: Path, tmp_path_factory: pytest.TempPathFactory, keys: Any) -> Iterator[RunningLotsen]:
    """A Lotsen with tight limits, and a sign-in."""
    running = RunningLotsen(
        environment(
            tmp_path_factory.mktemp("strict"),
            LOTSEN_MESSAGES_PER_MINUTE="5",
            LOTSEN_SESSIONS_PER_MINUTE="6",
            LOTSEN_SIGN_IN_ISSUER=ISSUER,
            LOTSEN_SIGN_IN_AUDIENCE=AUDIENCE,
            LOTSEN_SIGN_IN_KEYS=str(keys[1]),
        )
    )
    yield running
    assert running.stop() == 0


def test_a_sign_in_gives_the_case_name_and_unit(strict: RunningLotsen, keys: Any) -> None:
    """A verified token of the host page names the user in the case; one that does not hold is refused."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 600,
        "name": "Amina Öberg",
        "department": "BUP Norr",
    }
    forged = jwt.encode(claims, "s" * 64, algorithm="HS256", headers={"kid": "1"})
    refused = requests.post(f"{strict.base}/session", json={"identity": forged}, timeout=TIMEOUT_SECONDS)
    assert (refused.status_code, refused.json()["code"]) == (401, "bad_identity")
    good = jwt.encode(claims, keys[0], algorithm="RS256", headers={"kid": "1"})
    opened = requests.post(f"{strict.base}/session", json={"identity": good}, timeout=TIMEOUT_SECONDS)
    chat = ChatClient(strict.base, opened.json()["token"])
    chat.listen()
    chat.say("jag vill prata med en människa")
    chat.press("Jag eller en kollega")
    said = chat.say("knappen Spara är grå, ring 010-103 00 00")
    if "Ja, skicka" not in said[-1].buttons:
        said = chat.say("ring mig på 010-103 00 00")
    assert "Amina Öberg" in said[-1].text and "BUP Norr" in said[-1].text


def test_limits_are_told(strict: RunningLotsen) -> None:
    """Too many messages of one, and too many new conversations of all, get a sentence and when to try again."""
    chat = strict.chat()
    for _ in range(5):
        chat.say("vad är ett moment?")
    refused = chat.post("/messages", {"text": "hej", "client_id": "x"})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_fast")
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json()["error"].endswith(".")
    answers_ = [requests.post(f"{strict.base}/session", json={}, timeout=TIMEOUT_SECONDS) for _ in range(7)]
    full = [answer for answer in answers_ if answer.status_code == 503]
    assert full and full[0].json()["code"] == "full" and "Retry-After" in full[0].headers


def test_a_body_without_end_is_refused(lotsen: RunningLotsen) -> None:
    """A request of a megabyte is refused before it is kept."""
    answer = requests.post(f"{lotsen.base}/messages", data=b"x" * 1_000_000, timeout=TIMEOUT_SECONDS)
    assert answer.status_code in (401, 413)


def test_two_servers_share_a_conversation(lotsen: RunningLotsen, model: Path) -> None:
    """A second server on the same database: what is sent to one is heard from the other, and the guide goes on."""
    other_env = environment(Path(lotsen.env["LOTSEN_DATA_DIR"]))
    other = RunningLotsen(other_env)
    try:
        here = lotsen.chat()
        there = ChatClient(other.base, here.token)
        stream = Stream(there)
        eventually(lambda: stream.texts)
        here.say(FAULT)
        eventually(lambda: any("Steg 1 av 8" in text for text in stream.texts))
        there.listen()
        assert there.press("Klart")[-1].text.startswith("**Steg 2 av 8**")
        here.listen()
        assert here.press("Klart")[-1].text.startswith("**Steg 3 av 8**")
        assert here.history() == there.history()
        assert [message["id"] for message in here.history()] == list(range(1, len(here.history()) + 1))
    finally:
        assert other.stop() == 0


def test_a_turn_whose_server_died_is_told(model: Path, tmp_path: Path) -> None:
    """The server is killed in a turn: after the restart the user hears that it failed, with the buttons."""
    running = RunningLotsen(environment(tmp_path))
    try:
        chat = running.chat()
        chat.say(FAULT)
        running.action_server().suspend()
        assert chat.post("/messages", {"choice": chat.choice_id("Klart"), "client_id": "k"}).status_code == 202
        for server in running.rasa_servers():
            server.kill()
        running.action_server().resume()
        running.wait_for_line("Starting it again")
        running.wait_until_healthy()
        running.query("UPDATE chat_turns SET expires = 0")  # Its lease is over: 15 seconds that a test need not wait.
        eventually(lambda: any("tekniskt fel" in message["text"] for message in chat.history()))
        chat.listen()
        assert chat.press("Klart")[-1].text.startswith("**Steg 2 av 8**")
    finally:
        running.stop()
