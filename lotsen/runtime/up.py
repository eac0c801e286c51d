"""``lotsen up``: train if needed, start the servers, wait until they are healthy, watch them, stop them together."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any, Callable, Dict, List

from ruamel.yaml import YAML

from lotsen.cases.hours import read_hours
from lotsen.channels.sign_in import sign_in_from
from lotsen.channels.teams import config as teams
from lotsen.channels.web.origins import Origins
from lotsen.content.catalogue import load_content
from lotsen.desk.access import config as triage_config
from lotsen.desk.access.config import TriageConfig, read_triage
from lotsen.desk.access.local import ensure_password
from lotsen.runtime.checks import LOOPBACK, CannotStart, Port, check_disk, check_ports, reached
from lotsen.runtime.model import fitting, rasa_environment, train
from lotsen.runtime.processes import Process, stop_on_signals
from lotsen.service_desks.config import open_desks, read_routes, secret_names
from lotsen.service_desks.webhook import SECRET as WEBHOOK_SECRET
from lotsen.settings import ROOT, Settings
from lotsen.storage.database import open_engine

WATCH_SECONDS = 0.5
RESTART_LIMIT = 5
"""A server that ends by itself is started again, but not more often than this in one run."""

Say = Callable[[str], None]


def up(settings: Settings, say: Say, root: Path = ROOT) -> None:
    """Run Lotsen until SIGINT, SIGTERM or SIGHUP.

    Raises:
        CannotStart: if a port, the disk or a server stands in the way. Nothing is left running.
        SettingError: if a desk, its hours or its secrets are set wrongly, or who may embed the chat, sign in there
            or at the triage desk, or be the bot in Teams.
        ContentError: if a guide, a text or a file of the FAQ is broken; the action server could not say a word.
        TrainingFailed: if no model fits and none can be trained, also because we were told to stop meanwhile.
    """
    stop = stop_on_signals()
    check_disk(settings.data_dir, settings.min_free_mb)
    triage = read_triage(os.environ, settings)
    check_ports(_ports(settings, triage))
    load_content(root / "data")
    read_hours(settings)
    open_desks(settings, os.environ)
    Origins.read(settings.origins)
    sign_in_from(settings)
    teams.read_teams(os.environ)
    model = fitting(root)
    if model is None:
        say("Tränar modellen. Det tar ett par minuter, och görs bara när innehållet har ändrats.")
        model = train(root, settings.data_dir / "logs" / "train.log", say, stop)
    if stop.is_set():
        return
    processes = describe_servers(settings, triage, root, model)
    try:
        say("Startar …")
        for process in processes:
            process.start(root)
        _wait_until_healthy(processes, settings.start_seconds, stop)
        if not stop.is_set():
            _tell_password(settings, triage, say)
            say(f"Klart. Chatta här: {_address(settings)}/")
            say(f"IT kundservice arbetar här: {triage.url}/")
            say(f"Loggar: {settings.data_dir / 'logs'}. Avsluta med Ctrl-C.")
            _watch(processes, root, stop, say)
    finally:
        say("Stänger av …")
        for process in reversed(processes):
            process.stop()


def describe_servers(settings: Settings, triage: TriageConfig, root: Path, model: Path) -> List[Process]:
    """Describe the servers in the order in which they are started, and the deliverer if there is a desk to deliver to.

    Only the deliverer gets the desks' secrets, but for the webhook's: the Rasa server checks what comes back with it.
    Only that server gets the secret of the bot in Teams, and only the triage desk those of its sign-in.
    """
    logs = settings.data_dir / "logs"
    whole = {**rasa_environment(), "LOTSEN_DATA_DIR": str(settings.data_dir), "PYTHONUNBUFFERED": "1"}
    desks, bot, signing_in = secret_names(), teams.secret_names(), triage_config.secret_names()
    env = {name: value for name, value in whole.items() if name not in desks | bot | signing_in}
    channels, delivers, triages = (
        {**env, **{name: value for name, value in whole.items() if name in own}}
        for own in ({WEBHOOK_SECRET, *bot}, desks, signing_in)
    )
    endpoints = _write_endpoints(settings, root)
    actions_url = f"http://{LOOPBACK}:{settings.actions_port}"
    deliverer = Process(
        "deliverer", (sys.executable, "-m", "lotsen.cli", "deliver"), None, logs / "deliverer.log", delivers
    )
    return [
        Process(
            "action server",
            (
                *(sys.executable, "-m", "rasa_sdk", "--actions", "actions"),
                *("--port", str(settings.actions_port), "--cors", actions_url),
            ),
            f"{actions_url}/health",
            logs / "actions.log",
            {**env, "SANIC_HOST": LOOPBACK},
        ),
        Process(
            "Rasa server",
            (
                *(sys.executable, "-W", "ignore::DeprecationWarning", "-m", "lotsen.runtime.server"),
                *("--model", str(model)),
                *("--endpoints", str(endpoints)),
                *("--credentials", str(root / "credentials.yml")),
                *("--interface", settings.host),
                *("--port", str(settings.port)),
            ),
            f"http://{reached(settings.host)}:{settings.port}/chat/health",
            logs / "rasa.log",
            {
                "OPENBLAS_NUM_THREADS": "1",
                **channels,
            },  # One sentence is too little to share: threads wait for each other.
        ),
        Process(
            "triage desk",
            (sys.executable, "-W", "ignore::DeprecationWarning", "-m", "lotsen.desk.server"),
            f"http://{reached(triage.host)}:{triage.port}/health",
            logs / "triage.log",
            triages,
        ),
        *([deliverer] if read_routes(settings.desks) else []),
    ]


def _ports(settings: Settings, triage: TriageConfig) -> List[Port]:
    """Return the ports that the servers are to listen on."""
    return [
        Port("LOTSEN_PORT", settings.host, settings.port),
        Port("LOTSEN_ACTIONS_PORT", LOOPBACK, settings.actions_port),
        Port("LOTSEN_TRIAGE_PORT", triage.host, triage.port),
    ]


def _tell_password(settings: Settings, triage: TriageConfig, say: Say) -> None:
    """Make the reserve account's password if it is on and has none, and say it this once."""
    if not triage.local:
        return
    engine = open_engine(settings.database_url)
    try:
        password = ensure_password(engine)
    finally:
        engine.dispose()
    if password is not None:
        say(f"Lösenord för IT kundservice: {password}  (visas bara nu; ett nytt: lotsen triage password)")


