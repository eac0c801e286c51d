"""The web chat as a Rasa input channel: sessions, messages in, news out as a stream or by long polling, and the widget.

Nothing that a user types can fire an intent: text is never a command, and a button's payload stays on the server. The
browser names a button it was offered, and only those of the bot's latest messages count. What is said over HTTP:
``docs/web-channel.md``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from functools import partial
from typing import AbstractSet, Any, Dict, List, Mapping, Optional, Set

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from lotsen.channels.chat.speaker import Handler
from lotsen.channels.chat.turns import Turn
from lotsen.channels.person import PERSON, Person
from lotsen.channels.sign_in import BadIdentity, KeysUnavailable, SignIn, sign_in_from
from lotsen.channels.watchers import watchers
from lotsen.channels.web.bell import Bell, Ear
from lotsen.channels.web.inbox import Inbox, Limits
from lotsen.channels.web.news import News, Newsroom, as_event, hear_others, note_seen
from lotsen.channels.web.origins import Origins, preflight_headers
from lotsen.channels.web.output import web_speaker
from lotsen.channels.web.pages import WIDGET, Pages
from lotsen.channels.web.requests import HEADERS, Refused, bearer, json_body, number, sentence
from lotsen.channels.web.sessions import InvalidToken, Session
from lotsen.channels.web.stores import CHANNEL, Stores
from lotsen.content.catalogue import load_questions
from lotsen.content.texts import load_texts
from lotsen.dialogue.watching import keep_looking
from lotsen.settings import CONTENT, Settings
from lotsen.storage.database import open_engine
from lotsen.storage.off_loop import off_loop
from lotsen.storage.secret import read_or_make_key

GREETING = "/greet"
LOST_SECONDS = 2.0
"""How often turns are looked for whose process has died."""
STREAM_HEADERS = {**HEADERS, "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}

logger = logging.getLogger(__name__)


class WebInput(InputChannel):
    """The channel ``lotsen.channels.web.channel.WebInput`` of ``credentials.yml``."""

    def __init__(
        self,
        stores: Stores,
        limits: Limits,
        texts: Mapping[str, str],
        answers: AbstractSet[str],
        pages: Pages,
        origins: Origins,
        sign_in: Optional[SignIn],
    ) -> None:
        """Serve ``pages`` and chat with those of ``origins``.

        ``texts`` has the sentences for refusals, and for turns that take long or fail; ``answers`` are the ids of the
        FAQ's answers.
        """
        self._stores, self._texts, self._pages, self._origins, self._sign_in = stores, texts, pages, origins, sign_in
        self._bell = Bell()
        self._inbox = Inbox(stores, limits)
        self._speaker = web_speaker(stores, self._bell, texts, answers)
        self._newsroom = Newsroom(stores, self._bell)
        self._watching: List["asyncio.Task[None]"] = []
        self._taking: Set["asyncio.Task[None]"] = set()
        self._hearing: Optional["asyncio.Task[None]"] = None

    @classmethod
    def name(cls) -> str:
        """Return the channel's name in trackers."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "WebInput":
        """Build the channel from the settings; ``credentials.yml`` has nothing more to say."""
        settings = Settings.read()
        key = read_or_make_key(settings.secret, settings.data_dir)
        said = load_texts(CONTENT / "texts.yml")
        refusals = json.loads((WIDGET / "texts" / "sv.json").read_text(encoding="utf-8"))
        engine = open_engine(settings.database_url)
        return cls(
            Stores.on(engine, key, settings.secret_before, settings.takeover_minutes),
            Limits(settings.messages_per_minute, settings.sessions_per_minute),
            {**refusals, "wait": said["turn_wait"].text, "failed": said["turn_failed"].text},
            load_questions(CONTENT).keys(),
            Pages.load(settings.data_dir, engine),
            Origins.read(settings.origins),
            sign_in_from(settings),
        )

    def url_prefix(self) -> str:
        """Serve below ``/chat``."""
        return "/chat"

    def front_page(self, request: Request) -> HTTPResponse:
        """Return the demo page, which the server shows at ``/``."""
        return self._pages.page(request, "demo.html")

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("lotsen_web")
        self._add_files(routes)
        self._add_sessions(routes, on_new_message)
        self._add_messages(routes, on_new_message)
        self._add_guards(routes)
        self._add_watchers(routes)
        return routes

    def _add_files(self, routes: Blueprint) -> None:
        """Add what is only read."""

        @routes.get("/")
        async def page(request: Request) -> HTTPResponse:
            return self._pages.page(request, "chat.html")

        @routes.get("/<name:(?:pages[.]css|icon[.]svg)>")
        async def asset(request: Request, name: str) -> HTTPResponse:
            return self._pages.asset(name)

        @routes.get("/<name:widget(?:-[0-9a-f]+)?[.]js>")
        async def script(request: Request, name: str) -> HTTPResponse:
            return self._pages.script(request, name)

        @routes.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            ready = agent is not None and agent.is_ready()
            return response.json({"status": "ok" if ready else "no model"}, status=200 if ready else 503)

    def _add_sessions(self, routes: Blueprint, on_new_message: Handler) -> None:
        """Add how a conversation begins and ends."""

        @routes.post("/session")
        async def begin(request: Request) -> HTTPResponse:
            identity = json_body(request).get("identity")
            person = await self._person(identity) if identity is not None else None
            self._inbox.check_room()
            token = self._stores.sessions.issue()
            conversation = self._stores.sessions.read(token).conversation
            self._stores.conversations.begin(conversation, person)
            self._answer(on_new_message, GREETING, self._stores.turns.begin(conversation, 0))
            return response.json({"token": token}, status=201, headers=HEADERS)

        @routes.delete("/session")
        async def end(request: Request) -> HTTPResponse:
            conversation = self._session(request).conversation
            self._stores.end(conversation)
            self._bell.ring(conversation)
            return response.empty(headers=HEADERS)

    def _add_messages(self, routes: Blueprint, on_new_message: Handler) -> None:
        """Add what is said in a conversation, both ways."""

        @routes.post("/messages")
        async def send(request: Request) -> HTTPResponse:
            conversation = self._session(request).conversation
            body = json_body(request)
            resumed = self._inbox.resumed(body)
            if resumed is not None:
                return response.json({"token": self._stores.sessions.issue(resumed)}, headers=HEADERS)
            # A browser that goes away cancels us; what was stored has to be answered all the same.
            taking = asyncio.ensure_future(self._take_in(on_new_message, conversation, body))
            self._taking.add(taking)
            taking.add_done_callback(self._taking.discard)
            await asyncio.shield(taking)
            return response.json({}, status=202, headers=HEADERS)

        @routes.post("/feedback")
        async def rate(request: Request) -> HTTPResponse:
            self._inbox.rate(self._session(request).conversation, json_body(request))
            return response.empty(headers=HEADERS)

        @routes.get("/messages")
        async def poll(request: Request) -> HTTPResponse:
            session = self._session(request)
            after, busy = number(request.args.get("after")), number(request.args.get("busy")) > 0
            news = await self._newsroom.poll(session.conversation, after, busy)
            if news.ended:
                raise Refused(401, "over")
            told = self._newsroom.to_browser(session.conversation, news, self._stores.sessions.renewed(session))
            return response.json(told, headers=HEADERS, ensure_ascii=False)

        @routes.get("/events")
        async def events(request: Request) -> None:
            session = self._session(request)
            after = number(request.args.get("after"))
            with self._newsroom.stream(session.conversation) as ear:
                if ear is None:
                    raise Refused(503, "full", retry_after=30)
                await self._tell(request, session, ear, after)

    async def _take_in(self, on_new_message: Handler, conversation: str, body: Dict[str, Any]) -> None:
        """Store what a user sends, and have it answered.

        Raises:
            Refused: if it is not taken in.
        """
        heard = await off_loop(self._stores.log.engine, self._inbox.receive, conversation, body)
        if heard is not None:
            self._answer(on_new_message, heard.said, heard.turn)
        else:
            self._bell.ring(conversation)

    def _answer(self, on_new_message: Handler, said: str, turn: Turn) -> None:
        """Hand what a user said to Rasa, with who they are, if their page has shown it."""
        person = self._stores.conversations.person(turn.conversation)
        self._speaker.answer(on_new_message, said, turn, {PERSON: person.to_json()} if person is not None else {})

    async def _tell(self, request: Request, session: Session, ear: Ear, last: int) -> None:
        """Stream the news of a conversation until somebody ends it, the token is too old, or the browser goes."""
        stream = await request.respond(headers=STREAM_HEADERS, content_type="text/event-stream; charset=utf-8")
        await stream.send(": hello\n\n")
        busy, renewed = False, False
        while not self._newsroom.closed and session.expires > time.time():
            news = await self._newsroom.next(ear, last, busy)
            if news is not None and news.ended:
                await stream.send("event: over\ndata: {}\n\n")
                break
            token = None if renewed else self._stores.sessions.renewed(session)
            if news is None and token is None:
                await stream.send(": ping\n\n")
                continue
            news = news or News([], busy)
            last, busy = (news.messages[-1].id if news.messages else last), news.busy
            renewed = renewed or token is not None
            await stream.send(as_event(self._newsroom.to_browser(session.conversation, news, token)))
        await stream.eof()

    def _add_guards(self, routes: Blueprint) -> None:
        """Add who may call, and what is said to who may not."""

        async def preflight(request: Request) -> HTTPResponse:
            return response.empty(headers={**HEADERS, **preflight_headers()})

        for path in ("/session", "/messages", "/feedback", "/events"):
            routes.add_route(preflight, path, methods=["OPTIONS"], name=f"preflight_{path[1:]}")

        @routes.middleware("request")
        async def only_known_pages(request: Request) -> None:
            origin, host = request.headers.get("origin"), request.headers.get("host", "")
            if not self._origins.allows(origin, host):
                logger.warning("A page of %s may not chat; LOTSEN_ORIGINS says which may.", origin[:200])
                raise Refused(403, "foreign")

        @routes.middleware("response")
        async def cors(request: Request, answer: HTTPResponse) -> None:
            answer.headers.update(self._origins.headers(request.headers.get("origin"), request.headers.get("host", "")))

        @routes.exception(Refused)
        async def refused(request: Request, error: Refused) -> HTTPResponse:
            return self._refusal(error)

        @routes.exception(Exception)
        async def failed(request: Request, error: Exception) -> HTTPResponse:
            if isinstance(error, SanicException):
                raise error
            logger.error("A request of the web chat failed.", exc_info=error)
            return self._refusal(Refused(500, "failed"))

    def _refusal(self, error: Refused) -> HTTPResponse:
        """Return the answer to a request that is not obeyed."""
        said = sentence(self._texts, error.code, error.values)
        told = {"code": error.code, "error": said, "values": error.values}
        again = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
        return response.json(told, status=error.status_code, headers={**HEADERS, **again}, ensure_ascii=False)

    def _add_watchers(self, routes: Blueprint) -> None:
        """Add what runs beside the requests, from the server's start to its stop."""

        @routes.listener("after_server_start")
        async def start_watching(app: Any, loop: Any) -> None:
            stores, run = self._stores, partial(self._speaker.run_action, app)
            for watcher in (
                *watchers(CHANNEL, stores.timers, stores.history, stores.audience, run, stores.desk.lines, self._ring),
                keep_looking("Lost turns", stores.turns.take_lost, self._speaker.say_lost, LOST_SECONDS),
                note_seen(self._newsroom, stores.conversations),
            ):
                self._watching.append(loop.create_task(watcher))
            self._hearing = loop.create_task(hear_others(stores.log, self._bell))

        @routes.listener("before_server_stop")
        async def stop_watching(app: Any, loop: Any) -> None:
            for task in self._watching:
                task.cancel()
            try:
                if self._taking:
                    await asyncio.wait(self._taking)
                await self._speaker.close()  # Its users still read the answers here.
            finally:
                self._newsroom.close()
                if self._hearing is not None:
                    self._hearing.cancel()

    async def _ring(self, conversation: str) -> None:
        self._bell.ring(conversation)

    def _session(self, request: Request) -> Session:
        """Return the session of the request's token.

        Raises:
            Refused: if it is none of ours, too old, or ended by its user.
        """
        try:
            session = self._stores.sessions.read(bearer(request))
        except InvalidToken as error:
            raise Refused(401, "no_session") from error
        self._check_open(session.conversation)
        return session

    def _check_open(self, conversation: str) -> None:
        """Refuse what is said in a conversation that its user has ended."""
        if self._stores.conversations.ended(conversation):
            raise Refused(401, "over")

    async def _person(self, identity: Any) -> Optional[Person]:
        """Return who a host page's sign-in says that the user is; None if none is set up.

        Raises:
            Refused: if it does not hold, or cannot be checked now.
        """
        if self._sign_in is None:
            return None
        if not isinstance(identity, str):
            raise Refused(400, "bad_request")
        try:
            return await asyncio.get_event_loop().run_in_executor(None, self._sign_in.person, identity)
        except (BadIdentity, KeysUnavailable) as error:
            logger.warning("A sign-in was not accepted: %s", error)
            raise Refused(401, "bad_identity") from error
