"""A PostgreSQL of our own for a test: made in a folder, on a socket in it, stopped when the test ends."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import List, Optional

INSTALL = "apt-get install postgresql"


def binaries() -> Optional[Path]:
    """Return where PostgreSQL's programs are: on the path, or where Debian has them; None if it is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class Postgres:
    """A running server. It listens on a socket in its folder, not on the network."""

    def __init__(self, folder: Path) -> None:
        """Make it in ``folder``, which is empty, and start it."""
        where = binaries()
        assert where is not None, f"PostgreSQL is not installed: {INSTALL}"
        self._bin, self._data = where, folder / "data"
        self._socket, self._made = folder, 0
        self._data.mkdir()
        if os.geteuid() == 0:  # It refuses to run as root.
            nobody = pwd.getpwnam("nobody")
            for path in (folder, self._data):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
            for parent in folder.parents:
                if str(parent).startswith("/tmp/"):
                    parent.chmod(parent.stat().st_mode | 0o011)
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "lotsen", "-E", "UTF8", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start it, again if it was stopped, and wait until it takes connections."""
        options = f"-k {self._socket} -c listen_addresses='' -c fsync=off"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._socket / "log"), "-o", options, "start")

    def new_database(self) -> str:
        """Make an empty database, and return its URL for SQLAlchemy."""
        self._made += 1
        name = f"lotsen_{self._made}"
        self._run("createdb", "-h", str(self._socket), "-U", "lotsen", name)
        return f"postgresql://lotsen@/{name}?host={self._socket}"

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command: List[str] = [str(self._bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
        # The server keeps the pipe open, so nothing of it is captured.
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
