"""The supervisor, with small programs in place of servers: what it starts again, gives up, exchanges and stops."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Callable, Iterator, List, Tuple

import pytest

from lotsen.runtime import supervisor as supervisor_module
from lotsen.runtime.checks import CannotStart
from lotsen.runtime.processes import Process
from lotsen.runtime.restarts import LIMIT, LONGEST_PAUSE, WINDOW_SECONDS, Restarts
from lotsen.runtime.sockets import BACKLOG, bind
from lotsen.runtime.supervisor import NotReplaced, Supervisor

SECONDS = 30.0
BEATS = "import os, sys, time\nfd = int(sys.argv[-1])\nprint('up', flush=True)\n"
LIVES = f"{BEATS}while True:\n    os.write(fd, b'.')\n    time.sleep(0.05)\n"
HANGS = f"{BEATS}os.write(fd, b'.')\ntime.sleep(1000)\n"
FAILS = "print('no model', flush=True)\nraise SystemExit(1)\n"
DRAINS = f"""{BEATS}
import signal

def end(*_):
    time.sleep(0.3)
    print("done", flush=True)
    os._exit(0)

signal.signal(signal.SIGTERM, end)
{LIVES[len(BEATS) :]}"""
Made = Tuple[Supervisor, List[str], threading.Event]


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Process]:
    """Return a maker of processes that run a program and beat."""

    def make(name: str, code: str, version: str = "") -> Process:
        words = (sys.executable, "-c", code)
        return Process(name, words, None, tmp_path / f"{name}.log", {}, beats=True, stop_seconds=5, version=version)

    return make


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Made]]:
    """Return a maker of supervisors; each is stopped in the end."""
    made: List[Supervisor] = []

    def make(*processes: Process) -> Made:
        said: List[str] = []
        stop = threading.Event()
        made.append(Supervisor(processes, tmp_path, stop, said.append, SECONDS))
        return made[-1], said, stop

    yield make
    for one in made:
        one.stop()


def look_until(supervisor: Supervisor, true: Callable[[], bool]) -> None:
    """Let it look again and again until something holds."""
    until = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < until
        supervisor.look()
        threading.Event().wait(0.02)


def test_ready_when_all_have_said_so(program: Callable[..., Process], supervise: Callable[..., Made]) -> None:
    """A process is ready from its first sign of life; none is when Lotsen is told to stop."""
    supervisor, _, stop = supervise(program("one", LIVES), program("two", LIVES))
    assert supervisor.ready == {"one": False, "two": False}
    supervisor.start()
    assert supervisor.ready == {"one": True, "two": True}
    stop.set()
    assert supervisor.ready == {"one": False, "two": False}


def test_one_that_cannot_start_says_why(program: Callable[..., Process], supervise: Callable[..., Made]) -> None:
    """The end of its log is in the message."""
    supervisor, _, _ = supervise(program("one", LIVES), program("two", FAILS))
    with pytest.raises(CannotStart, match="The two ended at once .*(?s:.*)no model"):
        supervisor.start()


def test_killed_one_is_started_again(program: Callable[..., Process], supervise: Callable[..., Made]) -> None:
    """It has a new process, and somebody is told."""
    supervisor, said, _ = supervise(program("one", LIVES))
    supervisor.start()
    before = supervisor.processes[0].pid
    supervisor.processes[0].kill()
    look_until(supervisor, lambda: supervisor.processes[0].pid != before and supervisor.ready["one"])
    assert "Starting it again" in said[0]


def test_hung_one_is_ended_and_started_again(
    program: Callable[..., Process], supervise: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process whose event loop stands still is not left alone because it is there."""
    monkeypatch.setattr(supervisor_module, "HUNG_SECONDS", 0.5)
    supervisor, said, _ = supervise(program("hangs", HANGS), program("lives", LIVES))
    supervisor.start()
    hung, living = (process.pid for process in supervisor.processes)
    look_until(supervisor, lambda: supervisor.processes[0].pid != hung)
    assert "no sign of life" in said[0]
    assert supervisor.processes[1].pid == living


def test_one_that_keeps_ending_is_given_up(
    program: Callable[..., Process], supervise: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lotsen ends with a sentence, so that whoever runs it notices."""
    monkeypatch.setattr("lotsen.runtime.restarts.LONGEST_PAUSE", 0.0)
    supervisor, said, _ = supervise(program("ends", LIVES))
    supervisor.start()
    with pytest.raises(CannotStart, match="The ends keeps ending"):
        look_until(supervisor, lambda: supervisor.processes[0].kill() is not None)
    assert len(said) == LIMIT


def test_pauses_grow_and_are_forgotten() -> None:
    """The first restart comes at once; a process that ends once a week is never given up."""
    restarts = Restarts()
    pauses = [restarts.pause(0.0) for _ in range(LIMIT + 1)]
    assert pauses[:4] == [0.0, 1.0, 3.0, 7.0]
    assert pauses[-2] == LONGEST_PAUSE
    assert pauses[-1] is None
    week = 7 * 24 * 3600.0
    assert [restarts.pause(WINDOW_SECONDS + week * number) for number in range(1, 50)] == [0.0] * 49


def test_new_one_is_ready_before_the_old_one_stops(
    program: Callable[..., Process], supervise: Callable[..., Made]
) -> None:
    """The old one may end what it is at; other kinds of process are left alone."""
    old, other = program("server 1", DRAINS, "old"), program("other", LIVES)
    supervisor, _, _ = supervise(old, other)
    supervisor.start()
    heard: List[str] = []
    supervisor.replace([program("server 1", LIVES, "new")], heard.append)
    assert [process.version for process in supervisor.processes] == ["new", ""]
    assert supervisor.ready["server 1"]
    assert not old.running
    assert old.last_lines().splitlines() == ["up", "up", "done"]
    assert other.running
    assert len(heard) == 2


def test_nothing_is_exchanged_if_one_fails(program: Callable[..., Process], supervise: Callable[..., Made]) -> None:
    """What was started beside the old ones is stopped again; the old ones have not noticed."""
    supervisor, _, _ = supervise(*(program(name, LIVES) for name in ("actions", "server 1", "server 2")))
    supervisor.start()
    before = [process.pid for process in supervisor.processes]
    fresh = [program("actions", LIVES), program("server 1", FAILS), program("server 2", LIVES)]
    with pytest.raises(NotReplaced, match="The server 1 ended at once"):
        supervisor.replace(fresh, lambda line: None)
    assert [process.pid for process in supervisor.processes] == before
    assert all(process.running for process in supervisor.processes)
    assert not any(process.running for process in fresh)
    assert fresh[2].pid is None


def test_connections_wait_for_a_server_that_is_not_there_yet(tmp_path: Path) -> None:
    """The socket is handed to the process; who connected before it accepted is served."""
    import socket

    accepts = "import socket, sys\nhere = socket.socket(fileno=int(sys.argv[-1]))\nhere.accept()[0].sendall(b'hello')\n"
    with bind("127.0.0.1", 0) as sock, socket.socket() as caller:
        sock.listen(BACKLOG)
        caller.connect(sock.getsockname())
        process = Process("late", (sys.executable, "-c", accepts), None, tmp_path / "late.log", {}, listens=sock)
        process.start(tmp_path)
        caller.settimeout(SECONDS)
        assert caller.recv(5) == b"hello"
        process.stop()
