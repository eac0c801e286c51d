"""Every metric that the processes count themselves: its name, its labels, what it means. Plain data.

Labels take few values, all known from the content, the settings and the code; none tells of a person or a
conversation. ``docs/observability.md`` lists them all, and a test holds it to this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

TURN_BUCKETS = (0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0, 10.0, 30.0)
"""Seconds; 0.5 is what nineteen of twenty turns shall stay below, 1.5 when the user hears that it takes a while."""
PART_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds of a part of a turn."""

COUNTER, HISTOGRAM, GAUGE = "counter", "histogram", "gauge"


@dataclass(frozen=True)
class Metric:
    """One metric. Names of counters end in ``_total``; times are in seconds, sizes in bytes."""

    name: str
    kind: str
    help: str
    labels: Tuple[str, ...] = ()
    buckets: Tuple[float, ...] = PART_BUCKETS
    mode: str = "all"
    """What becomes of a gauge that several processes set: prometheus_client's ``multiprocess_mode``."""


COUNTED: Tuple[Metric, ...] = (
    Metric("lotsen_turns_total", COUNTER, "Turns that are over.", ("channel", "outcome")),
    Metric(
        "lotsen_turn_duration_seconds",
        HISTOGRAM,
        "From the moment a turn's message is stored until the turn is over, waiting for its turn included.",
        ("channel",),
        TURN_BUCKETS,
    ),
    Metric("lotsen_turns_lost_total", COUNTER, "Turns lost with their process; the user is told.", ("channel",)),
    Metric("lotsen_decisions_total", COUNTER, "What the bot did with a message that was typed.", ("decision",)),
    Metric("lotsen_understanding_duration_seconds", HISTOGRAM, "Understanding one message."),
    Metric(
        "lotsen_action_duration_seconds",
        HISTOGRAM,
        "One action: the action server's answer, and saying it in the channel.",
        ("action",),
    ),
    Metric("lotsen_action_failures_total", COUNTER, "Actions that failed or got no answer.", ("action",)),
    Metric("lotsen_tracker_save_duration_seconds", HISTOGRAM, "Saving a conversation after a turn."),
    Metric("lotsen_guide_outcomes_total", COUNTER, "Runs of guides that have ended.", ("guide", "outcome")),
    Metric("lotsen_guide_steps_total", COUNTER, "Steps of guides that users have left.", ("guide", "outcome")),
    Metric("lotsen_cases_stored_total", COUNTER, "Cases that were stored.", ("target", "priority")),
    Metric("lotsen_delivery_attempts_total", COUNTER, "Letters that were begun to be sent to a desk.", ("desk",)),
    Metric("lotsen_deliveries_total", COUNTER, "Letters that a desk has taken.", ("desk",)),
    Metric("lotsen_delivery_failures_total", COUNTER, "Attempts that failed.", ("desk",)),
    Metric("lotsen_letters_dead_total", COUNTER, "Letters that were given up, for an operator to look at.", ("desk",)),
    Metric("lotsen_masked_total", COUNTER, "Numbers masked, by the layer that found them.", ("kind", "layer")),
    Metric("lotsen_purged_rows_total", COUNTER, "Rows and files that were deleted because of their age.", ("kind",)),
    Metric("lotsen_http_refused_total", COUNTER, "Requests answered with an error.", ("process", "status")),
    Metric("lotsen_event_streams", GAUGE, "Pages that listen for news.", ("process",), (), "livesum"),
    Metric("lotsen_sign_in_failures_total", COUNTER, "Sign-ins at the triage desk that were refused."),
    Metric("lotsen_lock_wait_seconds", HISTOGRAM, "Waiting for the lock of a conversation in Redis."),
    Metric("lotsen_redis_failures_total", COUNTER, "Calls of Redis that failed."),
    Metric(
        "lotsen_restarts_total", COUNTER, "Processes started again after they had ended by themselves.", ("process",)
    ),
    Metric("lotsen_spans_dropped_total", COUNTER, "Spans of traces that nobody got."),
    Metric("lotsen_model_info", GAUGE, "The trained model in use; always 1.", ("model",), (), "livemax"),
    Metric(
        "lotsen_process_start_time_seconds",
        GAUGE,
        "When a process began; the oldest, where several have the name.",
        ("process",),
        (),
        "livemin",
    ),
)

LOOKED_UP: Tuple[Metric, ...] = (
    Metric("lotsen_build_info", GAUGE, "What runs here; always 1.", ("version", "rasa", "python")),
    Metric("lotsen_process_ready", GAUGE, "Whether a process is ready (1) or not (0).", ("process",)),
    Metric("lotsen_database_up", GAUGE, "Whether the database answers in time."),
    Metric("lotsen_redis_up", GAUGE, "Whether Redis answers in time; only where Redis is set."),
    Metric("lotsen_outbox_letters", GAUGE, "Letters to service desks, by how far they have come.", ("state",)),
    Metric("lotsen_outbox_oldest_waiting_seconds", GAUGE, "The age of the oldest case that is not delivered; 0: none."),
    Metric("lotsen_turns_under_way", GAUGE, "Turns that are being answered or wait."),
    Metric("lotsen_desk_cases", GAUGE, "Cases at the triage desk: nobody has taken them; time is over.", ("state",)),
    Metric("lotsen_purge_last_timestamp_seconds", GAUGE, "When a daily purge was last done; 0: never."),
    Metric("lotsen_data_dir_free_bytes", GAUGE, "Free disk space of the data folder."),
    Metric("lotsen_data_dir_size_bytes", GAUGE, "Size of the disk of the data folder."),
)
"""What ``lotsen up`` looks up when it is asked for metrics."""
