"""The image's packages, user and file system: Lotsen runs with a tenth of the bytes, and writes in one folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Iterator

import psutil
import pytest

from tests.support.container import NEEDS, USER, lay_out, possible, starter
from tests.support.running import RunningLotsen, environment


@pytest.fixture(scope="module")
def contained(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLotsen]:
    """A Lotsen that runs as in a container."""
    if not possible():
        pytest.skip(f"A container cannot be imitated here: it takes {NEEDS}.")
    folder = tmp_path_factory.mktemp("container")
    for parent in folder.parents:  # Another user is to get in.
        if str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    folder.chmod(0o755)
    app, writable = lay_out(folder), folder / "data"
    writable.mkdir()
    told = {"LOTSEN_LOG_TO": "stdout", "LOTSEN_LOG_FORMAT": "json"}  # As in the Containerfile.
    env = environment(writable, PYTHONDONTWRITEBYTECODE="1", **told)
    running = RunningLotsen(env, app, starter(app, writable))
    yield running
    assert running.stop() == 0, "".join(running.output)
    logged = [json.loads(line) for line in running.output if line.startswith("{")]
    assert {"rasa", "actions"} <= {line["process"] for line in logged}
    assert [line for line in logged if line["process"] == "rasa" and line["turn"]], "turns are logged with their id"


def test_it_answers_and_walks(contained: RunningLotsen) -> None:
    """A question, and a step of a guide by the action server."""
    chat = contained.chat()
    assert "Dataadministratör" in chat.say("Hur går gallring till?")[-1].text
    chat.say("Det står ”Webbsidan kan inte visas” när jag försöker logga in")
    assert chat.press("Klart")[-1].text.startswith("**Steg 2 av 8**")


def test_its_processes_have_no_rights(contained: RunningLotsen) -> None:
    """Every process has the image's user, no capability, and no way to get one; none has the large libraries."""
    for process in contained.processes():
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert process.uids().effective == USER, process.cmdline()
        assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
        assert fields["NoNewPrivs"] == "1"
        assert not [m for m in process.memory_maps() if "tensorflow" in m.path or "/torch/" in m.path]


def test_its_root_is_read_only(contained: RunningLotsen) -> None:
    """In the processes' view every mount but the one for data is read-only."""
    server: psutil.Process = contained.rasa_server()
    mounts = Path(f"/proc/{server.pid}/mounts").read_text(encoding="utf-8").splitlines()
    options = {line.split()[1]: line.split()[3].split(",") for line in mounts}
    assert "ro" in options["/"]
    assert "rw" in options[contained.env["LOTSEN_DATA_DIR"]]
    assert Path(f"/proc/{server.pid}/root/opt").stat().st_mode & 0o002 == 0
