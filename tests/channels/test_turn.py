"""A turn: the user always hears something, and never both an answer and an excuse."""

from __future__ import annotations

import asyncio
from typing import Awaitable, Callable, List

import pytest

from lotsen.channels import turn
from lotsen.channels.turn import run_turn

WAIT, FAILED, ANSWER = "wait", "failed", "answer"


class Listener:
    """An output that keeps what was said, as the web channel does: asking to wait is no answer."""

    def __init__(self) -> None:
        self.said: List[str] = []
        self.asked_to_wait = asyncio.Event()
        self.answered = False

    def answer(self) -> None:
        """Say something as the bot."""
        self.said.append(ANSWER)
        self.answered = True

    async def say_wait(self) -> None:
        """Note that the user was asked to wait."""
        self.said.append(WAIT)
        self.asked_to_wait.set()

    async def say_failed(self) -> None:
        """Note that the user was told of a failure."""
        self.said.append(FAILED)
        self.answered = True


class MuteListener(Listener):
    """An output that cannot say anything itself (the database is away)."""

    async def say_wait(self) -> None:
        """Fail, but only after the handler may go on."""
        self.asked_to_wait.set()
        raise OSError("no database")

    async def say_failed(self) -> None:
        """Fail."""
        raise OSError("no database")


Handler = Callable[[Listener], Awaitable[None]]


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience runs out at once; the limit only where a test waits for it."""
    monkeypatch.setattr(turn, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(turn, "LIMIT_SECONDS", 20.0)
    monkeypatch.setattr(turn, "TELL_SECONDS", 0.1)
    monkeypatch.setattr(turn, "AGAIN_SECONDS", 0.01)


async def answers(output: Listener) -> None:
    """Answer at once."""
    output.answer()


async def is_silent(output: Listener) -> None:
    """Say nothing, as Rasa does when an action has failed."""


async def fails(output: Listener) -> None:
    """Fail without a word."""
    raise RuntimeError("broken")


async def is_cancelled(output: Listener) -> None:
    """End as a client library does whose own call was cancelled."""
    raise asyncio.CancelledError


async def times_out(output: Listener) -> None:
    """Fail as a client library does that waited too long for a server."""
    raise asyncio.TimeoutError


async def answers_and_fails(output: Listener) -> None:
    """Answer, then fail."""
    output.answer()
    raise RuntimeError("broken")


async def answers_late(output: Listener) -> None:
    """Answer after the user was asked to wait."""
    await output.asked_to_wait.wait()
    output.answer()


async def is_silent_late(output: Listener) -> None:
    """Say nothing, late."""
    await output.asked_to_wait.wait()


async def fails_late(output: Listener) -> None:
    """Fail after the user was asked to wait."""
    await output.asked_to_wait.wait()
    raise RuntimeError("broken")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("handler", "said"),
    [
        pytest.param(answers, [ANSWER], id="answers: nothing more"),
        pytest.param(is_silent, [FAILED], id="silent: failed"),
        pytest.param(fails, [FAILED], id="fails: failed"),
        pytest.param(times_out, [FAILED], id="times out: failed"),
        pytest.param(is_cancelled, [FAILED], id="is cancelled: failed"),
        pytest.param(answers_and_fails, [ANSWER], id="answers and fails: nothing more"),
        pytest.param(answers_late, [WAIT, ANSWER], id="answers late: wait"),
        pytest.param(is_silent_late, [WAIT, FAILED], id="silent late: wait and failed"),
        pytest.param(fails_late, [WAIT, FAILED], id="fails late: wait and failed"),
    ],
)
async def test_what_the_user_hears(handler: Handler, said: List[str]) -> None:
    """Whatever the handler does, the user hears exactly this."""
    output = Listener()
    await run_turn(handler(output), output)
    assert output.said == said


@pytest.mark.asyncio
async def test_a_turn_over_the_limit_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that hangs is cancelled, and the user told."""
    monkeypatch.setattr(turn, "LIMIT_SECONDS", 0.05)
    output, cancelled = Listener(), asyncio.Event()

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    await run_turn(hangs(), output)
    assert cancelled.is_set()
    assert output.said == [WAIT, FAILED]


@pytest.mark.asyncio
async def test_an_answer_before_the_limit_is_not_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that has answered and then hangs is given up without a word."""
    monkeypatch.setattr(turn, "LIMIT_SECONDS", 0.05)
    output = Listener()

    async def answers_and_hangs() -> None:
        output.answer()
        await asyncio.Event().wait()

    await run_turn(answers_and_hangs(), output)
    assert output.said == [ANSWER]


@pytest.mark.asyncio
@pytest.mark.parametrize("handler", [fails, is_silent, fails_late], ids=["fails", "silent", "fails late"])
async def test_a_turn_never_raises(handler: Handler) -> None:
    """Not even an output that cannot speak makes the turn itself fail."""
    output = MuteListener()
    await run_turn(handler(output), output)
    assert output.said == []


@pytest.mark.asyncio
async def test_a_failure_is_told_when_the_database_is_back() -> None:
    """The user hears it as soon as it can be written, once."""

    class AwayFor(Listener):
        left = 3

        async def say_failed(self) -> None:
            self.left -= 1
            if self.left >= 0:
                raise OSError("no database")
            await super().say_failed()

    output = AwayFor()
    await run_turn(fails(output), output)
    assert (output.left, output.said) == (-1, [FAILED])


@pytest.mark.asyncio
async def test_a_turn_is_seen_to_its_end_though_waiting_could_not_be_said() -> None:
    """A failure to say "wait" does not leave the handler running by itself behind the user's back."""
    output, ended = MuteListener(), asyncio.Event()

    async def answers_in_two_steps() -> None:
        await output.asked_to_wait.wait()
        await asyncio.sleep(0)
        output.answer()
        ended.set()

    await run_turn(answers_in_two_steps(), output)
    assert ended.is_set()
    assert output.said == [ANSWER]
