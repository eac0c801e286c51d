"""What must hold before a start: room on the disk, and free ports. Each fault says what to do."""

from __future__ import annotations

import re
import socket
from contextlib import closing
from pathlib import Path
from typing import Iterator, List

import pytest

from lotsen.runtime.checks import CannotStart, Port, check_disk, check_ports
from lotsen.settings import Settings

LOOPBACK = "127.0.0.1"


def listening(port: int = 0) -> socket.socket:
    """Open a socket that listens on this machine; port 0 is any free one."""
    server = socket.socket()
    try:
        server.bind((LOOPBACK, port))
        server.listen()
    except OSError:
        server.close()
        raise
    return server


def port_of(server: socket.socket) -> int:
    """Return the port that a socket listens on."""
    return int(server.getsockname()[1])


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with closing(listening()) as server:
        yield port_of(server)


@pytest.fixture
def free() -> int:
    """A port that nothing listens on."""
    with closing(listening()) as server:
        return port_of(server)


def ports(port: int, actions_port: int, host: str = LOOPBACK) -> List[Port]:
    """Return these ports for two servers."""
    return [Port("LOTSEN_PORT", host, port), Port("LOTSEN_ACTIONS_PORT", LOOPBACK, actions_port)]


def test_free_ports_pass(free: int) -> None:
    """Two free ports are no reason not to start; checking does not take them."""
    with closing(listening()) as server:
        other = port_of(server)
    check_ports(ports(free, other))
    check_ports(ports(free, other))


@pytest.mark.parametrize("host", [LOOPBACK, "localhost", "0.0.0.0"])
def test_a_taken_port_is_named(host: str, taken: int, free: int) -> None:
    """The message names the port, and the variable that changes it."""
    with pytest.raises(CannotStart, match=rf"Port {taken} on {host} is in use.*LOTSEN_PORT=\d+ make run"):
        check_ports(ports(taken, free, host))


def test_a_taken_port_of_the_action_server_is_named(taken: int, free: int) -> None:
    """The action server's port has a variable of its own."""
    with pytest.raises(CannotStart, match=rf"Port {taken} on {LOOPBACK} is in use.*LOTSEN_ACTIONS_PORT=\d+ make run"):
        check_ports(ports(free, taken))


def test_the_port_proposed_is_a_port() -> None:
    """Near the end of the range, too, the proposal is one that the settings accept."""
    last = 65535
    with closing(listening(last)), pytest.raises(CannotStart) as caught:
        check_ports(ports(last, 5055))
    proposed = re.search(r"LOTSEN_PORT=(\d+)", str(caught.value))
    assert proposed is not None
    assert Settings.read({"LOTSEN_PORT": proposed[1]}).port != last


def test_one_port_for_two_servers_is_refused(free: int) -> None:
    """The two servers cannot share a port, and the message names both variables."""
    with pytest.raises(CannotStart, match=f"LOTSEN_PORT and LOTSEN_ACTIONS_PORT are both {free}"):
        check_ports(ports(free, free))


def test_a_folder_with_room_is_made(tmp_path: Path) -> None:
    """A folder that is not there yet is made, with those above it; checking twice is fine."""
    folder = tmp_path / "new" / "data"
    check_disk(folder, 0)
    check_disk(folder, 0)
    assert folder.is_dir()


def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    """The message says what is free, what is needed, and the ways out."""
    needed = 10**12
    with pytest.raises(CannotStart) as caught:
        check_disk(tmp_path, needed)
    said = str(caught.value)
    assert re.search(rf"The disk with {re.escape(str(tmp_path))} is full: \d+ MB free, {needed} MB needed\.", said)
    assert "LOTSEN_DATA_DIR" in said
    assert "LOTSEN_MIN_FREE_MB" in said


@pytest.mark.parametrize("below", ["", "/data"], ids=["a file", "below a file"])
def test_a_folder_that_cannot_be_made_is_refused(below: str, tmp_path: Path) -> None:
    """A path that is a file, or leads through one, is named with the variable that changes it."""
    (tmp_path / "file").write_text("")
    folder = Path(f"{tmp_path / 'file'}{below}")
    with pytest.raises(CannotStart, match=f"The data folder {re.escape(str(folder))} cannot be used.*LOTSEN_DATA_DIR="):
        check_disk(folder, 0)
