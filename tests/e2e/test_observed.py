"""What an operator sees of a Lotsen that people use: metrics, health, logs with one turn id, traces."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
import requests

from lotsen.observability import turn_id
from tests.observability.collector import Collector
from tests.service_desks.stand_ins.webhook import WebhookStandIn
from tests.support.chat import ChatClient
from tests.support.handoff import eventually, send_case
from tests.support.running import RunningLotsen, environment

NUMBER = "19121212-1212"
STRANGE = "feedfacefeedface"
SECONDS = 30


def ask(lotsen: RunningLotsen, path: str) -> requests.Response:
    """Ask the port of metrics."""
    return requests.get(f"http://127.0.0.1:{lotsen.env['LOTSEN_METRICS_PORT']}{path}", timeout=SECONDS)


def counted(lotsen: RunningLotsen, sample: str) -> float:
    """Return what a sample says, 0 if it is not there."""
    found = re.search(rf"^{re.escape(sample)} (\S+)$", ask(lotsen, "/metrics").text, re.MULTILINE)
    return float(found[1]) if found is not None else 0.0


def test_turns_and_decisions_are_counted(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """An answer and a guide are counted as such, with their times and that of their actions."""
    samples = (
        'lotsen_turns_total{channel="web",outcome="answered"}',
        'lotsen_decisions_total{decision="answer"}',
        'lotsen_decisions_total{decision="guide"}',
        'lotsen_turn_duration_seconds_count{channel="web"}',
        "lotsen_understanding_duration_seconds_count",
        "lotsen_tracker_save_duration_seconds_count",
        'lotsen_action_duration_seconds_count{action="action_start_guide"}',
        'lotsen_guide_steps_total{guide="page_cannot_be_displayed",outcome="done"}',
    )
    before = {sample: counted(lotsen, sample) for sample in samples}
    chat.say("vilken webbläsare ska jag använda?")
    chat.say("det står webbsidan kan inte visas")
    chat.press("Klart")
    for sample in samples:
        eventually(lambda sample=sample: counted(lotsen, sample) > before[sample])  # type: ignore[misc]


def test_health_and_the_page_of_metrics(lotsen: RunningLotsen, chat: ChatClient) -> None:
    """Probes hear that all is well; the page is one that Prometheus takes, and names nobody."""
    chat.say("hej")
    live, ready = ask(lotsen, "/health/live"), ask(lotsen, "/health/ready")
    assert (live.status_code, ready.status_code) == (200, 200), ready.text
    assert set(ready.json()["parts"].values()) == {True}
    page = ask(lotsen, "/metrics").text
    for sample in ("lotsen_build_info{", 'lotsen_model_info{model="lotsen-', "lotsen_database_up 1.0"):
        assert sample in page
    conversations = [row[0] for row in lotsen.query("SELECT DISTINCT conversation FROM chat_messages")]
    assert conversations
    assert not [one for one in conversations if one in page]
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: apt-get install prometheus")
    checked = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.fixture(scope="module")
def webhook() -> Iterator[WebhookStandIn]:
    """A service desk."""
    running = WebhookStandIn()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """What takes traces."""
    running = Collector()
    yield running
    running.close()


@pytest.fixture(scope="module")
def json_lotsen(
    model: Path, webhook: WebhookStandIn, collector: Collector, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningLotsen]:
    """A Lotsen that logs JSON, delivers to a desk and sends traces."""
    settings = {
        "LOTSEN_LOG_FORMAT": "json",
        "LOTSEN_DESKS": "webhook",
        "LOTSEN_DESK_HOSTS": "127.0.0.1",
        "LOTSEN_TRACES_URL": collector.url,
        **webhook.environment(),
    }
    running = RunningLotsen(environment(tmp_path_factory.mktemp("json"), **settings))
    yield running
    assert running.stop() == 0, "".join(running.output)


def logged(lotsen: RunningLotsen, name: str) -> List[Dict[str, Any]]:
    """Return the entries of a log; every line is one."""
    text = (Path(lotsen.env["LOTSEN_DATA_DIR"]) / "logs" / f"{name}.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def sent(json_lotsen: RunningLotsen, webhook: WebhookStandIn) -> str:
    """The id of the turn in which a case was sent, as the action server logs it; a desk has the case."""
    number, _ = send_case(json_lotsen.chat(), f"Patienten {NUMBER} kommer inte in")
    eventually(lambda: [one for one in webhook.tickets if number in one.subject])
    stored = next(one for one in logged(json_lotsen, "actions") if number in one["message"])
    assert (len(stored["turn"]), stored["process"], stored["level"]) == (16, "actions", "INFO")
    return str(stored["turn"])


def test_one_turn_id_in_both_servers_and_in_the_trace(
    json_lotsen: RunningLotsen, collector: Collector, sent: str
) -> None:
    """The Rasa server logs the turn under the id that the action server logs, and its trace is named by it."""
    answered = eventually(lambda: [one for one in logged(json_lotsen, "rasa") if one["turn"] == sent])
    assert "answered" in answered[-1]["message"]
    for process, span in (("rasa", "action action_finish_handoff"), ("actions", "action server")):
        assert collector.wait_for(process, span, trace=sent * 2).parent_span_id.hex() == sent
    said = b"".join(span.SerializeToString() for _, span in collector.spans)
    assert b"kommer inte in" not in said


def test_the_deliverer_logs_the_turn_of_the_case(json_lotsen: RunningLotsen, sent: str) -> None:
    """The letter has kept the id, however much later it is delivered."""
    delivered = eventually(lambda: [one for one in logged(json_lotsen, "deliverer") if one["turn"] == sent])
    assert "was delivered to webhook" in delivered[-1]["message"]


def test_strangers_bring_no_turn_id(json_lotsen: RunningLotsen) -> None:
    """A browser's own id is not believed, and the action server drops what is none; its refusal is counted."""
    chat = json_lotsen.chat()
    chat.post("/messages", {"text": "hej", "client_id": "strange"}, headers={turn_id.HEADER: STRANGE})
    chat.listen()
    refused = 'lotsen_http_refused_total{process="actions",status="401"}'
    actions = f"http://127.0.0.1:{json_lotsen.env['LOTSEN_ACTIONS_PORT']}/webhook"
    requests.post(actions, json={}, headers={turn_id.HEADER: "no id"}, timeout=SECONDS)
    assert counted(json_lotsen, refused) == 1
    turns = {one["turn"] for name in ("rasa", "actions") for one in logged(json_lotsen, name)}
    assert STRANGE not in turns
    assert all(re.fullmatch("([0-9a-f]{16})?", turn) for turn in turns)


def test_no_log_has_a_number_or_what_was_said(json_lotsen: RunningLotsen) -> None:
    """A patient's number is in no log, and neither are the words around it."""
    chat = json_lotsen.chat()
    chat.say(f"hjälp {NUMBER} ser en gul giraff")
    folder = Path(json_lotsen.env["LOTSEN_DATA_DIR"]) / "logs"
    for log in folder.glob("*.log"):
        text = log.read_text(encoding="utf-8")
        assert not re.search(r"121212-?1212", text), log
        assert "giraff" not in text, log
