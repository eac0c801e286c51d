"""Reading what a browser sends, and serving the page: sizes, types and headers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict

from sanic import response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from lotsen.channels.typed import typed_text

PAGE = Path(__file__).parent / "page"
MAX_TEXT = 2000
"""Characters in one message."""
MAX_BODY = 16 * 1024
"""Bytes in one request."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


class Refused(SanicException):
    """A request that is not obeyed: an HTTP status, and the name of the sentence in ``sv.json`` that says why."""

    def __init__(self, status: int, sentence: str, **values: Any) -> None:
        """Keep status and sentence for the answer."""
        super().__init__(sentence, status_code=status, quiet=True)
        self.sentence = sentence
        self.values = values


def typed(text: Any) -> str:
    """Return what a user typed, fit to be handed on.

    Raises:
        Refused: if there is nothing, or too much.
    """
    if not isinstance(text, str):
        raise Refused(400, "bad_request")
    cleaned = typed_text(text)
    if not cleaned:
        raise Refused(422, "empty")
    if len(cleaned) > MAX_TEXT:
        raise Refused(422, "too_long", limit=MAX_TEXT)
    return cleaned


def json_body(request: Request) -> Dict[str, Any]:
    """Return the body; other content types are refused, so that a foreign page's form cannot send one."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Refused(415, "bad_request")
    if len(request.body) > MAX_BODY:
        raise Refused(413, "too_long", limit=MAX_TEXT)
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise Refused(400, "bad_request") from error
    if not isinstance(body, dict):
        raise Refused(400, "bad_request")
    return body


def number(request: Request, name: str) -> int:
    """Return a number of the query string, 0 if it is not there."""
    written = request.args.get(name, "0")
    if not written.isdigit():
        raise Refused(400, "bad_request")
    return int(written)


def page_file(name: str) -> HTTPResponse:
    """Return one file of the page."""
    path = PAGE / name
    if not path.is_file():
        return response.text("", status=404, headers=HEADERS)
    return response.raw(path.read_bytes(), content_type=_TYPES[path.suffix], headers=HEADERS)
