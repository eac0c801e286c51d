"""A real identity provider for tests: npm's ``oidc-provider`` in a process of its own, with users of every role.

Its form has the field ``User`` (``name="login"``), the button ``Sign in``, and another one, ``Cancel``. Users are in
``tests/support/oidc/provider.mjs``: agnes and abel are agents, linnea is a lead, olle an owner, rut an auditor, vera an
agent and an owner, nils has no role. There are no passwords.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import threading
from typing import Any, Dict, Optional
from urllib.parse import urljoin, urlsplit

import httpx

from lotsen.settings import ROOT

MODULES = ROOT / ".tools" / "npm" / "oidc"
SCRIPT = ROOT / "tests" / "support" / "oidc" / "provider.mjs"
INSTALL = "install Node.js 18 or later with npm, and run sh scripts/test-services.sh"
CLIENT_ID = "lotsen"
START_SECONDS, STOP_SECONDS, REQUEST_SECONDS = 60, 10, 20
HOPS = 12
"""Redirects within the provider before it is clear that it goes round in a circle."""


def missing() -> str:
    """Return what to do if the provider cannot be run here; nothing if it can."""
    there = shutil.which("node") and (MODULES / "node_modules" / "oidc-provider").exists()
    return "" if there else INSTALL


class Provider:
    """One identity provider. It knows the desks whose addresses it is given."""

    def __init__(self, *desks: str, in_token: bool = False) -> None:
        """Start it; ``desks``: addresses like http://localhost:5006.

        ``in_token``: name and roles are in the ID token, as with Entra. Without, they are at userinfo only.
        """
        self._secret = secrets.token_urlsafe(24)
        self._desks, self._in_token = desks, in_token
        self._process: Optional[subprocess.Popen[str]] = None
        self.issuer = ""
        self.start()

    def settings(self) -> Dict[str, str]:
        """Return the settings with which a desk signs in here."""
        return {
            "LOTSEN_TRIAGE_OIDC_ISSUER": self.issuer,
            "LOTSEN_TRIAGE_OIDC_CLIENT_ID": CLIENT_ID,
            "LOTSEN_TRIAGE_OIDC_CLIENT_SECRET": self._secret,
        }

    def start(self) -> None:
        """Start it: on any port the first time, on the same one again after ``stop``. Sessions are forgotten."""
        settings = {
            "redirects": [f"{desk}/sign-in/callback" for desk in self._desks],
            "after": [f"{desk}/signed-out" for desk in self._desks],
            "secret": self._secret,
            "idToken": self._in_token,
            "port": urlsplit(self.issuer).port or 0,
        }
        self._process = subprocess.Popen(
            ["node", str(SCRIPT), str(MODULES), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None, "it was started with a pipe"
        waiting = threading.Timer(START_SECONDS, self._process.kill)
        waiting.start()
        self.issuer = self._process.stdout.readline().strip()
        waiting.cancel()
        assert self.issuer.startswith("http://127.0.0.1:"), "the identity provider did not start"

    def stop(self) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_SECONDS)
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None


def at_provider(address: str, user: str, browser: Optional[httpx.Client] = None) -> str:
    """Sign in at the provider as a user would, with no user cancel; return the desk's address that it leads back to.

    ``browser`` keeps the provider's cookies; whoever has signed in with it is not asked again.
    """
    own = browser or httpx.Client(timeout=REQUEST_SECONDS)
    home, answer = urlsplit(address).netloc, own.get(address)
    for _ in range(HOPS):
        if answer.is_redirect:
            address = urljoin(address, answer.headers["location"])
            if urlsplit(address).netloc != home:
                return address
            answer = own.get(address)
        else:
            assert answer.status_code == 200, answer.text
            form = {"login": user} if user else {"cancel": "yes"}
            answer = own.post(address, data=form)
    raise AssertionError(f"the provider does not come back: {address}")


def sign_in(desk: Any, user: str, to: str = "/", browser: Optional[httpx.Client] = None) -> httpx.Response:
    """Sign in at the desk with the provider; return the desk's last answer, a redirect to ``to`` if all is well.

    ``desk``: a Starlette TestClient or an httpx.Client with the desk as base_url, that follows no redirects.
    """
    sent = desk.get("/sign-in/oidc", params={"next": to})
    assert sent.status_code == 303, sent.text
    back = urlsplit(at_provider(sent.headers["location"], user, browser))
    answer: httpx.Response = desk.get(f"{back.path}?{back.query}")
    return answer


def sign_out(page: str, browser: httpx.Client) -> str:
    """Sign out at the provider, from the page with which the desk answers; return where it leads back to."""
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
    assert found is not None, "the page does not go on to the provider"
    address = found[1].replace("&amp;", "&")
    form = browser.get(address)
    assert form.status_code == 200, form.text
    hidden = dict(re.findall(r'name="(xsrf)" value="([^"]+)"', form.text))
    assert hidden, form.text
    answer = browser.post(urljoin(address, "/session/end/confirm"), data={**hidden, "logout": "yes"})
    return answer.headers["location"]
