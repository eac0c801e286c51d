"""``lotsen up``: train if needed, start what runs on this machine, watch it, exchange it on request, stop it."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from functools import partial
from pathlib import Path
from typing import Callable, Iterator, List, Mapping, Optional

from lotsen.cases.hours import read_hours
from lotsen.channels.sign_in import sign_in_from
from lotsen.channels.teams import config as teams
from lotsen.channels.web.origins import Origins
from lotsen.content.catalogue import load_content
from lotsen.desk.access.config import TriageConfig, read_triage
from lotsen.observability.serving import Serving, environment
from lotsen.runtime.action_secret import check_secret, make_secret
from lotsen.runtime.checks import check_disk, check_ports, take_port
from lotsen.runtime.control import Control
from lotsen.runtime.greeting import greet
from lotsen.runtime.model import fitting, train
from lotsen.runtime.processes import Process, stop_on_signals
from lotsen.runtime.purging import Purging
from lotsen.runtime.reload import obey
from lotsen.runtime.servers import METRICS_PORT, describe_purge, describe_servers, ports
from lotsen.runtime.services import bring_database_up_to_date, reach_redis
from lotsen.runtime.supervisor import WATCH_SECONDS, Supervisor
from lotsen.service_desks.config import open_desks
from lotsen.settings import ROOT, SettingError, Settings
from lotsen.storage.database import open_engine

Say = Callable[[str], None]


def up(settings: Settings, say: Say, root: Path = ROOT) -> None:
    """Run Lotsen until SIGINT, SIGTERM or SIGHUP.

    Raises:
        CannotStart: if a port, the disk, the database, Redis or a process stands in the way. Nothing is left running.
        SettingError: if a desk, its hours or its secrets are set wrongly, or who may embed the chat, sign in there
            or at the triage desk, or be the bot in Teams.
        ContentError: if a guide, a text or a file of the FAQ is broken; the action server could not say a word.
        TrainingFailed: if no model fits and none can be trained, also because we were told to stop meanwhile.
    """
    stop = stop_on_signals()
    triage = read_triage(os.environ if "triage" in settings.processes else {}, settings)
    _check(settings, triage, root, stop)
    model = _model(settings, root, say, stop)
    if stop.is_set():
        return
    _warn(settings, say)
    make_secret(settings, os.environ)
    with _sockets(settings, triage) as sockets:
        beside = environment(settings)
        describe = partial(describe_servers, settings, triage, root, sockets=sockets, beside=beside)
        serving = Serving(settings, lambda: supervisor.ready)
        supervisor = Supervisor(describe(model), root, stop, say, settings.start_seconds, serving.ended)
        control = Control(settings.data_dir, supervisor.rows)
        try:
            say("Startar …")
            serving.start()
            supervisor.start()
            if not stop.is_set():
                _open_control(control, say)
                greet(settings, triage, say)
                _run(settings, supervisor, control, describe, beside, root, stop, say)
        finally:
            say("Stänger av …")
            control.stop()
            supervisor.stop()
            serving.stop()


def _check(settings: Settings, triage: TriageConfig, root: Path, stop: threading.Event) -> None:
    """Look whether everything is there that the processes here need; they would only say so in their logs."""
    if not settings.processes:
        raise SettingError("LOTSEN_PROCESSES is empty; write some of: actions, rasa, triage, deliverer, purge.")
    if "rasa" in settings.processes and "actions" not in settings.processes and not settings.actions_url:
        raise SettingError("LOTSEN_PROCESSES has rasa without actions; say where those are: LOTSEN_ACTIONS_URL.")
    if "actions" in settings.processes:
        check_secret(settings.actions_host, settings.actions_secret)
    check_disk(settings.data_dir, settings.min_free_mb)
    check_ports(ports(settings, triage))
    load_content(root / "data")
    read_hours(settings)
    if "deliverer" in settings.processes:
        open_desks(settings, os.environ)
    bring_database_up_to_date(settings.database_url, stop)
    if "rasa" in settings.processes:
        Origins.read(settings.origins)
        sign_in_from(settings)
        teams.read_teams(os.environ)
        reach_redis(settings.redis_url, stop)


def _model(settings: Settings, root: Path, say: Say, stop: threading.Event) -> Optional[Path]:
    """Return the model that fits the data, trained if there is none; None where no Rasa server runs."""
    if "rasa" not in settings.processes:
        return None
    model = fitting(root)
    if model is None:
        say("Tränar modellen. Det tar ett par minuter, och görs bara när innehållet har ändrats.")
        model = train(root, settings.data_dir / "logs" / "train.log", say, stop)
    return model


def _warn(settings: Settings, say: Say) -> None:
    """Say what is set and does less than somebody may think."""
    if "SANIC_WORKERS" in os.environ:
        say("SANIC_WORKERS används inte. Så många Rasa-servrar som LOTSEN_WORKERS säger startas.")
    if settings.workers > 1 and "rasa" in settings.processes and not settings.redis_url:
        say(f"{settings.workers} Rasa-servrar utan LOTSEN_REDIS_URL: databasen ensam håller ordning på turerna.")


@contextlib.contextmanager
def _sockets(settings: Settings, triage: TriageConfig) -> Iterator[Mapping[str, socket.socket]]:
    """Hold the listening sockets of the servers: what connects before one accepts waits."""
    with contextlib.ExitStack() as open_ones:
        yield {
            port.variable: open_ones.enter_context(take_port(port, listen=True))
            for port in ports(settings, triage)
            if port.variable != METRICS_PORT
        }


def _open_control(control: Control, say: Say) -> None:
    """Take callers of ``lotsen reload``; Lotsen runs without them, too."""
    try:
        control.start()
    except OSError as error:
        say(f"lotsen reload kan inte användas: {error}.")


def _run(
    settings: Settings,
    supervisor: Supervisor,
    control: Control,
    describe: Callable[[Optional[Path]], List[Process]],
    beside: Mapping[str, str],
    root: Path,
    stop: threading.Event,
    say: Say,
) -> None:
    """Watch, reload and purge until we are told to stop.

    Raises:
        CannotStart: if a process keeps ending.
    """
    engine = open_engine(settings.database_url)
    purging = Purging(settings, engine, partial(describe_purge, settings, beside), supervisor.run_beside, say)
    try:
        while not stop.wait(WATCH_SECONDS):
            supervisor.look()
            if "purge" in settings.processes:
                purging.look()
            command = control.next()
            if command is not None:
                obey(command, supervisor, describe, root, say)
    finally:
        engine.dispose()
