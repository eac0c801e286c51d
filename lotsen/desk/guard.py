"""What stands before every page: who asks, whether they may, whether the form is ours, and what is said if not."""

from __future__ import annotations

import dataclasses
import hmac
import logging
import secrets
from typing import Awaitable, Callable, Dict, List, Optional
from urllib.parse import quote, urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lotsen.desk.access.proxy import proxy_session
from lotsen.desk.access.sessions import Session, cookies_of
from lotsen.desk.asked import Asked
from lotsen.desk.errors import BadInput, DeskProblem, NotAllowed
from lotsen.desk.page import Page
from lotsen.desk.services import Desk

MAX_BYTES = 300_000
"""Bytes of one form; 20,000 letters of a pasted e-mail may take six bytes each."""
MAX_FIELDS = 500
READING = ("GET", "HEAD")
FORM = "application/x-www-form-urlencoded"
LIVE_HEADER = "x-lotsen-live"
"""Sent by a page that refreshes itself."""
REFUSED = "refused"
"""What the audit log calls it when somebody tries what is not theirs."""
_IN_PATHS = "/:@!$&'()*+,;=~-._"

logger = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(desk: Desk, page: Page) -> Endpoint:
    """Return what serves a page to those who may use it."""

    async def endpoint(request: Request) -> Response:
        session = await session_of(desk, request)
        if session is None:
            return to_sign_in(request) if request.method in READING else await _signed_out(desk, request)
        asked = _asked(desk, request, session, FormData())
        try:
            if not session.who.may(page.roles):
                raise NotAllowed("not_your_role")
            form = await form_of(request)
            if request.method not in READING:
                asked = _asked(desk, request, session, form)
                check_form(request, session, asked.form.get("csrf", ""), desk.config.url)
            return await run_in_threadpool(page.view, desk, asked)
        except DeskProblem as problem:
            return await run_in_threadpool(_refused, desk, page, asked, problem)
        except Exception as error:
            return failed(desk, request, error, asked)

    return endpoint


def failed(desk: Desk, request: Request, error: Exception, asked: Optional[Asked] = None) -> Response:
    """Log what nobody has foreseen, and say so with a mark that leads to it in the log.

    Nothing is read for the page: the database may be what has failed.
    """
    mark = secrets.token_hex(4)
    logger.error("A request to the desk failed (%s): %s %s", mark, request.method, path_of(request), exc_info=error)
    sentence = desk.say("no_database" if isinstance(error, SQLAlchemyError) else "failed", mark=mark)
    quiet = dataclasses.replace(asked, said=lambda: "") if asked is not None else None
    return desk.pages.page(quiet, "problem.html", 500, sentence=sentence)


async def session_of(desk: Desk, request: Request, using: bool = True) -> Optional[Session]:
    """Return who asks: from the proxy before us if there is one, else from the session's cookie."""
    if desk.config.proxy is not None:
        session = await run_in_threadpool(proxy_session, desk, request)
        if session is not None:
            return session
    token = cookies_of(request.cookies, desk.secure)
    if not token:
        return None
    return await run_in_threadpool(desk.sessions.read, token, using and LIVE_HEADER not in request.headers)


def to_sign_in(request: Request) -> Response:
    """Send a stranger to the sign-in, and back to where they were going; a page that refreshes itself loads anew."""
    if "hx-request" in request.headers or LIVE_HEADER in request.headers:
        return Response(status_code=401, headers={"HX-Refresh": "true"})
    return RedirectResponse(f"/sign-in?next={quote(_address(request), safe='')}", 303)


async def _signed_out(desk: Desk, request: Request) -> Response:
    """Tell whoever sent a form after their session had ended, and show what they wrote; nothing that others wrote."""
    if "hx-request" in request.headers:
        return to_sign_in(request)
    try:
        form = await form_of(request) if _of_our_page(request, desk.config.url) else FormData()
    except BadInput:
        form = FormData()
    written = [text for name, text in form.items() if name != "csrf" and isinstance(text, str)]
    return desk.pages.page(None, "problem.html", 401, sentence=desk.say("signed_out"), written=written)


async def form_of(request: Request) -> FormData:
    """Return what a form sent, empty for a page that is only read.

    What does not say how long it is, or says that it is too long, is not read at all.

    Raises:
        BadInput: if it is too long, or cannot be read.
    """
    if request.method in READING:
        return FormData()
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 10) or int(length) > MAX_BYTES:
        raise BadInput("too_much")
    if request.headers.get("content-type", FORM).split(";")[0].strip().lower() != FORM:
        raise BadInput("no_form")
    try:
        return await request.form(max_fields=MAX_FIELDS, max_files=0, max_part_size=MAX_BYTES)
    except (MultiPartException, HTTPException, ValueError) as error:
        raise BadInput("no_form") from error


def check_form(request: Request, session: Session, csrf: str, address: str) -> None:
    """Make sure that a form is from a page that we showed this user.

    Raises:
        NotAllowed: if it comes from another site, or without the session's token.
    """
    if not _of_our_page(request, address):
        raise NotAllowed("foreign_form")
    if not hmac.compare_digest(csrf.encode(), session.csrf.encode()):
        raise NotAllowed("old_form")


def _of_our_page(request: Request, address: str) -> bool:
    """Tell whether the browser says nothing against a form being from a page of ours."""
    origin = request.headers.get("origin")
    if origin is not None and not _ours(request, origin, address):
        return False
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _ours(request: Request, origin: str, address: str) -> bool:
    """Tell whether an origin is the desk, or the host that the browser asked: a desk at home has several names."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts[:2] == urlsplit(address)[:2] or bool(parts.netloc) and parts.netloc == request.headers.get("host", "")


def _refused(desk: Desk, page: Page, asked: Asked, problem: DeskProblem) -> Response:
    """Say why not; what somebody tried that they may not is in the audit log."""
    if isinstance(problem, NotAllowed):
        number = asked.path.get("case", "")
        case = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
        detail = f"{page.method} {page.path} {problem.text}"
        desk.audit.add(asked.who.actor, REFUSED, case, detail)
    return desk.render(asked, "problem.html", problem.status, sentence=desk.say(problem.text, **problem.values))


def path_of(request: Request) -> str:
    """Return the path that was asked for. Starlette's address is built on the Host header, which may be anything."""
    return str(request.scope["path"])


def _address(request: Request) -> str:
    """Return the path and the query, to come back to."""
    query = bytes(request.scope.get("query_string", b"")).decode("ascii", "replace")
    return f"{quote(path_of(request), safe=_IN_PATHS)}{'?' if query else ''}{query}"


def _asked(desk: Desk, request: Request, session: Session, form: FormData) -> Asked:
    """Return the request as views get it."""
    texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    several: Dict[str, List[str]] = {}
    for name, value in [*request.query_params.multi_items(), *texts]:
        several.setdefault(name, []).append(value)
    return Asked(
        who=session.who,
        path={name: str(value) for name, value in request.path_params.items()},
        query=dict(request.query_params),
        form=dict(texts),
        several=several,
        url=_address(request),
        csrf=session.csrf,
        token=session.token,
        partial="hx-request" in request.headers,
        said=lambda: desk.sessions.said(session.token),
    )
