"""A running Lotsen as somebody sees it who looks for a way in: what listens, what answers, and what an answer tells."""

from __future__ import annotations

import contextlib
import re
from itertools import product
from pathlib import Path
from typing import Iterator, List, Set, Tuple

import pytest
import requests
from rasa.core.channels import BUILTIN_CHANNELS
from rasa.core.channels.channel import register
from rasa.core.run import create_http_input_channels
from sanic import Sanic

from lotsen.desk.app import PAGES
from lotsen.desk.headers import headers as desk_headers
from lotsen.runtime.hardening import HEADERS, MAX_BYTES, MAX_HEAD_BYTES
from lotsen.settings import ROOT
from tests.runtime.served import Served
from tests.support.chat import TIMEOUT_SECONDS, ChatClient
from tests.support.running import RunningLotsen

CHAT, ACTIONS, DESK, METRICS = "LOTSEN_PORT", "LOTSEN_ACTIONS_PORT", "LOTSEN_TRIAGE_PORT", "LOTSEN_METRICS_PORT"
RASAS_PATHS = (
    *("/model", "/model/train", "/model/parse", "/model/predict", "/model/test/intents", "/status", "/version"),
    *("/domain", "/conversations/x/tracker", "/conversations/x/execute", "/conversations/x/trigger_intent"),
    *("/webhooks/rest/webhook", "/webhooks/rest/", "/webhooks/callback/webhook", "/webhooks/socketio/", "/socket.io/"),
    *("/webhooks/botframework/webhook", "/docs", "/actions", "/webhook", "/metrics"),
)
OUTSIDE = (
    *("/chat/../../etc/passwd", "/chat/%2e%2e/%2e%2e/etc/passwd", "/chat/..%2f..%2fcredentials.yml", "//etc/passwd"),
    *("/chat/widget-..%2f..%2fsecret.js", "/chat/pages.css%00.js", "/chat/widget-0123456789abcdef.js/..%2fsecret"),
    *("/static/../../settings.py", "/static/..%2f..%2fapp.py", "/static/%2e%2e/%2e%2e/who.py", "/static//etc/passwd"),
)
INSIDE = re.compile(r"Traceback|\.py\b|/work/|/site-packages|[Ss]anic|[Uu]vicorn|[Pp]ython|root:|21\.12|3\.6\.2")
"""What no answer may tell: where it comes from, and what that is made of."""


def at(lotsen: RunningLotsen, port: str) -> Served:
    """Return one of its servers, to send bytes to."""
    return Served(int(lotsen.env[port]))


def test_it_listens_on_loopback_and_nowhere_else(lotsen: RunningLotsen) -> None:
    """The chat, the actions, the desk and the metrics, each on the port that its setting names; no process has more."""
    processes = lotsen.processes()
    parent = processes[0].parent()
    assert parent is not None
    found: Set[Tuple[str, int]] = set()
    for process in (parent, *processes):
        found |= {
            (one.laddr.ip, one.laddr.port) for one in process.connections("inet") if one.status in ("LISTEN", "NONE")
        }
    assert found == {("127.0.0.1", int(lotsen.env[name])) for name in (CHAT, ACTIONS, DESK, METRICS)}


def test_no_channel_of_rasas_is_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``rasa run`` typed by hand opens the same doors as ``lotsen up``: those of ``credentials.yml``, all our own."""
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    opened = create_http_input_channels(None, str(ROOT / "credentials.yml"))
    assert {type(channel).__module__.split(".")[0] for channel in opened} == {"lotsen"}
    assert not {channel.name() for channel in opened} & set(BUILTIN_CHANNELS)


@pytest.mark.parametrize("port", [CHAT, DESK, METRICS])
def test_rasas_own_doors_and_files_are_shut(port: str, lotsen: RunningLotsen) -> None:
    """There is no HTTP API, no REST channel and no file from outside, however the path is written."""
    server = at(lotsen, port)
    for path, method in product((*RASAS_PATHS, *OUTSIDE), (b"GET", b"POST")):
        if path == "/metrics" and port == METRICS:
            continue
        sent = b"%b %b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n" % (method, path.encode())
        status, headers, body = server.raw(sent)
        assert status in (303, 400, 404, 405, 501), (path, status)
        assert not INSIDE.search(body.decode()), path
        assert not INSIDE.search(str(headers)), path


def routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tuple[str, str]]:
    """Yield method and path of every route of the chat's server."""
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path))
    app = Sanic("routes", configure_logging=False)
    register(create_http_input_channels(None, str(ROOT / "credentials.yml")), app, route="/webhooks/")
    for route in app.router.routes:
        path = re.sub(r"<[^>]*>", "widget.js", f"/{route.path.lstrip('/')}")
        for method in sorted(route.methods):
            yield method, path
    yield "GET", "/"


def test_every_answer_of_the_chat_has_the_headers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lotsen: RunningLotsen
) -> None:
    """Every route, asked by a stranger and with nonsense, answers with the headers and nothing of the inside."""
    found = set(routes(tmp_path, monkeypatch))
    assert {path for _, path in found} >= {"/chat/session", "/chat/messages", "/chat/events", "/teams/messages"}
    for method, path in sorted(found):
        for sent in ({"data": b""}, {"json": {"a": 1}}, {"data": b"\xff", "headers": {"Content-Type": "text/plain"}}):
            answer = requests.request(method, lotsen.front[:-1] + path, timeout=TIMEOUT_SECONDS, **sent)  # type: ignore[arg-type]
            assert answer.status_code < 500, (method, path)
            kept = "Cross-Origin-Resource-Policy" if path.endswith(".js") else "Content-Security-Policy"
            may_differ = {"Cache-Control", "Content-Security-Policy", kept}
            assert {name: answer.headers.get(name) for name in HEADERS if name not in may_differ} == {
                name: value for name, value in HEADERS.items() if name not in may_differ
            }, (method, path)
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], (method, path)
            assert answer.headers["Cache-Control"], (method, path)
            assert "Server" not in answer.headers, (method, path)
            script = answer.headers.get("Content-Type", "").startswith("text/javascript")
            assert script or not INSIDE.search(answer.text), (method, path)


