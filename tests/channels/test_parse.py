"""What the triage desk is told of a text: by the bot's own model, and only if it has the server's secret."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from pathlib import Path
from typing import Any, Dict, Iterator, List

import httpx
import numpy as np
import pytest
from rasa.core.agent import Agent, load_agent
from sanic import Sanic

from lotsen.channels.parse import ParseInput, read
from lotsen.channels.parse_wire import MAX_BYTES, MAX_TEXTS, Read, opens, token_of
from lotsen.content.catalogue import Content
from lotsen.evaluation.lines import DOUBLE, VAGUE, development_sets, read_mixed
from lotsen.runtime.ask import Asker
from tests.support.ports import free_port

SECRET = "a-key-for-tests-that-is-long-enough"
OLD = "the-key-before-this-one-long-enough"
TOKEN = token_of(SECRET)
EVERY = 8
"""Each so many sentences of the development set is asked: enough to meet every kind of decision."""

pytestmark = pytest.mark.xdist_group("parse")


class Server:
    """A real server with the channel and nothing else, in a thread. Sanic starts once in a process, so it is shared."""

    def __init__(self, agent: Agent, content: Content) -> None:
        """Start it."""
        self.agent, self._port, self._ready = agent, free_port(), threading.Event()
        self._app = Sanic("parse", configure_logging=False)
        channel = ParseInput((SECRET, OLD), lambda: content)
        self._app.blueprint(channel.blueprint(_no_turn), url_prefix=channel.url_prefix())
        self._app.ctx.agent = agent
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(30)

    def ask(self, body: Any, token: str = TOKEN) -> httpx.Response:
        """Send a request; ``body`` is plain data, or bytes as they are."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}".encode()} if token else {}
        with httpx.Client(trust_env=False, timeout=60) as client:
            return client.post(f"http://127.0.0.1:{self._port}/parse", content=sent, headers=headers)

    def read(self, texts: List[str]) -> List[Read]:
        """Return what is read of texts."""
        answer = self.ask({"texts": texts})
        assert answer.status_code == 200
        return [Read.from_json(one) for one in answer.json()["read"]]

    @contextlib.contextmanager
    def without_model(self) -> Iterator[None]:
        """Be a server whose model is still being loaded."""
        self._app.ctx.agent = None
        try:
            yield
        finally:
            self._app.ctx.agent = self.agent

    def stop(self) -> None:
        """Stop it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        made = self._app.create_server("127.0.0.1", self._port, return_asyncio_server=True, access_log=False)
        server = self._loop.run_until_complete(made)
        assert server is not None
        self._loop.run_until_complete(server.startup())
        self._loop.run_until_complete(server.start_serving())
        self._ready.set()
        self._loop.run_forever()
        server.close()


@pytest.fixture(scope="module")
def agent(model: Path) -> Agent:
    """The trained model."""
    return asyncio.run(load_agent(model_path=str(model)))


@pytest.fixture(scope="module")
def server(agent: Agent, content: Content) -> Iterator[Server]:
    """The server."""
    running = Server(agent, content)
    yield running
    running.stop()


async def _no_turn(message: Any) -> None:
    raise AssertionError("reading a text is no turn of a conversation")


def test_texts_are_read_in_order(server: Server, content: Content) -> None:
    """Each text has its decision, titles, calibrated certainties that sum to at most 1, entities, and a unit vector."""
    texts = ["Hur går gallring till?", "Det står att webbsidan kan inte visas i Edge", "kan inte logga in"]
    answer = server.ask({"texts": texts})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    gallring, page, login = (Read.from_json(one) for one in answer.json()["read"])
    assert (gallring.decision, gallring.intent) == ("answer", "how_to_purge")
    assert gallring.ranking[0].title == content.questions["how_to_purge"].title
    assert 0.5 < sum(guess.certainty for guess in gallring.ranking) <= 1.0001
    assert (page.decision, page.intent) == ("guide", "page_cannot_be_displayed")
    assert {(one.entity, one.value) for one in page.entities} >= {
        ("error_text", "Webbsidan kan inte visas"),
        ("browser", "Edge"),
    }
    assert [page.text[one.start : one.end] for one in page.entities if one.entity == "browser"] == ["Edge"]
    assert (login.decision, login.intent, login.acted_on) == ("clarify", None, "login_problem")
    assert [one.title for one in login.suggestions][0] == content.questions["login_error"].title
    for one in (gallring, page, login):
        assert np.linalg.norm(one.vector) == pytest.approx(1, abs=1e-4)
    assert np.dot(gallring.vector, page.vector) < 0.9


def test_personal_numbers_and_commands_are_gone_before_reading(server: Server) -> None:
    """A number is masked, and a typed command is text."""
    masked, command = server.read(["pat 19121212-1212 kommer inte in", "/how_to_purge{}"])
    assert masked.text == "pat [personnummer] kommer inte in"
    assert command.text == "how_to_purge{}"


def test_a_text_without_words_is_refused_quietly(server: Server) -> None:
    """Nothing to read is nothing understood: no ranking, no vector, no error."""
    (nothing,) = server.read([" / "])
    assert (nothing.text, nothing.decision, nothing.ranking, nothing.vector) == ("", "refuse", (), ())


@pytest.mark.parametrize("token", ["", "wrong", token_of("another secret"), SECRET, "åäö"])
def test_without_the_token_nothing_is_read(server: Server, token: str) -> None:
    """Whoever has not the server's secret is told nothing, not even whether there is a model."""
    with server.without_model():
        assert server.ask({"texts": ["hej"]}, token).status_code == 401


