"""Rasa's own commands work unchanged from the root, with nothing of ours before or between them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Sequence

import pytest

from lotsen.runtime.processes import Process
from lotsen.settings import ROOT
from tests.support.ports import free_port

SECONDS = 300


def rasa(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``rasa`` as a user does in the checkout."""
    command = [str(Path(sys.executable).with_name("rasa")), *arguments]
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_data_validate_is_clean() -> None:
    """``rasa data validate --fail-on-warnings`` finds nothing; the one warning it always gives is Rasa's own."""
    ended = rasa("data", "validate", "--fail-on-warnings")
    assert ended.returncode == 0, ended.stderr
    warnings = re.findall(r"UserWarning: (.*)", ended.stderr)
    assert [warning for warning in warnings if "Slot auto-fill has been removed" not in warning] == []


def test_stories_pass(model: Path, tmp_path: Path) -> None:
    """``rasa test`` on the stories in ``tests/`` predicts every intent, entity and action."""
    (tmp_path / "nlu.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hej\n', encoding="utf-8"
    )
    places = ("--stories", "tests", "--nlu", str(tmp_path / "nlu.yml"), "--out", str(tmp_path / "results"))
    ended = rasa("test", *places, "--model", str(model), "--no-plot")
    assert ended.returncode == 0, ended.stderr
    found = re.search(r"Correct:\s+(\d+) / (\d+)\s", ended.stderr)
    assert found is not None
    assert int(found[2]) > 0
    assert found[1] == found[2]


@pytest.mark.parametrize(
    ("arguments", "path"),
    [(("run", "actions"), "/health"), (("run",), "/chat/health")],
    ids=["rasa run actions", "rasa run"],
)
def test_servers_start(arguments: Sequence[str], path: str, model: Path, tmp_path: Path) -> None:
    """``rasa run`` and ``rasa run actions`` serve with the files in the root as they are."""
    port = free_port()
    chosen = ("--model", str(model)) if arguments == ("run",) else ()
    command = (str(Path(sys.executable).with_name("rasa")), *arguments, *chosen, "--port", str(port))
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "LOTSEN_DATA_DIR": str(tmp_path)}
    server = Process("server", command, f"http://127.0.0.1:{port}{path}", tmp_path / "log", env)
    server.start(ROOT)
    try:
        while not server.healthy():
            assert server.running, server.last_lines()
            time.sleep(0.2)
    finally:
        server.stop()


def test_shell_answers(model: Path, tmp_path: Path) -> None:
    """``rasa shell`` answers a question typed at its prompt."""
    command = [str(Path(sys.executable).with_name("rasa")), "shell", "--model", str(model), "--port", str(free_port())]
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "LOTSEN_DATA_DIR": str(tmp_path)}
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        input="vad är ett moment?\n/stop\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert "Moment är samma sak som ett program" in ended.stdout
