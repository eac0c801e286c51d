"""What is counted of turns and of requests, whoever sends them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Dict, List

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from lotsen.channels import turn as turns_of_channels
from lotsen.channels.turn import run_turn
from lotsen.observability import registry, turn_id
from lotsen.observability.served import ObservedDesk
from lotsen.observability.turns import observed


class Output:
    """A channel in which the bot says nothing but what the turn itself says."""

    answered = False

    async def say_wait(self) -> None:
        """Say that it takes a while."""

    async def say_failed(self) -> None:
        """Say that no answer came."""


def outcomes() -> Dict[str, float]:
    """Return how many turns went which way."""
    found = ("answered", "failed", "given_up")
    return {one: registry.value("lotsen_turns_total", channel="web", outcome=one) for one in found}


def run(handling: Any, output: Output, ids: List[str]) -> None:
    """Run one turn as the speaker does."""

    async def work() -> None:
        ids.append(turn_id.current())
        await run_turn(handling(), output)

    asyncio.run(observed("web", work()))


async def _fail() -> None:
    raise ValueError("broken")


async def _hang() -> None:
    await asyncio.sleep(60)


async def _nothing() -> None:
    """Say nothing, as Rasa does when an action fails."""


def test_how_turns_went_is_counted(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """An error, a turn without a word and one that takes too long are told apart from an answer; ids are one each."""
    monkeypatch.setattr(turns_of_channels, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(turns_of_channels, "LIMIT_SECONDS", 0.02)
    caplog.set_level(logging.CRITICAL)
    answering = Output()
    answering.answered = True
    before, ids = outcomes(), []
    seconds = registry.value("lotsen_turn_duration_seconds_count", channel="web")
    for handling, output in ((_fail, Output()), (_nothing, Output()), (_hang, Output()), (_nothing, answering)):
        run(handling, output, ids)
    more = {outcome: now - before[outcome] for outcome, now in outcomes().items()}
    assert more == {"answered": 1, "failed": 2, "given_up": 1}
    assert registry.value("lotsen_turn_duration_seconds_count", channel="web") == seconds + 4
    assert len(set(ids)) == 4


async def _asked_desk(app: Any, path: str) -> httpx.Response:
    """Send one request to an ASGI application."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://lotsen") as client:
        return await client.get(path)


def test_refused_sign_ins_at_the_desk_are_counted() -> None:
    """What the sign-in answers with an error counts as one, and nothing else does."""

    async def refuse(request: Any) -> PlainTextResponse:
        return PlainTextResponse("no", 403)

    app = ObservedDesk(Starlette(routes=[Route("/sign-in/local", refuse), Route("/queue", refuse)]))
    failures, refused = (
        registry.value("lotsen_sign_in_failures_total"),
        registry.value("lotsen_http_refused_total", process="triage", status="403"),
    )
    asyncio.run(_asked_desk(app, "/sign-in/local"))
    asyncio.run(_asked_desk(app, "/queue"))
    assert registry.value("lotsen_sign_in_failures_total") == failures + 1
    assert registry.value("lotsen_http_refused_total", process="triage", status="403") == refused + 2
