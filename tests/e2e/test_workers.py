"""Several Rasa servers on one port and one SQLite file: any of them answers, and one that dies refuses nobody."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import time
import uuid
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
import requests

from tests.support.chat import ChatClient
from tests.support.running import RunningLotsen, environment
from tests.support.steady import MENU, Steady, steady
from tests.support.workers import suspended

SECONDS = 120.0
GUIDE = "Det står ”Webbsidan kan inte visas” när jag försöker logga in"
FAILED = "tekniskt fel"


@pytest.fixture(scope="module")
def own(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLotsen]:
    """A Lotsen with two Rasa servers."""
    running = RunningLotsen(environment(tmp_path_factory.mktemp("own"), LOTSEN_WORKERS="2"))
    yield running
    assert running.stop() == 0, "".join(running.output)


def ask(chat: ChatClient, text: str) -> None:
    """Say something, and do not wait for the answer."""
    assert chat.post("/messages", {"text": text, "client_id": uuid.uuid4().hex}).status_code == 202


def heard(chat: ChatClient) -> List[str]:
    """Return what the bot has said so far; a request that is cut off is made again, as browsers do."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(requests.ConnectionError):
            messages: List[Dict[str, Any]] = chat.history()
            return [message["text"] for message in messages if message["author"] == "bot"]
    raise AssertionError("nobody answers")


def test_any_server_goes_on_with_a_conversation(own: RunningLotsen) -> None:
    """A guide that one server has begun is gone on with by the other."""
    first, second = own.rasa_servers()
    chat = own.chat()
    with suspended(second):
        chat.say(GUIDE)
    with suspended(first):
        assert chat.press("Klart")[-1].text.startswith("**Steg 2 av 8**")
    with suspended(second):
        assert chat.press("Klart")[-1].text.startswith("**Steg 3 av 8**")


def test_killed_servers_refuse_nobody(own: RunningLotsen) -> None:
    """Both are killed in the middle of a turn. Who comes meanwhile is answered; whose turn was lost is told."""
    unlucky = own.chat()
    servers = own.rasa_servers()
    with suspended(own.action_server()):
        ask(unlucky, MENU)
        for server in servers:
            server.kill()
            server.wait()
    newcomer = Steady(own)  # Begins a conversation while nobody accepts.
    newcomer.start()
    newcomer.wait_for_answer()
    newcomer.end()
    until = time.monotonic() + SECONDS
    while not any(FAILED in text for text in heard(unlucky)):
        assert time.monotonic() < until
        time.sleep(0.2)
    assert unlucky.say(MENU)
    assert {server.pid for server in own.rasa_servers()}.isdisjoint(server.pid for server in servers)


def test_one_server_killed_while_users_write(own: RunningLotsen) -> None:
    """Users of the other one notice nothing; it is started again."""
    first, second = own.rasa_servers()
    with suspended(second), steady(own, 2) as users:  # So that all of them are with the first.
        users[0].wait_for_answer()
        second.kill()
        own.wait_for_line("Starting it again")
        users[1].wait_for_answer()
    assert first.is_running()


def test_turn_under_way_is_finished_when_told_to_stop(model: Path, tmp_path: Path) -> None:
    """SIGTERM, as from Kubernetes: the turn is answered before its server ends, and readiness is gone meanwhile.

    So is one that comes on a connection that was made before.
    """
    env = environment(tmp_path, LOTSEN_WORKERS="2")
    running = RunningLotsen(env)
    chat = running.chat()
    ready = f"http://127.0.0.1:{env['LOTSEN_METRICS_PORT']}/health/ready"
    assert requests.get(ready, timeout=SECONDS).status_code == 200
    late = http.client.HTTPConnection("127.0.0.1", int(env["LOTSEN_PORT"]), timeout=SECONDS)
    late.connect()
    running.wait_until_healthy()  # The connection before it was accepted, too.
    with suspended(running.action_server()):
        ask(chat, MENU)
        running.send(signal.SIGTERM)
        running.wait_for_line("Stänger av")
        assert requests.get(ready, timeout=SECONDS).status_code == 503
        signed = {"Authorization": f"Bearer {chat.token}", "Content-Type": "application/json"}
        late.request("POST", "/chat/messages", json.dumps({"text": MENU, "client_id": "late"}), signed)
        assert late.getresponse().status == 202
    assert running.stop(signal.SIGTERM) == 0
    again = RunningLotsen(env)
    try:
        texts = heard(again.chat(chat.token))
        assert sum(text.startswith("Vad gäller din fråga?") for text in texts) == 2
        assert not any(FAILED in text for text in texts)
    finally:
        assert again.stop() == 0


def test_machines_of_their_own(model: Path, tmp_path: Path) -> None:
    """The actions run on one, the Rasa server on another; they share a database, a secret and the key of sessions."""
    shared = {
        "LOTSEN_DATABASE_URL": f"sqlite:///{tmp_path / 'shared.db'}",
        "LOTSEN_SECRET": uuid.uuid4().hex * 2,
        "LOTSEN_ACTIONS_SECRET": uuid.uuid4().hex,
        "LOTSEN_WORKERS": "1",
    }
    actions = RunningLotsen(environment(tmp_path / "actions", LOTSEN_PROCESSES="actions", **shared))
    address = f"http://127.0.0.1:{actions.env['LOTSEN_ACTIONS_PORT']}"
    env = environment(tmp_path / "rasa", LOTSEN_PROCESSES="rasa", LOTSEN_ACTIONS_URL=address, **shared)
    rasa = RunningLotsen(env)
    try:
        assert rasa.chat().say(MENU)[-1].text.startswith("Vad gäller din fråga?")
        assert [line.split("  ")[0] for line in rasa.command("reload", "--status").splitlines()] == ["Rasa server"]
        assert requests.post(f"{address}/webhook", json={}, timeout=SECONDS).status_code == 401
    finally:
        assert (rasa.stop(), actions.stop()) == (0, 0)
