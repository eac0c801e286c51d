"""The real Request Tracker 5, with a database of its own in a folder of its own; needs no root and no web server.

It gets what an operator gives it: ``deploy/request-tracker/lotsen.initialdata``, and a token from ``make-token.pl``.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

import requests

from lotsen.settings import ROOT
from tests.service_desks.stand_ins.base import Ticket
from tests.support.ports import free_port

INSTALL = "apt-get install request-tracker5 rt5-db-sqlite rt5-standalone"
SHARE = Path("/usr/share/request-tracker5")
SERVER = SHARE / "libexec" / "rt-server"
SETUP = Path("/usr/sbin/rt-setup-database-5")
MAIL_GATE = Path("/usr/bin/rt-mailgate-5")
DEPLOY = ROOT / "deploy" / "request-tracker"
MAIL_INTAKE = Path(__file__).with_name("mail_intake.initialdata")
ROOT_LOGIN = ("root", "password")
QUEUE, FIELD = "SOB", "Lotsen"
START_SECONDS, STOP_SECONDS, REQUEST_SECONDS = 60, 30, 30
LOOK_SECONDS = 0.05

_CONFIG = """\
Set($rtname, 'rt.test');
Set($Organization, 'rt.test');
Set($CorrespondAddress, 'sob@rt.test');
Set($CommentAddress, 'sob-comment@rt.test');
Set($WebDomain, '127.0.0.1');
Set($WebPort, {port});
Set($WebPath, '');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '{folder}/rt.db');
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'error');
Set($MailCommand, 'testfile');
Set($Timezone, 'Europe/Stockholm');
Set($MasonDataDir, '{folder}/mason');
Set($MasonSessionDir, '{folder}/session');
1;
"""


def missing() -> str:
    """Return the command that installs what is missing; nothing if all is there."""
    return "" if all(path.exists() for path in (SERVER, SETUP, MAIL_GATE, SHARE / "lib" / "RT.pm")) else INSTALL


class RealRT:
    """One Request Tracker. What is asked and done here is done as ``root``."""

    def __init__(self, folder: Path, mail: bool = True) -> None:
        """Make the database and the token, and start the server; ``mail``: everybody may mail to the queue."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        site, config, temporary = folder / "site.pm", folder / "site.d", folder / "tmp"
        for made in (config, temporary, folder / "session"):
            made.mkdir(parents=True)
        site.write_text(_CONFIG.format(port=self.port, folder=folder), encoding="utf-8")
        self._env = {
            **os.environ,
            "RT_SITE_CONFIG": str(site),
            "RT_SITE_CONFIG_DIR": str(config),
            "TMPDIR": str(temporary),
            "LOTSEN_RT_QUEUE": QUEUE,
        }
        self._log = folder / "server.log"
        self._server: Optional[subprocess.Popen[bytes]] = None
        self._setup("init")
        self.insert(DEPLOY / "lotsen.initialdata")
        if mail:
            self.insert(MAIL_INTAKE)
        self.token = self._perl(DEPLOY / "make-token.pl")
        self.start()

    def environment(self) -> Dict[str, str]:
        """Return the settings with which Lotsen reaches it, but for LOTSEN_DESKS and LOTSEN_DESK_HOSTS."""
        return {"LOTSEN_RT_URL": self.url, "LOTSEN_RT_TOKEN": self.token, "LOTSEN_RT_QUEUE": QUEUE}

    # The machine

    def insert(self, datafile: Path, more: Optional[Mapping[str, str]] = None, again: bool = False) -> None:
        """Insert a file of initial data, as an operator does; ``again``: RT may complain of what is there already."""
        self._setup("insert", "--datafile", str(datafile), more=more, errors=again)

    def start(self) -> None:
        """Start the server on its port, and wait until it answers."""
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(
                [str(SERVER), "--port", str(self.port), "--host", "127.0.0.1", "--max-workers", "2"],
                env=self._env,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._server.poll() is None:
            try:
                if requests.get(f"{self.url}/REST/2.0/rt", auth=ROOT_LOGIN, timeout=REQUEST_SECONDS).ok:
                    return
            except requests.ConnectionError:
                time.sleep(LOOK_SECONDS)
        raise AssertionError(f"Request Tracker did not start:\n{self._log.read_text(errors='replace')}")

    def stop(self) -> None:
        """Stop the server; the database stays, and ``start`` goes on with it."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(STOP_SECONDS)
            self._server = None

    # What is in it

    def tickets(self, query: str = "id > 0") -> List[Dict[str, Any]]:
        """Return the tickets that TicketSQL finds, oldest first, each as REST 2 shows it."""
        asked = {"query": query, "orderby": "id", "order": "ASC"}
        return [self.ask(f"ticket/{item['id']}") for item in self._all("tickets", asked)]

    def with_key(self, key: str) -> List[Ticket]:
        """Return the tickets made for a case."""
        return [self._ticket(found) for found in self.tickets(f"'CF.{{{FIELD}}}' = '{key}'")]

    def history(self, ref: str) -> List[Dict[str, Any]]:
        """Return what happened to a ticket, oldest first: ``Type``, ``Creator``, and what was written as ``Text``."""
        taken = self._all(f"ticket/{ref}/history", {"fields": "Type,Created,Creator,OldValue,NewValue"})
        for one in taken:
            parts: List[Dict[str, Any]] = []
            if one["Type"] in ("Create", "Correspond", "Comment"):
                parts = self._all(f"transaction/{one['id']}/attachments", {"fields": "Content,ContentType"})
            texts = [part["Content"] for part in parts if str(part.get("ContentType")).startswith("text/plain")]
            one["Text"] = "\n".join(text or "" for text in texts).replace("\r\n", "\n")
        return taken

    # What people at the desk do

    def answer(self, ref: str, text: str, html: bool = False) -> None:
        """Answer the user."""
        self._post(f"ticket/{ref}/correspond", text, html)

    def note(self, ref: str, text: str) -> None:
        """Write an internal note."""
        self._post(f"ticket/{ref}/comment", text, False)

    def set_status(self, ref: str, word: str) -> None:
        """Set the status: new, open, stalled, resolved, rejected or deleted."""
        said = self.ask(f"ticket/{ref}", "PUT", {"Status": word})
        assert not any("denied" in str(line).lower() for line in said) and said, said

    def mail_in(self, mail: bytes) -> None:
        """Hand over a mail to the queue, as a mail server does; raises if it is not taken."""
        subprocess.run(
            [str(MAIL_GATE), "--url", f"{self.url}/", "--queue", QUEUE, "--action", "correspond"],
            input=mail,
            env=self._env,
            check=True,
            timeout=REQUEST_SECONDS,
        )

    def ask(self, path: str, method: str = "GET", body: Any = None, params: Optional[Mapping[str, str]] = None) -> Any:
        """Ask REST 2."""
        answer = requests.request(
            method,
            f"{self.url}/REST/2.0/{path}",
            json=body,
            params=params,
            auth=ROOT_LOGIN,
            timeout=REQUEST_SECONDS,
        )
        answer.raise_for_status()
        return answer.json()

    def _post(self, path: str, text: str, html: bool) -> None:
        self.ask(path, "POST", {"Content": text, "ContentType": "text/html" if html else "text/plain"})

    def _all(self, path: str, asked: Mapping[str, str]) -> List[Dict[str, Any]]:
        """Return every page of a list; RT does not always know how many there are, so until one is empty."""
        found: List[Dict[str, Any]] = []
        for page in itertools.count(1):
            items = self.ask(path, params={**asked, "per_page": "100", "page": str(page)})["items"]
            if not items:
                break
            found += items
        return found

    def _ticket(self, found: Mapping[str, Any]) -> Ticket:
        """Return a ticket in the form that stand-ins keep them in."""
        history = self.history(str(found["id"]))
        by_lotsen = [one for one in history if one["Creator"]["id"] == "lotsen"]
        return Ticket(
            ref=str(found["id"]),
            number=f"#{found['id']}",
            key=found["CustomFields"][0]["values"][0],
            subject=found["Subject"],
            text=next(one["Text"] for one in history if one["Type"] == "Create"),
            target=self.ask(f"queue/{found['Queue']['id']}")["Name"],
            caller=", ".join(user["id"] for user in found["Requestor"]),
            priority=str(found["Priority"]),
            status=found["Status"],
            additions=[one["Text"] for one in by_lotsen if one["Type"] == "Comment"],
        )

    def _setup(
        self, action: str, *arguments: str, more: Optional[Mapping[str, str]] = None, errors: bool = False
    ) -> None:
        self._run([str(SETUP), "--action", action, "--skip-create", *arguments], more, errors)

    def _perl(self, script: Path) -> str:
        """Run a script with RT's libraries; return what it prints."""
        return self._run(["perl", f"-I{SHARE / 'lib'}", str(script)]).strip()

    def _run(self, command: List[str], more: Optional[Mapping[str, str]] = None, errors: bool = False) -> str:
        env = {**self._env, **(more or {})}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=START_SECONDS)
        failed = done.returncode != 0 or ("[error]" in done.stderr and not errors)
        assert not failed, f"{command}:\n{done.stdout}\n{done.stderr}"
        return done.stdout
