"""The trained model as the triage desk asks it: over HTTP, as the Rasa server has it in memory.

The server is ``lotsen up``'s own, on this machine, or the one that ``LOTSEN_TRIAGE_RASA_URL`` names.
"""

from __future__ import annotations

import json
import logging
from typing import Iterator, List, Sequence

import httpx

from lotsen.channels.parse_wire import MAX_BYTES, MAX_TEXTS, PATH, Read
from lotsen.channels.typed import MAX_TEXT, storable
from lotsen.desk.errors import Unavailable
from lotsen.privacy.masking import mask

TIMEOUT = httpx.Timeout(15.0, connect=2.0)
"""Seconds: a request is some tenths of one, but the server may be busy with turns, or have just been started."""
_ENVELOPE, _COMMA = 20, 2
"""Bytes of a request that are no text: around all of them, and between two."""

logger = logging.getLogger(__name__)


class Understanding:
    """The model behind the Rasa server at ``url``. May be used from several threads."""

    def __init__(self, url: str, token: str, client: httpx.Client | None = None) -> None:
        """``token``: ``lotsen.channels.parse_wire.token_of`` of the server's secret."""
        self._url = f"{url.rstrip('/')}{PATH}"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        # The server is named by address: a proxy of the machine's environment is for the world outside.
        self._client = client or httpx.Client(timeout=TIMEOUT, trust_env=False)

    def read(self, texts: Sequence[str]) -> List[Read]:
        """Return what the bot would make of each text, in their order; a long one is read to its 2,000th character.

        Personal identity numbers are masked before anything leaves this process.

        Raises:
            Unavailable: if the server does not answer, or says what we cannot read.
        """
        found: List[Read] = []
        for batch in batches([mask(storable(text))[:MAX_TEXT] for text in texts]):
            found += self._ask(batch)
        return found

    def _ask(self, texts: Sequence[str]) -> List[Read]:
        """Ask once."""
        try:
            answer = self._client.post(self._url, content=_body(texts), headers=self._headers)
            answer.raise_for_status()
            read = [Read.from_json(one) for one in answer.json()["read"]]
        except httpx.HTTPStatusError as error:
            logger.error("The model's server refused to read: HTTP %s", error.response.status_code)
            raise Unavailable("no_model") from error
        except httpx.HTTPError as error:
            logger.warning("The model's server does not answer: %s", type(error).__name__)
            raise Unavailable("no_model") from error
        except (ValueError, KeyError, TypeError) as error:
            logger.error("The model's server answered something else: %s", type(error).__name__)
            raise Unavailable("no_model") from error
        if len(read) != len(texts):
            logger.error("The model's server read %s texts of %s", len(read), len(texts))
            raise Unavailable("no_model")
        return read


def batches(texts: Sequence[str]) -> Iterator[List[str]]:
    """Yield the texts in parts that one request may hold, in order."""
    batch: List[str] = []
    size = _ENVELOPE
    for text in texts:
        length = len(json.dumps(text, ensure_ascii=False).encode()) + _COMMA
        if batch and (len(batch) == MAX_TEXTS or size + length > MAX_BYTES):
            yield batch
            batch, size = [], _ENVELOPE
        batch.append(text)
        size += length
    if batch:
        yield batch


def _body(texts: Sequence[str]) -> bytes:
    """Return a request's body, with letters as they are: escaped ones would take three times the room."""
    return json.dumps({"texts": list(texts)}, ensure_ascii=False).encode()
