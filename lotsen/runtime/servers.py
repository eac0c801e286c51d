"""Describes the processes of ``lotsen up``: command, socket, log, and the secrets that each needs and no other gets."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Union

from ruamel.yaml import YAML

from lotsen.channels.teams import config as teams
from lotsen.desk.access import config as triage_config
from lotsen.desk.access.config import TriageConfig
from lotsen.runtime.checks import Port, reached
from lotsen.runtime.log_file import Log, OwnOutput
from lotsen.runtime.model import rasa_environment
from lotsen.runtime.processes import Process
from lotsen.service_desks.config import read_routes, secret_names
from lotsen.service_desks.webhook import SECRET as WEBHOOK_SECRET
from lotsen.settings import Settings

ACTIONS, RASA, TRIAGE, DELIVERER, PURGE = "action server", "Rasa server", "triage desk", "deliverer", "purge"
CHAT_PORT, ACTIONS_PORT, TRIAGE_PORT = "LOTSEN_PORT", "LOTSEN_ACTIONS_PORT", "LOTSEN_TRIAGE_PORT"
METRICS_PORT = "LOTSEN_METRICS_PORT"
LOCKS = "lotsen.storage.redis_locks.LotsenRedisLockStore"
RASA_STOP_SECONDS = 38.0
"""A turn is given up after 30 seconds; so long one may go on when its server is to stop, after some for connections."""
ACTIONS_STOP_SECONDS = 19.0
"""Actions that run may go on for 10 seconds, and connections rest for some more."""
_SIGNING = frozenset({"LOTSEN_SECRET", "LOTSEN_SECRET_BEFORE"})
_CALLING = frozenset({"LOTSEN_ACTIONS_SECRET"})
_LOCKING = frozenset({"LOTSEN_REDIS_URL"})


def describe_servers(
    settings: Settings,
    triage: TriageConfig,
    root: Path,
    model: Optional[Path],
    sockets: Mapping[str, socket.socket] = {},  # noqa: B006 - nobody changes it
    beside: Mapping[str, str] = {},  # noqa: B006
) -> List[Process]:
    """Describe the processes that run on this machine, in the order in which they are started.

    Only the deliverer gets the desks' secrets, but for the webhook's: the Rasa server checks what comes back with it.
    Only that server gets the secret of the bot in Teams, and only the triage desk those of its sign-in.

    Args:
        settings: Which of them run here, where they listen, how many Rasa servers there are.
        triage: Where the triage desk listens.
        root: The checkout.
        model: What the Rasa servers load; needed if there are any.
        sockets: The listening sockets by the setting of their port. A server without one binds its own.
        beside: Variables that each of them gets besides.
    """
    chosen = settings.processes
    found: List[Process] = []
    if "actions" in chosen:
        found.append(_action_server(settings, sockets, {**_environment(settings, _SIGNING | _CALLING), **beside}))
    if "rasa" in chosen:
        assert model is not None, "a Rasa server loads a model"
        own = _SIGNING | _CALLING | _LOCKING | {WEBHOOK_SECRET} | teams.secret_names()
        # One sentence is too little to share: threads wait for each other.
        env = {"OPENBLAS_NUM_THREADS": "1", **_environment(settings, own), **beside}
        endpoints = write_endpoints(settings, root)
        for number in range(1, settings.workers + 1):
            found.append(_rasa_server(settings, root, model, endpoints, number, sockets, env))
    if "triage" in chosen:
        own = _SIGNING | triage_config.secret_names()
        found.append(_triage_desk(settings, triage, sockets, {**_environment(settings, own), **beside}))
    if "deliverer" in chosen and read_routes(settings.desks):
        words = (sys.executable, "-m", "lotsen.cli", "deliver")
        env = {**_environment(settings, secret_names()), **beside}
        found.append(Process(DELIVERER, words, None, _log(settings, DELIVERER), env))
    return found


def describe_purge(settings: Settings, beside: Mapping[str, str]) -> Process:
    """Describe the daily deletion of what is too old; it ends by itself."""
    words = (sys.executable, "-m", "lotsen.cli", "purge", "--scheduled")
    env = {**_environment(settings, frozenset()), **beside}
    return Process(PURGE, words, None, _log(settings, PURGE), env)


def ports(settings: Settings, triage: TriageConfig) -> List[Port]:
    """Return the ports that the processes of this machine listen on; that of the metrics last."""
    wanted = {
        "rasa": Port(CHAT_PORT, settings.host, settings.port),
        "actions": Port(ACTIONS_PORT, settings.actions_host, settings.actions_port),
        "triage": Port(TRIAGE_PORT, triage.host, triage.port),
    }
    metrics = [Port(METRICS_PORT, settings.metrics_host, settings.metrics_port)] if settings.metrics_port else []
    return [port for name, port in wanted.items() if name in settings.processes] + metrics


def actions_url(settings: Settings) -> str:
    """Return where the Rasa server finds the action server."""
    return settings.actions_url or f"http://{reached(settings.actions_host)}:{settings.actions_port}"


def write_endpoints(settings: Settings, root: Path) -> Path:
    """Write a copy of ``endpoints.yml`` with what the settings say; no secret is in it."""
    endpoints: Dict[str, Any] = YAML(typ="safe").load((root / "endpoints.yml").read_text(encoding="utf-8")) or {}
    endpoints["action_endpoint"]["url"] = f"{actions_url(settings)}/webhook"
    if settings.redis_url:
        endpoints["lock_store"] = {"type": LOCKS}
    path = settings.data_dir / "endpoints.yml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(endpoints, file)
    return path


def _environment(settings: Settings, own: FrozenSet[str]) -> Dict[str, str]:
    """Return our environment with no secret but a process's ``own``, nor the name of a file that holds one."""
    names = _SIGNING | _CALLING | _LOCKING | secret_names() | teams.secret_names() | triage_config.secret_names()
    others = {f"{name}{ending}" for name in names - own for ending in ("", "_FILE")}
    whole = {**rasa_environment(), "LOTSEN_DATA_DIR": str(settings.data_dir), "PYTHONUNBUFFERED": "1"}
    return {name: value for name, value in whole.items() if name not in others}


