"""``/metrics``, ``/health/live`` and ``/health/ready`` on a port of their own, served by ``lotsen up``.

Every process writes what it counts into files of its own in ``<data folder>/metrics`` (prometheus_client's multiprocess
mode); here they are added up when somebody asks. Who may ask is a matter of the network: the port listens on
``LOTSEN_METRICS_HOST``, and what it says names no person.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
import time
from collections import defaultdict, deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Deque, Dict, List, Mapping, Optional, Tuple

from lotsen.observability import metrics, registry
from lotsen.observability.looked_up import Collector, Machine
from lotsen.settings import Settings

LOOPS_AFTER = 4
"""A process that has ended by itself so often ..."""
LOOP_SECONDS = 300.0
"""... within so long is in a crash loop."""
READ_SECONDS = 5.0
"""How long a request may take to arrive."""
Answer = Tuple[int, str, bytes]
JSON = "application/json"

logger = logging.getLogger(__name__)


def environment(settings: Settings) -> Mapping[str, str]:
    """Return the variables that every process needs to share its metrics; empties what an earlier run left."""
    if not settings.metrics_port:
        return {}
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.db"):
        if not left.stem.endswith(f"_{os.getpid()}"):
            with contextlib.suppress(FileNotFoundError):
                left.unlink()
    return {registry.FOLDER: str(folder)}


class Serving:
    """The server; a thread of ``lotsen up``."""

    def __init__(self, settings: Settings, processes: Callable[[], Mapping[str, bool]]) -> None:
        """``processes``: the name of each process that runs here, and whether it is ready now."""
        self._settings, self._machine = settings, Machine(settings, processes)
        self._server: Optional[ThreadingHTTPServer] = None
        self._ends: Dict[str, Deque[float]] = defaultdict(lambda: deque(maxlen=LOOPS_AFTER))

    def start(self) -> None:
        """Listen; does nothing if the port is 0. This process counts together with its children from now on.

        Raises:
            OSError: if the port is taken.
        """
        if not self._settings.metrics_port:
            return
        _folder(self._settings).mkdir(parents=True, exist_ok=True)
        registry.share(_folder(self._settings))
        handler = type("Handler", (_Handler,), {"answer": staticmethod(self._answer)})
        family = socket.AF_INET6 if ":" in self._settings.metrics_host else socket.AF_INET
        server = type("Server", (ThreadingHTTPServer,), {"address_family": family, "daemon_threads": True})
        self._server = server((self._settings.metrics_host, self._settings.metrics_port), handler)
        threading.Thread(target=self._server.serve_forever, name="lotsen-metrics", daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        self._machine.close()
        registry.share(None)

    def ended(self, process: str, pid: Optional[int], by_itself: bool = True) -> None:
        """Hear that a process is over: what only a living one can say is forgotten, and a crash is counted.

        What it had counted stays. ``by_itself``: nobody asked it to end, and it is started again.
        """
        if by_itself:
            metrics.restarted(process)
            self._ends[process].append(time.monotonic())
        if pid is not None and self._settings.metrics_port:
            from prometheus_client.multiprocess import mark_process_dead

            with contextlib.suppress(OSError):
                mark_process_dead(pid, str(_folder(self._settings)))  # type: ignore[no-untyped-call]

    def looping(self) -> List[str]:
        """Return the processes that end again and again."""
        now = time.monotonic()
        return [
            process
            for process, ends in list(self._ends.items())
            if len(ends) == LOOPS_AFTER and now - ends[0] < LOOP_SECONDS
        ]

    def _answer(self, path: str) -> Answer:
        """Return status, type and body for a path."""
        if path == "/health/live":
            loops = self.looping()
            return _told(not loops, {"looping": loops})
        if path == "/health/ready":
            parts = {**self._machine.processes(), "database": self._machine.database_up()}
            redis = self._machine.redis_up()
            if redis is not None:
                parts["redis"] = redis
            return _told(all(parts.values()), {"parts": parts})
        if path == "/metrics":
            return self._metrics()
        return 404, JSON, b'{"error": "There are /metrics, /health/live and /health/ready."}'

    def _metrics(self) -> Answer:
        """Return all metrics as Prometheus reads them."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        together = CollectorRegistry()
        MultiProcessCollector(together, str(_folder(self._settings)))  # type: ignore[no-untyped-call]
        together.register(Collector(self._machine))
        return 200, CONTENT_TYPE_LATEST, generate_latest(together)


class _Handler(BaseHTTPRequestHandler):
    """One request; says nothing of what it is made of."""

    timeout = READ_SECONDS
    answer: Callable[[str], Answer]

    def do_GET(self) -> None:
        """Answer."""
        try:
            status, kind, body = self.answer(self.path.partition("?")[0])
        except Exception:
            logger.exception("Metrics or health could not be told.")
            status, kind, body = 500, JSON, b'{"error": "The log says why."}'
        self.send_response_only(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")):
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def send_error(self, code: int, message: Optional[str] = None, explain: Optional[str] = None) -> None:
        """Refuse what is no such request, without a page."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.send_response_only(code)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep quiet: probes come every few seconds."""


def _told(well: bool, more: Mapping[str, Any]) -> Answer:
    """Return a health answer."""
    body = json.dumps({"status": "ok" if well else "not ok", **more}).encode()
    return (200 if well else 503), JSON, body


def _folder(settings: Settings) -> Path:
    """Return where metrics are shared."""
    return settings.data_dir / "metrics"
