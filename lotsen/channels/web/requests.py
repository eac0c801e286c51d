"""Reading what a browser sends: sizes, types, and what is wrong with it."""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping, Optional

from sanic.exceptions import SanicException
from sanic.request import Request

from lotsen.channels.chat.log import CLIENT_ID_LENGTH
from lotsen.channels.typed import MAX_TEXT, storable, typed_text
from lotsen.feedback.store import DOWN, UP

MAX_BODY = 16 * 1024
"""Bytes in one request."""
MAX_NUMBER = 2**31 - 1
"""The largest number that every database takes."""
RATINGS = (UP, DOWN)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Refused(SanicException):
    """A request that is not obeyed: an HTTP status, and a code; the widget's texts have a sentence for each."""

    def __init__(self, status: int, code: str, retry_after: Optional[int] = None, **values: Any) -> None:
        """Keep status, code, what the sentence says in braces, and after how many seconds to try again."""
        super().__init__(code, status_code=status, quiet=True)
        self.code, self.values, self.retry_after = code, values, retry_after


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


def client_id(body: Dict[str, Any]) -> str:
    """Return the id under which the browser sends a message, again and again if need be."""
    given = body.get("client_id")
    if not isinstance(given, str) or not 0 < len(given) <= CLIENT_ID_LENGTH or storable(given) != given:
        raise Refused(400, "bad_request")
    return given


def json_body(request: Request) -> Dict[str, Any]:
    """Return the body; other content types are refused, so that a foreign page's form cannot send one."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Refused(415, "bad_request")
    if len(request.body) > MAX_BODY:
        raise Refused(413, "too_long", limit=MAX_TEXT)
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "bad_request") from error
    if not isinstance(body, dict):
        raise Refused(400, "bad_request")
    return body


def number(value: Any) -> int:
    """Return a number of the query string (0 if it is not there) or of the body."""
    if value is None:
        return 0
    written = str(value)
    if isinstance(value, bool) or not (written.isascii() and written.isdigit()) or len(written) > 10:
        raise Refused(400, "bad_request")
    if int(written) > MAX_NUMBER:
        raise Refused(400, "bad_request")
    return int(written)


def bearer(request: Request) -> str:
    """Return the token of the request, empty if it has none. Never from a cookie or the address."""
    scheme, _, token = (request.headers.get("authorization") or "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def sentence(texts: Mapping[str, str], code: str, values: Dict[str, Any]) -> Optional[str]:
    """Return the widget's Swedish sentence for the code of a refusal; None if it has none."""
    text = texts.get(f"error_{code}")
    return text.format(**values) if text is not None else None
