"""Drives Lotsen in Microsoft's Agents Playground, by hand: no test needs it, and CI does not run it.

    npm install --global @microsoft/m365agentsplayground
    .venv/bin/python -m tests.support.playground --picture /tmp/playground.png

The playground is under Microsoft's pre-release terms (evaluation and feedback): it is not in the repository, nothing of
it is copied. It sends no tokens, so it talks to a channel that is open, which is in ``tests/`` only.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Iterator, List

from playwright.sync_api import Page, expect

from lotsen.runtime.model import fitting
from lotsen.settings import ROOT
from tests.support.browser import chromium
from tests.support.microsoft import Microsoft
from tests.support.ports import free_port
from tests.support.running import RunningLotsen, environment

PROGRAM = "agentsplayground"
SECONDS = 60


def main() -> int:
    """Talk to Lotsen in the playground; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--program", default=PROGRAM, help="the playground's program, or its cli.js")
    parser.add_argument("--picture", type=Path, help="where to put a picture of the conversation")
    given = parser.parse_args()
    command = ["node", str(Path(given.program).resolve())] if given.program.endswith(".js") else [given.program]
    if shutil.which(command[0]) is None:
        print(f"{command[0]} is missing: npm install --global @microsoft/m365agentsplayground", file=sys.stderr)
        return 1
    with contextlib.ExitStack() as open_now:
        folder = Path(open_now.enter_context(tempfile.TemporaryDirectory()))
        endpoint = open_now.enter_context(_lotsen(folder))
        address = open_now.enter_context(_playground(command, endpoint, folder))
        page = open_now.enter_context(chromium()).new_page(viewport={"width": 1100, "height": 800})
        page.goto(address)
        _talk(page)
        if given.picture:
            page.screenshot(path=given.picture)
    print("The playground shows answers, cards and what was chosen.")
    return 0


def _talk(page: Page) -> None:
    """Ask, begin a guide, and press a button of its card."""
    box = page.get_by_role("textbox").last
    for text, answer in (("Hur går gallring till?", "Dataadministratör"), ("Webbsidan kan inte visas", "Steg 1 av 8")):
        box.fill(text)
        box.press("Enter")
        expect(page.get_by_text(answer).last).to_be_visible(timeout=SECONDS * 1000)
    page.get_by_role("button", name="Klart").last.click()
    expect(page.get_by_text("Steg 2 av 8").last).to_be_visible(timeout=SECONDS * 1000)


@contextlib.contextmanager
def _lotsen(folder: Path) -> Iterator[str]:
    """Run Lotsen with the open channel beside it; give the address of that."""
    microsoft = Microsoft()
    env = environment(folder, **{**microsoft.settings(), "LOTSEN_TEAMS_HOSTS": "localhost,127.0.0.1"})
    running = RunningLotsen(env)
    credentials = folder / "credentials.yml"
    channels = ("tests.support.open_teams.OpenTeams", "lotsen.channels.web.channel.WebInput")
    credentials.write_text("".join(f"{name}: {{}}\n" for name in channels), encoding="utf-8")
    port = free_port()
    words: List[str] = [
        *(sys.executable, "-m", "lotsen.runtime.server", "--model", str(fitting(ROOT))),
        *("--endpoints", str(folder / "endpoints.yml"), "--credentials", str(credentials)),
        *("--interface", "127.0.0.1", "--port", str(port)),
    ]
    server = subprocess.Popen(words, cwd=ROOT, env={**env, "LOTSEN_SECRET": "x" * 48})
    try:
        running.wait_until_healthy(f"http://127.0.0.1:{port}/chat/health")
        yield f"http://127.0.0.1:{port}/teams/messages"
    finally:
        server.terminate()
        server.wait(SECONDS)
        running.stop()
        microsoft.close()


@contextlib.contextmanager
def _playground(command: List[str], endpoint: str, folder: Path) -> Iterator[str]:
    """Run the playground for the bot at ``endpoint``; give its address. What it writes goes to ``folder``."""
    port = free_port()
    env = {**os.environ, "TEAMSAPPTESTER_BROWSER": "none", "BROWSER": "none"}
    words = [*command, "start", "-e", endpoint, "-c", "msteams", "--dt", "-p", str(port)]
    process = subprocess.Popen(words, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if str(port) in line:
                break
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(SECONDS)


if __name__ == "__main__":
    sys.exit(main())
