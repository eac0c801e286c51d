"""What is known of the turn at hand: how it went and how long its parts took. Counted and traced when it is over."""

from __future__ import annotations

import contextlib
import logging
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Awaitable, Iterator, List, Optional

from lotsen.observability import metrics, tracing, turn_id

logger = logging.getLogger(__name__)

ANSWERED, FAILED, GIVEN_UP = "answered", "failed", "given_up"


@dataclass(frozen=True)
class Part:
    """A part of a turn: when it began and ended, in nanoseconds since 1970."""

    name: str
    began: int
    ended: int
    failed: bool = False


@dataclass
class _Turn:
    channel: str
    outcome: Optional[str] = None
    parts: List[Part] = field(default_factory=list)


_at_hand: ContextVar[Optional[_Turn]] = ContextVar("lotsen_turn_parts", default=None)


async def observed(channel: str, work: Awaitable[None]) -> None:
    """Await a turn's ``work`` under an id of its own, and count how it went.

    To be awaited in a task of its own: the id holds for all that runs in it.
    """
    turn, id = _Turn(channel), turn_id.begin()
    _at_hand.set(turn)
    began, clock = time.time_ns(), time.perf_counter()
    try:
        await work
    except BaseException:
        went(FAILED)
        raise
    finally:
        seconds, outcome = time.perf_counter() - clock, turn.outcome or ANSWERED
        metrics.turn(channel, outcome, seconds)
        logger.info("Turn in %s: %s after %.3f s.", channel, outcome, seconds)
        tracing.turn_over(id, Part(f"turn {channel}", began, began + int(seconds * 1e9), _failed(turn)), turn.parts)


def went(outcome: str) -> None:
    """Say how the turn at hand went, if that is not answered; the first word counts."""
    turn = _at_hand.get()
    if turn is not None and turn.outcome is None:
        turn.outcome = outcome


@contextlib.contextmanager
def part(name: str) -> Iterator[None]:
    """Note a part of the turn at hand; nothing if traces are off or there is no turn."""
    turn = _at_hand.get()
    if turn is None or not tracing.on():
        yield
        return
    began, clock, failed = time.time_ns(), time.perf_counter(), True
    try:
        yield
        failed = False
    finally:
        ended = began + int((time.perf_counter() - clock) * 1e9)
        turn.parts.append(Part(name, began, ended, failed))


def _failed(turn: _Turn) -> bool:
    """Tell whether the user got no answer."""
    return turn.outcome in (FAILED, GIVEN_UP)
