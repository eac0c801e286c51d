"""What signing in and out answers: pages for strangers, and the session that is begun or ended.

Every sign-in, refusal and sign-out is in the audit log. A sign-in makes a new session and ends the one that the
browser had. The ways in are in ``oidc.py``, ``proxy.py`` and ``local.py``.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from typing import Any, Mapping, Optional, Tuple
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lotsen.audit.log import Actor
from lotsen.desk.access import proxy
from lotsen.desk.access.guesses import MustWait
from lotsen.desk.access.local import RESERVE, Reserve
from lotsen.desk.access.oidc import SIGNED_OUT, Oidc, Refused
from lotsen.desk.access.provider import Unreachable
from lotsen.desk.access.refusals import Refusals
from lotsen.desk.access.sessions import COOKIE, Session, cookies_of, drop_cookie, set_cookie
from lotsen.desk.services import Desk
from lotsen.desk.who import Who

SIGN_IN = "/sign-in"
BROWSER = f"{COOKIE}_in"
"""A cookie that knows a browser again while it signs in; nobody is signed in with it."""
BROWSER_SECONDS = 3600
MAX_NEXT = 2000
UNKNOWN = Actor("unknown", "Okänd")
Form = Mapping[str, Any]

logger = logging.getLogger(__name__)


def next_page(written: str) -> str:
    """Return where to go after signing in: a path of ours, or the first page.

    >>> [next_page(to) for to in ("/cases/12?tab=1", "//evil.example", "https://evil.example", "/sign-in")]
    ['/cases/12?tab=1', '/', '/', '/']
    """
    try:
        parts = urlsplit(written)
    except ValueError:
        return "/"
    odd = "\\" in written or not written.isprintable() or len(written) > MAX_NEXT or not written.startswith("/")
    if odd or written.startswith("//") or parts.scheme or parts.netloc or parts.path.startswith(("/sign", "//")):
        return "/"
    return written


class WaysIn:
    """What is answered. Each runs in a thread, with the session that the browser has, if any, and the form it sent."""

    def __init__(self, desk: Desk, oidc: Optional[Oidc], reserve: Reserve) -> None:
        """Let in by ``oidc`` if there is one, by the proxy of ``desk.config``, and by the reserve account."""
        self._desk, self._oidc, self._reserve = desk, oidc, reserve
        self._refusals = Refusals(desk.audit)

    def choose(self, request: Request, session: Optional[Session], form: Form) -> Response:
        """Show the ways in; whoever is signed in goes on, and so does whom the proxy has signed in."""
        to = next_page(request.query_params.get("next", ""))
        if session is not None:
            return RedirectResponse(to, 303)
        who = proxy.believed(self._desk, request)
        if who is None:
            return self._page(request, "choose", to)
        if not who.roles:
            return self._no_roles(request, who, proxy.WAY)
        if "begun" in request.query_params:
            return self._page(request, "choose", to, 400, problem="cookies")
        return self._let_in(request, who, proxy.WAY, f"{SIGN_IN}?{urlencode({'begun': '1', 'next': to})}")

    def leave_for_provider(self, request: Request, session: Optional[Session], form: Form) -> Response:
        """Send the browser to the identity provider."""
        to = next_page(request.query_params.get("next", ""))
        if self._oidc is None:
            return RedirectResponse(f"{SIGN_IN}?next={quote(to, safe='')}", 303)
        browser = self._browser(request) or secrets.token_urlsafe(32)
        try:
            answer: Response = RedirectResponse(self._oidc.start(browser, to), 303)
        except Unreachable as error:
            return self._down(request, to, error)
        return self._know(answer, browser)

    def come_back(self, request: Request, session: Optional[Session], form: Form) -> Response:
        """Let in whom the identity provider has signed in."""
        if self._oidc is None:
            return RedirectResponse(SIGN_IN, 303)
        try:
            found = self._oidc.finish(request.query_params.multi_items(), self._browser(request))
        except Unreachable as error:
            return self._down(request, "/", error)
        except Refused as refused:
            logger.warning("A sign-in was refused: %s (%s)", refused.reason, refused.detail)
            self._refusals.add(UNKNOWN, f"oidc: {refused.reason}")
            return self._page(request, "choose", "/", 400, problem=refused.reason)
        if not found.who.roles:
            return self._no_roles(request, found.who, Oidc.way, self._way_out(found.kept))
        return self._let_in(request, found.who, Oidc.way, found.next, found.kept)

    def local_form(self, request: Request, session: Optional[Session], form: Form) -> Response:
        """Show the form of the reserve account, also if that is off."""
        return self._page(request, "local", next_page(request.query_params.get("next", "")))

    def local(self, request: Request, session: Optional[Session], form: Form) -> Response:
        """Let in who has the reserve account's password."""
        to, address = next_page(str(form.get("next", ""))), request.client.host if request.client else ""
        try:
            mark = self._reserve.attempt(str(form.get("password", "")), address)
        except MustWait as wait:
            self._refusals.add(UNKNOWN, "local: must_wait")
            page = self._page(request, "local", to, 429, problem="wait", seconds=wait.seconds)
            page.headers["Retry-After"] = str(wait.seconds)
            return page
        if mark is None:
            self._refusals.add(UNKNOWN, "local: wrong")
            return self._page(request, "local", to, 403, problem="wrong")
        answer, token = self._begin(request, RESERVE, Reserve.way, to)
        if not self._reserve.holds(mark):  # A new password was made after the old one was looked at.
            self._desk.sessions.end(token)
            return self._page(request, "local", to, 403, problem="wrong")
        return answer

    def sign_out(self, request: Request, session: Optional[Session], form: Form) -> Response:
        """End the session here, and go on to end the provider's."""
        answer: Response = RedirectResponse(SIGNED_OUT, 303)
        if session is not None:
            self._desk.audit.add(session.who.actor, "signed_out", detail=session.way)
            self._desk.sessions.end(session.token)
            out = self._way_out(session.kept) if session.way == Oidc.way else None
            if out is not None:
                answer = self._page(request, "leaving", "/", out=out)
        drop_cookie(answer, self._desk.secure)
        return answer

    def signed_out(self, request: Request, session: Optional[Session], form: Form) -> Response:
        """Say that it is over."""
        return RedirectResponse("/", 303) if session is not None else self._page(request, "signed_out", "/")

    def _let_in(self, request: Request, who: Who, way: str, to: str, kept: str = "") -> Response:
        return self._begin(request, who, way, to, kept)[0]

    def _begin(self, request: Request, who: Who, way: str, to: str, kept: str = "") -> Tuple[Response, str]:
        """Begin a session with a token of its own; return the answer, and the token."""
        secure, before = self._desk.secure, cookies_of(request.cookies, self._desk.secure)
        self._desk.audit.add(who.actor, "signed_in", detail=way)
        if before:
            self._desk.sessions.end(before)
        token = self._desk.sessions.begin(who, way, kept)
        answer = RedirectResponse(to, 303)
        set_cookie(answer, token, secure)
        answer.delete_cookie(browser_cookie(secure), path="/", secure=secure, httponly=True, samesite="lax")
        return answer, token

    def _no_roles(self, request: Request, who: Who, way: str, out: Optional[str] = None) -> Response:
        self._refusals.add(who.actor, f"{way}: no_roles")
        return self._page(request, "no_roles", "/", 403, name=who.name, out=out)

    def _down(self, request: Request, to: str, error: Unreachable) -> Response:
        logger.error("The identity provider could not be used: %s", error)
        self._refusals.add(UNKNOWN, "oidc: unreachable")
        return self._page(request, "choose", to, 503, problem="down")

    def _way_out(self, kept: str) -> Optional[str]:
        try:
            return self._oidc.leave(kept) if self._oidc is not None else None
        except Unreachable:
            return None

    def _page(self, request: Request, part: str, to: str, status: int = 200, **values: Any) -> Response:
        """Return a page of the sign-in; its forms are tied to the browser."""
        config, browser = self._desk.config, self._browser(request) or secrets.token_urlsafe(32)
        only_local = config.local and config.oidc is None and config.proxy is None
        known = {"problem": "", "seconds": 0, "name": "", "out": None, **values}
        shown = "local" if part == "choose" and only_local else part
        page = self._desk.pages.page(
            None, "sign_in.html", status, part=shown, to=to, csrf=form_token(browser), config=config,
            only_local=only_local, **known,
        )  # fmt: skip
        return self._know(page, browser)

    def _browser(self, request: Request) -> str:
        return request.cookies.get(browser_cookie(self._desk.secure), "")

    def _know(self, answer: Response, browser: str) -> Response:
        answer.set_cookie(
            browser_cookie(self._desk.secure), browser, BROWSER_SECONDS, path="/", secure=self._desk.secure,
            httponly=True, samesite="lax",
        )  # fmt: skip
        return answer


def browser_cookie(secure: bool) -> str:
    """Return the name of the cookie that knows a browser; with https one that nobody else can set."""
    return f"__Host-{BROWSER}" if secure else BROWSER


def form_token(browser: str) -> str:
    """Return what a form for strangers carries: only a page shown to this browser has it."""
    return hashlib.sha256(f"form:{browser}".encode()).hexdigest()
