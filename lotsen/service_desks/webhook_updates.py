"""The way back of the webhook desk: a signed CloudEvent that says what became of a case. Pure: bytes in, news out.

Relied on: Standard Webhooks 1.0.0 and CloudEvents 1.0.2, as in ``webhook.py``. The event's type is
``se.lotsen.case.updated``, its data::

    {"case": "LOT-000042",            the number or the key
     "ref": "INC7",                   the id that the case was answered with, if it was
     "status": "waiting",             a value of ``lotsen.cases.case.Status``; may be left out
     "reply": {"id": "7", "text": "Prova nu.", "at": "2026-11-26T10:00:00Z",
               "content_type": "text/html"}}      may be left out; so may content_type: text/plain
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Dict, Mapping, Optional, Tuple

from lotsen.cases.case import Status
from lotsen.service_desks.base import News, Reply
from lotsen.service_desks.markup import plain_text
from lotsen.service_desks.webhook import read_secrets, signature

UPDATED = "se.lotsen.case.updated"
TOLERANCE_SECONDS = 300
"""How far the sender's clock, and the way here, may be off."""


class UpdateError(Exception):
    """An update is not one; the message says why, without what was in it."""


class NotSigned(UpdateError):
    """A header of the signature is missing, or the time in it is no time."""


class WrongTime(UpdateError):
    """The update is too old, so perhaps sent again by a stranger, or from the future."""


class WrongSignature(UpdateError):
    """No signature was made with one of our secrets."""


class NotAnEvent(UpdateError):
    """The body is not a CloudEvent 1.0 in JSON."""


class OtherEvent(UpdateError):
    """An event that we know nothing of; it may well be answered with 2xx, so that it is not sent again."""


class BadUpdate(UpdateError):
    """The event's data lacks something, or has what makes no sense."""


@dataclass(frozen=True)
class Update(News):
    """News of one case. ``ref`` is the receiver's own id, or as ``case`` if the update has none."""

    case: str = ""
    """The number or the key of the case."""


def read_update(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> Update:
    """Return what an update says; ``secret`` may be several, separated by spaces.

    Raises:
        BadSecret: if ``secret`` is of no use.
        UpdateError: a sub-class for each fault. Nothing of the body is looked at before the signature is right.
    """
    _verify(headers, body, read_secrets(secret), now)
    data = _data(body)
    case = _word(data.get("case"))
    if not case:
        raise BadUpdate("case is missing")
    ref = _word(data.get("ref"))
    status, reply = _status(data.get("status")), _reply(data.get("reply"))
    if status is None and reply is None:
        raise BadUpdate("there is neither status nor reply")
    return Update(ref or case, status, (reply,) if reply else (), case=case)


def _verify(headers: Mapping[str, str], body: bytes, secrets: Tuple[bytes, ...], now: datetime) -> None:
    """Raise unless the message was signed with one of the secrets, just now."""
    lower = {name.lower(): value for name, value in headers.items()}
    name, written, given = (lower.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (name and given and re.fullmatch("[0-9]{1,12}", written)):
        raise NotSigned("webhook-id, webhook-timestamp or webhook-signature is missing or malformed")
    timestamp = int(written)
    if abs(now.timestamp() - timestamp) > TOLERANCE_SECONDS:
        raise WrongTime(f"webhook-timestamp is more than {TOLERANCE_SECONDS} s off")
    right = [signature(secret, name, timestamp, body).encode() for secret in secrets]
    if not any(hmac.compare_digest(one, word.encode("utf-8", "replace")) for one in right for word in given.split()):
        raise WrongSignature("webhook-signature has no signature that is right")


def _data(body: bytes) -> Dict[str, Any]:
    """Return the data of the event."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAnEvent(f"the body is not JSON: {type(error).__name__}") from None
    if not isinstance(event, dict) or event.get("specversion") != "1.0":
        raise NotAnEvent("specversion is not 1.0")
    for name in ("id", "source", "type"):
        if not isinstance(event.get(name), str) or not event[name]:
            raise NotAnEvent(f"{name} is missing")
    if event["type"] != UPDATED:
        raise OtherEvent(f"type is not {UPDATED}")
    data = event.get("data")
    if not isinstance(data, dict):
        raise BadUpdate("data is not an object")
    return data


def _status(said: Any) -> Optional[Status]:
    """Read the status; None if it is left out."""
    if said is None:
        return None
    try:
        return Status(said)
    except ValueError:
        raise BadUpdate(f"status is none of {', '.join(status.value for status in Status)}") from None


def _reply(said: Any) -> Optional[Reply]:
    """Read the reply; None if it is left out."""
    if said is None:
        return None
    if not isinstance(said, dict):
        raise BadUpdate("reply is not an object")
    name, text = _word(said.get("id")), said.get("text")
    if not name:
        raise BadUpdate("reply.id is missing")
    if not isinstance(text, str):
        raise BadUpdate("reply.text is missing")
    kind = str(said.get("content_type") or "").partition(";")[0].strip().lower()
    text = plain_text(text) if kind == "text/html" else text.replace("\r\n", "\n").strip()
    if not text:
        raise BadUpdate("reply.text is empty")
    return Reply(name, text, _time(said.get("at")))


def _time(said: Any) -> datetime:
    """Read a time as RFC 3339 writes it, to the microsecond; in UTC."""
    if isinstance(said, str):
        # Python 3.10 reads six digits after the point, or three, or none; .NET writes seven.
        written = re.sub(r"\.([0-9]+)", lambda found: "." + found[1][:6].ljust(6, "0"), said.strip())
        try:
            read = datetime.fromisoformat(re.sub("[Zz]$", "+00:00", written))
            if read.tzinfo is not None:
                return read.astimezone(timezone.utc)
        except (ValueError, OverflowError):
            pass
    raise BadUpdate("reply.at is not a time with its offset, as 2026-11-26T10:00:00Z")


def _word(said: Any) -> str:
    """Return an id, which may be a number, as text; empty if it is neither."""
    return str(said).strip() if isinstance(said, (str, int)) and not isinstance(said, bool) else ""
