"""What the triage desk and the Rasa server say to each other about texts: limits, the token, and what was read.

Neither Rasa nor an HTTP client is imported here: one end has only the first, the other only the second.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict, dataclass
from typing import Any, Dict, Mapping, Optional, Tuple

PATH = "/parse"
MAX_TEXTS = 50
"""Texts in one request; each may have as many characters as a message (``lotsen.channels.typed.MAX_TEXT``)."""
MAX_BYTES = 100_000
"""Bytes in one request; the Rasa server refuses more before it is read (``lotsen.runtime.hardening.MAX_BYTES``)."""
_LABEL = b"desk-parse"


@dataclass(frozen=True)
class Offered:
    """A question of the FAQ that the bot would offer."""

    id: str
    title: str


@dataclass(frozen=True)
class Guess:
    """One intent of the ranking. ``title`` is empty for what is no question of the FAQ."""

    id: str
    title: str
    certainty: float
    """Calibrated: of all guesses with 0.9, nine in ten are right."""


@dataclass(frozen=True)
class Found:
    """One entity: its kind, the value as ``data/entities.yml`` spells it, and where it stands in the text."""

    entity: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Read:
    """What the bot makes of one text."""

    text: str
    """The text as it was read: masked, without leading slashes. Places of entities refer to it."""
    decision: str
    """``answer``, ``guide``, ``suggest``, ``refuse``, ``handoff``, ``smalltalk`` or ``clarify``."""
    intent: Optional[str]
    """The id answered; None when the bot would ask or refuse."""
    acted_on: str
    """The intent that the decision came to: for a refusal which kind, for a suggestion ``nlu_fallback``."""
    certainty: float
    suggestions: Tuple[Offered, ...]
    ranking: Tuple[Guess, ...]
    """The likeliest intents, best first, with what they are likely."""
    entities: Tuple[Found, ...]
    vector: Tuple[float, ...]
    """The sentence embedding, of length 1; empty if the text has no words."""

    def to_json(self) -> Dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Read:
        """Read back what ``to_json`` wrote; keys that are not known are passed over.

        Raises:
            KeyError, TypeError, ValueError: if it was written by something else.
        """
        return cls(
            text=str(said["text"]),
            decision=str(said["decision"]),
            intent=None if said["intent"] is None else str(said["intent"]),
            acted_on=str(said["acted_on"]),
            certainty=float(said["certainty"]),
            suggestions=tuple(Offered(str(one["id"]), str(one["title"])) for one in said["suggestions"]),
            ranking=tuple(Guess(str(g["id"]), str(g["title"]), float(g["certainty"])) for g in said["ranking"]),
            entities=tuple(
                Found(str(one["entity"]), str(one["value"]), int(one["start"]), int(one["end"]))
                for one in said["entities"]
            ),
            vector=tuple(float(part) for part in said["vector"]),
        )


def token_of(secret: str) -> str:
    """Return the token that opens ``/parse``, made from the server's secret, so that it need not be configured.

    >>> len(token_of("secret"))
    64
    """
    return hmac.new(secret.encode(), _LABEL, hashlib.sha256).hexdigest()


def opens(token: str, secrets: Tuple[str, ...]) -> bool:
    """Tell whether a token was made from one of the secrets, in a time that does not tell how much of it was right."""
    fits = [hmac.compare_digest(token.encode("utf-8", "replace"), token_of(secret).encode()) for secret in secrets]
    return any(fits)
