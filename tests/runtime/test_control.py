"""The control socket: only its owner may use it, it says what it is asked, and does one reload at a time."""

from __future__ import annotations

import socket
import stat
import threading
from pathlib import Path
from typing import Iterator, List

import pytest

from lotsen.runtime.control import BUSY, NAME, Command, Control, NotRunning, ask

ROWS = [{"name": "Rasa server", "pid": 1}]


@pytest.fixture(params=["short", "long" * 40])
def control(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Control]:
    """A control socket in a folder, also in one whose name is longer than a socket's address may be."""
    folder = tmp_path / request.param
    folder.mkdir()
    running = Control(folder, lambda: ROWS)
    running.start()
    yield running
    running.stop()
    assert list(folder.iterdir()) == []


def folder_of(control: Control) -> Path:
    """Return the data folder."""
    return control._path.parent


def wait_for(control: Control) -> Command:
    """Return the next reload that is asked for."""
    while True:
        command = control.next()
        if command is not None:
            return command


def test_only_its_owner_may_use_it(control: Control) -> None:
    """Whoever may connect could exchange the processes."""
    assert stat.S_IMODE((folder_of(control) / NAME).stat().st_mode) == 0o600


def test_tells_the_status(control: Control) -> None:
    """Each process is told."""
    assert ask(folder_of(control), {"do": "status"}, print)["processes"] == ROWS


def test_passes_on_how_a_reload_goes(control: Control) -> None:
    """Each line as it is said, then how it went; meanwhile nobody else can begin one, and the status is still told."""
    heard: List[str] = []
    answers: List[str] = []
    want = {"do": "reload", "model": "m"}
    caller = threading.Thread(target=lambda: answers.append(ask(folder_of(control), want, heard.append)["error"]))
    caller.start()
    command = wait_for(control)
    command.say("half way")
    assert ask(folder_of(control), want, print)["error"] == BUSY
    assert ask(folder_of(control), {"do": "status"}, print)["processes"] == ROWS
    command.end("no model")
    caller.join()
    assert (command.model, heard, answers) == ("m", ["half way"], ["no model"])


def test_what_it_does_not_know_is_refused(control: Control) -> None:
    """Also what is no JSON at all."""
    for line in (b'{"do": "stop"}\n', b"[]\n", b"\xff\n", b"\n"):
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str((folder_of(control) / NAME).resolve()))
            caller.sendall(line)
            assert b"Not understood" in caller.recv(1000)
    assert ask(folder_of(control), {"do": "status"}, print)["processes"] == ROWS


def test_second_lotsen_does_not_take_it(control: Control) -> None:
    """The first one keeps it."""
    with pytest.raises(OSError, match="another Lotsen"):
        Control(folder_of(control), list).start()
    assert ask(folder_of(control), {"do": "status"}, print)["processes"] == ROWS


def test_address_of_a_dead_one_is_taken_over(tmp_path: Path) -> None:
    """A Lotsen that was killed leaves its socket."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / NAME))
    with pytest.raises(NotRunning, match="No Lotsen runs"):
        ask(tmp_path, {"do": "status"}, print)
    running = Control(tmp_path, lambda: ROWS)
    running.start()
    assert ask(tmp_path, {"do": "status"}, print)["processes"] == ROWS
    running.stop()
