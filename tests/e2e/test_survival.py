"""What survives: a killed action server, a hung one, a restart, a reload. And what must not: processes after a stop."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator

import psutil
import pytest

from lotsen.settings import ROOT
from tests.support.running import RunningLotsen, environment

SENTENCE_SECONDS = 2.0
QUESTION = "Det står ”Webbsidan kan inte visas” när jag försöker logga in"


@pytest.fixture(scope="module")
def own(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLotsen]:
    """A Lotsen that these tests may kill parts of. A closed terminal (SIGHUP) ends it like Ctrl-C."""
    running = RunningLotsen(environment(tmp_path_factory.mktemp("own")))
    yield running
    assert running.stop(signal.SIGHUP) == 0


def test_action_server_killed_in_a_guide(own: RunningLotsen) -> None:
    """After kill -9 the user hears something within two seconds: that it takes a while, or the step."""
    chat = own.chat()
    chat.say(QUESTION)
    step = chat.press("Klart")[-1]
    assert step.text.startswith("**Steg 2 av 8**")
    server = own.action_server()
    server.kill()
    server.wait()
    before = len(chat.history())
    chat.post("/messages", {"text": "klart", "client_id": "a"})
    began = time.monotonic()
    while not [m for m in chat.history()[before:] if m["author"] == "bot"]:
        assert time.monotonic() - began < SENTENCE_SECONDS
    own.wait_for_line("Starting it again")
    assert chat.listen()[-1].text.startswith("**Steg 3 av 8**")


def test_hung_action_server_gets_a_sentence_in_time(own: RunningLotsen) -> None:
    """An action server that does not answer is told of within two seconds; the answer still comes if it wakes up."""
    chat = own.chat()
    chat.say(QUESTION)
    server = own.action_server()
    server.suspend()
    chat.post("/messages", {"text": "klart", "client_id": "a"})
    began = time.monotonic()
    heard = []
    while not heard:
        heard = [m for m in chat.history() if m["author"] == "bot" and "längre tid än vanligt" in m["text"]]
    assert time.monotonic() - began < SENTENCE_SECONDS
    server.resume()
    assert chat.listen()[-1].text.startswith("**Steg 2 av 8**")


def test_faq_is_answered_without_the_action_server(own: RunningLotsen) -> None:
    """Answers do not need the action server."""
    chat = own.chat()
    server = own.action_server()
    server.suspend()
    chat.post("/messages", {"text": "Hur går gallring till?", "client_id": "a"})
    heard = []
    while not heard:
        heard = [m for m in chat.history() if "Dataadministratör" in m["text"]]
    server.resume()


def test_restart_goes_on_at_the_same_step(model: Path, tmp_path: Path) -> None:
    """After a stop and a new start, the token still counts and the guide stands where it stood."""
    env = environment(tmp_path)
    first = RunningLotsen(env)
    chat = first.chat()
    chat.say(QUESTION)
    chat.press("Klart")
    history = chat.history()
    assert first.stop(signal.SIGTERM) == 0
    second = RunningLotsen(env)
    try:
        again = second.chat(chat.token)
        assert again.history() == history
        again.listen()
        assert again.press("Klart")[-1].text.startswith("**Steg 3 av 8**")
    finally:
        second.stop()


def test_ctrl_c_leaves_no_process(model: Path, tmp_path: Path) -> None:
    """Ctrl-C ends everything, with exit code 0."""
    running = RunningLotsen(environment(tmp_path))
    children = running.processes()
    assert len(children) >= 2
    assert running.stop(signal.SIGINT) == 0
    assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []


def start_in_vain(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``lotsen up`` where it cannot start."""
    command = [sys.executable, "-m", "lotsen.cli", "up"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_port_in_use(lotsen: RunningLotsen, tmp_path: Path) -> None:
    """A taken port is named, with the variable that changes it; exit code 1."""
    taken = lotsen.env["LOTSEN_PORT"]
    ended = start_in_vain(environment(tmp_path, LOTSEN_PORT=taken))
    assert ended.returncode == 1
    assert taken in ended.stderr
    assert "LOTSEN_PORT=" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_bad_setting(tmp_path: Path) -> None:
    """A setting that cannot be read is named, with what it should be; exit code 1."""
    ended = start_in_vain(environment(tmp_path, LOTSEN_PORT="många"))
    assert ended.returncode == 1
    assert "LOTSEN_PORT is 'många'" in ended.stderr


def test_full_disk(tmp_path: Path) -> None:
    """Too little free space is said in a sentence, with exit code 1."""
    ended = start_in_vain(environment(tmp_path, LOTSEN_MIN_FREE_MB=str(10**9)))
    assert ended.returncode == 1
    assert "is full" in ended.stderr
    assert "LOTSEN_DATA_DIR" in ended.stderr


def test_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A data folder that cannot be made is said in a sentence, with exit code 1."""
    (tmp_path / "file").write_text("")
    ended = start_in_vain(environment(tmp_path / "file" / "data"))
    assert ended.returncode == 1
    assert "cannot be used" in ended.stderr
