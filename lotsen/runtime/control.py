"""The control socket of a running Lotsen: ``<data folder>/control``, for whoever may read that folder.

A caller writes one line of JSON, ``{"do": "status"}`` or ``{"do": "reload", "model": "/path"}``, and reads lines until
one has ``done``: ``{"say": "..."}`` on the way, ``{"done": true, "error": "", "processes": [...]}`` at the end.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import socket
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional

NAME = "control"
LONGEST_PATH = 100
"""Characters in the address of a socket; systems allow 103 or 107."""
MAX_BYTES = 10_000
READ_SECONDS = 5.0
BUSY = "Another reload is under way. Wait until it is done."


class NotRunning(Exception):
    """No Lotsen runs with this data folder; the message says so."""


@dataclass
class Command:
    """A reload that somebody asks for; the supervisor's thread does it, and says how it goes."""

    model: str
    told: "queue.Queue[Dict[str, Any]]" = field(default_factory=queue.Queue)

    def say(self, line: str) -> None:
        """Tell the caller something on the way."""
        self.told.put({"say": line})

    def end(self, error: str = "") -> None:
        """Tell the caller how it went."""
        self.told.put({"done": True, "error": error})


class Control:
    """The server's end, in threads of its own."""

    def __init__(self, data_dir: Path, status: Callable[[], List[Dict[str, Any]]]) -> None:
        """Listen in ``data_dir``; ``status`` describes the processes, and is called from any thread."""
        self._path, self._status = data_dir / NAME, status
        self._commands: "queue.Queue[Command]" = queue.Queue()
        self._busy = threading.Lock()
        self._socket: Optional[socket.socket] = None

    def start(self) -> None:
        """Take the address; one that a dead Lotsen has left is taken over.

        Raises:
            OSError: if it is not to be had: also if another Lotsen runs with this folder.
        """
        if _answers(self._path):
            raise OSError(f"another Lotsen runs with {self._path.parent}")
        self._path.unlink(missing_ok=True)
        short = len(str(self._path)) <= LONGEST_PATH
        address = self._path if short else Path(tempfile.mkdtemp(prefix="lotsen-")) / NAME
        sock = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            sock.bind(str(address))
        finally:
            os.umask(before)
        if address != self._path:
            self._path.symlink_to(address)
        sock.listen()
        self._socket = sock
        threading.Thread(target=self._accept, args=(sock,), daemon=True).start()

    def next(self) -> Optional[Command]:
        """Return a reload that somebody asks for; None if nobody does."""
        with contextlib.suppress(queue.Empty):
            return self._commands.get_nowait()
        return None

    def stop(self) -> None:
        """Let go of the address."""
        if self._socket is not None:
            self._socket.close()
            real = self._path.resolve()
            for path in {real, self._path}:
                path.unlink(missing_ok=True)
            if real.parent != self._path.parent.resolve():
                real.parent.rmdir()
            self._socket = None

    def _accept(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):  # It is closed when we stop.
            while True:
                caller, _ = sock.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        """Obey one caller."""
        caller.settimeout(READ_SECONDS)
        with caller, contextlib.suppress(OSError), caller.makefile("rw", encoding="utf-8", errors="replace") as stream:
            asked = _read(stream.readline(MAX_BYTES))
            if asked.get("do") == "status":
                _write(stream, {"done": True, "error": "", "processes": self._status()})
            elif asked.get("do") == "reload" and isinstance(asked.get("model"), str):
                self._reload(stream, asked["model"])
            else:
                _write(stream, {"done": True, "error": "Not understood."})

    def _reload(self, stream: Any, model: str) -> None:
        """Hand a reload to the supervisor's thread, and pass on what it says. It goes on if the caller leaves."""
        if not self._busy.acquire(blocking=False):
            _write(stream, {"done": True, "error": BUSY})
            return
        try:
            command = Command(model)
            self._commands.put(command)
            here = True
            told: Dict[str, Any] = {}
            while not told.get("done"):
                told = command.told.get()
                try:
                    if here:
                        _write(stream, told)
                except OSError:
                    here = False
        finally:
            self._busy.release()


def ask(data_dir: Path, what: Mapping[str, Any], say: Callable[[str], None]) -> Dict[str, Any]:
    """Ask the Lotsen that runs with this data folder; return its last line, after each ``say``.

    Raises:
        NotRunning: if none does, or if it ends meanwhile.
    """
    path = data_dir / NAME
    with socket.socket(socket.AF_UNIX) as sock:
        try:
            sock.connect(os.path.realpath(path))
            with sock.makefile("rw", encoding="utf-8") as stream:
                _write(stream, what)
                for line in stream:
                    told = _read(line)
                    if told.get("done"):
                        return told
                    say(str(told.get("say", "")))
        except OSError as error:
            raise NotRunning(
                f"No Lotsen runs with the data folder {data_dir} ({error.strerror}). Start it: make run"
            ) from error
    raise NotRunning(f"The Lotsen that ran with the data folder {data_dir} has ended meanwhile.")


def _answers(path: Path) -> bool:
    """Tell whether a Lotsen listens there."""
    with socket.socket(socket.AF_UNIX) as sock, contextlib.suppress(OSError):
        sock.connect(os.path.realpath(path))
        return True
    return False


def _read(line: str) -> Dict[str, Any]:
    """Return the object that a line holds; an empty one if it holds none."""
    with contextlib.suppress(ValueError):
        found = json.loads(line)
        if isinstance(found, dict):
            return found
    return {}


def _write(stream: Any, told: Mapping[str, Any]) -> None:
    stream.write(json.dumps(told, ensure_ascii=False) + "\n")
    stream.flush()
