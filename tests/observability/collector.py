"""A collector of traces on this machine: takes OTLP over HTTP and keeps the spans."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, List, Tuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector:
    """Listens on a free port; ``spans`` are those that came, each with the name of the process that sent it."""

    def __init__(self) -> None:
        """Listen."""
        self.spans: List[Tuple[str, Any]] = []
        self._came = threading.Condition()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            """One batch."""

            def do_POST(self) -> None:
                """Keep the spans."""
                batch = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
                collector.take(batch)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1/traces"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, batch: ExportTraceServiceRequest) -> None:
        """Keep a batch."""
        with self._came:
            for sent in batch.resource_spans:
                of = {one.key: one.value.string_value for one in sent.resource.attributes}
                found = [span for scope in sent.scope_spans for span in scope.spans]
                self.spans += [(of["lotsen.process"], span) for span in found]
            self._came.notify_all()

    def wait_for(self, process: str, part: str, trace: str = "", seconds: float = 30.0) -> Any:
        """Return the first span of a process, in a trace if one is named, whose name holds ``part``.

        Raises:
            AssertionError: if none has come after ``seconds``.
        """

        def found() -> Any:
            mine = (span for by, span in self.spans if by == process and part in span.name)
            return next((span for span in mine if not trace or span.trace_id.hex() == trace), None)

        with self._came:
            assert self._came.wait_for(found, seconds), f"no span '{part}' among {[s.name for _, s in self.spans]}"
        return found()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
