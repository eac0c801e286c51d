"""Each process of Lotsen, killed outright."""

from __future__ import annotations

import contextlib
import signal
import time

import psutil

from tests.bench.load_servers import OwnLotsen
from tests.faults.fault import Fault, World

HELD_SECONDS = 2.0
"""Longer than users think: most are in a turn then."""


class Killed(Fault):
    """A process of the embedded default is killed; `lotsen up` starts it again."""

    process = ""

    def make(self, world: World) -> None:
        """Kill it."""
        world.kill(self.process)


class RasaKilled(Fault):
    """The Rasa server, with turns in it."""

    name = "kill-rasa"
    title, how = (
        "Rasa server killed",
        "`kill -9`, of the only one, in the middle of turns (the action server is held for that)",
    )

    def make(self, world: World) -> None:
        """Hold the action server until turns wait for it, and kill."""
        kill_in_turns(world)


class OneRasaKilled(RasaKilled):
    """One of two Rasa servers."""

    name, grown = "kill-one-rasa", True
    title, how = "One of two Rasa servers killed", "`kill -9`, in the middle of turns"


class ActionsKilled(Killed):
    """The action server."""

    name, process = "kill-actions", "action server"
    title, how = "Action server killed", "`kill -9`"


class TriageKilled(Killed):
    """The triage desk."""

    name, process = "kill-triage", "triage desk"
    title, how = "Triage desk killed", "`kill -9`"


class DelivererKilled(Killed):
    """The deliverer."""

    name, process = "kill-deliverer", "deliverer"
    title, how = "Deliverer killed", "`kill -9`"


class UpKilled(Fault):
    """`lotsen up` itself; its children end with it."""

    name, lasts = "kill-up", 3.0
    title, how = "`lotsen up` killed", "`kill -9`, started again after 3 s, as systemd or Kubernetes would"

    def make(self, world: World) -> None:
        """Kill it, and wait until its children have followed."""
        children = world.running.processes()
        psutil.Process(world.running.pid).kill()
        _, alive = psutil.wait_procs(children, timeout=30)
        assert not alive, f"these live on: {alive}"

    def mend(self, world: World) -> None:
        """Start it again, in the same folder and on the same ports."""
        with contextlib.suppress(psutil.Error):
            world.running.stop()
        world.running = OwnLotsen(world.running.env)


def kill_in_turns(world: World) -> None:
    """Kill the first Rasa server while turns wait for the action server in it."""
    held = world.running.named()["action server"]
    for process in held:
        process.send_signal(signal.SIGSTOP)
    try:
        time.sleep(HELD_SECONDS)
        world.running.named()["Rasa server"][0].kill()
    finally:
        for process in held:
            process.send_signal(signal.SIGCONT)


FAULTS = (RasaKilled, OneRasaKilled, ActionsKilled, TriageKilled, DelivererKilled, UpKilled)
