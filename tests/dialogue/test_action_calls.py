"""Calls of the action server: the answer as Rasa gets it, connections used again, a server that comes back."""

from __future__ import annotations

import copy
from typing import Any, AsyncIterator, Dict, List

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from lotsen.dialogue.action_calls import ActionServer, lean
from lotsen.observability import turn_id

PARSED = {"text": "hej", "intent": {"name": "greet"}, "entities": [], "suggestions": [], "intent_ranking": [{}, {}]}
BODY: Dict[str, Any] = {
    "next_action": "action_x",
    "tracker": {
        "latest_message": PARSED,
        "events": [{"event": "user", "text": "hej", "parse_data": PARSED}, {"event": "slot", "name": "a", "value": 1}],
    },
}


class Server:
    """An action server that remembers its callers."""

    def __init__(self) -> None:
        self.heard: List[Any] = []
        self.callers: List[Any] = []
        self.shown: List[Dict[str, str]] = []
        self.port = 0

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        app = web.Application()
        app.router.add_post("/webhook", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def stop(self) -> None:
        """Stop listening, and drop every connection."""
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.shown.append(dict(request.headers))
        self.heard.append(body)
        self.callers.append(request.transport.get_extra_info("peername") if request.transport else None)
        if body["next_action"] == "action_rejects":
            return web.json_response({"error": "no", "action_name": "action_rejects"}, status=400)
        if body["next_action"] in ("302", "401"):
            elsewhere = {"Location": f"http://127.0.0.1:{self.port}/webhook"}
            return web.Response(status=int(body["next_action"]), headers=elsewhere)
        return web.json_response({"events": [], "responses": []})


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    """A running action server."""
    running = Server()
    await running.start()
    yield running
    await running.stop()


@pytest_asyncio.fixture
async def endpoint(server: Server) -> AsyncIterator[ActionServer]:
    """Our end of the line."""
    ours = ActionServer.like(EndpointConfig(f"http://127.0.0.1:{server.port}/webhook"))
    yield ours
    await ours.close()


def test_only_the_rankings_are_left_out() -> None:
    """Everything else arrives, and what Rasa holds is not changed."""
    given = copy.deepcopy(BODY)
    sent = lean(given)
    assert given == BODY
    parsed = {key: value for key, value in PARSED.items() if key != "intent_ranking"}
    assert sent["tracker"]["latest_message"] == parsed
    assert sent["tracker"]["events"] == [
        {**BODY["tracker"]["events"][0], "parse_data": parsed},
        BODY["tracker"]["events"][1],
    ]


@pytest.mark.asyncio
async def test_connections_are_used_again(server: Server, endpoint: ActionServer) -> None:
    """Call after call comes from the same port."""
    for _ in range(3):
        assert await endpoint.request(json=BODY, method="post", timeout=10, compress=False) == {
            "events": [],
            "responses": [],
        }
    assert len(set(server.callers)) == 1


@pytest.mark.asyncio
async def test_a_rejection_is_rasas_error(endpoint: ActionServer) -> None:
    """An action that rejects its execution raises what Rasa expects, with the body."""
    with pytest.raises(ClientResponseError) as raised:
        await endpoint.request(json={**BODY, "next_action": "action_rejects"}, method="post")
    assert raised.value.status == 400
    assert b"action_rejects" in raised.value.text


@pytest.mark.asyncio
async def test_a_server_that_comes_back_is_reached(server: Server, endpoint: ActionServer) -> None:
    """While it is away the call fails as a connection error; afterwards calls work again."""
    await endpoint.request(json=BODY, method="post")
    await server.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await endpoint.request(json=BODY, method="post")
    await server.start()
    assert await endpoint.request(json=BODY, method="post") == {"events": [], "responses": []}


@pytest.mark.asyncio
async def test_the_secret_and_the_turn_are_shown(server: Server, endpoint: ActionServer) -> None:
    """The secret comes from the environment, the turn's id from the turn; without them there is no header."""
    secret = "0123456789abcdef"
    signed = ActionServer.like(EndpointConfig(endpoint.url), {"LOTSEN_ACTIONS_SECRET": secret})
    turn = turn_id.begin()
    await signed.request(json=BODY, method="post", compress=True)
    turn_id.carry_on("")
    plain = ActionServer.like(EndpointConfig(endpoint.url), {})
    await plain.request(json=BODY, method="post")
    await signed.close()
    await plain.close()
    assert server.shown[0]["Authorization"] == f"Bearer {secret}"
    assert server.shown[0][turn_id.HEADER] == turn
    assert not {"Authorization", turn_id.HEADER} & server.shown[1].keys()
    assert server.heard[0]["next_action"] == "action_x"


@pytest.mark.asyncio
async def test_another_secret_is_told_in_the_log(
    server: Server, endpoint: ActionServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Rasa says only that the action failed. A secret is never taken along to another address."""
    for status in (401, 302):
        with pytest.raises(ClientResponseError) as raised:
            await endpoint.request(json={**BODY, "next_action": str(status)}, method="post")
        assert raised.value.status == status
    assert len(server.heard) == 2
    assert [record.message for record in caplog.records if "LOTSEN_ACTIONS_SECRET" in record.message]
