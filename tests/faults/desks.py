"""The service desk that cases go to: refuses connections, hangs, answers 500, or has a name that nobody knows."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Dict, Optional

from tests.faults.fault import Fault, World
from tests.service_desks.stand_ins.base import Fault as Trouble
from tests.service_desks.stand_ins.webhook import WebhookStandIn
from tests.support.ports import free_port

LASTS = 12.0
MANY = 1000


class DeskDown(Fault):
    """Nothing listens at its address: a tunnel to it is there only when all is well."""

    name, lasts = "desk-refuses", LASTS
    title, how = "Service desk refuses connections for 12 s", "nothing listens on its port"

    def __init__(self) -> None:
        """The tunnel is made with the settings."""
        self.tunnel: Optional[Tunnel] = None

    def environment(self, folder: Path, desk: WebhookStandIn) -> Dict[str, str]:
        """Let the deliverer go through the tunnel."""
        self.tunnel = Tunnel(int(desk.url.rpartition(":")[2]))
        self.tunnel.open()
        return {"LOTSEN_WEBHOOK_URL": f"http://127.0.0.1:{self.tunnel.port}/hooks/lotsen"}

    def make(self, world: World) -> None:
        """Close the tunnel."""
        assert self.tunnel is not None
        self.tunnel.close()

    def mend(self, world: World) -> None:
        """Open it."""
        assert self.tunnel is not None
        self.tunnel.open()


class DeskErrors(Fault):
    """It answers 500 to everything."""

    name, lasts = "desk-500", LASTS
    title, how = "Service desk answers 500 for 12 s", "each request, before anything is done"
    trouble = Trouble.ERROR_BEFORE

    def make(self, world: World) -> None:
        """Let every request meet it."""
        world.desk.faults.extend([self.trouble] * MANY)

    def mend(self, world: World) -> None:
        """Let none."""
        world.desk.faults.clear()


class DeskHangs(DeskErrors):
    """It takes requests, does what they ask, and answers too late."""

    name, lasts = "desk-hangs", LASTS
    title, how = "Service desk hangs for 12 s", "takes each case, and answers after 30 s; the deliverer waits 20 s"
    trouble = Trouble.SLOW

    def make(self, world: World) -> None:
        """Answer later than anybody waits."""
        world.desk.slow_seconds = 30.0
        super().make(world)


class DeskUnknown(Fault):
    """Its name cannot be resolved, from the start: cases wait."""

    name, lasts, delivered = "desk-unknown", LASTS, False
    title, how = "Service desk's name unknown", "`desk.invalid`: the name is in no DNS, and never comes back"
    settings = {"LOTSEN_WEBHOOK_URL": "https://desk.invalid/hooks/lotsen", "LOTSEN_DESK_HOSTS": "desk.invalid"}

    def make(self, world: World) -> None:
        """Nothing: it is so from the start."""


class Tunnel:
    """Passes connections on from one port to another while it is open."""

    def __init__(self, behind: int) -> None:
        """Lead to ``behind``."""
        self.port, self._behind = free_port(), behind
        self._listener: Optional[socket.socket] = None

    def open(self) -> None:
        """Listen."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        """Listen no more; what connects is refused."""
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._behind))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Pass on what comes until it ends."""
    try:
        while content := one.recv(65536):
            other.sendall(content)
    except OSError:
        pass
    finally:
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


FAULTS = (DeskDown, DeskErrors, DeskHangs, DeskUnknown)
