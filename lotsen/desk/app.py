"""The desk as a web application. Everything it needs is handed in, so tests bring their own database."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import AsyncIterator, Dict, List, Sequence, Tuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from lotsen.desk.access import sign_in
from lotsen.desk.guard import READING, Endpoint, failed, guarded, session_of, to_sign_in
from lotsen.desk.headers import Failures, Headers, headers
from lotsen.desk.page import Page
from lotsen.desk.pages import audit, case, changes, disturbances, improve, live, queue, text
from lotsen.desk.render import STATIC
from lotsen.desk.services import Desk
from lotsen.desk.who import AUDITORS, OWNERS, STAFF, Who
from lotsen.observability.served import ObservedDesk

PAGES: Tuple[Page, ...] = (
    *queue.PAGES,
    *case.PAGES,
    *changes.PAGES,
    *live.PAGES,
    *text.PAGES,
    *disturbances.PAGES,
    *improve.PAGES,
    *audit.PAGES,
)
"""All that needs a role. What is open to strangers: ``/sign-in``, ``/static``, ``/health``."""
FOREVER = "public, max-age=31536000, immutable"


def create_app(desk: Desk, pages: Sequence[Page] = PAGES) -> Starlette:
    """Return the application."""

    async def front(request: Request) -> Response:
        session = await session_of(desk, request)
        return to_sign_in(request) if session is None else RedirectResponse(home(session.who), 303)

    async def events(request: Request) -> Response:
        session = await session_of(desk, request, using=False)
        if session is None or not session.who.may(STAFF):
            return PlainTextResponse("", 401 if session is None else 403)
        if desk.changes.full:
            return PlainTextResponse("", 503, headers={"Retry-After": "30"})
        token = session.token

        def holds() -> bool:
            return desk.sessions.read(token, using=False) is not None

        stream_headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
        return StreamingResponse(
            desk.changes.stream(holds), media_type="text/event-stream; charset=utf-8", headers=stream_headers
        )

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def no_such_page(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        allowed = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        page = desk.pages.page(None, "problem.html", status, sentence=desk.say("no_such_page"))
        page.headers.update(allowed)
        return page

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.ensure_future(desk.changes.watch())
        try:
            yield
        finally:
            watching.cancel()
            desk.changes.close()

    routes: List[BaseRoute] = [
        Route("/", front, methods=["GET"]),
        Route("/events", events, methods=["GET"]),
        Route("/health", health, methods=["GET"]),
        Mount("/static", _Kept(directory=STATIC)),
        *sign_in.routes(desk),
        *[Route(path, endpoints, methods=sorted(methods)) for path, (endpoints, methods) in _by_path(desk, pages)],
    ]
    said = headers(sign_in.form_targets(desk.config), desk.secure)
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(ObservedDesk),
            Middleware(Headers, headers=said),
            Middleware(Failures, answer=partial(failed, desk)),
        ],
        exception_handlers={HTTPException: no_such_page},
        lifespan=lifespan,
    )
    # A slash too many would be led to an address made of the Host header, which may be anything.
    app.router.redirect_slashes = False
    return app


def home(who: Who) -> str:
    """Return the page that somebody begins at."""
    if who.may(STAFF):
        return "/queue"
    if who.may(OWNERS):
        return "/improve"
    return "/audit" if who.may(AUDITORS) else "/sign-in"


def _by_path(desk: Desk, pages: Sequence[Page]) -> List[Tuple[str, Tuple[Endpoint, List[str]]]]:
    """Return the pages' paths, each with what serves it and its methods: a path may be read and written."""
    found: Dict[str, Dict[str, Endpoint]] = {}
    for page in pages:
        found.setdefault(page.path, {})[page.method] = guarded(desk, page)

    def served(methods: Dict[str, Endpoint]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return await methods["GET" if request.method in READING else request.method](request)

        return endpoint

    return [(path, (served(methods), list(methods))) for path, methods in found.items()]


class _Kept(StaticFiles):
    """Files whose address changes with them, so browsers may keep them."""

    async def get_response(self, path: str, scope: object) -> Response:
        """Return a file."""
        answer = await super().get_response(path, scope)  # type: ignore[arg-type]
        if answer.status_code == 200 and b"v=" in scope["query_string"]:  # type: ignore[index]
            answer.headers["Cache-Control"] = FOREVER
        return answer