def test_every_answer_of_the_desk_has_the_headers(lotsen: RunningLotsen) -> None:
    """To a stranger, whatever they ask for."""
    expected = desk_headers()
    paths = [re.sub(r"\{[^}]*\}", "1", page.path) for page in PAGES]
    for path in sorted({*paths, "/", "/sign-in", "/health", "/events", "/static/none", "/none"}):
        for method in ("GET", "POST", "DELETE"):
            answer = requests.request(method, lotsen.desk + path, allow_redirects=False, timeout=TIMEOUT_SECONDS)
            assert answer.status_code < 500, (method, path)
            given = {name: answer.headers.get(name) for name in expected}
            assert {**given, "Content-Security-Policy": ""} == {**expected, "Content-Security-Policy": ""}, (
                method,
                path,
            )
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert "Server" not in answer.headers
            assert not INSIDE.search(answer.text), (method, path)


def test_what_is_no_plain_request_is_refused(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """Too long, read in two ways, or with a host that is none: refused by chat and actions, which go on."""
    token = f"Authorization: Bearer {chat.token}\r\nContent-Type: application/json\r\n".encode()
    cases: List[Tuple[int, bytes]] = [
        (413, b"Host: a\r\nContent-Length: %d\r\n\r\n" % (10**8)),
        (413, b"Host: a\r\nX-A: %b\r\n\r\n" % (b"a" * MAX_HEAD_BYTES)),
        (
            400,
            b"Host: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /chat/ HTTP/1.1\r\n\r\n",
        ),
        (400, b"Host: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        (400, b"Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        (400, b"Host: a\r\nContent-Type: text/plain\r\n\r\n"),
        (400, b'Host: a"><script>alert(1)</script>\r\n\r\n'),
        (400, b"Host: a\r\nHost: b\r\n\r\n"),
        (400, b"Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
    ]
    for status, sent in cases:
        answered, headers, body = at(lotsen, CHAT).raw(b"POST /chat/messages HTTP/1.1\r\n" + token + sent)
        assert answered == status, sent[:80]
        assert b"script" not in body
        assert headers["x-content-type-options"] == "nosniff"
        assert at(lotsen, ACTIONS).raw(b"POST /webhook HTTP/1.1\r\n" + token + sent)[0] in (400, 401, 413), sent[:80]
    for path in ("/chat/messages", "/teams/messages", "/desk/updates", "/parse"):
        for body in (b"[" * 50_000, b'{"a":' * 15_000, b"a" * (MAX_BYTES + 1), b'{"text": "\\ud800"}', b"1" * 5_000):
            headers = {"Authorization": f"Bearer {chat.token}", "Content-Type": "application/json"}
            answer = requests.post(lotsen.front[:-1] + path, data=body, headers=headers, timeout=TIMEOUT_SECONDS)
            assert 400 <= answer.status_code < 500, (path, body[:9])
            assert not INSIDE.search(answer.text)
    assert chat.say("hej")


def test_another_host_changes_no_address(lotsen: RunningLotsen) -> None:
    """A made-up host leads nobody away: the desk's redirects have no host, and the pages load nothing from one."""
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    away = requests.get(f"{lotsen.desk}/queue", headers=evil, allow_redirects=False, timeout=TIMEOUT_SECONDS)
    assert away.headers["Location"].startswith("/sign-in")
    page = requests.get(lotsen.front, headers=evil, timeout=TIMEOUT_SECONDS).text
    assert not re.search(r'(src|href|endpoint|action)="[^"]*evil', page)


def test_a_stranger_runs_no_action(lotsen: RunningLotsen) -> None:
    """The action server answers health and nothing else to who does not know its secret."""
    server = at(lotsen, ACTIONS)
    call = {"next_action": "action_case_status", "tracker": {"sender_id": "web-1", "slots": {}, "events": []}}
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {'0' * 64}"}):
        answer = requests.post(f"{server.url}/webhook", json=call, headers=headers, timeout=TIMEOUT_SECONDS)
        assert (answer.status_code, answer.json()) == (401, {"error": "Not authorised."})
        assert requests.get(f"{server.url}/actions", headers=headers, timeout=TIMEOUT_SECONDS).status_code == 401
    assert requests.get(f"{server.url}/health", timeout=TIMEOUT_SECONDS).json() == {"status": "ok"}


def test_slow_clients_block_nobody(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """While hundreds hold their requests back, the others get their answers, in the chat and at the desk."""
    begun = b"POST /chat/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n"
    with contextlib.ExitStack() as open_ones:
        for port, number in product((CHAT, DESK, ACTIONS), range(150)):
            connection = open_ones.enter_context(at(lotsen, port).connect())
            connection.sendall(begun + (b"\r\n" if number % 2 else b""))
        assert chat.say("hej")
        assert requests.get(f"{lotsen.desk}/health", timeout=TIMEOUT_SECONDS).ok
