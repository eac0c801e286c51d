"""What a server answers to those who probe it: headers, limits, no stack trace, nothing of what it is made of."""

from __future__ import annotations

import logging
from typing import Any, Dict, Mapping

import sanic.app
from sanic import Sanic, response
from sanic.exceptions import InvalidUsage, SanicException
from sanic.handlers import ErrorHandler
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse

from lotsen.runtime.connections import CarefulProtocol
from lotsen.runtime.open_files import raise_file_limit
from lotsen.runtime.request_heads import well_formed

MAX_BYTES = 100_000
"""Bytes in one request, of a browser or of a service desk; more is refused before it is read."""
MAX_HEAD_BYTES = 8_192
HEAD_SECONDS = 10
"""From the first byte of a request to the end of its headers."""
ANSWER_SECONDS = 60
"""From the first byte of a request to the first of its answer, and between two parts of an answer. The longest that we
let a browser wait are 25 seconds, and a stream says something every 15."""
IDLE_SECONDS = 120
"""Until a connection is closed on which nothing is asked."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer, unless its route has said otherwise: the widget's file, for one, may be kept and used by others."""

_FAILED = "Nu blev det ett tekniskt fel. Vänta en liten stund och försök igen."
_SENTENCES = {
    400: "Det gick inte att läsa det som skickades. Ladda om sidan och försök igen.",
    401: "Du behöver logga in.",
    403: "Det får du inte göra.",
    404: "Sidan finns inte.",
    405: "Så går sidan inte att använda.",
    408: "Det tog för lång tid. Försök igen.",
    413: "Det var för mycket på en gång.",
}
_CODES = {400: "bad_request", 404: "not_found", 413: "too_long"}
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")

logger = logging.getLogger(__name__)


def harden(app: Sanic, max_bytes: int = MAX_BYTES) -> None:
    """Close what Sanic leaves open. For every server of ours, before its routes are added.

    ``max_bytes``: of the body of one request.
    """
    app.config.update(
        {
            "ACCESS_LOG": False,
            "AUTO_RELOAD": False,
            "KEEP_ALIVE_TIMEOUT": IDLE_SECONDS,
            "MOTD": False,
            "NOISY_EXCEPTIONS": False,
            "REQUEST_MAX_HEADER_SIZE": MAX_HEAD_BYTES,
            "REQUEST_MAX_SIZE": max_bytes,
            "REQUEST_TIMEOUT": HEAD_SECONDS,
            "RESPONSE_TIMEOUT": ANSWER_SECONDS,
        }
    )
    sanic.app.HttpProtocol = CarefulProtocol
    app.error_handler = PlainErrors()
    app.add_signal(_check_head, "http.lifecycle.read_head")
    app.register_middleware(_add_headers, "response")
    raise_file_limit()


class PlainErrors(ErrorHandler):
    """Answers what nobody else has: a status and a sentence, whatever the error says. Details go to the log."""

    def default(self, request: Request, exception: BaseException) -> HTTPResponse:
        """Return the answer: for a person as text, for a program as JSON."""
        self.log(request, exception)
        status = _status(exception)
        sentence = _SENTENCES.get(status, _FAILED if status >= 500 else _SENTENCES[400])
        given: Mapping[str, Any] = getattr(exception, "headers", None) or {}
        headers: Dict[str, str] = {name: str(given[name]) for name in _KEPT_HEADERS if name in given}
        if "text/html" in (request.headers.get("accept") or ""):
            return response.text(sentence, status=status, headers=headers)
        told = {"code": _CODES.get(status, "failed"), "error": sentence, "values": {}}
        return response.json(told, status=status, headers=headers, ensure_ascii=False)

    @staticmethod
    def log(request: Request, exception: BaseException) -> None:
        """Log what is ours to mend; what strangers do wrong would only fill the log."""
        if _status(exception) < 500 or getattr(exception, "quiet", False):
            logger.debug("Refused: %s", type(exception).__name__)
            return
        logger.error("A request failed: %s %.200r", request.method, request.path, exc_info=exception)


def _status(exception: BaseException) -> int:
    return int(getattr(exception, "status_code", 500)) if isinstance(exception, SanicException) else 500


async def _check_head(head: bytes) -> None:
    if not well_formed(head):
        raise InvalidUsage("Bad Request")


async def _add_headers(request: Request, answer: BaseHTTPResponse) -> None:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
