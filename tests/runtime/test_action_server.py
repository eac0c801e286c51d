"""The action server: nobody runs an action without the secret, and no answer repeats what was sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Dict, Iterator, Optional

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from lotsen.runtime.action_secret import check_secret, make_secret, opens
from lotsen.runtime.action_server import MAX_BYTES
from lotsen.settings import ROOT, SettingError, Settings
from tests.runtime.served import HIDDEN, SECRET, Served, serving
from tests.support.ports import free_port

TIMEOUT = 30
KEY = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """An action server with a secret."""
    with serving("actions") as running:
        yield running


def call(name: str, events: Optional[list[Any]] = None) -> Dict[str, Any]:
    """Return a call as Rasa makes it, of somebody who has written what they should not."""
    said = {"event": "user", "text": HIDDEN, "parse_data": {}}
    tracker = {"sender_id": "a", "slots": {}, "latest_message": {"text": HIDDEN}, "events": [said, *(events or ())]}
    return {"next_action": name, "version": "3.6.21", "tracker": tracker, "domain": {}}


def post(server: Served, body: Any, headers: Optional[Dict[str, str]] = None) -> requests.Response:
    """Call an action."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **(KEY if headers is None else headers)}
    return requests.post(f"{server.url}/webhook", data=data, headers=sent, timeout=TIMEOUT)


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("action_says", 200, None),
        ("action_rejects", 400, {"error": "Custom action 'action_rejects' rejected execution."}),
        ("action_fails", 500, {"error": "The action failed; the action server's log says why."}),
        ("action_<none>", 404, {"error": "There is no such action."}),
    ],
)
def test_actions_end_as_rasa_expects(name: str, status: int, told: Any, server: Served) -> None:
    """A rejection has the action's name, which Rasa reads; of a failure nothing is told but that it happened."""
    answer = post(server, call(name))
    assert answer.status_code == status
    if status == 400:
        assert answer.json().pop("action_name") == name
        told = {**told, "action_name": name}
    if told is not None:
        assert answer.json() == told
    else:
        assert answer.json()["responses"][0]["text"] == "1 events"
    assert not [part for part in (HIDDEN, "Traceback", ".py", "<") if part in answer.text]
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "shown",
    [{}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {SECRET}x"}, {"Authorization": f"Basic {SECRET}"}],
)
def test_strangers_learn_nothing(shown: Dict[str, str], server: Served) -> None:
    """Without the secret there is 401 on every path but that of health, however long what was sent."""
    for body in (call("action_says"), b"a" * (MAX_BYTES + 1), b"["):
        answer = post(server, body, shown)
        assert answer.status_code == 401
        assert answer.json() == {"error": "Not authorised."}
    for path in ("/actions", "/webhook/", "/nothing", "/health/../actions"):
        assert requests.get(server.url + path, headers=shown, timeout=TIMEOUT).status_code in (401, 404, 405), path
    assert requests.get(f"{server.url}/actions", headers=shown, timeout=TIMEOUT).status_code == 401
    assert requests.get(f"{server.url}/health", headers=shown, timeout=TIMEOUT).json() == {"status": "ok"}


def test_who_has_the_secret_may_list_actions(server: Served) -> None:
    """As with rasa_sdk's own server."""
    names = {one["name"] for one in requests.get(f"{server.url}/actions", headers=KEY, timeout=TIMEOUT).json()}
    assert names == {"action_fails", "action_rejects", "action_says"}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b"{}", b'{"next_action": "action_says"}', b"[" * 100_000, b"\xff", b'{"a":' * 50_000],
)
def test_what_is_no_call_is_refused(body: bytes, server: Served) -> None:
    """Broken, deep or packed, it is refused in a word."""
    assert post(server, body).status_code == 422
    assert requests.get(f"{server.url}/health", timeout=TIMEOUT).ok


def test_a_page_s_form_is_refused(server: Served) -> None:
    """A page in a browser on this machine may send text to any port; not JSON, unless we say so, and we never do."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert post(server, call("action_says"), {**KEY, "Content-Type": kind}).status_code == 415
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST", **KEY}
    preflight = requests.options(f"{server.url}/webhook", headers=asked, timeout=TIMEOUT)
    assert preflight.status_code == 405
    assert not [name for name in preflight.headers if name.lower().startswith("access-control")]


def test_a_long_conversation_fits_and_no_more(server: Served) -> None:
    """Thousands of events are read; what is over the limit is refused, though Sanic would let it pass on this route."""
    event = {"event": "slot", "name": "x" * 60, "value": "y" * 300, "timestamp": 1.5}
    many = (MAX_BYTES - 10_000) // len(json.dumps(event) + ", ")
    assert post(server, call("action_says", [event] * many)).json()["responses"][0]["text"] == f"{many + 1} events"
    assert post(server, call("action_says", [event] * (many + 100))).status_code == 413


@pytest.mark.parametrize(
    ("host", "secret"), [("127.0.0.1", ""), ("::1", ""), ("localhost", ""), ("0.0.0.0", SECRET), ("127.0.0.1", SECRET)]
)
def test_safe_addresses_pass(host: str, secret: str) -> None:
    """On this machine no secret is needed; elsewhere one is."""
    check_secret(host, secret)


@pytest.mark.parametrize(
    ("host", "secret"),
    [
        ("0.0.0.0", ""),
        ("::", ""),
        ("10.0.0.1", ""),
        ("actions", ""),
        ("127.0.0.1", "guessed"),
        ("0.0.0.0", "CHANGE-ME-to-48-random-characters"),
        ("::1", "å" * 20),
    ],
)
def test_open_doors_are_refused_at_the_start(host: str, secret: str) -> None:
    """The process ends with exit code 1 and one sentence that names the variable, and says nothing of the secret."""
    with pytest.raises(SettingError, match="LOTSEN_ACTIONS_SECRET") as refused:
        check_secret(host, secret)
    assert not secret or secret not in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "makes"),
    [
        ({}, True),
        ({"LOTSEN_ACTIONS_SECRET": SECRET}, False),
        ({"LOTSEN_ACTIONS_HOST": "10.0.0.1"}, False),
        ({"LOTSEN_ACTIONS_URL": "http://10.0.0.1:5055"}, False),
        ({"LOTSEN_PROCESSES": "rasa,triage"}, False),
        ({"LOTSEN_PROCESSES": "actions"}, False),
    ],
)
def test_who_runs_both_alone_gets_a_secret(settings: Dict[str, str], makes: bool) -> None:
    """Each run has a new one, so that no other user of the machine can call; where others call, somebody sets it."""
    made: list[Dict[str, str]] = [{}, {}]
    for environment in made:
        make_secret(Settings.read(settings), environment)
    assert [bool(environment) for environment in made] == [makes, makes]
    if makes:
        check_secret("0.0.0.0", made[0]["LOTSEN_ACTIONS_SECRET"])
        assert made[0] != made[1]


def test_it_does_not_start_open() -> None:
    """The check is made before anything listens."""
    words = [sys.executable, "-m", "lotsen.runtime.action_server", "--host", "0.0.0.0", "--port", str(free_port())]
    env = {**os.environ, "LOTSEN_ACTIONS_SECRET": ""}
    ended = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "LOTSEN_ACTIONS_SECRET" in ended.stderr


@given(st.text(max_size=80))
def test_only_the_secret_opens(shown: str) -> None:
    """Whatever else a header says does not."""
    assert not opens(shown, SECRET)
    assert not opens(f"Bearer {shown}x", SECRET)
    assert opens(f"Bearer {SECRET}", SECRET)