def _log(settings: Settings, name: str) -> Union[Path, Log]:
    """Return where the output of a process goes."""
    if settings.log_to == "stdout":
        return OwnOutput(name, settings.log_format == "json")
    return settings.data_dir / "logs" / f"{name}.log"


def _action_server(settings: Settings, sockets: Mapping[str, socket.socket], env: Mapping[str, str]) -> Process:
    return Process(
        ACTIONS,
        (
            *(sys.executable, "-W", "ignore::DeprecationWarning", "-m", "lotsen.runtime.action_server"),
            *("--host", settings.actions_host, "--port", str(settings.actions_port)),
        ),
        f"http://{reached(settings.actions_host)}:{settings.actions_port}/health",
        _log(settings, "actions"),
        env,
        listens=sockets.get(ACTIONS_PORT),
        beats=True,
        stop_seconds=ACTIONS_STOP_SECONDS,
    )


def _rasa_server(
    settings: Settings,
    root: Path,
    model: Path,
    endpoints: Path,
    number: int,
    sockets: Mapping[str, socket.socket],
    env: Mapping[str, str],
) -> Process:
    return Process(
        RASA if settings.workers == 1 else f"{RASA} {number}",
        (
            *(sys.executable, "-W", "ignore::DeprecationWarning", "-m", "lotsen.runtime.server"),
            *("--model", str(model)),
            *("--endpoints", str(endpoints)),
            *("--credentials", str(root / "credentials.yml")),
            *("--interface", settings.host),
            *("--port", str(settings.port)),
        ),
        f"http://{reached(settings.host)}:{settings.port}/chat/health",
        _log(settings, "rasa" if number == 1 else f"rasa-{number}"),
        env,
        listens=sockets.get(CHAT_PORT),
        beats=True,
        stop_seconds=RASA_STOP_SECONDS,
        version=model.name[: -len(".tar.gz")],
    )


def _triage_desk(
    settings: Settings, triage: TriageConfig, sockets: Mapping[str, socket.socket], env: Mapping[str, str]
) -> Process:
    return Process(
        TRIAGE,
        (sys.executable, "-W", "ignore::DeprecationWarning", "-m", "lotsen.desk.server"),
        f"http://{reached(triage.host)}:{triage.port}/health",
        _log(settings, "triage"),
        env,
        listens=sockets.get(TRIAGE_PORT),
        beats=True,
    )
