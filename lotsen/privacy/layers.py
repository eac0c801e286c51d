"""The layers that text passes on its way in, each masked by itself, so that one missed place does not leak.

Each counts what it masks. Who writes is masked at the channel, so what a later layer finds of a patient's number has
come in by a way that nobody thought of: that is logged, once a minute at most, and without the text.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from enum import Enum
from typing import Any, Callable, Dict

from lotsen.observability import metrics
from lotsen.privacy.masking import IDENTITY, mask_all, mask_transcript_all

ALARM_SECONDS = 60.0
"""How long an alarm of one layer is not repeated."""

logger = logging.getLogger(__name__)


class Layer(Enum):
    """Where text is masked, from the door inwards."""

    CHANNEL = "channel"
    AGENT = "agent"
    TRACKER = "tracker"
    LOG = "log"


_last_alarm: Dict[Layer, float] = {}


def mask_at(layer: Layer, value: Any) -> Any:
    """Return text or plain data without patients' numbers; itself if it has none."""
    return _counted(layer, value, mask_all)


def mask_transcript_at(layer: Layer, value: Any) -> Any:
    """Return text or plain data as a transcript may show it; itself if nothing is to be masked."""
    return _counted(layer, value, mask_transcript_all)


def _counted(layer: Layer, value: Any, mask: Callable[[Any, Counter[str]], Any]) -> Any:
    """Mask, count what was found, and raise the alarm if it should not have come so far."""
    found: Counter[str] = Counter()
    masked = mask(value, found)
    if masked is not value:
        for kind, count in found.items():
            metrics.masked(kind, layer.value, count)
        if layer is not Layer.CHANNEL and not IDENTITY.isdisjoint(found):
            _alarm(layer)
    return masked


def _alarm(layer: Layer) -> None:
    """Log that a patient's number came as far as this layer."""
    now = time.monotonic()
    if now - _last_alarm.get(layer, -ALARM_SECONDS) < ALARM_SECONDS:
        return
    _last_alarm[layer] = now  # Before the logging, whose own layer may find something, too.
    logger.warning(
        "Text with an identity number came as far as the layer '%s', and was masked there. "
        "Something takes text in without masking it: see docs/masking.md.",
        layer.value,
    )
