"""A service desk, or what stands before it, that takes webhooks: a CloudEvent, signed as Standard Webhooks says.

Relied on: CloudEvents 1.0.2, JSON format and HTTP binding (structured mode); Standard Webhooks 1.0.0, symmetric
signatures. Tests check signatures with the independent package ``standardwebhooks``; built to documentation otherwise.
A receiver cannot be searched: it must drop a ``webhook-id`` that it has seen, as the specification tells it to.
What became of a case comes back as a webhook too: ``webhook_updates.py``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime, timezone
from typing import Any, Dict, FrozenSet, List, Mapping, Sequence, Tuple

from lotsen.clock import utc_now
from lotsen.service_desks.base import DeskError, DeskRefuses, Letter, News, Receipt, Sent
from lotsen.service_desks.http import DeskHttp
from lotsen.service_desks.options import Option, Options
from lotsen.settings import SettingError

SECRET = "LOTSEN_WEBHOOK_SECRET"
SETTINGS = (
    Option("LOTSEN_WEBHOOK_URL", "", "Where cases are posted to, e.g. https://example.se/hooks/lotsen"),
    Option(SECRET, "", "The key of signatures, whsec_...; two with a space to change it.", secret=True),
    Option("LOTSEN_WEBHOOK_SOURCE", "/lotsen", "Who we are to the receiver, as a URI: an event's source."),
)

CREATED, ADDED = "se.lotsen.case.created", "se.lotsen.case.added"
CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)


class BadSecret(ValueError):
    """A secret is not of the form that Standard Webhooks asks for; the message does not hold it."""


class Webhook:
    """The desk."""

    polls = False

    def __init__(self, http: DeskHttp, secrets: Sequence[bytes], source: str) -> None:
        """Sign with each of ``secrets``."""
        self._http, self._secrets, self._source = http, secrets, source

    async def deliver(self, letter: Letter) -> Receipt:
        """Post the case; any answer of 2xx will do. Raises as ``Desk.deliver`` does."""
        answer = await self._send("POST", letter.key, _event(letter, self._source))
        said: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
        url = _word(said.get("url"))
        return Receipt(
            _word(said.get("id")) or letter.key,
            _word(said.get("number")) or letter.number,
            url if url.startswith(("https://", "http://")) else "",
        )

    async def news(self, sent: Sequence[Sent]) -> List[News]:
        """Return nothing: the receiver calls us."""
        return []

    async def check(self) -> str:
        """Ask with OPTIONS, which makes nothing; an answer that the method is unknown will do."""
        reached = "answers"
        try:
            await self._send("OPTIONS", f"check-{int(utc_now().timestamp())}", b"")
        except DeskRefuses as error:
            reached = f"reached, but not asked for a signature ({error})"
        return f"{self._http.base} {reached}; {len(self._secrets)} signature(s), source {self._source}"

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _send(self, method: str, name: str, body: bytes) -> Any:
        """Send a signed request; return the answer's JSON, None if it is something else."""
        headers = {"Content-Type": CONTENT_TYPE, **signed(self._secrets, name, utc_now(), body)}
        try:
            return await self._http.send(method, "", data=body, headers=headers)
        except DeskError as error:
            # Only an answer of 2xx is read as JSON, and "OK" is a good one.
            if isinstance(error.__cause__, (json.JSONDecodeError, UnicodeDecodeError)):
                return None
            raise


def open_desk(options: Options, hosts: FrozenSet[str]) -> Webhook:
    """Return the desk that the settings describe.

    Raises:
        SettingError: naming the variable that is wrong.
    """
    url = options.address("LOTSEN_WEBHOOK_URL", hosts)
    try:
        secrets = read_secrets(options.needed(SECRET))
    except BadSecret as error:
        raise SettingError(f"{SECRET}: {error}.") from error
    return Webhook(DeskHttp(url), secrets, options.needed("LOTSEN_WEBHOOK_SOURCE"))


def read_secrets(written: str) -> Tuple[bytes, ...]:
    """Return the secrets of a text, separated by white space; more than one while they are changed.

    Raises:
        BadSecret: if there is none, or one is not ``whsec_`` and 24 to 64 bytes in base64.
    """
    secrets: List[bytes] = []
    for number, word in enumerate(written.split(), start=1):
        if not word.startswith(PREFIX):
            raise BadSecret(f"secret {number} does not begin with {PREFIX}")
        coded = word[len(PREFIX) :].rstrip("=")
        try:
            secret = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
        except (binascii.Error, ValueError):
            # Not ``from``: the error would show the secret.
            raise BadSecret(f"secret {number} is not base64 after {PREFIX}") from None
        if len(secret) not in SECRET_BYTES:
            raise BadSecret(f"secret {number} has {len(secret)} bytes; 24 to 64 are asked for")
        secrets.append(secret)
    if not secrets:
        raise BadSecret("there is none")
    return tuple(secrets)


def signature(secret: bytes, name: str, timestamp: int, body: bytes) -> str:
    """Return the ``v1`` signature of a message."""
    content = f"{name}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()


def signed(secrets: Sequence[bytes], name: str, now: datetime, body: bytes) -> Dict[str, str]:
    """Return the headers that sign a message: ``name`` is the same at each attempt, ``now`` is the attempt's time."""
    timestamp = int(now.timestamp())
    return {
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, name, timestamp, body) for secret in secrets),
    }


def _event(letter: Letter, source: str) -> bytes:
    """Return the case as a CloudEvent in JSON."""
    event = {
        "specversion": "1.0",
        "id": letter.key,
        "source": source,
        "type": CREATED if letter.parent is None else ADDED,
        "subject": letter.number,
        "time": letter.created.astimezone(timezone.utc).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {
            **letter.data,
            "number": letter.number,
            "subject": letter.subject,
            "text": letter.text,
            "parent_key": letter.parent_key,
        },
    }
    return json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")


def _word(said: Any) -> str:
    """Return a text or number of the answer as text; empty for anything else."""
    return str(said).strip() if isinstance(said, (str, int)) and not isinstance(said, bool) else ""
