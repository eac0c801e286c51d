"""Every metric, counted by one function each, so that callers know no library.

Counting never fails: what goes wrong with it is logged, and whoever counted goes on. What the metrics are called and
mean: ``lotsen/observability/definitions.py``.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import time
from typing import Any, Callable, Iterator, TypeVar

from lotsen.observability.registry import of, shared

Counting = TypeVar("Counting", bound=Callable[..., None])

_DECISIONS = {
    "answered": "answer",
    "suggested": "suggest",
    "clarified": "clarify",
    "refused": "refuse",
    "small_talk": "smalltalk",
}
"""The words of ``lotsen ask`` for what ``asked`` keeps."""

logger = logging.getLogger(__name__)


def _never_fails(count: Counting) -> Counting:
    """Return a function that counts, or logs that it could not."""

    @functools.wraps(count)
    def safe(*args: Any, **kwargs: Any) -> None:
        try:
            count(*args, **kwargs)
        except Exception:
            logger.exception("A metric could not be counted.")

    return safe  # type: ignore[return-value]


@_never_fails
def turn(channel: str, outcome: str, seconds: float) -> None:
    """Count a turn that is over; ``outcome``: answered, failed or given_up."""
    of("lotsen_turns_total", channel, outcome).inc()
    of("lotsen_turn_duration_seconds", channel).observe(seconds)


@_never_fails
def turn_lost(channel: str) -> None:
    """Count a turn that was lost with its process."""
    of("lotsen_turns_lost_total", channel).inc()


@_never_fails
def decided(kind: str) -> None:
    """Count what the bot did with a message, in the words of ``lotsen.outcomes.asked.Kind``."""
    of("lotsen_decisions_total", _DECISIONS.get(kind, kind)).inc()


@_never_fails
def understood(seconds: float) -> None:
    """Count a message that was understood."""
    of("lotsen_understanding_duration_seconds").observe(seconds)


@_never_fails
def acted(action: str, seconds: float, failed: bool) -> None:
    """Count an action of the action server."""
    of("lotsen_action_duration_seconds", action).observe(seconds)
    if failed:
        of("lotsen_action_failures_total", action).inc()


@_never_fails
def saved(seconds: float) -> None:
    """Count a conversation that was saved."""
    of("lotsen_tracker_save_duration_seconds").observe(seconds)


@_never_fails
def guide_ended(guide: str, outcome: str) -> None:
    """Count a run of a guide that has ended; ``outcome`` is its ``Status``."""
    of("lotsen_guide_outcomes_total", guide, outcome).inc()


@_never_fails
def step_left(guide: str, outcome: str) -> None:
    """Count a step; ``outcome`` is its ``Outcome``."""
    of("lotsen_guide_steps_total", guide, outcome).inc()


@_never_fails
def case_stored(target: str, priority: str) -> None:
    """Count a case that a user has confirmed, or that Lotsen made of a disturbance."""
    of("lotsen_cases_stored_total", target, priority).inc()


@_never_fails
def delivery_begun(desk: str) -> None:
    """Count an attempt to deliver a letter."""
    of("lotsen_delivery_attempts_total", desk).inc()


@_never_fails
def delivered(desk: str) -> None:
    """Count a letter that a desk has taken."""
    of("lotsen_deliveries_total", desk).inc()


@_never_fails
def delivery_failed(desk: str, dead: bool) -> None:
    """Count an attempt that failed; ``dead``: the letter was given up."""
    of("lotsen_delivery_failures_total", desk).inc()
    if dead:
        of("lotsen_letters_dead_total", desk).inc()


@_never_fails
def masked(kind: str, layer: str, count: int = 1) -> None:
    """Count what was masked: ``kind`` as in its token, ``layer``: channel, agent, tracker or log.

    Above the channel a count means that the layer before has missed something.
    """
    of("lotsen_masked_total", kind, layer).inc(count)


@_never_fails
def purged(kind: str, rows: int) -> None:
    """Count what was deleted because it was too old."""
    of("lotsen_purged_rows_total", kind).inc(rows)


@_never_fails
def refused(process: str, status: int) -> None:
    """Count a request that was answered with an error."""
    of("lotsen_http_refused_total", process, str(status)).inc()


@contextlib.contextmanager
def listening(process: str) -> Iterator[None]:
    """Count a stream of events as open until the block ends."""
    _listen(process, 1)
    try:
        yield
    finally:
        _listen(process, -1)


@_never_fails
def _listen(process: str, more: int) -> None:
    """Count a stream that was opened or closed."""
    of("lotsen_event_streams", process).inc(more)


@_never_fails
def sign_in_failed() -> None:
    """Count a sign-in at the triage desk that was refused."""
    of("lotsen_sign_in_failures_total").inc()


@_never_fails
def lock_waited(seconds: float) -> None:
    """Count how long a conversation's lock was waited for."""
    of("lotsen_lock_wait_seconds").observe(seconds)


@_never_fails
def redis_failed() -> None:
    """Count a call of Redis that failed."""
    of("lotsen_redis_failures_total").inc()


@_never_fails
def restarted(process: str) -> None:
    """Count a process that ended by itself and is started again."""
    of("lotsen_restarts_total", process).inc()


@_never_fails
def spans_dropped(count: int) -> None:
    """Count spans of traces that nobody got."""
    of("lotsen_spans_dropped_total").inc(count)


@_never_fails
def model_loaded(model: str) -> None:
    """Tell which trained model is in use, by its file's name."""
    of("lotsen_model_info", model).set(1)


@_never_fails
def started(process: str) -> None:
    """Tell that this process has begun; only where metrics are shared."""
    if shared():
        of("lotsen_process_start_time_seconds", process).set(time.time())
