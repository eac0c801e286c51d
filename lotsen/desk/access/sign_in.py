"""The routes of signing in and out: the only ones that strangers reach, but for ``/static`` and ``/health``."""

from __future__ import annotations

import logging
import secrets
from typing import Awaitable, Callable, List, Optional

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lotsen.desk.access.config import TriageConfig
from lotsen.desk.access.guesses import Guesses
from lotsen.desk.access.local import RESERVE, Reserve
from lotsen.desk.access.oidc import CALLBACK, SIGNED_OUT, Oidc
from lotsen.desk.access.pending import SignIns
from lotsen.desk.access.provider import Provider
from lotsen.desk.access.sessions import Session
from lotsen.desk.access.ways_in import SIGN_IN, Form, WaysIn, browser_cookie, form_token
from lotsen.desk.errors import DeskProblem
from lotsen.desk.guard import check_form, form_of, session_of
from lotsen.desk.services import Desk
from lotsen.desk.who import Who
from lotsen.storage.secret import read_or_make_key

BY_OIDC, BY_LOCAL, SIGN_OUT = "/sign-in/oidc", "/sign-in/local", "/sign-out"
View = Callable[[Request, Optional[Session], Form], Response]
Check = Callable[[Desk, Request, Optional[Session], FormData], None]

logger = logging.getLogger(__name__)


def routes(desk: Desk) -> List[BaseRoute]:
    """Return the routes. Sessions of a reserve account that has been turned off end here."""
    config, key = desk.config, read_or_make_key(desk.settings.secret, desk.settings.data_dir)
    oidc = None
    if config.oidc is not None:
        oidc = Oidc(config, config.oidc, SignIns(desk.engine), Provider(config.oidc), key)
    if not config.local:
        desk.sessions.end_all(RESERVE.id)
    ways = WaysIn(desk, oidc, Reserve(desk.engine, config.local, Guesses(desk.engine, RESERVE.id, key)))
    return [
        Route(SIGN_IN, _endpoint(desk, ways.choose), methods=["GET"]),
        Route(BY_OIDC, _endpoint(desk, ways.leave_for_provider), methods=["GET"]),
        Route(CALLBACK, _endpoint(desk, ways.come_back), methods=["GET"]),
        Route(BY_LOCAL, _endpoint(desk, ways.local_form), methods=["GET"]),
        Route(BY_LOCAL, _endpoint(desk, ways.local, _check_stranger), methods=["POST"]),
        Route(SIGN_OUT, _endpoint(desk, ways.sign_out, _check_user), methods=["POST"]),
        Route(SIGNED_OUT, _endpoint(desk, ways.signed_out), methods=["GET"]),
    ]


def form_targets(config: TriageConfig) -> List[str]:
    """Return where forms lead besides us: nowhere.

    A browser holds every redirect after a form to this list, and nobody knows where a provider redirects to. So signing
    out answers with a page that goes on to the provider by itself.
    """
    return []


def _endpoint(desk: Desk, view: View, check: Optional[Check] = None) -> Callable[[Request], Awaitable[Response]]:
    """Return what serves a view; ``check`` raises DeskProblem for a form that is not from a page of ours."""

    async def endpoint(request: Request) -> Response:
        try:
            session = await session_of(desk, request)
            form = await form_of(request)
            if check is not None:
                check(desk, request, session, form)
            return await run_in_threadpool(view, request, session, form)
        except DeskProblem as problem:
            said = desk.say(problem.text, **problem.values)
            return desk.pages.page(None, "problem.html", problem.status, sentence=said)
        except Exception as error:
            mark = secrets.token_hex(4)
            logger.error("A sign-in or sign-out failed (%s): %s", mark, request.url.path, exc_info=error)
            busy = "no_database" if isinstance(error, SQLAlchemyError) else "failed"
            return desk.pages.page(None, "problem.html", 500, sentence=desk.say(busy, mark=mark))

    return endpoint


def _check_stranger(desk: Desk, request: Request, session: Optional[Session], form: FormData) -> None:
    """Make sure that the form is from a page that this browser was shown."""
    browser = request.cookies.get(browser_cookie(desk.secure), "")
    shown = Session("", Who("", ""), "", form_token(browser) if browser else secrets.token_hex(), "")
    check_form(request, shown, str(form.get("csrf", "")), desk.config.url)


def _check_user(desk: Desk, request: Request, session: Optional[Session], form: FormData) -> None:
    """Make sure that the form is from a page that this user was shown. Without a session there is nothing to guard."""
    if session is not None:
        check_form(request, session, str(form.get("csrf", "")), desk.config.url)
