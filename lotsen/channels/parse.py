"""The way in for the triage desk: what the bot makes of a text, with its certainty and the sentence's embedding.

A Rasa input channel only because Rasa's server has the trained model; nothing that is read here becomes a message of a
conversation. What is asked and answered: ``lotsen/channels/parse_wire.py``.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any, Awaitable, Callable, Dict, List, Optional, Tuple

import numpy as np
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from lotsen.channels.parse_wire import MAX_BYTES, MAX_TEXTS, PATH, Found, Guess, Offered, Read, opens
from lotsen.channels.typed import MAX_TEXT, typed_text
from lotsen.content.catalogue import Content, load_content
from lotsen.runtime.naming import named, offered_for
from lotsen.settings import CONTENT, Settings
from lotsen.storage.secret import read_or_make_key
from lotsen.understanding.decision_classifier import BOTH, SUGGESTIONS

_NOBODY = "parse"
"""The sender of the message that the pipeline is given; no tracker is stored for it."""
_DIGITS = 6
"""Decimals of certainties and of the vector."""
_NO_STORE = {"Cache-Control": "no-store"}

logger = logging.getLogger(__name__)


class Unreadable(Exception):
    """A request that is not obeyed: the HTTP status, and a word that says why."""

    def __init__(self, status: int, said: str) -> None:
        """Keep both."""
        super().__init__(said)
        self.status, self.said = status, said


class ParseInput(InputChannel):
    """The channel ``lotsen.channels.parse.ParseInput`` of ``credentials.yml``."""

    def __init__(self, secrets: Tuple[str, ...], content: Callable[[], Content]) -> None:
        """Answer those whose token is made from one of ``secrets``; ``content`` is read when first needed."""
        self._secrets, self._load = secrets, content
        self._content: Optional[Content] = None
        self._turn: Optional[asyncio.Lock] = None

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "parse"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "ParseInput":
        """Build the channel from the settings; ``credentials.yml`` has nothing more to say."""
        settings = Settings.read()
        key = read_or_make_key(settings.secret, settings.data_dir)
        before = (settings.secret_before,) if settings.secret_before else ()
        return cls((key, *before), lambda: load_content(CONTENT))

    def url_prefix(self) -> str:
        """Serve at ``/parse``."""
        return PATH

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the one route."""
        routes = Blueprint("lotsen_parse")

        @routes.post("/")
        async def parse(request: Request) -> HTTPResponse:
            try:
                texts = self._asked(request)
                read = await self._read_all(_agent(request), texts)
            except Unreadable as error:
                return response.json({"said": error.said}, status=error.status, headers=_NO_STORE)
            return response.json({"read": [one.to_json() for one in read]}, headers=_NO_STORE)

        return routes

    def _asked(self, request: Request) -> List[str]:
        """Return the texts of a request.

        Raises:
            Unreadable: if it has no token of ours, is too long, or is not what it should be.
        """
        scheme, _, token = (request.headers.get("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not opens(token.strip(), self._secrets):
            raise Unreadable(401, "not signed")
        if len(request.body) > MAX_BYTES:
            raise Unreadable(413, "too long")
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise Unreadable(422, "no JSON") from error
        texts = body.get("texts") if isinstance(body, dict) else None
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise Unreadable(422, "no texts")
        if len(texts) > MAX_TEXTS or any(len(text) > MAX_TEXT for text in texts):
            raise Unreadable(413, "too long")
        return texts

    async def _read_all(self, agent: Agent, texts: List[str]) -> List[Read]:
        """Read the texts one at a time, and requests one after another; between two texts whoever chats gets a turn."""
        if self._turn is None:
            self._turn = asyncio.Lock()
        async with self._turn:
            if self._content is None:
                self._content = await asyncio.get_running_loop().run_in_executor(None, self._load)
            found: List[Read] = []
            for text in texts:
                found.append(read(agent, self._content, text))
                await asyncio.sleep(0)
        return found


def read(agent: Agent, content: Content, text: str) -> Read:
    """Return what the bot would make of one text, masked first. Takes some milliseconds.

    The pipeline is run as Rasa does it for a message (``MessageProcessor.parse_message``), but its own message is kept:
    what that method returns has no features, and so no embedding.
    """
    said = typed_text(text)
    message = _parsed(agent, said)
    intent = (message.get(INTENT) or {}).get("name")
    suggested, both = message.get(SUGGESTIONS) or [], bool(message.get(BOTH))
    ids = [one["id"] for one in suggested]
    offered = offered_for(content, agent.domain.responses if agent.domain else {}, intent or "", ids, both)
    name = named(content, intent, ids, both, offered)
    titles = {**{id: q.title for id, q in content.questions.items()}, **{one["id"]: one["title"] for one in suggested}}
    return Read(
        text=said,
        decision=name.decision,
        intent=name.intent,
        acted_on=intent or "",
        certainty=round(float((message.get(INTENT) or {}).get("confidence") or 0.0), _DIGITS),
        suggestions=tuple(Offered(id, titles.get(id, id)) for id in name.suggestions),
        ranking=tuple(
            Guess(guess["name"], titles.get(guess["name"], ""), round(float(guess["confidence"]), _DIGITS))
            for guess in message.get(INTENT_RANKING_KEY) or ()
        ),
        entities=tuple(
            Found(one["entity"], str(one["value"]), int(one["start"]), int(one["end"]))
            for one in message.get(ENTITIES) or ()
        ),
        vector=_vector(message),
    )


def _parsed(agent: Agent, text: str) -> Message:
    """Run the pipeline on a text; without one there is nothing to run it on."""
    processor = agent.processor
    assert processor is not None, "the agent is ready"
    if not text:
        return Message({TEXT: ""})
    target = str(processor.model_metadata.nlu_target)
    tracker = DialogueStateTracker.from_events(_NOBODY, [])
    inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text, sender_id=_NOBODY)], PLACEHOLDER_TRACKER: tracker}
    message: Message = processor.graph_runner.run(inputs=inputs, targets=[target])[target][0]
    return message


def _vector(message: Message) -> Tuple[float, ...]:
    """Return the sentence embedding that the pipeline left on the message; empty where there is none."""
    features = message.get_dense_features(TEXT)[1]
    if features is None:
        return ()
    vector = np.asarray(features.features, dtype=float).reshape(-1)
    return tuple(round(float(part), _DIGITS) for part in vector) if np.any(vector) else ()


def _agent(request: Request) -> Agent:
    """Return the agent.

    Raises:
        Unreadable: if the model is not loaded.
    """
    agent = getattr(request.app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        raise Unreadable(503, "no model")
    ready: Agent = agent
    return ready
