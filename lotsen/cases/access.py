"""The code that a case number is given with: both together show how a case stands, from any conversation.

A code is made from the case's key with the server's secret, so nothing is stored, the same case has the same code when
it is told again, and a copy of the database opens nothing. Guessing is limited for each conversation and for all.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections import Counter
from typing import Callable, Optional, Tuple

from lotsen.channels.resume import ALPHABET, DASHES, HALF

WRONG_PER_CONVERSATION = 5
WRONG_PER_MINUTE = 30
"""So many wrong guesses from everybody in a minute, and none is looked at for the rest of it: 30 to the power of eight
codes for each case cannot be tried at that pace."""

NUMBER = re.compile(rf"\bLOT[\s{DASHES}]{{0,3}}(\d{{1,9}})\b", re.IGNORECASE)
_CODE = re.compile(
    rf"(?:(?<![\w{DASHES}])|(?<=[\s\d][{DASHES}]))([{ALPHABET}]{{{HALF}}})\s?[{DASHES}]\s?([{ALPHABET}]{{{HALF}}})(?![\w{DASHES}])",
    re.IGNORECASE,
)
_GROUP = rf"([{ALPHABET}]{{{HALF}}})"
_MIXED = r"(?=(?:\w{4}\s)?(?:[A-Z]{1,3}\d|\d{1,3}[A-Z]))"
_SPACED = re.compile(rf"(?<![\w{DASHES}]){_MIXED}{_GROUP}\s{_GROUP}(?![\w{DASHES}])", re.IGNORECASE)
"""Without its hyphen a code must have letters and digits in one group: "sent nere" and "ankn 4472" are no codes."""


def code_of(key: str, secret: str) -> str:
    """Return the code of the case with ``key``: two groups of four, easy to read out.

    >>> len(code_of("a" * 32, "secret"))
    9
    """
    number = int.from_bytes(hmac.new(secret.encode(), f"case:{key}".encode(), hashlib.sha256).digest(), "big")
    letters = []
    for _ in range(2 * HALF):
        number, index = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[index])
    return f"{''.join(letters[:HALF])}-{''.join(letters[HALF:])}"


def number_in(text: str) -> Optional[int]:
    """Return the case number in a text, without its letters.

    >>> number_in("hur går det med lot-000042?")
    42
    """
    match = NUMBER.search(text)
    return int(match[1]) if match is not None else None


def number_and_code(text: str) -> Optional[Tuple[int, str]]:
    """Return case number and code if a text has both, so that the code can be kept out of what is stored.

    >>> number_and_code("LOT-000042, kod k7qm-2xpd")
    (42, 'K7QM-2XPD')
    """
    number = number_in(text)
    rest = NUMBER.sub(" ", text)
    match = _CODE.search(rest) or _SPACED.search(rest)
    return (number, f"{match[1]}-{match[2]}".upper()) if number is not None and match is not None else None


def without_code(text: str) -> str:
    """Return a text with the code replaced, as it may be stored.

    >>> without_code("LOT-000042, kod k7qm-2xpd")
    'LOT-000042, kod [kod]'
    """
    return _SPACED.sub("[kod]", _CODE.sub("[kod]", text))


class Guesses:
    """Counts wrong guesses. In the process that takes messages; a restart forgets, which a guesser cannot cause."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Start without any."""
        self._clock = clock
        self._minute, self._wrong = 0, 0
        self._of: Counter[str] = Counter()

    def allowed(self, conversation: str) -> bool:
        """Tell whether a guess may be looked at now."""
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute, self._wrong = minute, 0
        return self._wrong < WRONG_PER_MINUTE and self._of[conversation] < WRONG_PER_CONVERSATION

    def wrong(self, conversation: str) -> None:
        """Count a wrong guess."""
        self._wrong += 1
        self._of[conversation] += 1