def _read_endpoints(root: Path) -> Dict[str, Any]:
    """Read ``endpoints.yml``."""
    return YAML(typ="safe").load((root / "endpoints.yml").read_text(encoding="utf-8")) or {}


def _write_endpoints(settings: Settings, root: Path) -> Path:
    """Write a copy of ``endpoints.yml`` with the action server's port from the settings."""
    endpoints = _read_endpoints(root)
    endpoints["action_endpoint"]["url"] = f"http://{LOOPBACK}:{settings.actions_port}/webhook"
    path = settings.data_dir / "endpoints.yml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(endpoints, file)
    return path


def _wait_until_healthy(processes: List[Process], seconds: int, stop: threading.Event) -> None:
    """Return when every server is healthy, or when we are told to stop.

    Raises:
        CannotStart: if one ends or does not become healthy in time, with the end of its log.
    """
    steps = int(seconds / WATCH_SECONDS)
    for process in processes:
        for step in range(steps + 1):
            if stop.is_set() or process.healthy():
                break
            if not process.running:
                raise CannotStart(
                    f"The {process.name} ended at once (exit code {process.exit_code}). "
                    f"The end of {process.log}:\n{process.last_lines()}"
                )
            if step == steps:
                raise CannotStart(
                    f"The {process.name} was not ready after {seconds} seconds. Look in {process.log}, "
                    f"or give it longer with LOTSEN_START_SECONDS."
                )
            stop.wait(WATCH_SECONDS)


def _watch(processes: List[Process], root: Path, stop: threading.Event, say: Say) -> None:
    """Start again a server that has ended by itself, until we are told to stop.

    Raises:
        CannotStart: if servers keep ending.
    """
    restarts = 0
    while not stop.wait(WATCH_SECONDS):
        for process in processes:
            if process.running:
                continue
            restarts += 1
            if restarts > RESTART_LIMIT:
                raise CannotStart(f"The {process.name} keeps ending. The end of its log:\n{process.last_lines()}")
            say(f"The {process.name} ended (exit code {process.exit_code}). Starting it again; its log: {process.log}")
            process.start(root)


def _address(settings: Settings) -> str:
    """Return the address to print: a name that a browser on this machine can open."""
    host = "localhost" if settings.host in (LOOPBACK, "0.0.0.0", "::") else settings.host
    return f"http://{host}:{settings.port}"
