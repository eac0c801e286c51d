"""A whole Lotsen on the previous release's data folder, which came here by backup and restore: users just go on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, Iterator

import jwt
import pytest

from lotsen.settings import ROOT
from tests.service_desks.stand_ins.webhook import WebhookStandIn
from tests.storage import releases
from tests.support import outgrown
from tests.support.chat import ChatClient
from tests.support.handoff import eventually
from tests.support.running import RunningLotsen, environment

RELEASE = releases.RELEASES[-1]
KNOWN = releases.known(RELEASE)
HOURS = "1000000"


def lotsen(env: Dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command."""
    command = [sys.executable, "-m", "lotsen.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def as_new(token: str) -> str:
    """Return a token of the release as it would be today: signed with its key, for the same conversation."""
    claims = jwt.decode(token, KNOWN["secret"], algorithms=["HS256"], options={"verify_exp": False})
    now = int(time.time())
    return jwt.encode({**claims, "iat": now, "began": now, "exp": now + 3600}, KNOWN["secret"], algorithm="HS256")


@pytest.fixture(scope="module")
def desk() -> Iterator[WebhookStandIn]:
    """The service desk, which was down when the release ran."""
    running = WebhookStandIn()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def upgraded(model: object, desk: WebhookStandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLotsen]:
    """The release's data is where this Lotsen starts: backed up and restored, or in PostgreSQL."""
    before, folder = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("restored") / "data"
    if outgrown.wanted():
        releases.load(RELEASE, outgrown.shared(folder)["LOTSEN_DATABASE_URL"])
        folder.mkdir()
        (folder / "secret").write_text(KNOWN["secret"], encoding="utf-8")
    else:
        releases.load(RELEASE, f"sqlite:///{before / 'lotsen.db'}")
        (before / "secret").write_text(KNOWN["secret"], encoding="utf-8")
        archive = before / "backup.tar.gz"
        for data_dir, command in ((before, "backup"), (folder, "restore")):
            done = lotsen({**os.environ, "LOTSEN_DATA_DIR": str(data_dir)}, command, str(archive))
            assert done.returncode == 0, done.stderr
    settings = {
        "LOTSEN_DESKS": "webhook",
        "LOTSEN_DESK_HOSTS": "127.0.0.1",
        "LOTSEN_GUIDE_HOURS": HOURS,  # The release ran long ago.
        "LOTSEN_PURGE_AT": "never",
        **desk.environment(),
    }
    running = RunningLotsen(environment(folder, **settings))
    yield running
    assert running.stop() == 0, "".join(running.output)


def test_a_guide_goes_on_where_it_stood(upgraded: RunningLotsen) -> None:
    """The token in the user's browser still counts, the step is there with its buttons, and the next one comes."""
    chat = ChatClient(upgraded.base, as_new(KNOWN["guide"]["token"]))
    assert chat.listen()[-1].text == KNOWN["guide"]["step"]
    assert chat.press("Klart")[-1].text.startswith("**Steg 3 av 8**")


def test_a_waiting_case_arrives(upgraded: RunningLotsen, desk: WebhookStandIn) -> None:
    """The letter that could not be delivered is now; the one that was is not sent again."""
    number = KNOWN["waiting"]["number"]
    eventually(lambda: any(number in ticket.subject for ticket in desk.tickets))
    assert not any(KNOWN["delivered"]["number"] in ticket.subject for ticket in desk.tickets)


def test_a_delivered_case_is_known(upgraded: RunningLotsen) -> None:
    """Its user asks how it stands, and reads what the desk answered before the upgrade."""
    chat = ChatClient(upgraded.base, as_new(KNOWN["delivered"]["token"]))
    chat.listen()
    assert KNOWN["delivered"]["number"] in chat.say("hur går det med mitt ärende?")[-1].text
    assert any("Vi har startat om tjänsten" in message["text"] for message in chat.history())


def test_a_running_lotsen_is_backed_up_but_not_replaced(upgraded: RunningLotsen, tmp_path: Path) -> None:
    """A backup is made beside its processes; a restore does not take their database from under them.

    PostgreSQL has tools of its own, and the command says which.
    """
    archive = str(tmp_path / "backup.tar.gz")
    if outgrown.wanted():
        refused = lotsen(upgraded.env, "backup", archive)
        assert (refused.returncode, "pg_dump" in refused.stderr) == (1, True)
        return
    assert "2 cases" in upgraded.command("backup", archive)
    assert "is whole" in upgraded.command("backup", "--check", archive)
    refused = lotsen(upgraded.env, "restore", archive)
    assert refused.returncode == 1
    assert "Stop it first" in refused.stderr
    assert "nothing to do" in upgraded.command("migrate", "--check")