def test_the_secret_before_still_opens() -> None:
    """While the secret is being changed, a desk that has the old one is heard."""
    assert opens(token_of(OLD), (SECRET, OLD))
    assert not opens(token_of(OLD), (SECRET,))


@pytest.mark.parametrize(
    ("body", "status"),
    ids=("broken", "deep", "one text", "number", "no texts", "list", "long text", "many texts", "many bytes"),
    argvalues=[
        (b"{", 422),
        (b"[" * 50_000, 422),
        ({"texts": "hej"}, 422),
        ({"texts": [1]}, 422),
        ({}, 422),
        ([], 422),
        ({"texts": ["a" * 2001]}, 413),
        ({"texts": ["a"] * (MAX_TEXTS + 1)}, 413),
        (b" " * (MAX_BYTES + 1), 413),
    ],
)
def test_bad_requests_are_told_so(server: Server, body: Any, status: int) -> None:
    """What is no list of short texts gets a status and a word, in JSON."""
    answer = server.ask(body)
    assert answer.status_code == status
    assert answer.json()["said"]


def test_without_a_model_the_server_says_so(server: Server) -> None:
    """While the model is being loaded the desk hears that, and no error."""
    with server.without_model():
        answer = server.ask({"texts": ["hej"]})
    assert (answer.status_code, answer.json()) == (503, {"said": "no model"})


def test_whoever_chats_gets_a_turn_between_texts(agent: Agent, content: Content) -> None:
    """The event loop is free between two texts, so that a long request does not stop the chat."""
    channel = ParseInput((SECRET,), lambda: content)
    steps: List[str] = []

    async def other() -> None:
        while len(steps) < 100:
            steps.append("turn")
            await asyncio.sleep(0)

    async def both() -> None:
        chatting = asyncio.ensure_future(other())
        await channel._read_all(agent, ["hej"])  # Loads the content.
        before = len(steps)
        await channel._read_all(agent, ["hur gallrar jag"] * 10)
        assert len(steps) - before >= 10
        chatting.cancel()

    asyncio.run(both())


def test_decisions_are_named_as_lotsen_ask_names_them(model: Path, content: Content) -> None:
    """What is told of a text is what the bot does with it, whichever kind of decision it comes to."""
    lines = [line.text for lines in development_sets().values() for line in lines][::EVERY]
    lines += [message.text for path in (DOUBLE, VAGUE) for message in read_mixed(path)][::EVERY]
    lines += ["kan inte logga in", "står något annat på skärmen", "hej", "tack", "prata med en människa", "vad kan du?"]

    async def compare() -> Dict[str, int]:
        asker = await Asker.load(model, content)
        seen: Dict[str, int] = {}
        for line in lines:
            asked, told = await asker.ask(line), read(asker._agent, content, line)
            offered = [one.id for one in told.suggestions]
            assert (told.decision, told.intent, offered) == (asked.decision, asked.intent, asked.suggestions), line
            seen[told.decision] = seen.get(told.decision, 0) + 1
        return seen

    seen = asyncio.run(compare())
    assert set(seen) >= {"answer", "guide", "suggest", "refuse", "clarify", "smalltalk", "handoff"}
