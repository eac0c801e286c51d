"""The web chat as a Rasa input channel: sessions, messages in, messages out by long polling, and a page to chat on.

Nothing that a user types can fire an intent: text is never a command, and a button's payload stays on the server. The
browser names a button it was offered, and only those of the bot's latest messages count.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter, defaultdict
from functools import partial
from typing import Any, Awaitable, Callable, Dict, List, Optional, Set, Tuple

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from lotsen.cases.access import Guesses
from lotsen.cases.history import History
from lotsen.cases.store import CaseStore
from lotsen.channels.chat_log import ChatLog, ChatMessage
from lotsen.channels.opened import CaseDoor
from lotsen.channels.resume import ResumeCodes, code_in
from lotsen.channels.sessions import InvalidToken, Sessions, read_or_make_key
from lotsen.channels.turn import run_turn
from lotsen.channels.web_output import Bell, WebOutput
from lotsen.channels.web_requests import HEADERS, PAGE, Refused, json_body, number, page_file, typed
from lotsen.dialogue import case_news
from lotsen.dialogue.timers import Timers, watch
from lotsen.settings import Settings
from lotsen.storage.database import open_engine

MAX_WAITING = 3
"""Messages of one user that may wait for their turn."""
POLL_SECONDS = 25.0
"""How long a request for news waits; below what proxies cut off."""
LOOK_AGAIN_SECONDS = 2.0
"""How often a waiting request looks into the database, in case another process wrote to it."""
TOGETHER_SECONDS = 0.05
"""How long news of a turn waits for the rest of the turn: too short to be noticed, long enough for most turns."""
GREETING = "/greet"
TIME_IS_UP = "action_guide_time_is_up"
CLIENT_ID_LENGTH = 64

Handler = Callable[[UserMessage], Awaitable[Any]]

logger = logging.getLogger(__name__)


class WebInput(InputChannel):
    """The channel ``lotsen.channels.web.WebInput`` of ``credentials.yml``."""

    def __init__(
        self, sessions: Sessions, log: ChatLog, timers: Timers, codes: ResumeCodes, door: CaseDoor, history: History
    ) -> None:
        """Use these stores; ``door`` opens cases by number and code, and their news stands in ``history``."""
        self._sessions, self._log, self._timers, self._codes = sessions, log, timers, codes
        self._door, self._history = door, history
        self._watching: List["asyncio.Task[None]"] = []
        self._texts: Dict[str, str] = json.loads((PAGE / "sv.json").read_text(encoding="utf-8"))
        self._bell = Bell()
        self._turns: Dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._pending: Counter[str] = Counter()
        self._tasks: Set["asyncio.Task[None]"] = set()

    @classmethod
    def name(cls) -> str:
        """Return the channel's name in trackers."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "WebInput":
        """Build the channel from the settings; ``credentials.yml`` has nothing more to say."""
        settings = Settings.read()
        key = read_or_make_key(settings.secret, settings.data_dir)
        engine = open_engine(settings.database_url)
        store = CaseStore(engine)
        door = CaseDoor(store, key, Guesses())
        return cls(Sessions(key), ChatLog(engine), Timers(engine), ResumeCodes(engine), door, store.history)

    def url_prefix(self) -> str:
        """Serve below ``/chat``."""
        return "/chat"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("lotsen_web")

        @routes.get("/")
        async def page(request: Request) -> HTTPResponse:
            return page_file("index.html")

        @routes.get("/<name:[a-z]+[.](?:js|css|json|svg)>")
        async def asset(request: Request, name: str) -> HTTPResponse:
            return page_file(name)

        @routes.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            ready = agent is not None and agent.is_ready()
            return response.json({"status": "ok" if ready else "no model"}, status=200 if ready else 503)

        @routes.post("/session")
        async def session(request: Request) -> HTTPResponse:
            json_body(request)
            token = self._sessions.issue()
            conversation = self._sessions.conversation(token)
            self._begin_turn(on_new_message, conversation, GREETING, heard=0)
            return response.json({"token": token}, status=201, headers=HEADERS)

        @routes.post("/messages")
        async def send(request: Request) -> HTTPResponse:
            conversation = self._conversation(request)
            body = json_body(request)
            code = code_in(body["text"]) if isinstance(body.get("text"), str) else None
            if code is not None:
                return response.json({"token": self._sessions.issue(self._resumed(code))}, headers=HEADERS)
            self._receive(on_new_message, conversation, body)
            return response.json({}, status=202, headers=HEADERS)

        @routes.get("/messages")
        async def receive(request: Request) -> HTTPResponse:
            conversation = self._conversation(request)
            messages = await self._news(conversation, number(request, "after"), number(request, "busy") > 0)
            found = [message.to_browser() for message in messages]
            busy = self._pending[conversation] > 0
            return response.json({"messages": found, "busy": busy}, headers=HEADERS, ensure_ascii=False)

        @routes.listener("after_server_start")
        async def start_watching(app: Any, loop: Any) -> None:
            ring = partial(self._run_action, app, TIME_IS_UP)
            tell = partial(self._run_action, app, case_news.ACTION)
            self._watching.append(loop.create_task(watch(self._timers, self.name(), time.time, ring)))
            self._watching.append(loop.create_task(case_news.watch_news(self._history, self.name(), tell)))

        @routes.listener("before_server_stop")
        async def stop_watching(app: Any, loop: Any) -> None:
            for task in self._watching:
                task.cancel()

        @routes.exception(Refused)
        async def refused(request: Request, error: Refused) -> HTTPResponse:
            sentence = self._texts[error.sentence].format(**error.values)
            return response.json({"error": sentence}, status=error.status_code, headers=HEADERS, ensure_ascii=False)

        return routes

    def _conversation(self, request: Request) -> str:
        """Return the conversation of the request's token."""
        scheme, _, token = (request.headers.get("authorization") or "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise InvalidToken("no token")
            return self._sessions.conversation(token)
        except InvalidToken as error:
            raise Refused(401, "no_session") from error

    def _resumed(self, code: str) -> str:
        """Return the conversation that a code leads back to; the code stays out of every log.

        Raises:
            Refused: if there is none.
        """
        conversation = self._codes.conversation(code)
        if conversation is None:
            raise Refused(404, "no_such_code")
        return conversation

    def _receive(self, on_new_message: Handler, conversation: str, body: Dict[str, Any]) -> None:
        """Take in what the user wrote or chose, and begin the turn."""
        client_id = body.get("client_id")
        if not isinstance(client_id, str) or not 0 < len(client_id) <= CLIENT_ID_LENGTH:
            raise Refused(400, "bad_request")
        try:
            shown, said = self._wanted(conversation, body)
        except Refused:
            if self._log.has(conversation, client_id):
                return  # Taken in before, and tried again because the answer got lost: nothing is wrong with it.
            raise
        heard = self._log.add_user(conversation, shown, client_id)
        if heard is not None:
            self._bell.ring(conversation)
            self._begin_turn(on_new_message, conversation, said, heard)

    def _wanted(self, conversation: str, body: Dict[str, Any]) -> Tuple[str, str]:
        """Return what the log shows of a message, and what Rasa hears.

        Raises:
            Refused: if there are too many, the choice is no longer offered, or the text is none.
        """
        if self._pending[conversation] >= MAX_WAITING:
            raise Refused(429, "too_many")
        if "choice" not in body:
            text = typed(body.get("text"))
            opened = self._door.open(conversation, text)
            return (opened.shown, opened.payload) if opened is not None else (text, text)
        choice = self._log.offered(conversation).get(str(body["choice"]))
        if choice is None:
            raise Refused(409, "old_choice")
        return choice.title, choice.payload

    def _begin_turn(self, on_new_message: Handler, conversation: str, said: str, heard: int) -> None:
        """Hand ``said``, the user's message ``heard``, to Rasa."""
        output = WebOutput(self._log, self._bell, self._texts, conversation, heard)
        message = UserMessage(said, output, conversation, input_channel=self.name())
        self._in_turn(conversation, lambda: run_turn(on_new_message(message), output))

    async def _run_action(self, app: Any, action: str, conversation: str) -> None:
        """Run an action that no message of the user began: a guide's time is over, or a desk has answered."""
        agent = getattr(app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return  # It comes again.
        output = WebOutput(self._log, self._bell, self._texts, conversation, 0)

        async def turn() -> None:
            async with agent.lock_store.lock(conversation):
                await agent.execute_action(conversation, action, output, None, None)

        self._in_turn(conversation, turn)

    def _in_turn(self, conversation: str, turn: Callable[[], Awaitable[None]]) -> None:
        """Run ``turn``; turns of a conversation run one after the other."""
        self._pending[conversation] += 1

        async def in_order() -> None:
            async with self._turns[conversation]:
                await turn()

        task = asyncio.get_event_loop().create_task(in_order())
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._turn_done(conversation, done))

    def _turn_done(self, conversation: str, task: "asyncio.Task[None]") -> None:
        """Forget a turn that has ended; the browsers learn that the bot is silent again."""
        self._tasks.discard(task)
        self._pending[conversation] -= 1
        if self._pending[conversation] <= 0:
            del self._pending[conversation]
            self._turns.pop(conversation, None)
        self._bell.ring(conversation)
        if not task.cancelled() and task.exception() is not None:
            logger.error("A turn ended badly.", exc_info=task.exception())

    async def _news(self, conversation: str, last: int, thought_busy: bool) -> List[ChatMessage]:
        """Return the messages after ``last``; waits for one for a while if there is none.

        A browser that thinks the bot is still at work is also told at once when that is no longer so. News of a turn
        that is nearly over waits for its end: one answer to the browser in place of one for each message.
        """
        loop = asyncio.get_event_loop()
        until = loop.time() + POLL_SECONDS
        while True:
            found = self._log.after(conversation, last)
            left = until - loop.time()
            busy = self._pending[conversation] > 0
            if left <= 0 or (not busy and (found or thought_busy)):
                return found
            if found:
                until = min(until, loop.time() + TOGETHER_SECONDS)
                left = until - loop.time()
            await self._bell.wait(conversation, min(left, LOOK_AGAIN_SECONDS))
