"""Traces of turns for OpenTelemetry, off the hot path: what a turn measured goes to a thread that sends it.

Nothing of OpenTelemetry is imported unless ``LOTSEN_TRACES_URL`` is set. Spans carry times and names of parts, never
what was said or by whom. A collector that is slow or away costs spans, which are counted, and no turn.
"""

from __future__ import annotations

import logging
import secrets
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Optional, Sequence

from lotsen.observability import metrics

if TYPE_CHECKING:
    from lotsen.observability.turns import Part

QUEUE = 2048
"""Spans that wait to be sent; those that come when it is full are dropped."""
SEND_MS = 2000.0
"""How often they are sent."""
TIMEOUT_SECONDS = 5
FLUSH_MS = 2000
"""How long the end of a process waits for the last ones to be sent."""

_sender: Optional[Any] = None


def configure(process: str, url: str) -> None:
    """Send traces to ``url`` from now on; an empty one turns them off."""
    global _sender
    close()
    _sender = _Sender(process, url) if url else None


def on() -> bool:
    """Tell whether traces are sent."""
    return _sender is not None


def turn_over(turn: str, whole: Part, parts: Sequence[Part]) -> None:
    """Hand over a turn: the trace has the turn's id, twice; its first span has it, once. Does nothing if off."""
    if _sender is not None and turn:
        _sender.add(turn, whole, root=True)
        for part in parts:
            _sender.add(turn, part, root=False)


def part_over(turn: str, part: Part) -> None:
    """Hand over a part that another process did for a turn."""
    if _sender is not None and turn:
        _sender.add(turn, part, root=False)


def close() -> None:
    """Send what waits, and end the thread; waits for a moment at most."""
    global _sender
    sender, _sender = _sender, None
    if sender is not None:
        sender.close()


class _Sender:
    """Builds spans and sends them in the background."""

    def __init__(self, process: str, url: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

        exporter = OTLPSpanExporter(endpoint=url, timeout=TIMEOUT_SECONDS)

        class Counting(SpanExporter):
            """Counts what could not be sent; the library's own logs say why."""

            def export(self, spans: Sequence[Any]) -> SpanExportResult:
                """Send spans."""
                try:
                    result = exporter.export(spans)
                except Exception:
                    result = SpanExportResult.FAILURE
                if result is not SpanExportResult.SUCCESS:
                    metrics.spans_dropped(len(spans))
                return result

            def shutdown(self) -> None:
                """Close the connection."""
                exporter.shutdown()  # type: ignore[no-untyped-call]

        for name in ("opentelemetry.exporter.otlp.proto.http.trace_exporter", "opentelemetry.sdk.trace.export"):
            logging.getLogger(name).setLevel(logging.ERROR)
        self._processor = BatchSpanProcessor(
            Counting(), max_queue_size=QUEUE, schedule_delay_millis=SEND_MS, max_export_batch_size=QUEUE // 4
        )
        self._version = version("lotsen")
        self._resource = Resource(
            {"service.name": "lotsen", "service.version": self._version, "lotsen.process": process}
        )

    def add(self, turn: str, part: Part, root: bool) -> None:
        """Put a span in the queue."""
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope
        from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
        from opentelemetry.trace.status import Status, StatusCode

        if len(self._processor.queue) >= QUEUE:
            metrics.spans_dropped(1)
            return
        trace, first = int(turn * 2, 16), int(turn, 16)
        flags = TraceFlags(TraceFlags.SAMPLED)
        own = SpanContext(trace, first if root else secrets.randbits(64) or 1, False, flags)
        self._processor.on_end(
            ReadableSpan(
                part.name,
                context=own,
                parent=None if root else SpanContext(trace, first, False, flags),
                resource=self._resource,
                attributes={"lotsen.turn": turn},
                kind=SpanKind.SERVER if root else SpanKind.INTERNAL,
                status=Status(StatusCode.ERROR) if part.failed else Status(StatusCode.UNSET),
                start_time=part.began,
                end_time=part.ended,
                instrumentation_scope=InstrumentationScope("lotsen", self._version),
            )
        )

    def close(self) -> None:
        """Send what waits; the thread is left to end with the process."""
        self._processor.force_flush(FLUSH_MS)
